use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use ocean_primitives::B256;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{
    Ddo, Error, Result, Version,
    json::{self, Kind, Member, Node},
    limits::MAX_DOCUMENT_BYTES,
    serialise,
};

/// The members at the root that an indexer or a market adds; none of them is part of what was published.
pub const INDEXER_FIELDS: [&str; 7] =
    ["nft", "event", "datatokens", "stats", "purgatory", "accessDetails", "indexedMetadata"];

/// A document exactly as it was received: one JSON object in UTF-8, within [`limits`](crate::limits). Cloning is cheap.
///
/// Unknown fields, the order of keys, the text of numbers, escapes, white space and duplicate keys stay as they are until an edit, and an
/// edit changes only what it touches.
#[derive(Clone)]
pub struct RawDdo {
    parsed: Arc<Parsed>,
}

self_cell::self_cell!(
    /// A text and what was read from it, so that no question has to read it again.
    struct Parsed {
        owner: String,

        #[covariant]
        dependent: Node,
    }
);

/// Which definition of the metadata hash a document fulfils.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentHash {
    /// SHA-256 of the document's bytes.
    Bytes,
    /// SHA-256 of the ASCII text `0x…` of the document's bytes: ocean.js and ocean-node, for documents that are not encrypted.
    HexText,
}

impl RawDdo {
    /// Takes a document.
    ///
    /// # Errors
    /// The bytes are no UTF-8, no JSON object, or pass a limit.
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Self> {
        let bytes = bytes.into();
        if bytes.len() > MAX_DOCUMENT_BYTES {
            return Err(Error::TooLarge { what: "the document", size: bytes.len(), limit: MAX_DOCUMENT_BYTES });
        }
        let text = String::from_utf8(bytes).map_err(|error| Error::NotUtf8(error.utf8_error().valid_up_to()))?;
        let parsed = Parsed::try_new(text, |text| json::parse(text))?;
        match parsed.borrow_dependent().kind {
            Kind::Object(_) => Ok(Self { parsed: Arc::new(parsed) }),
            _ => Err(Error::NotAnObject),
        }
    }

    /// The bytes as they were received.
    pub fn as_bytes(&self) -> &[u8] {
        self.as_str().as_bytes()
    }

    /// The same as text.
    pub fn as_str(&self) -> &str {
        self.parsed.borrow_owner()
    }

