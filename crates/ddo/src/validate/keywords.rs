//! JSON-LD keywords inside a document, which count wherever they stand: unconstrained fields are expanded too.

use crate::{
    json::{Kind, Member, Node, decode, key_is},
    serialise::kept,
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
    /// Whether somewhere a name is not what it seems: a context inside the document, a whole IRI, or members nested in others.
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
    /// Whether it leads through a keyword below which nothing becomes RDF.
    silent: bool,
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
    let path = Path::default();
    if !root.odd {
        return keywords;
    }
    if let Kind::Object(members) = &root.kind {
        keywords.members(root, column, &path);
        if has(root, "@value") {
            keywords.refuse(&path, "another member beside @value");
        }
        let dropped = root.get("@included").is_some_and(|included| match &included.kind {
            Kind::Object(_) => counted(included) == usize::from(has(included, "@id")),
            _ => false,
        });
        if dropped {
            keywords.refuse(&path, "an @included that is no object");
        }
        for member in counting(members, |member| member.value.odd) {
            if !["@context", "@type", "indexedMetadata"].iter().any(|name| key_is(member.key, name)) {
                keywords.visit(&member.value, column, path.below(root, member));
            }
        }
    }
    keywords
}

/// The objects that say in `@type` what they are, with the root, when names are resolved: its own `@type` is gone then.
pub(super) fn scan_resolved<'n>(root: &'n Node<'n>, column: Column) -> Keywords<'n> {
    let mut keywords = scan(root, column);
    keywords.classes(root, column);
    keywords
}

/// Whether nothing of the root becomes RDF: it is called by a name that is none, or is a list.
pub(super) fn is_lost(root: &Node<'_>) -> bool {
    root.odd && (has_relative_name(root) || has(root, "@list") || root.get("@set").is_some_and(is_container))
}

fn is_container(node: &Node<'_>) -> bool {
    matches!(node.kind, Kind::Array(_) | Kind::Object(_))
}

/// Whether nothing is said of an object, because its name is no IRI.
fn has_relative_name(node: &Node<'_>) -> bool {
    node.get("@id").and_then(Node::text).is_some_and(|id| !term::is_absolute(&id))
}

/// The members of a kind that are looked at: the last of equal names, and none whose name is dropped.
fn counting<'n, 'a>(
    members: &'n [Member<'a>],
    wanted: impl Fn(&Member<'a>) -> bool,
) -> impl Iterator<Item = &'n Member<'a>> {
    /// So few are compared with one another faster than they are remembered.
    const FEW: usize = 16;
    let last = if members.len() > FEW { kept(members) } else { Vec::new() };
    let few = if last.is_empty() { members } else { &[] };
    let is_last = |index: usize, member: &Member<'_>| !members[index + 1..].iter().any(|later| later.is(member));
    let few = few.iter().enumerate().map(move |(index, member)| (member, Some(index)));
    few.chain(last.into_iter().map(|member| (member, None)))
        .filter(move |(member, index)| {
            wanted(member) && !is_dropped(member) && index.is_none_or(|index| is_last(index, member))
        })
        .map(|(member, _)| member)
}

/// Whether a name is neither a keyword nor under a vocabulary.
fn is_dropped(member: &Member<'_>) -> bool {
    // No plain name of the schemas has such a byte.
    if !member.odd && member.key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return false;
    }
    let name = decode(member.key);
    name.contains(char::is_whitespace) || (is_reserved(&name) && !KEYWORDS.contains(&name.as_ref()))
}

impl<'p> Path<'p> {
    fn below(&'p self, node: &Node<'_>, member: &'p Member<'_>) -> Self {
        // A graph goes with its name.
        let silent = member.odd
            && match decode(member.key).as_ref() {
                "@graph" => has_relative_name(node),
                name => SILENT.contains(&name),
            };
        let parent = self.step.is_some().then_some(self);
        Self { parent, step: Some(Step::Name(member.key)), silent: self.silent || silent }
    }
}

