//! What we publish: the rules of ddo.js with every value written as its type, and what the specification demands beyond them.

mod v5;

use std::{borrow::Cow, collections::BTreeSet};

use ocean_did::{Did, address};
use ocean_primitives::ChainId;

use crate::{
    Version,
    json::{Kind, Node},
    limits::MAX_VIOLATIONS,
    validate::{
        Report, Source, Violation,
        aquarius::is_iso,
        keywords::{self, Keywords, Refused},
        shape::Checker,
        table::Column,
        term::Reading,
    },
};

/// Where the identifier, the address and the chain are said what they must be, and how the address is written.
const IDENTITY: &[Source] = &[Source::Specification, Source::Aquarius];
const SPECIFICATION: &[Source] = &[Source::Specification];
const OURS: &[Source] = &[Source::Ours];

pub(super) fn validate(root: &Node<'_>) -> Report {
    let version = root.get("version").and_then(Node::text);
    let mut report = Report { version: version.as_deref().map(str::to_owned), ..Report::default() };
    let version = version.as_deref().map(Version::from);
    let column = match &version {
        // What is left of a document that was given up is judged as the identity of a later one.
        Some(Version::Deprecated) => Some(Column::V470),
        Some(version) => Column::of(version),
        None => None,
    };
    let Some(column) = column else {
        report.unsupported = true;
        let text = "must be 4.0.0, 4.1.0, 4.3.0, 4.5.0, 4.7.0, 5.0.0 or deprecated";
        report.violations.push(Violation::new("/version", "version", text, "version").by(OURS, &[]));
        return report;
    };
    let mut strict =
        Strict { checker: Checker::new(column, Reading::JavaScript, true), versions: vec![column.version()] };
    if version == Some(Version::Deprecated) {
        strict.versions = vec![Version::Deprecated];
        strict.deprecated(root);
    } else {
        strict.checker.root(root);
        let Keywords { refused, unwritable, .. } = keywords::scan(root, column);
        if let Some(Refused { pointer, reason }) = refused {
            strict.violate(pointer, "jsonld", format!("has what JSON-LD refuses: {reason}"), &[Source::JsonLd]);
        }
        if let Some(pointer) = unwritable {
            strict.violate(pointer, "jsonld", "has an @language that is no language tag", &[Source::JsonLd]);
        }
    }
    strict.duplicates(root, &mut Vec::new());
    strict.identity(root, column);
    match (&version, column) {
        (Some(Version::Deprecated), _) => {}
        (_, Column::V500) => strict.v5(root),
        _ => strict.v4(root),
    }
    report.violations = strict.checker.violations;
    report.valid = report.violations.is_empty();
    report
}

struct Strict {
    checker: Checker,
    /// The version that is judged.
    versions: Vec<Version>,
}

impl Strict {
    fn violate(
        &mut self,
        pointer: impl Into<String>,
        rule: &'static str,
        message: impl Into<String>,
        sources: &[Source],
    ) {
        self.checker.violate(pointer.into(), rule, message.into(), sources, &self.versions);
    }

    /// The four members that are left, and nothing else about the asset.
    fn deprecated(&mut self, root: &Node<'_>) {
        for name in ["id", "chainId", "nftAddress"] {
            if root.get(name).is_none_or(|value| matches!(value.kind, Kind::Null)) {
                self.violate(format!("/{name}"), "minCount", "is missing", &[Source::DdoJs]);
            }
        }
    }

