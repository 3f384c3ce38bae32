//! JSON-LD keywords inside a document, which count wherever they stand: unconstrained fields are expanded too.

use crate::{
    json::{Kind, Node, decode, key_is},
    validate::{
        table::{Column, Shape},
        term::{self, Reading},
    },
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
    /// Whether somewhere a member is named by its whole IRI, or a context inside the document takes names away.
    pub(super) renamed: bool,
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
#[derive(Clone, Copy, Default)]
struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Option<Step<'p>>,
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
            Some(Step::Name(raw)) => {
                decode(raw).chars().take(64).collect::<String>().replace('~', "~0").replace('/', "~1")
            }
            Some(Step::Index(index)) => index.to_string(),
            None => return String::new(),
        };
        format!("{}/{step}", self.parent.map(Self::pointer).unwrap_or_default())
    }
}

/// Looks at every object but the root itself, whose `@context` and `@type` ddo.js overwrites, and its `indexedMetadata`, which it drops.
pub(super) fn scan<'n>(root: &'n Node<'n>, column: Column) -> Keywords<'n> {
    let mut keywords = Keywords::default();
    if let Kind::Object(members) = &root.kind {
        if members.iter().any(|member| member.odd) {
            keywords.members(root, column, &Path::default());
        }
        for member in members {
            if member.value.odd && !["@context", "@type", "indexedMetadata"].iter().any(|name| key_is(member.key, name))
            {
                keywords.visit(&member.value, column, Path { parent: None, step: Some(Step::Name(member.key)) });
            }
        }
    }
    keywords
}

impl<'n> Keywords<'n> {
    fn visit(&mut self, node: &'n Node<'n>, column: Column, path: Path<'_>) {
        let below = |step| Path { parent: Some(&path), step: Some(step) };
        match &node.kind {
            Kind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if item.odd {
                        self.visit(item, column, below(Step::Index(index)));
                    }
                }
            }
            Kind::Object(members) => {
                // Most objects have no keyword at all: one look at each key, no search.
                if members.iter().any(|member| member.odd) {
                    self.object(node, column, &path);
                }
                for member in members {
                    if member.value.odd {
                        self.visit(&member.value, column, below(Step::Name(member.key)));
                    }
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, node: &'n Node<'n>, column: Column, path: &Path<'_>) {
        let kind = node.get("@type");
        if kind.is_some_and(|kind| !is_text_or_texts(kind)) {
            self.refuse(path, "an @type that is no text");
        }
        if node.get("@context").is_some_and(|context| !is_context(context)) {
            self.refuse(path, "an @context that is remote or malformed");
        }
        self.members(node, column, path);
        let language = node.get("@language").filter(|language| !matches!(language.kind, Kind::Null));
        // An empty list adds no value, so that the object has none.
        match node.get("@value").filter(|value| !matches!(&value.kind, Kind::Array(items) if items.is_empty())) {
            Some(value) => {
                if kind.is_some() && (language.is_some() || node.get("@direction").is_some()) {
                    self.refuse(path, "an @type beside @language or @direction");
                }
                self.value_object(node, value, path);
                if matches!(value.kind, Kind::Null) {
                    return;
                }
                if let Some(language) = language.and_then(Node::text) {
                    if !is_language_tag(&language) {
                        self.unwritable.get_or_insert_with(|| path.pointer());
                    }
                    if !matches!(value.kind, Kind::String(_)) {
                        self.refuse(path, "an @language beside an @value that is no text");
                    }
                }
            }
            None => {
                let mut shapes: Vec<&'static Shape> = Vec::new();
                for shape in listed(kind).iter().filter_map(|class| column.class(&class.text()?)) {
                    if !shapes.iter().any(|known| known.name == shape.name) {
                        shapes.push(shape);
                    }
                }
                self.typed.extend(shapes.into_iter().map(|shape| (shape, node)));
            }
        }
    }

    /// What holds for the members of every object, the document itself among them.
    fn members(&mut self, node: &Node<'_>, column: Column, path: &Path<'_>) {
        let Kind::Object(members) = &node.kind else { return };
        let container = node.get("@set").or_else(|| node.get("@list")).is_some();
        if container && counted(node) > 1 + usize::from(node.get("@index").is_some()) {
            self.refuse(path, "another member beside @set or @list");
        }
        for member in members.iter().filter(|member| member.odd) {
            let key = decode(member.key);
            let value = &member.value;
            let is_text = matches!(value.kind, Kind::String(_));
            let is_object = matches!(value.kind, Kind::Object(_));
            match key.as_ref() {
                "@id" if !is_text => self.refuse(path, "an @id that is no text"),
                "@index" if !is_text => self.refuse(path, "an @index that is no text"),
                "@language" if !is_text && !matches!(value.kind, Kind::Null) => {
                    self.refuse(path, "an @language that is no text");
                }
                "@direction" if !matches!(value.text().as_deref(), Some("ltr" | "rtl")) => {
                    self.refuse(path, "an @direction that is neither ltr nor rtl");
                }
                "@reverse" if !is_object => self.refuse(path, "an @reverse that is no object"),
                "@graph" if !is_object && !matches!(value.kind, Kind::Array(_)) => {
                    self.refuse(path, "an @graph that is neither an object nor a list");
                }
                "@nest" if !listed(Some(value)).iter().all(|item| is_node(item, &["@value"])) => {
                    self.refuse(path, "an @nest that is no object");
                }
                "@included" if !listed(Some(value)).iter().all(|item| is_node(item, &["@value", "@set", "@list"])) => {
                    self.refuse(path, "an @included that is no object");
                }
                "@context" => self.renamed |= path.step.is_some(),
                name if name.starts_with('@') => {}
                // A name with white space is dropped; one that N-Quads cannot write spoils the document if it has a value.
                name if name.contains(char::is_whitespace) => {}
                name if name.contains(|char: char| char < ' ' || FORBIDDEN.contains(&char)) => {
                    if !term::terms(value, Reading::JavaScript).is_empty() {
                        self.unwritable.get_or_insert_with(|| path.pointer());
                    }
                }
                name => self.renamed |= name.starts_with(column.vocabulary()),
            }
        }
    }

    fn value_object(&mut self, node: &Node<'_>, value: &Node<'_>, path: &Path<'_>) {
        let Kind::Object(members) = &node.kind else { return };
        let classes = listed(node.get("@type"));
        let json = classes.first().and_then(Node::text).as_deref() == Some("@json");
        if !json && matches!(value.kind, Kind::Object(_) | Kind::Array(_)) {
            self.refuse(path, "an @value that is no scalar");
        }
        let absolute = |class: &Node<'_>| {
            class.text().is_some_and(|class| {
                !class.starts_with('@') && !class.starts_with("_:") && !class.contains(char::is_whitespace)
            })
        };
        if !json && !matches!(value.kind, Kind::Null) && !classes.iter().all(absolute) {
            self.refuse(path, "an @type of an @value that is no IRI");
        }
        for member in members {
            let key = decode(member.key);
            let ignored = match key.strip_prefix('@') {
                Some("id" | "set" | "list" | "graph" | "included" | "reverse") => false,
                Some(name) => !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic()),
                None => key.contains(char::is_whitespace),
            };
            if !ignored && !matches!(member.value.kind, Kind::Null) {
                self.refuse(path, "another member beside @value");
            }
        }
    }

    fn refuse(&mut self, path: &Path<'_>, reason: &'static str) {
        self.refused.get_or_insert_with(|| Refused { pointer: path.pointer(), reason });
    }
}