    /// A copy of the bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.as_bytes().to_vec()
    }

    /// SHA-256 of the bytes: what `metaDataHash` holds on chain.
    pub fn checksum(&self) -> B256 {
        B256::new(Sha256::digest(self.as_bytes()).into())
    }

    /// SHA-256 of the ASCII text `0x7b22…`, the document's bytes in lower-case hexadecimal.
    ///
    /// ocean.js writes this as `metaDataHash` of a document that is not encrypted, and ocean-node expects it there.
    pub fn hex_text_checksum(&self) -> B256 {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hasher = Sha256::new_with_prefix("0x");
        for chunk in self.as_bytes().chunks(512) {
            let mut hex = [0; 1024];
            for (pair, byte) in hex.chunks_exact_mut(2).zip(chunk) {
                pair[0] = DIGITS[usize::from(byte >> 4)];
                pair[1] = DIGITS[usize::from(byte & 15)];
            }
            hasher.update(&hex[..chunk.len() * 2]);
        }
        B256::new(hasher.finalize().into())
    }

    /// Which definition of the metadata hash `hash` fulfils, if any. The second one exists only for documents that were not encrypted.
    pub fn matches(&self, hash: B256, encrypted: bool) -> Option<DocumentHash> {
        if self.checksum() == hash {
            Some(DocumentHash::Bytes)
        } else if !encrypted && self.hex_text_checksum() == hash {
            Some(DocumentHash::HexText)
        } else {
            None
        }
    }

    /// The member `version`, when it is a text.
    pub fn version(&self) -> Option<Version> {
        let version = self.tree().get("version")?.text()?;
        Some(Version::from(version.as_ref()))
    }

    /// The typed view.
    ///
    /// # Errors
    /// [`Error::Form`] when a field that the view needs is absent or has another type.
    pub fn ddo(&self) -> Result<Ddo> {
        Ddo::from_value(self.value())
    }

    /// The document for serde_json. Lone surrogates become U+FFFD, numbers beyond the range of a float null.
    pub fn value(&self) -> Value {
        self.tree().to_value()
    }

    /// The document with the value at a JSON pointer (RFC 6901) replaced or added; all other bytes stay.
    ///
    /// A new member goes to the end of its object; in an array the index of its end, or `-`, appends. The value is written in
    /// `JSON.stringify` form.
    ///
    /// # Errors
    /// [`Error::Pointer`] when the parent does not exist, or the result would not be a document.
    pub fn set(&self, pointer: &str, value: &Value) -> Result<Self> {
        self.set_text(pointer, &serialise::value(value))
    }

    /// The same with a value that is JSON text already, and goes in as it is.
    ///
    /// # Errors
    /// Those of [`set`](Self::set), and the text is no JSON.
    pub fn set_text(&self, pointer: &str, text: &str) -> Result<Self> {
        json::parse(text)?;
        let tree = self.tree();
        let Some((parent, last)) = locate(tree, pointer)? else {
            return Self::parse(text);
        };
        let fail = |reason| Error::Pointer { pointer: pointer.to_owned(), reason };
        match &parent.kind {
            Kind::Object(members) => match members.iter().rev().find(|member| json::key_is(member.key, &last)) {
                Some(member) => self.splice(member.value.start(), member.value.end(), text),
                None => {
                    let mut added = String::new();
                    serialise::write_text(&last, &mut added);
                    added.push(':');
                    added.push_str(text);
                    self.append(parent, members.last().map(|member| member.value.end()), &added)
                }
            },
            Kind::Array(items) => match json::index(&last, items.len()).ok_or_else(|| fail("no such index"))? {
                at if at < items.len() => self.splice(items[at].start(), items[at].end(), text),
                _ => self.append(parent, items.last().map(|item| item.end()), text),
            },
            _ => Err(fail("the parent is neither an object nor an array")),
        }
    }

    /// The document without the value at a JSON pointer; all other bytes stay. Of duplicate keys, all go.
    ///
    /// # Errors
    /// [`Error::Pointer`] when there is nothing at the pointer, or when it is the document itself.
    pub fn remove(&self, pointer: &str) -> Result<Self> {
        let tree = self.tree();
        let fail = |reason| Error::Pointer { pointer: pointer.to_owned(), reason };
        let (parent, last) = locate(tree, pointer)?.ok_or_else(|| fail("a document cannot be removed from itself"))?;
        match &parent.kind {
            Kind::Object(members) if members.iter().any(|member| json::key_is(member.key, &last)) => {
                Self::parse(self.without(members, |member| json::key_is(member.key, &last)))
            }
            Kind::Array(items) => {
                let at = json::index(&last, items.len())
                    .filter(|&at| at < items.len())
                    .ok_or_else(|| fail("no such index"))?;
                let spans: Vec<_> = items.iter().map(|item| (item.start(), item.end())).collect();
                Self::parse(self.cut(&spans, |index| index == at))
            }
            Kind::Object(_) => Err(fail("no such member")),
            _ => Err(fail("the parent is neither an object nor an array")),
        }
    }

    /// The document without [`INDEXER_FIELDS`] at its root; all other bytes stay. This is what was published, and what is hashed.
    #[must_use]
    pub fn stripped(&self) -> Self {
        let tree = self.tree();
        let added = |member: &Member<'_>| INDEXER_FIELDS.iter().any(|name| json::key_is(member.key, name));
        match &tree.kind {
            // What is left of an object is an object.
            Kind::Object(members) if members.iter().any(added) => {
                Self::parse(self.without(members, added)).unwrap_or_else(|_| self.clone())
            }
            _ => self.clone(),
        }
    }

    /// The document with `members`, JSON text without braces, behind its own members.
    pub(crate) fn with_members(&self, members: &str) -> String {
        let tree = self.tree();
        let last = match &tree.kind {
            Kind::Object(own) => own.last().map(|member| member.value.end()),
            _ => None,
        };
        self.appended(tree, last, members)
    }

    /// The parsed text.
    pub(crate) fn tree(&self) -> &Node<'_> {
        self.parsed.borrow_dependent()
    }

    fn append(&self, parent: &Node<'_>, last: Option<usize>, added: &str) -> Result<Self> {
        Self::parse(self.appended(parent, last, added))
    }

    fn appended(&self, parent: &Node<'_>, last: Option<usize>, added: &str) -> String {
        let (at, comma) = last.map_or((parent.start() + 1, ""), |end| (end, ","));
        [&self.as_str()[..at], comma, added, &self.as_str()[at..]].concat()
    }

    fn splice(&self, start: usize, end: usize, text: &str) -> Result<Self> {
        Self::parse([&self.as_str()[..start], text, &self.as_str()[end..]].concat())
    }

    fn without(&self, members: &[Member<'_>], leaves: impl Fn(&Member<'_>) -> bool) -> String {
        let spans: Vec<_> = members.iter().map(|member| (member.start(), member.value.end())).collect();
        self.cut(&spans, |index| leaves(&members[index]))
    }

    /// The text without some of the items of one list, and without a comma for each.
    fn cut(&self, spans: &[(usize, usize)], leaves: impl Fn(usize) -> bool) -> String {
        let mut out = String::with_capacity(self.as_str().len());
        let mut copied = 0;
        let mut kept_one = false;
        for (index, &(start, end)) in spans.iter().enumerate() {
            if !leaves(index) {
                kept_one = true;
                continue;
            }
            // With something kept before, the comma before goes; else the one behind.
            let (from, to) = match (kept_one, index.checked_sub(1), spans.get(index + 1)) {
                (true, Some(previous), _) => (spans[previous].1, end),
                (false, _, Some(next)) => (start, next.0),
                _ => (start, end),
            };
            out.push_str(&self.as_str()[copied.min(from)..from.max(copied.min(from))]);
            copied = to;
        }
        out.push_str(&self.as_str()[copied..]);
        out
    }
}

