//! The verdicts of ddo.js, of Aquarius, and ours.

use std::{collections::BTreeMap, fmt};

use crate::RawDdo;

/// Whose verdict is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// ddo.js 0.3.0.
    DdoJs,
    /// Aquarius 5.1.8.
    Aquarius,
    /// What we publish.
    Strict,
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// JSON pointer to the value, or to where it should be.
    pub pointer: String,
    /// A short, stable name of the rule.
    pub rule: &'static str,
    /// A sentence.
    pub message: String,
    /// The key under which the peer reports it.
    pub key: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.message)
    }
}

/// A verdict and its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The verdict.
    pub valid: bool,
    /// Every broken rule.
    pub violations: Vec<Violation>,
}

impl Report {
    /// Whether there are no rules for the document's version.
    pub fn is_unsupported(&self) -> bool {
        false
    }

    /// Aquarius' error dictionary.
    pub fn aquarius_errors(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    /// ddo.js' error map, without `fullReport`.
    pub fn ddojs_errors(&self) -> BTreeMap<String, Vec<String>> {
        BTreeMap::new()
    }
}

/// Judges a document.
pub fn validate(_document: &RawDdo, _profile: Profile) -> Report {
    Report {
        valid: true,
        violations: Vec::new(),
    }
}
