//! ddo.js 0.3.0: `validateDDO`.

use std::{borrow::Cow, collections::BTreeMap};

use ocean_did::{Did, Method, address};

use crate::{
    Version,
    json::{Kind, Node},
    serialise::js_number,
    validate::{
        Report, Source, Violation,
        keywords::{self, Keywords, Refused},
        resolve,
        shape::{Checker, Text},
        table::{Column, Pattern},
        term::{Reading, is_absent},
    },
};

/// The versions that ddo.js has schemas for.
const VERSIONS: [Version; 5] = [Version::V4_1_0, Version::V4_3_0, Version::V4_5_0, Version::V4_7_0, Version::V5_0_0];

type Errors = BTreeMap<String, Vec<String>>;

pub(super) fn validate(root: &Node<'_>) -> Report {
    let mut report =
        Report { version: root.get("version").and_then(Node::text).map(Cow::into_owned), ..Report::default() };
    match judge(root) {
        Err(thrown) => {
            report.unsupported = matches!(thrown, Thrown::Unsupported(_));
            report.violations.push(
                Violation::new(thrown.pointer(), "general", thrown.message(), "general")
                    .by(&[Source::DdoJs], &VERSIONS),
            );
            report.ddojs.insert("general".to_owned(), vec![format!("Validation failed: {}", thrown.message())]);
        }
        Ok((errors, violations)) => {
            report.valid = errors.is_empty();
            report.ddojs = errors;
            report.violations = violations;
        }
    }
    report
}

