//! How peers read an address that arrives as text.
//!
//! The identifier of an asset is a hash over the EIP-55 form of an address, so it matters which other spellings lead to the same
//! address. The two families disagree on wrong checksums, `0X` and ICAP.

use ocean_primitives::Address;

use crate::{Error, Result};

/// How much of a wrong text an error repeats.
const ECHO: usize = 64;

/// Reads an address as ethers' `getAddress` does, and with it ddo.js, ocean.js and ocean-node.
///
/// With or without `0x`, all lower or all upper case, mixed case with the right EIP-55 checksum, or an ICAP number (`XE…`).
///
/// # Errors
/// [`Error::BadChecksum`] when the text is an address with a wrong checksum, [`Error::NotAnAddress`] otherwise.
pub fn ethers(text: &str) -> Result<Address> {
    if let Some(bytes) = hex_digits(text.strip_prefix("0x").unwrap_or(text)) {
        let address = Address::from(bytes);
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let lower = digits.bytes().any(|byte| byte.is_ascii_lowercase());
        let upper = digits.bytes().any(|byte| byte.is_ascii_uppercase());
        if lower && upper && address.to_checksum_buffer(None).as_str().get(2..) != Some(digits) {
            return Err(Error::BadChecksum(text.to_owned()));
        }
        return Ok(address);
    }
    icap(text)
}

/// Reads an address as Aquarius does (`eth_utils` on the lower-cased text): `0x`, `0X` or nothing, any case, no checksum.
///
/// # Errors
/// [`Error::NotAnAddress`].
pub fn eth_utils(text: &str) -> Result<Address> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    hex_digits(digits).map(Address::from).ok_or_else(|| not_an_address(text))
}

/// Reads an address in the one form that is safe to publish: `0x` and the right EIP-55 checksum.
///
/// # Errors
/// [`Error::BadChecksum`] when only the letters' case is wrong, [`Error::NotAnAddress`] otherwise.
pub fn strict(text: &str) -> Result<Address> {
    let digits = text.strip_prefix("0x").ok_or_else(|| not_an_address(text))?;
    let address = hex_digits(digits).map(Address::from).ok_or_else(|| not_an_address(text))?;
    if address.to_checksum_buffer(None).as_str() == text {
        Ok(address)
    } else {
        Err(Error::BadChecksum(text.to_owned()))
    }
}

fn hex_digits(digits: &str) -> Option<[u8; 20]> {
    let digits: &[u8; 40] = digits.as_bytes().try_into().ok()?;
    let mut bytes = [0; 20];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// `XE`, two check digits (ISO 7064, as in an IBAN), then the address in base 36.
fn icap(text: &str) -> Result<Address> {
    let bytes = text.as_bytes();
    let shape = (34..=35).contains(&bytes.len())
        && bytes.starts_with(b"XE")
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes[4..].iter().all(u8::is_ascii_alphanumeric);
    if !shape {
        return Err(not_an_address(text));
    }
    let mut remainder = 0_u32;
    for &byte in bytes[4..].iter().chain(b"XE00") {
        let digit = base36(byte);
        remainder = (remainder * if digit < 10 { 10 } else { 100 } + digit) % 97;
    }
    let check = u32::from(bytes[2] - b'0') * 10 + u32::from(bytes[3] - b'0');
    if check != 98 - remainder {
        return Err(Error::BadChecksum(text.to_owned()));
    }
    let mut address = [0_u8; 20];
    for &byte in &bytes[4..] {
        let mut carry = base36(byte);
        for place in address.iter_mut().rev() {
            carry += u32::from(*place) * 36;
            *place = (carry & 0xff) as u8;
            carry >>= 8;
        }
        if carry != 0 {
            return Err(not_an_address(text));
        }
    }
    Ok(Address::from(address))
}

/// The value of an ASCII letter or digit in base 36.
fn base36(byte: u8) -> u32 {
    char::from(byte).to_digit(36).unwrap_or(0)
}

fn not_an_address(text: &str) -> Error {
    Error::NotAnAddress(text.chars().take(ECHO).collect())
}
