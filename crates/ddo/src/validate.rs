//! The verdicts of ddo.js and of Aquarius, and a strict one, from one table of rules.
//!
//! The peers disagree with each other and with the specification:
//!
//! | | [`DdoJs`](Profile::DdoJs) | [`Aquarius`](Profile::Aquarius) | [`Strict`](Profile::Strict) |
//! |---|---|---|---|
//! | versions | 4.1.0, 4.3.0, 4.5.0, 4.7.0, 5.0.0 | 4.0.0, 4.1.0, 4.3.0, 4.5.0 | as ddo.js |
//! | a DID that does not belong to the address and chain | **valid** if nothing else is wrong | invalid | invalid |
//! | `created`, `updated` | must be there, any text | optional, ISO 8601 | must be there, ISO 8601 |
//! | `@context` | never looked at | list or object | list of strings |
//! | `publisherTrustedAlgorithms: ["*"]` | valid | invalid | valid |
//! | lengths | UTF-16 units | code points | UTF-16 units |
//! | one value for a list, a list of one for a value, `{"@value": …}` | the same thing | the same thing | invalid |
//! | duplicate keys | the last counts | the last counts | invalid |
//! | a carriage return in a description | invalid | valid | invalid |
//! | enums, URLs, checksum addresses, hexadecimal files | not looked at | not looked at | checked |
//!
//! A verdict takes time linear in the document; what [`RawDdo`] admits bounds its memory.

mod aquarius;
mod ddojs;
mod keywords;
mod shape;
mod strict;
mod table;
mod term;

use std::{collections::BTreeMap, fmt};

use crate::RawDdo;

/// Whose verdict is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// That of ddo.js 0.3.0, and with it of ocean.js and ocean-node.
    DdoJs,
    /// That of Aquarius 5.1.8.
    Aquarius,
    /// Ours, for what we publish.
    Strict,
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// JSON pointer to the value, or to where it should be. Empty for the document.
    pub pointer: String,
    /// A short, stable name of the rule.
    pub rule: &'static str,
    /// What the value must be, to be read behind the pointer.
    pub message: String,
    /// The key under which the peer reports it: a member of the root, `general` or `output`.
    pub key: String,
}

impl Violation {
    fn new(pointer: &str, rule: &'static str, message: impl Into<String>, key: &str) -> Self {
        Self { pointer: pointer.to_owned(), rule, message: message.into(), key: key.to_owned() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => f.write_str(&self.message),
            pointer => write!(f, "{pointer} {}", self.message),
        }
    }
}

/// A verdict and its reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The verdict.
    pub valid: bool,
    /// Every broken rule, up to [`limits::MAX_VIOLATIONS`](crate::limits::MAX_VIOLATIONS).
    pub violations: Vec<Violation>,
    /// The version the document states.
    pub version: Option<String>,
    unsupported: bool,
    ddojs: BTreeMap<String, Vec<String>>,
    aquarius: BTreeMap<String, String>,
}

impl Report {
    /// Whether the profile has no rules for the document's version, so that the document was not looked at.
    pub const fn is_unsupported(&self) -> bool {
        self.unsupported
    }

    /// The dictionary that Aquarius answers, each text with its own path. Empty for other profiles.
    pub fn aquarius_errors(&self) -> BTreeMap<String, String> {
        self.aquarius.clone()
    }

    /// The map that ddo.js answers, without `fullReport`; under `general` only the key is the peer's. Empty for other profiles.
    pub fn ddojs_errors(&self) -> BTreeMap<String, Vec<String>> {
        self.ddojs.clone()
    }
}

/// Judges a document.
pub fn validate(document: &RawDdo, profile: Profile) -> Report {
    let tree = document.tree();
    match profile {
        Profile::DdoJs => ddojs::validate(&tree),
        Profile::Aquarius => aquarius::validate(&tree),
        Profile::Strict => strict::validate(&tree),
    }
}