/// What N3 does not read inside an IRI.
const FORBIDDEN: [char; 9] = ['<', '>', '"', '{', '}', '|', '^', '`', '\\'];

/// The values of a list; one value is a list of one.
fn listed<'n>(node: Option<&'n Node<'n>>) -> &'n [Node<'n>] {
    match node.map(|node| (node, &node.kind)) {
        Some((_, Kind::Array(items))) => items,
        Some((node, _)) => std::slice::from_ref(node),
        None => &[],
    }
}

/// Whether a value is an object without certain members.
fn is_node(node: &Node<'_>, without: &[&str]) -> bool {
    matches!(node.kind, Kind::Object(_)) && without.iter().all(|name| node.get(name).is_none())
}

/// How many members an object has after expansion.
fn counted(node: &Node<'_>) -> usize {
    let Kind::Object(members) = &node.kind else { return 0 };
    let counts = |key: &str, value: &Node<'_>| match key.strip_prefix('@') {
        Some("context" | "nest") => false,
        Some("id" | "type" | "value" | "index" | "graph" | "included" | "set" | "list" | "direction" | "reverse") => {
            true
        }
        Some("language") => !matches!(value.kind, Kind::Null),
        Some(name) if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic()) => false,
        _ => !key.contains(char::is_whitespace) && !matches!(value.kind, Kind::Null),
    };
    members.iter().filter(|member| counts(&decode(member.key), &member.value)).count()
}

/// Whether a context inside a document can be processed without looking anything up.
fn is_context(context: &Node<'_>) -> bool {
    let nothing_or = |node: &Node<'_>, fits: bool| fits || matches!(node.kind, Kind::Null);
    match &context.kind {
        Kind::Null => true,
        Kind::Array(items) => items.iter().all(is_context),
        Kind::Object(terms) => terms.iter().all(|term| {
            let (key, value) = (decode(term.key), &term.value);
            let is_text = matches!(value.kind, Kind::String(_));
            match key.as_ref() {
                "@vocab" | "@base" | "@language" => nothing_or(value, is_text),
                "@direction" => nothing_or(value, matches!(value.text().as_deref(), Some("ltr" | "rtl"))),
                "@propagate" | "@protected" => matches!(value.kind, Kind::Bool(_)),
                "@version" => matches!(value.kind, Kind::Number("1.1")),
                "" | "@import" | "@id" | "@value" | "@graph" | "@set" | "@list" | "@index" | "@reverse" => false,
                _ => nothing_or(value, is_text || matches!(value.kind, Kind::Object(_))),
            }
        }),
        _ => false,
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