impl PartialEq for RawDdo {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for RawDdo {}

impl Hash for RawDdo {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for RawDdo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawDdo({} bytes, {})", self.as_str().len(), self.checksum())
    }
}

impl fmt::Display for RawDdo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AsRef<[u8]> for RawDdo {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// The parent of what the pointer names, and the last token; nothing for the pointer to the document.
fn locate<'n, 'a>(tree: &'n Node<'a>, pointer: &str) -> Result<Option<(&'n Node<'a>, String)>> {
    let fail = |reason| Error::Pointer { pointer: pointer.to_owned(), reason };
    if pointer.is_empty() {
        return Ok(None);
    }
    let tokens = pointer.strip_prefix('/').ok_or_else(|| fail("a pointer begins with a slash"))?;
    let mut node = tree;
    let mut tokens = tokens.split('/').peekable();
    while let Some(token) = tokens.next() {
        let token = json::unescape(token).into_owned();
        if tokens.peek().is_none() {
            return Ok(Some((node, token)));
        }
        node = match &node.kind {
            Kind::Object(_) => node.get(&token).ok_or_else(|| fail("no such member on the way"))?,
            Kind::Array(items) => json::index(&token, items.len())
                .and_then(|at| items.get(at))
                .ok_or_else(|| fail("no such index on the way"))?,
            _ => return Err(fail("a scalar on the way")),
        };
    }
    Err(fail("it is empty"))
}