/// What makes ddo.js throw; the verdict then is the one error `general`.
enum Thrown {
    Unsupported(String),
    Version,
    Id,
    ChainId(&'static str),
    NftAddress(&'static str, String),
    Language(String),
}

impl Thrown {
    fn message(&self) -> String {
        match self {
            Self::Unsupported(version) => format!("Error: Unsupported DDO version: {version}"),
            Self::Version => "TypeError: the version is not a text".to_owned(),
            Self::Id => "TypeError: the id is not a text".to_owned(),
            Self::ChainId(_) => "TypeError: the chain id is missing".to_owned(),
            Self::NftAddress(_, reason) => format!("TypeError: {reason}"),
            Self::Language(_) => "Error: a language tag cannot be written".to_owned(),
        }
    }

    fn pointer(&self) -> &str {
        match self {
            Self::Unsupported(_) | Self::Version => "/version",
            Self::Id => "/id",
            Self::ChainId(pointer) | Self::NftAddress(pointer, _) => pointer,
            Self::Language(pointer) => pointer,
        }
    }
}

fn judge(root: &Node<'_>) -> Result<(Errors, Vec<Violation>), Thrown> {
    let column = column(root)?;
    let v5 = column == Column::V500;
    let (place, chain_at, nft_at) = if v5 {
        let subject = root.get("credentialSubject").ok_or(Thrown::ChainId("/credentialSubject"))?;
        (subject, "/credentialSubject/chainId", "/credentialSubject/nftAddress")
    } else {
        (root, "/chainId", "/nftAddress")
    };
    let chain =
        place.get("chainId").filter(|chain| !is_absent(chain, Reading::JavaScript)).ok_or(Thrown::ChainId(chain_at))?;
    let nft = place
        .get("nftAddress")
        .and_then(Node::text)
        .ok_or_else(|| Thrown::NftAddress(nft_at, "invalid address".to_owned()))?;
    let nft = address::ethers(&nft).map_err(|error| Thrown::NftAddress(nft_at, error.to_string()))?;

    // Most documents conform, and then nobody asks for these.
    let earlier = || {
        let mut errors = Errors::new();
        let mut before = Vec::new();
        let mut early = |pointer: &str, key: &str, text: &str| {
            errors.entry(key.to_owned()).or_default().push(text.to_owned());
            before.push(Violation::new(pointer, "consistency", text, key).by(&[Source::DdoJs], &[column.version()]));
        };
        if is_falsy(chain) {
            early(chain_at, "chainId", "chainId is missing or invalid.");
        }
        let method = if v5 { Method::Ope } else { Method::Op };
        let derived = Did::hash(method, &nft.to_checksum(None), &to_js_string(chain));
        if root.get("id").and_then(Node::text).as_deref() != Some(derived.as_str()) {
            let text = if v5 {
                "did is not valid for chainId and nft address"
            } else {
                "did is not valid for chain Id and nft address"
            };
            early("/id", "id", text);
        }
        if v5 {
            for (key, pointer, text) in [
                ("metadata", "/credentialSubject/metadata", "metadata is missing or invalid."),
                ("services", "/credentialSubject/services", "services are missing or invalid."),
            ] {
                if place.get(key).is_none_or(is_falsy) {
                    early(pointer, key, text);
                }
            }
        }
        (errors, before)
    };

    let mut found = keywords::scan(root, column);
    let resolved = found.renamed.then(|| resolve::resolve(root, column));
    let root = resolved.as_ref().unwrap_or(root);
    if resolved.is_some() {
        found = keywords::scan_resolved(root, column);
    }
    let Keywords { refused, unwritable, typed, .. } = found;
    if let Some(Refused { pointer, reason }) = refused {
        let (mut errors, mut before) = earlier();
        errors.insert("output".to_owned(), vec!["Output is null or invalid".to_owned()]);
        before.push(
            Violation::new(&pointer, "jsonld", format!("has what JSON-LD refuses: {reason}"), "output")
                .by(&[Source::JsonLd, Source::DdoJs], &[column.version()]),
        );
        return Ok((errors, before));
    }
    if let Some(pointer) = unwritable {
        return Err(Thrown::Language(pointer));
    }
    let mut checker = Checker::new(column, Reading::JavaScript, false);
    let mut conforms = true;
    if !keywords::is_lost(root) {
        conforms &= checker.root(root);
    }
    for (shape, nested) in typed {
        conforms &= checker.typed(shape, nested);
    }
    if conforms {
        // The earlier errors are thrown away: a document with a wrong DID is valid to ddo.js.
        return Ok((Errors::new(), Vec::new()));
    }
    let (mut errors, mut before) = earlier();
    for (key, text) in checker.texts {
        errors.entry(key.to_owned()).or_default().push(wording(text, column));
    }
    before.append(&mut checker.violations);
    Ok((errors, before))
}

/// The class by version and id, then the schema by the exact version.
fn column(root: &Node<'_>) -> Result<Column, Thrown> {
    let version = root.get("version").and_then(Node::text).ok_or(Thrown::Version)?;
    let unsupported = || Thrown::Unsupported(version.chars().take(64).collect());
    let prefix = match version.chars().next() {
        Some('4') => "did:op",
        Some('5') => "did:ope",
        _ => return Err(unsupported()),
    };
    let id = root.get("id").and_then(Node::text).ok_or(Thrown::Id)?;
    if !id.starts_with(prefix) {
        return Err(unsupported());
    }
    Column::of(&Version::from(version.as_ref())).filter(|column| *column != Column::V400).ok_or_else(unsupported)
}

fn wording(text: Text, column: Column) -> String {
    match text {
        Text::Missing { min } => format!("Less than {min} values"),
        Text::TooMany { max } => format!("More than {max} values"),
        Text::Short { shortest } => format!("Value has less than {shortest} characters"),
        Text::Long { longest } => format!("Value has more than {longest} characters"),
        Text::Pattern(Pattern::Did(_, pattern)) => format!("Value does not match pattern \"{pattern}\""),
        Text::Pattern(Pattern::Lines) => "Value does not match pattern \"^((.|\n)*)$\"".to_owned(),
        Text::Pattern(Pattern::Line) => "Value does not match pattern \"^(.*)$\"".to_owned(),
        Text::Pattern(Pattern::Any) => "Value does not match pattern \"^(.|\\s)*$\"".to_owned(),
        Text::Datatype(name) => format!("Value does not have datatype <http://www.w3.org/2001/XMLSchema#{name}>"),
        Text::Shape(name) => format!("Value does not have shape <{}{name}>", column.vocabulary()),
        Text::NodeKind => "Value does not have the expected node kind".to_owned(),
    }
}

/// What JavaScript takes for false.
fn is_falsy(node: &Node<'_>) -> bool {
    match &node.kind {
        _ if is_absent(node, Reading::JavaScript) => true,
        Kind::Bool(bool) => !bool,
        Kind::Number(text) => text.parse::<f64>().is_ok_and(|number| number == 0.0),
        Kind::String(text) => text.is_empty(),
        Kind::Null | Kind::Array(_) | Kind::Object(_) => false,
    }
}

/// JavaScript's `toString`.
fn to_js_string(node: &Node<'_>) -> String {
    match &node.kind {
        Kind::Null => String::new(),
        Kind::Bool(bool) => bool.to_string(),
        Kind::Number(text) => js_number(text),
        Kind::String(_) => node.text().unwrap_or_default().into_owned(),
        Kind::Array(items) => items.iter().map(to_js_string).collect::<Vec<_>>().join(","),
        Kind::Object(_) => "[object Object]".to_owned(),
    }
}