impl<'n> Keywords<'n> {
    fn visit(&mut self, node: &'n Node<'n>, column: Column, path: Path<'_>) {
        match &node.kind {
            Kind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if item.odd {
                        let step = Some(Step::Index(index));
                        self.visit(item, column, Path { parent: Some(&path), step, silent: path.silent });
                    }
                }
            }
            Kind::Object(members) => {
                // Most objects have no keyword at all: one look at each key, no search.
                if members.iter().any(|member| member.odd) {
                    self.object(node, column, &path);
                }
                for member in counting(members, |member| member.value.odd) {
                    if !["@context", "@value"].iter().any(|name| key_is(member.key, name)) {
                        self.visit(&member.value, column, path.below(node, member));
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
        if has(node, "@value") {
            self.value_object(node, path);
            return;
        }
        let container = has(node, "@set") || has(node, "@list");
        if container && !has_one_type(node) && counted(node) > 1 + usize::from(has(node, "@index")) {
            self.refuse(path, "another member beside @set or @list");
        }
        if has(node, "@set") && has_one_type(node) && !path.silent {
            self.refuse(path, "an @type beside @set");
        }
        if !path.silent && !has(node, "@list") {
            self.classes(node, column);
        }
    }

    fn classes(&mut self, node: &'n Node<'n>, column: Column) {
        if has_relative_name(node) {
            return;
        }
        let mut shapes: Vec<&'static Shape> = Vec::new();
        for shape in listed(node.get("@type")).iter().filter_map(|class| column.class(&class.text()?)) {
            if !shapes.iter().any(|known| known.name == shape.name) {
                shapes.push(shape);
            }
        }
        self.typed.extend(shapes.into_iter().map(|shape| (shape, node)));
    }

    /// What holds for the members of every object, the document itself among them.
    fn members(&mut self, node: &Node<'_>, column: Column, path: &Path<'_>) {
        let Kind::Object(members) = &node.kind else { return };
        for member in counting(members, |member| member.odd) {
            let key = decode(member.key);
            let value = &member.value;
            let is_text = matches!(value.kind, Kind::String(_));
            let is_object = matches!(value.kind, Kind::Object(_));
            match key.as_ref() {
                "@id" if !is_text => self.refuse(path, "an @id that is no text"),
                "@id" if value.text().is_some_and(|id| is_unwritable(&id)) => self.spoil(path),
                // The root's own is replaced.
                "@type" if path.step.is_some() => {
                    let classes = listed(Some(value)).iter().filter_map(Node::text);
                    // What has no scheme comes under the vocabulary.
                    if { classes }.any(|class| is_unwritable(&["x:", &class].concat())) {
                        self.spoil(path);
                    }
                }
                "@index" if !is_text => self.refuse(path, "an @index that is no text"),
                "@language" if !is_text && !is_null(value) => {
                    self.refuse(path, "an @language that is no text");
                }
                "@direction" if !matches!(value.text().as_deref(), Some("ltr" | "rtl")) => {
                    self.refuse(path, "an @direction that is neither ltr nor rtl");
                }
                "@reverse" if !is_object => self.refuse(path, "an @reverse that is no object"),
                "@reverse" if !is_reversible(value) => self.refuse(path, "an @reverse of what is no object"),
                "@graph" if !is_object && !matches!(value.kind, Kind::Array(_)) => {
                    self.refuse(path, "an @graph that is neither an object nor a list");
                }
                "@nest" if !listed(Some(value)).iter().all(|item| is_node(item, &["@value"])) => {
                    self.refuse(path, "an @nest that is no object");
                }
                "@nest" => self.renamed = true,
                "@included" if !listed(Some(value)).iter().all(|item| is_node(item, &["@value", "@set", "@list"])) => {
                    self.refuse(path, "an @included that is no object");
                }
                "@context" => self.renamed |= path.step.is_some(),
                name if name.starts_with('@') => {}
                // One that N-Quads cannot write spoils the document if it has a value.
                name if name.contains(is_forbidden) => {
                    if !term::terms(value, Reading::JavaScript).is_empty() {
                        self.spoil(path);
                    }
                }
                name => self.renamed |= name.starts_with(column.vocabulary()),
            }
        }
    }

    fn value_object(&mut self, node: &Node<'_>, path: &Path<'_>) {
        let (Kind::Object(members), Some(value)) = (&node.kind, node.get("@value")) else { return };
        let language = node.get("@language").filter(|language| !is_null(language));
        let classes = listed(node.get("@type"));
        if !classes.is_empty() && (language.is_some() || node.get("@direction").is_some()) {
            self.refuse(path, "an @type beside @language or @direction");
        }
        let json = classes.first().and_then(Node::text).as_deref() == Some("@json");
        if !json && matches!(value.kind, Kind::Object(_) | Kind::Array(_)) {
            self.refuse(path, "an @value that is no scalar");
        }
        let absolute = |class: &Node<'_>| {
            class.text().is_some_and(|class| {
                !class.starts_with('@') && !class.starts_with("_:") && !class.contains(char::is_whitespace)
            })
        };
        if !json && !is_null(value) && !classes.iter().all(absolute) {
            self.refuse(path, "an @type of an @value that is no IRI");
        }
        let allowed = ["@value", "@type", "@index", "@language", "@direction"];
        for member in counting(members, |_| true) {
            let key = decode(member.key);
            if !allowed.contains(&key.as_ref()) && counts(&key, &member.value) {
                self.refuse(path, "another member beside @value");
            }
        }
        if is_null(value) {
            return;
        }
        if let Some(language) = language.and_then(Node::text) {
            if !language.is_empty() && !is_language_tag(&language) {
                self.spoil(path);
            }
            if !matches!(value.kind, Kind::String(_)) {
                self.refuse(path, "an @language beside an @value that is no text");
            }
        }
    }

    fn refuse(&mut self, path: &Path<'_>, reason: &'static str) {
        self.refused.get_or_insert_with(|| Refused { pointer: path.pointer(), reason });
    }

    /// Notes what becomes RDF that N-Quads cannot write.
    fn spoil(&mut self, path: &Path<'_>) {
        if !path.silent {
            self.unwritable.get_or_insert_with(|| path.pointer());
        }
    }
}

/// The keywords of JSON-LD 1.1 and of its framing.
pub(super) const KEYWORDS: [&str; 27] = [
    "@base",
    "@container",
    "@context",
    "@default",
    "@direction",
    "@embed",
    "@explicit",
    "@graph",
    "@id",
    "@included",
    "@index",
    "@json",
    "@language",
    "@list",
    "@nest",
    "@none",
    "@omitDefault",
    "@prefix",
    "@preserve",
    "@protected",
    "@requireAll",
    "@reverse",
    "@set",
    "@type",
    "@value",
    "@version",
    "@vocab",
];

/// Keywords that are kept as members of an object, and say nothing.
const SILENT: [&str; 14] = [
    "@base",
    "@container",
    "@default",
    "@embed",
    "@explicit",
    "@json",
    "@none",
    "@omitDefault",
    "@prefix",
    "@preserve",
    "@protected",
    "@requireAll",
    "@version",
    "@vocab",
];

/// Whether a name looks like a keyword, so that it is dropped unless it is one.
pub(super) fn is_reserved(name: &str) -> bool {
    let letters = name.strip_prefix('@').unwrap_or_default();
    !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// What N3 does not read inside an IRI.
pub(super) fn is_forbidden(char: char) -> bool {
    char < ' ' || matches!(char, '<' | '>' | '"' | '{' | '}' | '|' | '^' | '`' | '\\')
}

/// Whether a text is an IRI to jsonld.js, and not to N3.
fn is_unwritable(iri: &str) -> bool {
    iri.contains(is_forbidden) && term::is_absolute(iri)
}

/// The values of a list; one value is a list of one.
pub(super) fn listed<'n, 'a>(node: Option<&'n Node<'a>>) -> &'n [Node<'a>] {
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

/// Whether all values in `@reverse` can have properties.
fn is_reversible(reverse: &Node<'_>) -> bool {
    let Kind::Object(members) = &reverse.kind else { return false };
    fn is_subject(value: &Node<'_>) -> bool {
        match &value.kind {
            _ if is_null(value) => true,
            Kind::Array(items) => items.iter().all(is_subject),
            Kind::Object(_) => !has(value, "@value") && !has(value, "@list"),
            _ => false,
        }
    }
    members.iter().all(|member| match decode(member.key).as_ref() {
        "@context" => true,
        name if KEYWORDS.contains(&name) => false,
        name => is_reserved(name) || name.contains(char::is_whitespace) || is_subject(&member.value),
    })
}

/// Whether an object has a member after expansion.
pub(super) fn has(node: &Node<'_>, name: &str) -> bool {
    node.get(name).is_some_and(|value| counts(name, value))
}

/// Whether an object says in `@type` one thing that it is. What else it has is not looked at then.
pub(super) fn has_one_type(node: &Node<'_>) -> bool {
    listed(node.get("@type")).len() == 1
}

/// How many members an object has after expansion.
pub(super) fn counted(node: &Node<'_>) -> usize {
    let Kind::Object(members) = &node.kind else { return 0 };
    counting(members, |member| counts(&decode(member.key), &member.value)).count()
}

/// Whether a member is there after expansion.
fn counts(key: &str, value: &Node<'_>) -> bool {
    let is_null = is_null(value);
    match key {
        "@context" | "@nest" => false,
        "@id" | "@index" | "@included" | "@direction" => true,
        "@value" => !is_nothing(value),
        "@type" => !matches!(&value.kind, Kind::Array(items) if items.is_empty()),
        "@graph" | "@reverse" => !matches!(&value.kind, Kind::Object(members) if members.is_empty()),
        _ if is_reserved(key) => !is_null && KEYWORDS.contains(&key),
        _ => !is_null && !key.contains(char::is_whitespace),
    }
}

/// Whether a value is nothing to JavaScript.
fn is_null(value: &Node<'_>) -> bool {
    term::is_absent(value, Reading::JavaScript)
}

/// Whether a list has no item, however deep.
fn is_nothing(value: &Node<'_>) -> bool {
    matches!(&value.kind, Kind::Array(items) if items.iter().all(is_nothing))
}

/// Whether a context inside a document can be processed without looking anything up.
pub(super) fn is_context(context: &Node<'_>) -> bool {
    match &context.kind {
        _ if is_null(context) => true,
        Kind::Array(items) => items.iter().all(is_context),
        Kind::Object(terms) => counting(terms, |_| true).all(|term| {
            let (key, value) = (decode(term.key), &term.value);
            let is_text = matches!(value.kind, Kind::String(_));
            let is_null = is_null(value);
            match key.as_ref() {
                "@vocab" | "@base" | "@language" => is_null || is_text,
                "@direction" => is_null || is_direction(value),
                "@propagate" | "@protected" => matches!(value.kind, Kind::Bool(_)),
                "@version" => matches!(value.kind, Kind::Number("1.1")),
                "@type" => is_type_definition(value),
                "" => false,
                name if KEYWORDS.contains(&name) || name == "@import" => false,
                _ => is_null || is_definition(value),
            }
        }),
        _ => false,
    }
}

fn is_direction(value: &Node<'_>) -> bool {
    matches!(value.text().as_deref(), Some("ltr" | "rtl"))
}

/// All that may be said about `@type` itself.
fn is_type_definition(value: &Node<'_>) -> bool {
    let Kind::Object(members) = &value.kind else { return false };
    let is_set = value.get("@container").is_none_or(|container| container.text().as_deref() == Some("@set"));
    let allowed = |member: &Member<'_>| ["@container", "@id", "@protected"].iter().any(|key| key_is(member.key, key));
    is_set && !members.is_empty() && members.iter().all(allowed)
}

/// Whether a context may define a name so.
fn is_definition(value: &Node<'_>) -> bool {
    const CONTAINERS: [&str; 7] = ["@list", "@set", "@index", "@language", "@graph", "@id", "@type"];
    // What is under a vocabulary is an IRI unless there is white space in it; these two have no other name.
    let is_name = |value: &Node<'_>| {
        value.text().is_some_and(|name| {
            !name.contains(char::is_whitespace) && !matches!(name.as_ref(), "@context" | "@preserve")
        })
    };
    let Kind::Object(members) = &value.kind else { return is_name(value) };
    counting(members, |_| true).all(|member| {
        let value = &member.value;
        let is_null = is_null(value);
        match decode(member.key).as_ref() {
            "@id" => is_null || is_name(value),
            "@type" | "@reverse" => is_name(value),
            "@container" => listed(Some(value)).iter().all(|container| {
                is_null || container.text().is_some_and(|container| CONTAINERS.contains(&container.as_ref()))
            }),
            "@language" => is_null || matches!(value.kind, Kind::String(_)),
            "@direction" => is_null || is_direction(value),
            "@prefix" => matches!(value.kind, Kind::Bool(_)),
            "@index" | "@nest" => matches!(value.kind, Kind::String(_)),
            "@protected" => true,
            "@context" => is_context(value),
            _ => false,
        }
    })
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
    // N3 passes over white space behind it.
    let mut parts = tag.trim_end_matches([' ', '\t', '\r', '\n']).split('-');
    parts
        .next()
        .is_some_and(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}
