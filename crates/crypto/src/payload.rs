//! The `data` of `setMetaData`: a document, compressed and encrypted as its [`Flags`] say.

use std::{
    borrow::Cow,
    io::{Read, Write as _},
};

use lzma_rust2::{CheckType, LzmaReader, XzOptions, XzReader, XzWriter};

use crate::{
    ecies,
    error::{Error, Result},
    flags::Flags,
    key::{PrivateKey, PublicKey},
};

/// How much memory a decompressor may take, in KiB: enough for every preset of `xz` (preset 9 needs 65 MiB).
const MEMORY_KIB: u32 = 80 * 1024;

/// The least that xz can declare.
const SMALLEST_DICTIONARY: u32 = 4096;

const XZ_MAGIC: &[u8] = b"\xFD7zXZ\0";

/// Compresses, then encrypts, as far as `flags` say; `key` is that of whoever shall decrypt.
///
/// The compressed form is what Python's `lzma.compress` makes by default: xz with CRC64, searched as preset 6 does.
///
/// # Errors
/// Flags with another bit than [`Flags::LZMA`] and [`Flags::ECIES`].
pub fn encode(document: &[u8], flags: Flags, key: &PublicKey) -> Result<Vec<u8>> {
    if flags.0 & !Flags::LZMA.with(Flags::ECIES).0 != 0 {
        return Err(Error::Flags(flags.to_string()));
    }
    let payload = if flags.is_compressed() { compress(document)? } else { document.to_vec() };
    Ok(if flags.is_encrypted() { ecies::encrypt(key, &payload) } else { payload })
}

/// Decrypts, then decompresses, as far as `flags` say, and gives at most `limit` bytes.
///
/// Bits that no peer knows are ignored, as peers do: the checksum on chain decides whether the result is the document.
///
/// # Errors
/// A missing or wrong key, a damaged or cut payload, or a document longer than `limit`. However a payload is made up, no
/// more than `limit` bytes of output and 80 MiB of work space are used.
pub fn decode(payload: &[u8], flags: Flags, key: Option<&PrivateKey>, limit: usize) -> Result<Vec<u8>> {
    let payload = match (flags.is_encrypted(), key) {
        (true, Some(key)) => Cow::Owned(ecies::decrypt(key, payload)?),
        (true, None) => return Err(Error::KeyNeeded),
        (false, _) => Cow::Borrowed(payload),
    };
    if flags.is_compressed() {
        decompress(&payload, limit)
    } else if payload.len() > limit {
        Err(Error::TooLong { limit })
    } else {
        Ok(payload.into_owned())
    }
}

fn compress(document: &[u8]) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| Error::Compress(error.to_string());
    let mut options = XzOptions::with_preset(6);
    options.set_check_sum_type(CheckType::Crc64);
    // A dictionary beyond the document's length costs work space on both sides and finds nothing more.
    let length = u32::try_from(document.len()).unwrap_or(u32::MAX).checked_next_power_of_two().unwrap_or(u32::MAX);
    options.lzma_options.dict_size = length.clamp(SMALLEST_DICTIONARY, options.lzma_options.dict_size);
    let mut writer = XzWriter::new(Vec::new(), options).map_err(failed)?;
    writer.write_all(document).map_err(failed)?;
    writer.finish().map_err(failed)
}

fn decompress(payload: &[u8], limit: usize) -> Result<Vec<u8>> {
    let failed = |error: std::io::Error| Error::Decompress(error.to_string());
    if payload.starts_with(XZ_MAGIC) {
        read_limited(XzReader::new_mem_limit(payload, true, MEMORY_KIB), limit)
    } else {
        read_limited(LzmaReader::new_mem_limit(payload, MEMORY_KIB, None).map_err(failed)?, limit)
    }
}

fn read_limited(reader: impl Read, limit: usize) -> Result<Vec<u8>> {
    let mut document = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(most).read_to_end(&mut document).map_err(|error| Error::Decompress(error.to_string()))?;
    if document.len() > limit { Err(Error::TooLong { limit }) } else { Ok(document) }
}
