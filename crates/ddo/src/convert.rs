//! Moving a document from one version to another.

mod down;
mod up;
mod write;

use std::fmt;

use serde::Serialize;

use crate::{
    Error, RawDdo, Result, Version,
    validate::{Profile, Violation, validate},
};

/// A document in another version, and what became of what it held.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Conversion {
    /// The new document. What the conversion does not have to change has its bytes.
    pub document: RawDdo,
    /// What could not be kept as it was, in the order of the old document.
    pub losses: Vec<Loss>,
    /// The rules of the new version that the new document breaks, in the view of ddo.js (of Aquarius for 4.0.0). Nothing is made up to
    /// fulfil them.
    pub violations: Vec<Violation>,
}

/// One thing that a conversion could not keep as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Loss {
    /// JSON pointer into the old document; for something filled in, into the new one.
    pub pointer: String,
    /// What happened.
    pub kind: LossKind,
    /// What happened, in a sentence to be read behind the pointer.
    pub message: String,
}

/// What a conversion did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LossKind {
    /// It is not in the new document.
    Dropped,
    /// It has another form, or stands elsewhere, and something was lost by that.
    Changed,
    /// It is in the new document, where readers of the new version do not look for it.
    Unread,
    /// The new version demands it and the old document has nothing for it; an empty or default value stands there.
    Filled,
}

impl Loss {
    pub(crate) fn new(pointer: impl Into<String>, kind: LossKind, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), kind, message: message.into() }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pointer, self.message)
    }
}

/// Moves a document to another version.
///
/// Between versions 4.x only `version` changes. Between 4.x and 5.0.0 the members change places and forms, and the identifier its
/// method: `did:op:` and `did:ope:` of the same data NFT are different assets to every peer. To the deprecated form only four members
/// go. What an indexer added is left out.
///
/// # Errors
/// [`Error::UnsupportedVersion`] when either version has no rules here, or when the deprecated form is to become a document;
/// [`Error::Pointer`] when a member that is needed is absent or malformed.
pub fn convert(document: &RawDdo, to: &Version) -> Result<Conversion> {
    let from = document.version().unwrap_or(Version::Other(String::new()));
    let unsupported =
        |version: &Version| Error::UnsupportedVersion { operation: "converting", version: version.to_string() };
    let mut losses = Vec::new();
    let converted = match (from.is_v4(), &from, to.is_v4(), to) {
        (true, _, true, _) => up::within_4(document, &from, to, &mut losses)?,
        (true, _, _, Version::V5_0_0) => up::to_5(document, &mut losses)?,
        (_, Version::V5_0_0, true, _) => down::to_4(document, to, &mut losses)?,
        (_, Version::V5_0_0, _, Version::V5_0_0) | (_, Version::Deprecated, _, Version::Deprecated) => document.clone(),
        (true, _, _, Version::Deprecated) | (_, Version::V5_0_0, _, Version::Deprecated) => {
            down::to_deprecated(document, &from, &mut losses)?
        }
        (false, Version::Other(_), _, _) | (_, Version::Deprecated, _, _) => return Err(unsupported(&from)),
        _ => return Err(unsupported(to)),
    };
    let profile = if *to == Version::V4_0_0 { Profile::Aquarius } else { Profile::DdoJs };
    let violations = if *to == Version::Deprecated { Vec::new() } else { validate(&converted, profile).violations };
    Ok(Conversion { document: converted, losses, violations })
}
