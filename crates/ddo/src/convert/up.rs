use ocean_did::{Did, address};
use ocean_primitives::{Address, ChainId};
use serde_json::json;

use crate::{
    Error, INDEXER_FIELDS, RawDdo, Result, Version,
    convert::{
        Loss, LossKind,
        write::{Object, array, is_object, is_text, items, members, piece},
    },
    json::{Kind, Node, decode},
};

pub(super) const CONTEXT_4: &str = "https://w3id.org/did/v1";
pub(super) const CONTEXT_5: &str = "https://www.w3.org/ns/credentials/v2";

/// Between versions 4.x the form is the same; what differs is what readers look at.
pub(super) fn within_4(document: &RawDdo, from: &Version, to: &Version, losses: &mut Vec<Loss>) -> Result<RawDdo> {
    if from == to {
        return Ok(document.clone());
    }
    indexed_fields(document.tree(), "", losses);
    let stripped = document.stripped();
    unread(stripped.tree(), "", from, to, losses);
    stripped.set("/version", &json!(to.as_str()))
}

/// Notes what readers of a version of 4.x do not look at, and the one thing that has another form inside the encryption.
pub(super) fn unread(place: &Node<'_>, prefix: &str, from: &Version, to: &Version, losses: &mut Vec<Loss>) {
    let services = place.get("services").map(items).unwrap_or_default();
    for (index, service) in services.into_iter().enumerate() {
        let mut note = |name: &str, kind, message: &str| {
            if service.get(name).is_some_and(|value| !matches!(value.kind, Kind::Null)) {
                losses.push(Loss::new(format!("{prefix}/services/{index}/{name}"), kind, message));
            }
        };
        if (*from == Version::V4_0_0) != (*to == Version::V4_0_0) {
            note(
                "files",
                LossKind::Changed,
                "must be encrypted again: in 4.0.0 it holds a bare list of files, later an object that names the asset",
            );
        }
        if *from >= Version::V4_7_0 && *to < Version::V4_7_0 {
            note(
                "credentials",
                LossKind::Unread,
                "is read from 4.7.0 on: readers of this version do not look at who may use the service",
            );
        }
        if *from > Version::V4_0_0 && *to == Version::V4_0_0 {
            note("consumerParameters", LossKind::Unread, "is read from 4.1.0 on");
        }
    }
}

/// Notes what an indexer added.
pub(super) fn indexed_fields(place: &Node<'_>, prefix: &str, losses: &mut Vec<Loss>) {
    for name in INDEXER_FIELDS {
        if place.get(name).is_some() {
            let message = "is left out: an indexer added it, and will add it again";
            losses.push(Loss::new(format!("{prefix}/{name}"), LossKind::Dropped, message));
        }
    }
}

/// The address and chain that the identifier is derived from.
pub(super) fn identity(place: &Node<'_>, prefix: &str) -> Result<(Address, ChainId)> {
    let fail = |name: &str, reason| Error::Convert { pointer: format!("{prefix}/{name}"), reason };
    let chain = match place.get("chainId").map(|chain| &chain.kind) {
        Some(Kind::Number(text)) => text.parse::<u64>().ok().and_then(|id| ChainId::new(id).ok()),
        _ => None,
    };
    let chain = chain.ok_or_else(|| fail("chainId", "must be a whole number above zero to derive the identifier"))?;
    let nft = place.get("nftAddress").and_then(Node::text);
    let nft = nft.and_then(|text| address::ethers(&text).ok());
    Ok((nft.ok_or_else(|| fail("nftAddress", "must be an address to derive the identifier"))?, chain))
}

/// Notes that the identifier is another one, if it is.
pub(super) fn renamed(root: &Node<'_>, did: &Did, losses: &mut Vec<Loss>) {
    if root.get("id").and_then(Node::text).as_deref() != Some(did.as_str()) {
        let message = format!("becomes {did}: links and searches by the old identifier do not find the new document");
        losses.push(Loss::new("/id", LossKind::Changed, message));
    }
}

/// Notes a context that is not the usual one of its version.
pub(super) fn context(root: &Node<'_>, usual: &str, now: &str, losses: &mut Vec<Loss>) {
    let other = root.get("@context").map(items).unwrap_or_default();
    if other.iter().any(|item| item.text().as_deref() != Some(usual)) {
        losses.push(Loss::new("/@context", LossKind::Changed, format!("becomes [\"{now}\"]")));
    }
}

