//! What we publish: the rules of ddo.js with every value written as its type, and what the specification demands beyond them.

use std::{borrow::Cow, collections::BTreeSet};

use ocean_did::{Did, address};
use ocean_primitives::ChainId;

use crate::{
    Version,
    json::{Kind, Node},
    limits::MAX_VIOLATIONS,
    validate::{Report, Violation, aquarius::is_iso, keywords, shape::Checker, table::Column, term::Reading},
};

pub(super) fn validate(root: &Node<'_>) -> Report {
    let version = root.get("version").and_then(Node::text);
    let mut report = Report { version: version.as_deref().map(str::to_owned), ..Report::default() };
    let Some(column) = version
        .as_deref()
        .and_then(|version| Column::of(&Version::from(version)))
        .filter(|column| *column != Column::V400)
    else {
        report.unsupported = true;
        let text = "must be 4.1.0, 4.3.0, 4.5.0, 4.7.0 or 5.0.0";
        report.violations.push(Violation::new("/version", "version", text, "version"));
        return report;
    };
    let mut checker = Checker::new(column, Reading::JavaScript, true);
    checker.root(root);
    let mut strict = Strict { checker };
    let keywords = keywords::scan(root, column);
    if let Some(reason) = keywords.refused {
        strict.violate("", "jsonld", format!("JSON-LD refuses {reason}"));
    }
    if keywords.unwritable {
        strict.violate("", "jsonld", "an @language is no language tag");
    }
    strict.duplicates(root, &mut Vec::new());
    strict.identity(root, column);
    if column < Column::V500 {
        strict.v4(root);
    }
    report.violations = strict.checker.violations;
    report.valid = report.violations.is_empty();
    report
}

struct Strict {
    checker: Checker,
}

impl Strict {
    fn violate(&mut self, pointer: impl Into<String>, rule: &'static str, message: impl Into<String>) {
        self.checker.violate(pointer.into(), rule, message.into());
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
                        self.violate(pointer(path), "duplicate", "must not appear twice");
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
            self.violate(format!("{prefix}/chainId"), "chainId", "must be a whole number above zero");
        }
        let nft = place.get("nftAddress").and_then(Node::text);
        let nft = nft.map(|text| address::strict(&text));
        match &nft {
            Some(Err(error)) => self.violate(format!("{prefix}/nftAddress"), "address", error.to_string()),
            None => self.violate(format!("{prefix}/nftAddress"), "address", "must be an address"),
            Some(Ok(_)) => {}
        }
        match root.get("id").and_then(Node::text).map(|id| Did::parse(&id)) {
            None => {}
            Some(Err(error)) => self.violate("/id", "did", error.to_string()),
            Some(Ok(did)) => {
                if let Err(error) = did.validate_strict() {
                    self.violate("/id", "did", error.to_string());
                }
                if let (Some(Ok(nft)), Some(chain)) = (nft, chain)
                    && !did.belongs_to(nft, chain)
                {
                    self.violate("/id", "did", "must be derived from nftAddress and chainId");
                }
            }
        }
    }

    fn v4(&mut self, root: &Node<'_>) {
        let context = match root.get("@context").map(|context| &context.kind) {
            Some(Kind::Array(items)) => {
                !items.is_empty() && items.iter().all(|item| matches!(item.kind, Kind::String(_)))
            }
            _ => false,
        };
        if !context {
            self.violate("/@context", "context", "must be an array of strings");
        }
        if let Some(metadata) = root.get("metadata") {
            self.metadata(metadata);
        }
        let mut ids = BTreeSet::new();
        if let Some(Kind::Array(services)) = root.get("services").map(|services| &services.kind) {
            for (index, service) in services.iter().enumerate() {
                self.service(service, &format!("/services/{index}"));
                if service.get("id").and_then(Node::text).is_some_and(|id| !ids.insert(id)) {
                    self.violate(
                        format!("/services/{index}/id"),
                        "unique",
                        "must differ from the ids of the other services",
                    );
                }
            }
        }
    }

    fn metadata(&mut self, metadata: &Node<'_>) {
        for (name, pointer) in [("created", "/metadata/created"), ("updated", "/metadata/updated")] {
            if metadata.get(name).and_then(Node::text).is_some_and(|date| !is_iso(&date)) {
                self.violate(pointer, "date", "must be an ISO 8601 date and time");
            }
        }
        match metadata.get("type").and_then(Node::text).as_deref() {
            Some("algorithm") if metadata.get("algorithm").is_none() => {
                self.violate("/metadata/algorithm", "minCount", "is missing, and the asset is an algorithm");
            }
            Some("dataset" | "algorithm") | None => {}
            Some(_) => self.violate("/metadata/type", "enum", "must be dataset or algorithm"),
        }
    }

    fn service(&mut self, service: &Node<'_>, pointer: &str) {
        let text = |name| service.get(name).and_then(Node::text);
        match text("type").as_deref() {
            Some("compute") if service.get("compute").is_none() => {
                self.violate(
                    format!("{pointer}/compute"),
                    "minCount",
                    "is missing, and the service is of type compute",
                );
            }
            Some("access" | "compute" | "wss") | None => {}
            Some(_) => self.violate(format!("{pointer}/type"), "enum", "must be access, compute or wss"),
        }
        if text("id").is_some_and(|id| id.is_empty()) {
            self.violate(format!("{pointer}/id"), "minLength", "must not be empty");
        }
        if let Some(Err(error)) = text("datatokenAddress").map(|address| address::strict(&address)) {
            self.violate(format!("{pointer}/datatokenAddress"), "address", error.to_string());
        }
        if text("serviceEndpoint").is_some_and(|endpoint| !is_http_url(&endpoint)) {
            self.violate(format!("{pointer}/serviceEndpoint"), "url", "must be an http or https URL");
        }
        let hex = |files: &str| {
            let digits = files.strip_prefix("0x").unwrap_or("?");
            digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        // Empty for a confidential backend that holds the files itself.
        if text("files").is_some_and(|files| !files.is_empty() && !hex(&files)) {
            self.violate(format!("{pointer}/files"), "hex", "must be 0x and pairs of hexadecimal digits");
        }
        if let Some(Kind::Number(timeout)) = service.get("timeout").map(|timeout| &timeout.kind)
            && timeout.starts_with('-')
        {
            self.violate(format!("{pointer}/timeout"), "minimum", "must not be negative");
        }
    }
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
