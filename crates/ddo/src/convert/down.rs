use std::collections::HashSet;

use ocean_did::Did;
use serde_json::json;

use crate::{
    Error, INDEXER_FIELDS, RawDdo, Result, Version,
    convert::{
        Loss, LossKind,
        up::{self, CONTEXT_4, CONTEXT_5},
        write::{Object, array, is_object, is_text, items, members, piece},
    },
    json::{Kind, Member, Node, decode},
};

const SUBJECT: &str = "/credentialSubject";

pub(super) fn to_4(document: &RawDdo, to: &Version, losses: &mut Vec<Loss>) -> Result<RawDdo> {
    up::indexed_fields(document.tree(), "", losses);
    let stripped = document.stripped();
    let (root, text) = (stripped.tree(), stripped.as_str());
    let subject = subject(root)?;
    let (nft, chain) = up::identity(subject, SUBJECT)?;
    let did = Did::op(nft, chain);
    up::context(root, CONTEXT_5, CONTEXT_4, losses);
    up::renamed(root, &did, losses);
    up::indexed_fields(subject, SUBJECT, losses);
    up::unread(subject, SUBJECT, &Version::V5_0_0, to, losses);
    let mut out = Object::new();
    out.put("@context", json!([CONTEXT_4]));
    out.put("id", did.as_str());
    out.put("version", to.as_str());
    for member in members(subject) {
        let name = decode(member.key);
        match name.as_ref() {
            "id" | "@context" | "version" => {}
            name if INDEXER_FIELDS.contains(&name) => {}
            "metadata" if is_object(&member.value) => out.raw("metadata", &metadata(text, &member.value, losses)),
            "services" => {
                let services = items(&member.value);
                let written = services.iter().enumerate().map(|(index, node)| service(text, node, index, losses));
                out.raw("services", &array(written.collect::<Vec<_>>()));
            }
            "credentials" => credentials(text, member, &mut out),
            _ => out.copy(text, member),
        }
    }
    let taken: HashSet<_> = members(subject).into_iter().map(|member| decode(member.key)).collect();
    for member in members(root) {
        match decode(member.key).as_ref() {
            "@context" | "id" | "version" | "credentialSubject" => {}
            name @ ("type" | "issuer" | "additionalDdos" | "proof") => {
                let nothing = name == "type" || member.value.text().as_deref() == Some("");
                if !nothing {
                    let message = "is left out: 4.x has no place for it";
                    losses.push(Loss::new(format!("/{name}"), LossKind::Dropped, message));
                }
            }
            name if taken.contains(name) => {
                let message = "is left out: the credential's subject has a member of this name too";
                losses.push(Loss::new(format!("/{name}"), LossKind::Dropped, message));
            }
            _ => out.copy(text, member),
        }
    }
    RawDdo::parse(out.finish())
}

/// The form of which only the identity is left.
pub(super) fn to_deprecated(document: &RawDdo, from: &Version, losses: &mut Vec<Loss>) -> Result<RawDdo> {
    let (root, text) = (document.tree(), document.as_str());
    let (place, prefix) = if *from == Version::V5_0_0 { (subject(root)?, SUBJECT) } else { (root, "") };
    up::identity(place, prefix)?;
    let mut out = Object::new();
    if let Some(id) = root.get("id") {
        out.raw("id", piece(text, id));
    }
    out.put("version", Version::Deprecated.as_str());
    for name in ["chainId", "nftAddress"] {
        if let Some(value) = place.get(name) {
            out.raw(name, piece(text, value));
        }
    }
    let mut drop = |prefix: &str, member: &Member<'_>, kept: &[&str]| {
        let name = decode(member.key);
        if !kept.contains(&name.as_ref()) {
            let message = "is left out: the deprecated form has id, version, chainId and nftAddress only";
            losses.push(Loss::new(format!("{prefix}/{}", escape(&name)), LossKind::Dropped, message));
        }
    };
    for member in members(root) {
        drop("", member, &["id", "version", "chainId", "nftAddress", "credentialSubject"]);
    }
    if prefix == SUBJECT {
        members(place).into_iter().for_each(|member| drop(SUBJECT, member, &["id", "chainId", "nftAddress"]));
    }
    RawDdo::parse(out.finish())
}

fn subject<'n, 'a>(root: &'n Node<'a>) -> Result<&'n Node<'a>> {
    root.get("credentialSubject")
        .filter(|subject| is_object(subject))
        .ok_or_else(|| Error::Convert { pointer: SUBJECT.to_owned(), reason: "must be an object" })
}

