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
mod names;
mod resolve;
mod shape;
mod strict;
pub(crate) mod table;
mod term;

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use crate::{RawDdo, Version};

/// Whose verdict is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Profile {
    /// That of ddo.js 0.3.0, and with it of ocean.js and ocean-node.
    DdoJs,
    /// That of Aquarius 5.1.8.
    Aquarius,
    /// Ours, for what we publish.
    Strict,
}

/// Who makes a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub enum Source {
    /// ddo.js 0.3.0: its schemas and its code; with it ocean.js and ocean-node.
    #[serde(rename = "ddo.js")]
    DdoJs,
    /// Aquarius 5.1.8: its schemas and its checker.
    Aquarius,
    /// The published specification of documents, and the types of ddo.js where it is silent.
    #[serde(rename = "specification")]
    Specification,
    /// JSON-LD 1.1 as jsonld.js processes it.
    #[serde(rename = "JSON-LD")]
    JsonLd,
    /// This crate, for what we publish.
    #[serde(rename = "ocean-ddo")]
    Ours,
}

impl Source {
    /// A name to show.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DdoJs => "ddo.js",
            Self::Aquarius => "Aquarius",
            Self::Specification => "specification",
            Self::JsonLd => "JSON-LD",
            Self::Ours => "ocean-ddo",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Violation {
    /// JSON pointer to the value, or to where it should be. Empty for the document. [`RawDdo::places`] tells its line.
    pub pointer: String,
    /// A short, stable name of the rule.
    pub rule: &'static str,
    /// The rule's limit, when it has one: a count for `minCount` and `maxCount`, a length for `minLength` and `maxLength`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// What was counted or measured against the limit. Equal values count once against it, and each of them here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<usize>,
    /// What the value must be, to be read behind the pointer.
    pub message: String,
    /// The key under which the peer reports it: a member of the root, `general` or `output`.
    pub key: String,
    /// The versions of documents that have this rule with this limit.
    pub versions: Vec<Version>,
    /// Who makes the rule.
    pub sources: Vec<Source>,
}

impl Violation {
    fn new(pointer: &str, rule: &'static str, message: impl Into<String>, key: &str) -> Self {
        Self {
            pointer: pointer.to_owned(),
            rule,
            limit: None,
            found: None,
            message: message.into(),
            key: key.to_owned(),
            versions: Vec::new(),
            sources: Vec::new(),
        }
    }

    fn by(mut self, sources: &[Source], versions: &[Version]) -> Self {
        self.sources = sources.to_vec();
        self.versions = versions.to_vec();
        self
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self.rule {
            "minCount" => "add it",
            "maxCount" => "take some out",
            "minLength" => "write more",
            "maxLength" => "shorten it",
            "pattern" => "take the line breaks out, or correct how it begins",
            "datatype" | "type" => "write it as that type, not as another one or in quotes",
            "shape" | "nodeKind" => "write an object, or a plain value, as the rule asks",
            "version" => "use a version that the reader knows, or convert the document",
            "did" => "derive it from nftAddress and chainId",
            "address" => "copy the address with its checksum, the mix of capital and small letters",
            "chainId" => "write the number of the chain",
            "date" => "write it as 2026-01-31T12:00:00Z",
            "url" => "write the whole address, with https://",
            "hex" => "encrypt the files with the Provider, and put its answer here",
            "enum" => "use one of these words",
            "unique" => "give each its own",
            "duplicate" => "keep one of them",
            "minimum" => "write zero for no limit, or a number of seconds",
            "context" => "add the list of contexts of this version",
            "language" => "write an object with @value, and with @language and @direction if they are known",
            "license" => "write an object with a name",
            "issuer" => "write who issues the credential",
            "jsonld" => "take it out, or write it without the keyword",
            "consistency" => "make it agree with the other members",
            _ => "correct it",
        }
    }

    /// A whole sentence a person can act on: what is wrong, and what to do.
    pub fn sentence(&self) -> String {
        format!("{self}: {}.", self.advice())
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
        Profile::DdoJs => ddojs::validate(tree),
        Profile::Aquarius => aquarius::validate(tree),
        Profile::Strict => strict::validate(tree),
    }
}
