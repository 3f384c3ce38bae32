//! JSON-LD keywords inside a document, which count wherever they stand: unconstrained fields are expanded too.

use crate::{
    json::{Kind, Node, decode, key_is},
    validate::table::{Column, Shape},
};

/// What the keywords of a document do to its validation by ddo.js.
#[derive(Debug, Default)]
pub(super) struct Keywords<'n> {
    /// The first value that jsonld.js refuses: the result is `output`.
    pub(super) refused: Option<Refused>,
    /// Where a language tag stands that cannot be written as N-Quads: the result is `general`.
    pub(super) unwritable: Option<String>,
    /// Objects that say in `@type` what they are, and are checked for it too, wherever they stand.
    pub(super) typed: Vec<(&'static Shape, &'n Node<'n>)>,
}

/// What jsonld.js refuses.
#[derive(Debug)]
pub(super) struct Refused {
    /// JSON pointer to the object.
    pub(super) pointer: String,
    /// What it has.
    pub(super) reason: &'static str,
}

/// The way to a value, without memory of its own.
#[derive(Clone, Copy)]
struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Name(&'p str),
    Index(usize),
}

impl Path<'_> {
    /// A pointer whose names are cut at 64 characters.
    fn pointer(&self) -> String {
        let step = match self.step {
            Step::Name(raw) => decode(raw).chars().take(64).collect::<String>().replace('~', "~0").replace('/', "~1"),
            Step::Index(index) => index.to_string(),
        };
        format!("{}/{step}", self.parent.map(Self::pointer).unwrap_or_default())
    }
}

/// Looks at every object but the root itself, whose `@context` and `@type` ddo.js overwrites, and its `indexedMetadata`, which it drops.
pub(super) fn scan<'n>(root: &'n Node<'n>, column: Column) -> Keywords<'n> {
    let mut keywords = Keywords::default();
    if let Kind::Object(members) = &root.kind {
        for member in members {
            if !["@context", "@type", "indexedMetadata"].iter().any(|name| key_is(member.key, name)) {
                keywords.visit(&member.value, column, Path { parent: None, step: Step::Name(member.key) });
            }
        }
    }
    keywords
}

impl<'n> Keywords<'n> {
    fn visit(&mut self, node: &'n Node<'n>, column: Column, path: Path<'_>) {
        let below = |step| Path { parent: Some(&path), step };
        match &node.kind {
            Kind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if matches!(item.kind, Kind::Array(_) | Kind::Object(_)) {
                        self.visit(item, column, below(Step::Index(index)));
                    }
                }
            }
            Kind::Object(members) => {
                // Most objects have no keyword at all: one look at each key, no search.
                if members.iter().any(|member| member.key.starts_with(['@', '\\'])) {
                    self.object(node, column, &path);
                }
                for member in members {
                    if matches!(member.value.kind, Kind::Array(_) | Kind::Object(_)) {
                        self.visit(&member.value, column, below(Step::Name(member.key)));
                    }
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, node: &'n Node<'n>, column: Column, path: &Path<'_>) {
        let text = |name| node.get(name).map(|value| matches!(value.kind, Kind::String(_)));
        if text("@id") == Some(false) {
            self.refuse(path, "an @id that is no text");
        }
        if text("@index") == Some(false) {
            self.refuse(path, "an @index that is no text");
        }
        if text("@context") == Some(true) {
            self.refuse(path, "a remote @context");
        }
        let kind = node.get("@type");
        if kind.is_some_and(|kind| !is_text_or_texts(kind)) {
            self.refuse(path, "an @type that is no text");
        }
        let language = node.get("@language").filter(|language| !matches!(language.kind, Kind::Null));
        if language.is_some_and(|language| language.text().is_none()) {
            self.refuse(path, "an @language that is no text");
        }
        let direction = node.get("@direction");
        if direction.is_some_and(|direction| !matches!(direction.text().as_deref(), Some("ltr" | "rtl"))) {
            self.refuse(path, "an @direction that is neither ltr nor rtl");
        }
        match node.get("@value") {
            Some(value) => {
                if kind.is_some() && (language.is_some() || direction.is_some()) {
                    self.refuse(path, "an @type beside @language or @direction");
                }
                self.value_object(node, value, path);
                if let Some(language) = language.and_then(Node::text) {
                    if !is_language_tag(&language) {
                        self.unwritable.get_or_insert_with(|| path.pointer());
                    }
                    if !matches!(value.kind, Kind::String(_) | Kind::Null) {
                        self.refuse(path, "an @language beside an @value that is no text");
                    }
                }
            }
            None => {
                let classes = match kind.map(|kind| &kind.kind) {
                    Some(Kind::Array(items)) => items.as_slice(),
                    _ => kind.map(std::slice::from_ref).unwrap_or_default(),
                };
                let mut shapes: Vec<&'static Shape> = Vec::new();
                for shape in classes.iter().filter_map(|class| column.class(&class.text()?)) {
                    if !shapes.iter().any(|known| known.name == shape.name) {
                        shapes.push(shape);
                    }
                }
                self.typed.extend(shapes.into_iter().map(|shape| (shape, node)));
            }
        }
    }

    fn value_object(&mut self, node: &Node<'_>, value: &Node<'_>, path: &Path<'_>) {
        let Kind::Object(members) = &node.kind else { return };
        let refused = match &value.kind {
            Kind::Object(_) => true,
            Kind::Array(items) => items.iter().any(|item| matches!(item.kind, Kind::Object(_) | Kind::Array(_))),
            _ => false,
        };
        if refused {
            self.refuse(path, "an @value that is no scalar");
        }
        for member in members {
            let key = decode(member.key);
            let ignored = key.strip_prefix('@').is_some_and(|name| {
                name != "id" && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic())
            });
            if !ignored && !matches!(member.value.kind, Kind::Null) {
                self.refuse(path, "another member beside @value");
            }
        }
    }

    fn refuse(&mut self, path: &Path<'_>, reason: &'static str) {
        self.refused.get_or_insert_with(|| Refused { pointer: path.pointer(), reason });
    }
}

fn is_text_or_texts(node: &Node<'_>) -> bool {
    match &node.kind {
        Kind::String(_) => true,
        Kind::Array(items) => items.iter().all(|item| matches!(item.kind, Kind::String(_))),
        _ => false,
    }
}

/// What N-Quads can write behind an `@`.
pub(super) fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    parts.next().is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && parts.all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