fn metadata(text: &str, node: &Node<'_>, losses: &mut Vec<Loss>) -> String {
    let pointer = |name: &str| format!("{SUBJECT}/metadata/{name}");
    let mut out = Object::new();
    for member in members(node) {
        let name = decode(member.key);
        let value = &member.value;
        match name.as_ref() {
            "description" => match value.get("@value").filter(|inner| is_text(inner)) {
                Some(inner) => {
                    out.raw(&name, piece(text, inner));
                    direction(value, &pointer("description"), losses);
                    let language = value.get("@language").filter(|tag| tag.text().is_some_and(|tag| !tag.is_empty()));
                    if let (Some(language), None) = (language, node.get("contentLanguage")) {
                        out.raw("contentLanguage", piece(text, language));
                    }
                }
                None => out.copy(text, member),
            },
            "license" => match value.get("name").filter(|inner| is_text(inner)) {
                Some(inner) => {
                    out.raw(&name, piece(text, inner));
                    for lost in members(value) {
                        let lost_name = decode(lost.key);
                        if lost_name != "name" {
                            let message = "is left out: a licence of 4.x is a text";
                            losses.push(Loss::new(
                                pointer(&format!("license/{}", escape(&lost_name))),
                                LossKind::Dropped,
                                message,
                            ));
                        }
                    }
                }
                None => out.copy(text, member),
            },
            "links" if is_object(value) => {
                let links = members(value);
                if !links.is_empty() {
                    let names: Vec<_> = links.iter().map(|link| decode(link.key)).collect();
                    let message = format!("becomes a list, without the names {}", names.join(", "));
                    losses.push(Loss::new(pointer("links"), LossKind::Changed, message));
                }
                out.raw(&name, &array(links.iter().map(|link| piece(text, &link.value).to_owned())));
            }
            "displayTitle" | "attachments" | "providedBy" => {
                losses.push(Loss::new(
                    pointer(&name),
                    LossKind::Unread,
                    "is kept, and readers of 4.x do not look at it",
                ));
                out.copy(text, member);
            }
            _ => out.copy(text, member),
        }
    }
    if node.get("author").is_none()
        && let Some(provider) = node.get("providedBy")
    {
        out.raw("author", piece(text, provider));
        losses.push(Loss::new(
            "/metadata/author",
            LossKind::Filled,
            "is who provides the asset: write there who made it",
        ));
    }
    if node.get("license").is_none() {
        out.put("license", "No License Specified");
        losses.push(Loss::new(
            "/metadata/license",
            LossKind::Filled,
            "is \"No License Specified\", as the specification has it",
        ));
    }
    out.finish()
}

fn service(text: &str, node: &Node<'_>, index: usize, losses: &mut Vec<Loss>) -> String {
    if !is_object(node) {
        return piece(text, node).to_owned();
    }
    let pointer = |name: &str| format!("{SUBJECT}/services/{index}/{name}");
    let mut out = Object::new();
    for member in members(node) {
        match decode(member.key).as_ref() {
            "description" => match member.value.get("@value").filter(|inner| is_text(inner)) {
                Some(inner) => {
                    out.raw("description", piece(text, inner));
                    direction(&member.value, &pointer("description"), losses);
                }
                None => out.copy(text, member),
            },
            "credentials" => credentials(text, member, &mut out),
            name @ ("state" | "displayName" | "dataSchema" | "inputSchema" | "outputSchema") => {
                losses.push(Loss::new(
                    pointer(name),
                    LossKind::Unread,
                    "is kept, and readers of 4.x do not look at it",
                ));
                out.copy(text, member);
            }
            _ => out.copy(text, member),
        }
    }
    out.finish()
}

/// Version 5 also writes a list of one. Several are left for the reader to see: leaving one out could let somebody in.
fn credentials(text: &str, member: &Member<'_>, out: &mut Object) {
    match &member.value.kind {
        Kind::Array(items) if items.is_empty() => {}
        Kind::Array(items) if items.len() == 1 => out.raw("credentials", piece(text, &items[0])),
        _ => out.copy(text, member),
    }
}

/// Left to right is what readers of 4.x assume.
fn direction(value: &Node<'_>, pointer: &str, losses: &mut Vec<Loss>) {
    if value.get("@direction").and_then(Node::text).as_deref() == Some("rtl") {
        losses.push(Loss::new(
            format!("{pointer}/@direction"),
            LossKind::Dropped,
            "is left out: a text of 4.x has no direction",
        ));
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