pub(super) fn to_5(document: &RawDdo, losses: &mut Vec<Loss>) -> Result<RawDdo> {
    indexed_fields(document.tree(), "", losses);
    let stripped = document.stripped();
    let (root, text) = (stripped.tree(), stripped.as_str());
    let (nft, chain) = identity(root, "")?;
    let did = Did::ope(nft, chain);
    context(root, CONTEXT_4, CONTEXT_5, losses);
    renamed(root, &did, losses);
    if root.get("version").and_then(Node::text).as_deref() == Some("4.0.0") {
        unread(root, "", &Version::V4_0_0, &Version::V5_0_0, losses);
    }
    let mut subject = Object::new();
    subject.put("id", did.as_str());
    for member in members(root) {
        match decode(member.key).as_ref() {
            "@context" | "id" | "version" => {}
            "metadata" if is_object(&member.value) => subject.raw("metadata", &metadata(text, &member.value, losses)),
            "services" => {
                let services = items(&member.value).into_iter().map(|node| service(text, node));
                subject.raw("services", &array(services));
            }
            _ => subject.copy(text, member),
        }
    }
    let mut out = Object::new();
    out.put("@context", json!([CONTEXT_5]));
    out.put("id", did.as_str());
    out.put("version", Version::V5_0_0.as_str());
    out.put("type", json!(["VerifiableCredential"]));
    out.put("issuer", "");
    losses.push(Loss::new("/issuer", LossKind::Filled, "is empty: write there who issues the credential"));
    out.raw("credentialSubject", &subject.finish());
    RawDdo::parse(out.finish())
}

fn metadata(text: &str, node: &Node<'_>, losses: &mut Vec<Loss>) -> String {
    let language = node.get("contentLanguage").and_then(Node::text).filter(|tag| is_language_tag(tag));
    let mut out = Object::new();
    for member in members(node) {
        let name = decode(member.key);
        let value = &member.value;
        match name.as_ref() {
            "description" if is_text(value) => out.raw(&name, &language_value(text, value, language.as_deref())),
            "license" if is_text(value) => {
                let mut license = Object::new();
                license.raw("name", piece(text, value));
                out.raw(&name, &license.finish());
            }
            "links" => {
                let mut links = Object::new();
                for (index, link) in items(value).into_iter().enumerate() {
                    links.raw(&format!("link{}", index + 1), piece(text, link));
                }
                if !items(value).is_empty() {
                    let message = "becomes a map: the names link1, link2, … are made up";
                    losses.push(Loss::new("/metadata/links", LossKind::Changed, message));
                }
                out.raw(&name, &links.finish());
            }
            "additionalInformation" if !items(value).into_iter().all(is_object) => {
                let message = "is left out: in 5.0.0 it is an object";
                losses.push(Loss::new("/metadata/additionalInformation", LossKind::Dropped, message));
            }
            _ => out.copy(text, member),
        }
    }
    if node.get("providedBy").is_none() {
        let pointer = "/credentialSubject/metadata/providedBy";
        match node.get("author").filter(|author| is_text(author)) {
            Some(author) => {
                out.raw("providedBy", piece(text, author));
                losses.push(Loss::new(pointer, LossKind::Filled, "is the author: write there who provides the asset"));
            }
            None => {
                out.put("providedBy", "");
                losses.push(Loss::new(pointer, LossKind::Filled, "is empty: write there who provides the asset"));
            }
        }
    }
    out.finish()
}

fn service(text: &str, node: &Node<'_>) -> String {
    if !is_object(node) {
        return piece(text, node).to_owned();
    }
    let mut out = Object::new();
    for member in members(node) {
        match decode(member.key).as_ref() {
            "description" if is_text(&member.value) => {
                out.raw("description", &language_value(text, &member.value, None));
            }
            _ => out.copy(text, member),
        }
    }
    out.finish()
}

fn language_value(text: &str, value: &Node<'_>, language: Option<&str>) -> String {
    let mut out = Object::new();
    out.raw("@value", piece(text, value));
    if let Some(language) = language {
        out.put("@language", language);
    }
    out.put("@direction", "ltr");
    out.finish()
}

/// The form of BCP 47 that every reader can write.
fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let fits = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    parts.next().is_some_and(|part| fits(part) && part.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && parts.all(fits)
}
