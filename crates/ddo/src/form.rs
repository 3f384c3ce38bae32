//! The forms in which a document travels: as it is, by reference, encrypted, signed.
//!
//! The metadata that a data NFT carries on chain is a document, or (Ocean Enterprise) an object with the single member `remote` that says
//! where the document is. What is there is `{"encryptedData": "0x…"}`, the hexadecimal bytes of a signed document, as JSON text:
//! a JWT (`header.payload.signature`, each in base64url), whose payload, or the payload's member `vc`, is the document and the claims
//! `iss`, `sub` and `jti`.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ocean_primitives::B256;
use serde::Deserialize as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    Error, FileObject, RawDdo, Result,
    json::{self, Kind, Node, key_is},
    limits::MAX_ENVELOPE_BYTES,
};

/// The claims that signing adds to a document.
const CLAIMS: [&str; 3] = ["iss", "sub", "jti"];

/// What some bytes are that stand where a document should be.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Form {
    /// A document.
    Document(RawDdo),
    /// Where the document is.
    Remote(Remote),
    /// A wrapper around the bytes of a signed document, which may be encrypted.
    Encrypted(Encrypted),
    /// A signed document.
    Signed(Signed),
}

impl Form {
    /// Tells the form of some bytes.
    ///
    /// # Errors
    /// The bytes are none of the forms, or pass a limit.
    pub fn detect(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_ENVELOPE_BYTES {
            return Err(Error::TooLarge { what: "the document", size: bytes.len(), limit: MAX_ENVELOPE_BYTES });
        }
        let text = std::str::from_utf8(bytes).map_err(|error| Error::NotUtf8(error.valid_up_to()))?;
        let trimmed = text.trim_ascii();
        // Only a document and the objects around one begin so; a token never does.
        if !trimmed.starts_with(['{', '"', '[']) && trimmed.split('.').count() == 3 {
            return Signed::parse(trimmed).map(Self::Signed);
        }
        let node = json::parse(text)?;
        if let Some(token) = node.text() {
            return Signed::parse(&token).map(Self::Signed);
        }
        match sole_member(&node) {
            Some(("remote", inner)) => Remote::read(inner).map(Self::Remote),
            Some(("encryptedData", inner)) => Encrypted::read(inner).map(Self::Encrypted),
            _ => RawDdo::parse(bytes).map(Self::Document),
        }
    }
}

impl RawDdo {
    /// Whether this is no document, but says where one is: an object with the single member `remote`.
    pub fn is_remote(&self) -> bool {
        matches!(sole_member(self.tree()), Some(("remote", _)))
    }
}

/// Where a document is. A stranger wrote it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Remote {
    /// The file, of type `ipfs` as a rule.
    pub file: FileObject,
}

impl Remote {
    /// A document at `file`.
    pub const fn new(file: FileObject) -> Self {
        Self { file }
    }

    /// The text that goes on chain, in `JSON.stringify` form.
    pub fn to_json(&self) -> String {
        crate::serialise::value(&serde_json::json!({ "remote": self.file }))
    }

    fn read(node: &Node<'_>) -> Result<Self> {
        FileObject::deserialize(node.to_value())
            .map(Self::new)
            .map_err(|_| Error::Envelope { form: "remote document", reason: "`remote` is no file object" })
    }
}

/// A wrapper around bytes: those of a signed document, encrypted or not.
#[derive(Clone, PartialEq, Eq)]
pub struct Encrypted {
    bytes: Vec<u8>,
}

