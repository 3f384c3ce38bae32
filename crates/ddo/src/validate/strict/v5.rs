use crate::{
    json::{Kind, Node, decode},
    validate::{
        Source,
        keywords::is_language_tag,
        strict::{OURS, SPECIFICATION, Strict, is_http_url, is_list_of_texts},
    },
};

/// The context that a credential must name.
const CONTEXT: &str = "https://www.w3.org/ns/credentials/v2";
const SUBJECT: &str = "/credentialSubject";

impl Strict {
    /// What the types of ddo.js and the data model of verifiable credentials say beyond the schema.
    pub(super) fn v5(&mut self, root: &Node<'_>) {
        let names = |name: &str, wanted: &str| {
            let node = root.get(name);
            let items = match node.map(|node| &node.kind) {
                Some(Kind::Array(items)) => items.as_slice(),
                _ => &[],
            };
            is_list_of_texts(node) && items.iter().any(|item| item.text().as_deref() == Some(wanted))
        };
        if !names("@context", CONTEXT) {
            self.violate(
                "/@context",
                "context",
                format!("must be an array of strings, {CONTEXT} among them"),
                SPECIFICATION,
            );
        }
        if !names("type", "VerifiableCredential") {
            self.violate("/type", "enum", "must be [\"VerifiableCredential\"]", SPECIFICATION);
        }
        if root.get("issuer").and_then(Node::text).is_some_and(|issuer| issuer.is_empty()) {
            self.violate("/issuer", "issuer", "must not be empty", SPECIFICATION);
        }
        let Some(subject) = root.get("credentialSubject") else { return };
        if let Some(id) = subject.get("id")
            && root.get("id").and_then(Node::text) != id.text()
        {
            self.violate(format!("{SUBJECT}/id"), "did", "must be the id of the document", SPECIFICATION);
        }
        if let Some(metadata) = subject.get("metadata") {
            self.metadata_v5(metadata, &format!("{SUBJECT}/metadata"));
        }
        self.services(subject.get("services"), &format!("{SUBJECT}/services"));
        if let Some(Kind::Array(services)) = subject.get("services").map(|services| &services.kind) {
            for (index, service) in services.iter().enumerate() {
                self.language_value(service.get("description"), format!("{SUBJECT}/services/{index}/description"));
            }
        }
    }

    fn metadata_v5(&mut self, metadata: &Node<'_>, pointer: &str) {
        self.metadata(metadata, pointer);
        self.language_value(metadata.get("description"), format!("{pointer}/description"));
        self.language_value(metadata.get("displayTitle"), format!("{pointer}/displayTitle"));
        if metadata.get("type").is_none() {
            self.violate(format!("{pointer}/type"), "minCount", "is missing", SPECIFICATION);
        }
        if let Some(license) = metadata.get("license").filter(|license| !matches!(license.kind, Kind::Null))
            && !license.get("name").is_some_and(|name| matches!(name.kind, Kind::String(_)))
        {
            self.violate(format!("{pointer}/license"), "license", "must be an object with a name", SPECIFICATION);
        }
        match metadata.get("links").map(|links| &links.kind) {
            None | Some(Kind::Null) => {}
            Some(Kind::Object(links)) => {
                for link in links {
                    if !link.value.text().is_some_and(|link| is_http_url(&link)) {
                        let name = decode(link.key).chars().take(64).collect::<String>();
                        let name = name.replace('~', "~0").replace('/', "~1");
                        let text = "must be an http or https URL";
                        self.violate(format!("{pointer}/links/{name}"), "url", text, SPECIFICATION);
                    }
                }
            }
            Some(_) => {
                self.violate(format!("{pointer}/links"), "type", "must be an object of named URLs", SPECIFICATION);
            }
        }
    }

    /// `{"@value", "@language", "@direction"}`. A direction that is none of the two is a matter of JSON-LD already.
    fn language_value(&mut self, node: Option<&Node<'_>>, pointer: String) {
        let Some(node) = node.filter(|node| !matches!(node.kind, Kind::Null)) else { return };
        if !node.get("@value").is_some_and(|value| matches!(value.kind, Kind::String(_))) {
            self.violate(pointer, "language", "must be an object with a text in @value", SPECIFICATION);
        } else if let Some(language) = node.get("@language").and_then(Node::text)
            && !is_language_tag(&language)
        {
            let sources = &[Source::JsonLd, OURS[0]];
            self.violate(format!("{pointer}/@language"), "language", "must be a BCP 47 language tag", sources);
        }
    }
}