    /// Parsers differ in which of two equal keys they keep.
    fn duplicates<'n>(&mut self, node: &'n Node<'_>, path: &mut Vec<Cow<'n, str>>) {
        match &node.kind {
            Kind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if matches!(item.kind, Kind::Array(_) | Kind::Object(_)) {
                        path.push(index.to_string().into());
                        self.duplicates(item, path);
                        path.pop();
                    }
                }
            }
            Kind::Object(members) => {
                let mut keys = BTreeSet::new();
                for member in members {
                    let key = crate::json::decode(member.key);
                    path.push(key.clone());
                    self.duplicates(&member.value, path);
                    if !keys.insert(key) && self.checker.violations.len() < MAX_VIOLATIONS {
                        self.violate(pointer(path), "duplicate", "must not appear twice", OURS);
                    }
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// The identifier, and the address and chain it comes from.
    fn identity(&mut self, root: &Node<'_>, column: Column) {
        let (place, prefix) = match (column, root.get("credentialSubject")) {
            (Column::V500, Some(subject)) => (subject, "/credentialSubject"),
            (Column::V500, None) => return,
            _ => (root, ""),
        };
        let chain = match place.get("chainId").map(|node| &node.kind) {
            Some(Kind::Number(text)) => text.parse::<u64>().ok().and_then(|id| ChainId::new(id).ok()),
            _ => None,
        };
        if chain.is_none() {
            self.violate(format!("{prefix}/chainId"), "chainId", "must be a whole number above zero", IDENTITY);
        }
        let nft = place.get("nftAddress").and_then(Node::text);
        let nft = nft.map(|text| address::strict(&text));
        match &nft {
            Some(Err(error)) => self.violate(format!("{prefix}/nftAddress"), "address", not_safe(error), SPECIFICATION),
            None => self.violate(format!("{prefix}/nftAddress"), "address", "must be an address", IDENTITY),
            Some(Ok(_)) => {}
        }
        match root.get("id").and_then(Node::text).map(|id| Did::parse(&id)) {
            None => {}
            Some(Err(error)) => self.violate("/id", "did", wrong(&error), IDENTITY),
            Some(Ok(did)) => {
                if let Err(error) = did.validate_strict() {
                    self.violate("/id", "did", wrong(&error), SPECIFICATION);
                }
                if let (Some(Ok(nft)), Some(chain)) = (nft, chain)
                    && !did.belongs_to(nft, chain)
                {
                    self.violate("/id", "did", "must be derived from nftAddress and chainId", IDENTITY);
                }
            }
        }
    }

    fn v4(&mut self, root: &Node<'_>) {
        if !is_list_of_texts(root.get("@context")) {
            self.violate("/@context", "context", "must be an array of strings", IDENTITY);
        }
        if let Some(metadata) = root.get("metadata") {
            self.metadata(metadata, "/metadata");
        }
        self.services(root.get("services"), "/services");
    }

    /// What holds for metadata of every version.
    fn metadata(&mut self, metadata: &Node<'_>, pointer: &str) {
        for name in ["created", "updated"] {
            if metadata.get(name).and_then(Node::text).is_some_and(|date| !is_iso(&date)) {
                self.violate(format!("{pointer}/{name}"), "date", "must be an ISO 8601 date and time", IDENTITY);
            }
        }
        match metadata.get("type").and_then(Node::text).as_deref() {
            Some("algorithm") if metadata.get("algorithm").is_none() => {
                let text = "is missing, and the asset is an algorithm";
                self.violate(format!("{pointer}/algorithm"), "minCount", text, SPECIFICATION);
            }
            Some("dataset" | "algorithm") | None => {}
            Some(_) => {
                self.violate(format!("{pointer}/type"), "enum", "must be dataset or algorithm", SPECIFICATION);
            }
        }
    }

    fn services(&mut self, services: Option<&Node<'_>>, pointer: &str) {
        let Some(Kind::Array(services)) = services.map(|services| &services.kind) else { return };
        let mut ids = BTreeSet::new();
        for (index, service) in services.iter().enumerate() {
            let pointer = format!("{pointer}/{index}");
            self.service(service, &pointer);
            if service.get("id").and_then(Node::text).is_some_and(|id| !ids.insert(id)) {
                let text = "must differ from the ids of the other services";
                self.violate(format!("{pointer}/id"), "unique", text, SPECIFICATION);
            }
        }
    }

    fn service(&mut self, service: &Node<'_>, pointer: &str) {
        let text = |name| service.get(name).and_then(Node::text);
        match text("type").as_deref() {
            Some("compute") if service.get("compute").is_none() => {
                let text = "is missing, and the service is of type compute";
                self.violate(format!("{pointer}/compute"), "minCount", text, SPECIFICATION);
            }
            Some("access" | "compute" | "wss") | None => {}
            Some(_) => {
                self.violate(format!("{pointer}/type"), "enum", "must be access, compute or wss", SPECIFICATION);
            }
        }
        if text("id").is_some_and(|id| id.is_empty()) {
            self.violate(format!("{pointer}/id"), "minLength", "must not be empty", SPECIFICATION);
        }
        if let Some(Err(error)) = text("datatokenAddress").map(|address| address::strict(&address)) {
            self.violate(format!("{pointer}/datatokenAddress"), "address", not_safe(&error), SPECIFICATION);
        }
        if text("serviceEndpoint").is_some_and(|endpoint| !is_http_url(&endpoint)) {
            let text = "must be an http or https URL";
            self.violate(format!("{pointer}/serviceEndpoint"), "url", text, SPECIFICATION);
        }
        let hex = |files: &str| {
            let digits = files.strip_prefix("0x").unwrap_or("?");
            digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        // Empty for a confidential backend that holds the files itself.
        if text("files").is_some_and(|files| !files.is_empty() && !hex(&files)) {
            let text = "must be 0x and pairs of hexadecimal digits";
            self.violate(format!("{pointer}/files"), "hex", text, SPECIFICATION);
        }
        if let Some(Kind::Number(timeout)) = service.get("timeout").map(|timeout| &timeout.kind)
            && timeout.starts_with('-')
        {
            self.violate(format!("{pointer}/timeout"), "minimum", "must not be negative", OURS);
        }
    }
}

/// What is wrong with an address, to be read behind its pointer.
fn not_safe(error: &ocean_did::Error) -> &'static str {
    if error.is_bad_checksum() {
        "must have the right EIP-55 checksum, which is the mix of capital and small letters"
    } else {
        "must be an address: 0x and 40 hexadecimal digits"
    }
}

/// What is wrong with an identifier, to be read behind its pointer.
fn wrong(error: &ocean_did::Error) -> String {
    format!("must be another identifier: {error}")
}

fn is_list_of_texts(node: Option<&Node<'_>>) -> bool {
    matches!(node.map(|node| &node.kind), Some(Kind::Array(items))
        if !items.is_empty() && items.iter().all(|item| matches!(item.kind, Kind::String(_))))
}

/// A pointer whose names are cut at 64 characters: a thousand violations below a name of megabytes must not take gigabytes.
fn pointer(path: &[Cow<'_, str>]) -> String {
    let cut = |name: &str| name.chars().take(64).collect::<String>().replace('~', "~0").replace('/', "~1");
    path.iter().map(|name| format!("/{}", cut(name))).collect()
}

/// A scheme and a host; whether anybody answers there is not ours to ask.
fn is_http_url(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    !host.is_empty() && !host.starts_with(':') && !text.contains(|char: char| char.is_whitespace() || char.is_control())
}