impl Encrypted {
    /// A wrapper around `bytes`.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into() }
    }

    /// What is inside. When it is not encrypted, [`Form::detect`] reads it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// `{"encryptedData":"0x…"}`.
    pub fn to_json(&self) -> String {
        format!("{{\"encryptedData\":\"0x{}\"}}", crate::algorithm::hex(&self.bytes))
    }

    /// SHA-256 of [`to_json`](Self::to_json): what the market of Ocean Enterprise writes as `metaDataHash`.
    pub fn checksum(&self) -> B256 {
        B256::new(Sha256::digest(self.to_json()).into())
    }

    fn read(node: &Node<'_>) -> Result<Self> {
        let fail = || Error::Envelope {
            form: "encrypted document",
            reason: "`encryptedData` is not 0x and pairs of hexadecimal digits",
        };
        let text = node.text().ok_or_else(fail)?;
        let digits = text.strip_prefix("0x").filter(|digits| digits.len() % 2 == 0).ok_or_else(fail)?;
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let bytes: Option<Vec<u8>> =
            digits.as_bytes().chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect();
        bytes.map(|bytes| Self { bytes }).ok_or_else(fail)
    }
}

impl fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encrypted({} bytes)", self.bytes.len())
    }
}

/// A document as the payload of a JWT. The signature is not verified here: whose it must be depends on [`algorithm`](Self::algorithm).
#[derive(Clone, PartialEq)]
pub struct Signed {
    token: String,
    header: Value,
    payload: RawDdo,
    signature: Vec<u8>,
}

impl Signed {
    /// Reads a token in compact form.
    ///
    /// # Errors
    /// [`Error::Envelope`], or what is wrong with the payload as a document.
    pub fn parse(token: &str) -> Result<Self> {
        let fail = |reason| Error::Envelope { form: "signed document", reason };
        if token.len() > MAX_ENVELOPE_BYTES {
            return Err(Error::TooLarge { what: "the document", size: token.len(), limit: MAX_ENVELOPE_BYTES });
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(fail("a token has three parts between points"));
        };
        let decode = |part: &str| {
            URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).map_err(|_| fail("a part is not base64url"))
        };
        let header = RawDdo::parse(decode(header)?).map_err(|_| fail("the header is no JSON object"))?.value();
        if !header.get("alg").is_some_and(Value::is_string) {
            return Err(fail("the header names no algorithm"));
        }
        let payload = RawDdo::parse(decode(payload)?)?;
        Ok(Self { token: token.to_owned(), header, payload, signature: decode(signature)? })
    }

    /// The document: the payload's member `vc`, or the payload without the claims that signing added. Its bytes are those of the payload.
    ///
    /// # Errors
    /// `vc` is no object.
    pub fn document(&self) -> Result<RawDdo> {
        let tree = self.payload.tree();
        match tree.get("vc") {
            Some(inner) => RawDdo::parse(&self.payload.as_bytes()[inner.start()..inner.end()]),
            None => CLAIMS.iter().try_fold(self.payload.clone(), |document, claim| {
                if tree.get(claim).is_some() { document.remove(&format!("/{claim}")) } else { Ok(document) }
            }),
        }
    }

    /// The token.
    pub fn as_str(&self) -> &str {
        &self.token
    }

    /// The header.
    pub const fn header(&self) -> &Value {
        &self.header
    }

    /// The whole payload.
    pub const fn payload(&self) -> &RawDdo {
        &self.payload
    }

    /// How the token is signed: `ETH-EIP191` by an Ethereum wallet, another word by an SSI wallet.
    pub fn algorithm(&self) -> &str {
        self.header.get("alg").and_then(Value::as_str).unwrap_or_default()
    }

    /// The claim `iss`: who says to have signed.
    pub fn issuer(&self) -> Option<String> {
        self.payload.tree().get("iss").and_then(Node::text).map(std::borrow::Cow::into_owned)
    }

    /// What is signed: header and payload as they stand in the token.
    pub fn signing_input(&self) -> &str {
        self.token.rsplit_once('.').map_or("", |(input, _)| input)
    }

    /// The signature's bytes.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("algorithm", &self.algorithm())
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}

/// The only member of an object with one.
fn sole_member<'n, 'a>(node: &'n Node<'a>) -> Option<(&'static str, &'n Node<'a>)> {
    match &node.kind {
        Kind::Object(members) => match members.as_slice() {
            [member] => {
                let name = ["remote", "encryptedData"].into_iter().find(|name| key_is(member.key, name))?;
                Some((name, &member.value))
            }
            _ => None,
        },
        _ => None,
    }
}
