//! Aquarius 5.1.8: `validate_dict`, with each text paired with its own path.

use ocean_did::{Did, Method, address};

use crate::{
    Version,
    json::{Kind, Node},
    validate::{
        Report, Source, Violation,
        shape::{Checker, Text},
        table::{Column, Pattern},
        term::Reading,
    },
};

/// The versions that Aquarius has schemas for.
const VERSIONS: [Version; 4] = [Version::V4_0_0, Version::V4_1_0, Version::V4_3_0, Version::V4_5_0];

pub(super) fn validate(root: &Node<'_>) -> Report {
    let stated = root.get("version").and_then(Node::text);
    let mut report = Report { version: stated.as_deref().map(str::to_owned), ..Report::default() };
    let newest = Version::V4_5_0;
    let version = stated.as_deref().map_or(newest, Version::from);
    let column = match Column::of(&version) {
        Some(column @ (Column::V400 | Column::V410 | Column::V430 | Column::V450)) => column,
        _ => {
            report.unsupported = true;
            let text = format!("Can't find schema {}.", version.as_str().chars().take(64).collect::<String>());
            report
                .violations
                .push(Violation::new("/version", "version", &text, "version").by(&[Source::Aquarius], &VERSIONS));
            report.aquarius.insert("version".to_owned(), text);
            return report;
        }
    };
    let mut checker = Checker::new(column, Reading::Python, false);
    checker.root(root);
    for (key, text) in &checker.texts {
        report.aquarius.entry((*key).to_owned()).or_insert_with(|| wording(key, *text));
    }
    report.violations = checker.violations;
    for (key, pointer, text) in extra(root) {
        report.aquarius.insert(key.to_owned(), text.clone());
        report.violations.push(Violation::new(pointer, "consistency", text, key).by(&[Source::Aquarius], &VERSIONS));
    }
    report.valid = report.aquarius.is_empty();
    report
}

/// What Aquarius checks beside the schema. These texts replace those of the schema.
fn extra(root: &Node<'_>) -> Vec<(&'static str, &'static str, String)> {
    let mut errors = Vec::new();
    if !root.get("@context").is_some_and(|context| matches!(context.kind, Kind::Array(_) | Kind::Object(_))) {
        errors.push(("@context", "/@context", "Context is missing or invalid.".to_owned()));
    }
    match root.get("metadata") {
        None => errors.push(("metadata", "/metadata", "Metadata is missing or invalid.".to_owned())),
        Some(metadata) => {
            for (name, pointer) in [("created", "/metadata/created"), ("updated", "/metadata/updated")] {
                if metadata.get(name).is_some_and(|date| !date.text().is_some_and(|text| is_iso(&text))) {
                    errors.push(("metadata", pointer, format!("{name} is not in iso format.")));
                }
            }
        }
    }
    let chain = root.get("chainId").filter(|chain| !is_falsy(chain));
    if chain.is_none() {
        errors.push(("chainId", "/chainId", "chainId is missing or invalid.".to_owned()));
    }
    let nft = root.get("nftAddress").and_then(Node::text).and_then(|nft| address::eth_utils(&nft).ok());
    if nft.is_none() {
        errors.push(("nftAddress", "/nftAddress", "nftAddress is missing or invalid.".to_owned()));
    }
    let derived = nft
        .zip(chain.and_then(to_python_str))
        .map(|(nft, chain)| Did::hash(Method::Op, &nft.to_checksum(None), &chain));
    let stated = root.get("id").and_then(Node::text);
    if derived.is_none() || stated.as_deref() != derived.as_ref().map(Did::as_str) {
        errors.push(("id", "/id", "did is not valid for chain Id and nft address".to_owned()));
    }
    errors
}

/// What `datetime.fromisoformat` reads once `Z` is off.
pub(super) fn is_iso(text: &str) -> bool {
    let text = text.strip_suffix('Z').unwrap_or(text);
    text.parse::<jiff::civil::DateTime>().is_ok()
}

fn is_falsy(node: &Node<'_>) -> bool {
    match &node.kind {
        Kind::Null => true,
        Kind::Bool(bool) => !bool,
        Kind::Number(text) => text.parse::<f64>().is_ok_and(|number| number == 0.0),
        Kind::String(text) => text.is_empty(),
        Kind::Array(items) => items.is_empty(),
        Kind::Object(members) => members.is_empty(),
    }
}

/// Python's `str`, where it can be part of an identifier.
fn to_python_str(node: &Node<'_>) -> Option<String> {
    match &node.kind {
        Kind::Number(text) => Some(text.to_string()),
        Kind::String(_) => node.text().map(std::borrow::Cow::into_owned),
        _ => None,
    }
}

fn wording(key: &str, text: Text) -> String {
    match text {
        Text::Missing { min } => format!("Less than {min} value on schema1:{key}"),
        Text::TooMany { max } => format!("More than {max} values on schema1:{key}"),
        Text::Short { shortest } => format!("String length not >= {shortest}"),
        Text::Long { longest } => format!("String length not <= {longest}"),
        Text::Pattern(Pattern::Did(_, pattern)) => format!("Value does not match pattern '{pattern}'"),
        Text::Pattern(_) => "Value does not match pattern '^(.*)$'".to_owned(),
        Text::Datatype(name) => format!("Value is not Literal with datatype xsd:{name}"),
        Text::Shape(name) => format!("Value does not conform to Shape schema1:{name}"),
        Text::NodeKind => "Value is not of the expected node kind".to_owned(),
    }
}
