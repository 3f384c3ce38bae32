//! Names as JSON-LD resolves them, for documents in which they are not what they seem: contexts inside a document, names that are
//! whole IRIs, and members that are nested in others.

use std::{borrow::Cow, collections::HashMap, rc::Rc};

use crate::{
    json::{Kind, Member, Node, decode},
    serialise::kept,
    validate::{
        keywords::{KEYWORDS, is_context, is_forbidden, is_reserved, listed},
        table::Column,
        term::is_absolute,
    },
};

/// Stands for every name that no schema knows.
const FOREIGN: &str = "http://foreign";

/// Stands for every name that N-Quads cannot write.
const UNWRITABLE: &str = "http://<";

/// The document with each name of the schemas written as the schemas do, values that a context gives a type or a language written with
/// them, and no context left but what cannot be processed. Time and memory are linear.
pub(super) fn resolve<'a>(root: &Node<'a>, column: Column) -> Node<'a> {
    let Kind::Object(members) = &root.kind else { return root.clone() };
    // ddo.js replaces these two, and drops the third.
    let own = |member: &&Member<'_>| !["@context", "@type", "indexedMetadata"].contains(&decode(member.key).as_ref());
    let mut gathered = Gathered::default();
    let mut resolver = Resolver { column, terms: HashMap::new(), defined: 0 };
    let context = Context { vocabulary: Some(column.vocabulary().into()), ..Context::default() };
    resolver.members(kept(members).into_iter().filter(own), &context, None, &mut gathered);
    root.with(Kind::Object(gathered.members))
}

/// What names mean at some place of the document, beside the terms that are defined there.
#[derive(Clone, Default)]
struct Context<'a> {
    /// Terms that were defined before this one are forgotten.
    oldest: usize,
    /// What names without a scheme are under.
    vocabulary: Option<Rc<str>>,
    /// The language of texts, as it is written.
    language: Option<&'a str>,
    has_base: bool,
}

/// What a context says about a name.
struct Term<'a> {
    /// What it stands for; nothing for a name that is hidden.
    id: Option<String>,
    is_prefix: bool,
    /// The type of its values, as it is written and as it is meant.
    kind: Option<(&'a str, String)>,
    language: Option<Option<&'a str>>,
    containers: Vec<Cow<'a, str>>,
}

/// The members of an object under the names they have in the schemas.
#[derive(Default)]
struct Gathered<'a> {
    members: Vec<Member<'a>>,
    places: HashMap<&'a str, usize>,
}

impl<'a> Gathered<'a> {
    /// Values of one name that is written in two ways are values of one member.
    fn add(&mut self, of: &Member<'a>, key: &'a str, value: Node<'a>) {
        match self.places.get(key).and_then(|&place| self.members.get_mut(place)) {
            Some(member) => {
                let many = |value: Node<'a>| match value.kind {
                    Kind::Array(items) => items,
                    _ => vec![value],
                };
                let first = std::mem::replace(&mut member.value, value.with(Kind::Null));
                let mut items = many(first);
                items.append(&mut many(value));
                member.value.kind = Kind::Array(items);
            }
            None => {
                self.places.insert(key, self.members.len());
                self.members.push(of.with(key, value));
            }
        }
    }
}

/// What one context defines, by name.
type Local<'n, 'a> = HashMap<Cow<'a, str>, &'n Node<'a>>;

struct Resolver<'a> {
    column: Column,
    /// The definitions of each name in the contexts around the place that is read, the innermost last, with their numbers.
    terms: HashMap<Cow<'a, str>, Vec<(usize, Rc<Term<'a>>)>>,
    /// The number of the last definition.
    defined: usize,
}

impl<'a> Resolver<'a> {
    fn term(&self, name: &str, context: &Context<'a>) -> Option<&Rc<Term<'a>>> {
        let (number, term) = self.terms.get(name)?.last()?;
        (*number >= context.oldest).then_some(term)
    }

    /// The keyword or IRI of a name; a text that is neither if there is none, nothing if it is hidden.
    fn expand(&self, name: &str, context: &Context<'a>) -> Option<String> {
        if KEYWORDS.contains(&name) {
            return Some(name.to_owned());
        }
        if is_reserved(name) {
            return None;
        }
        if let Some(term) = self.term(name, context) {
            return term.id.clone();
        }
        if let Some((prefix, suffix)) = name.split_once(':').filter(|(prefix, _)| !prefix.is_empty()) {
            let term = self.term(prefix, context);
            let term = term.filter(|term| term.is_prefix && prefix != "_" && !suffix.starts_with("//"));
            match term.and_then(|term| term.id.as_deref()) {
                Some(id) => return Some([id, suffix].concat()),
                None if is_absolute(name) => return Some(name.to_owned()),
                None => {}
            }
        }
        Some([context.vocabulary.as_deref().unwrap_or_default(), name].concat())
    }

    /// What an object's own context makes of the one around it, and the names it defines, to be forgotten behind the object.
    fn enter(&mut self, local: &Node<'a>, context: &Context<'a>) -> (Context<'a>, Vec<Cow<'a, str>>) {
        let mut inner = context.clone();
        let mut names = Vec::new();
        self.add(local, &mut inner, &mut names);
        (inner, names)
    }

    fn leave(&mut self, names: Vec<Cow<'a, str>>) {
        for name in names {
            if let Some(terms) = self.terms.get_mut(&name) {
                terms.pop();
            }
        }
    }

    fn add(&mut self, local: &Node<'a>, context: &mut Context<'a>, names: &mut Vec<Cow<'a, str>>) {
        let members = match &local.kind {
            Kind::Object(members) => kept(members),
            Kind::Array(nested) => return nested.iter().for_each(|local| self.add(local, context, names)),
            // Everything is forgotten, the vocabulary of the document too.
            _ => return *context = Context { oldest: self.defined + 1, ..Context::default() },
        };
        if let Some(base) = local.get("@base") {
            context.has_base = !matches!(base.kind, Kind::Null);
        }
        if let Some(vocabulary) = local.get("@vocab") {
            context.vocabulary = vocabulary.text().map(|vocabulary| match is_absolute(&vocabulary) {
                true => vocabulary.as_ref().into(),
                false => self.expand(&vocabulary, context).unwrap_or_default().into(),
            });
        }
        if let Some(language) = local.get("@language") {
            context.language = raw(language);
        }
        // A name may be defined through one that comes later.
        let local: Local<'_, 'a> = members.iter().map(|member| (decode(member.key), &member.value)).collect();
        for member in &members {
            let name = decode(member.key);
            if !name.starts_with('@') {
                let term = self.define(&name, &member.value, &local, context);
                self.defined += 1;
                self.terms.entry(name.clone()).or_default().push((self.defined, Rc::new(term)));
                names.push(name);
            }
        }
    }

    fn define(&self, name: &str, value: &Node<'a>, local: &Local<'_, 'a>, context: &Context<'a>) -> Term<'a> {
        let simple = matches!(value.kind, Kind::String(_));
        let stated = if simple { Some(value) } else { value.get("@id") };
        let id = match stated.map(|id| (id.text(), &id.kind)) {
            Some((Some(id), _)) if id != name => self.through(&id, local, context),
            Some((None, Kind::Null)) => None,
            None if matches!(value.kind, Kind::Null) => None,
            _ if name.contains(':') => Some(name.to_owned()),
            _ => context.vocabulary.as_ref().map(|vocabulary| [vocabulary, name].concat()),
        };
        let ends = |id: &str| id.ends_with([':', '/', '?', '#', '[', ']', '@']);
        let is_prefix = match value.get("@prefix").map(|prefix| &prefix.kind) {
            Some(Kind::Bool(is)) => *is,
            _ => simple && !name.contains(':') && id.as_deref().is_some_and(ends),
        };
        let kind = value.get("@type").and_then(|kind| Some((raw(kind)?, kind.text()?)));
        Term {
            id,
            is_prefix,
            kind: kind.map(|(raw, kind)| (raw, self.through(&kind, local, context).unwrap_or_default())),
            language: value.get("@language").map(raw),
            containers: listed(value.get("@container")).iter().filter_map(Node::text).collect(),
        }
    }

    /// What a definition refers to, one step further in the same context at most.
    fn through(&self, name: &str, local: &Local<'_, 'a>, context: &Context<'a>) -> Option<String> {
        let prefix = name.split_once(':').map_or(name, |(prefix, _)| prefix);
        let suffix = &name[prefix.len()..];
        let next = local.get(prefix).and_then(|next| next.text().or_else(|| next.get("@id")?.text()));
        match next.filter(|next| next != prefix && !suffix.starts_with("://")) {
            Some(next) => Some(self.expand(&next, context)? + suffix.strip_prefix(':').unwrap_or_default()),
            None => self.expand(name, context),
        }
    }

    fn members<'n>(
        &mut self,
        members: impl IntoIterator<Item = &'n Member<'a>>,
        context: &Context<'a>,
        property: Option<&Term<'a>>,
        gathered: &mut Gathered<'a>,
    ) where
        'a: 'n,
    {
        for member in members {
            let name = decode(member.key);
            if name == "@context" {
                if !is_context(&member.value) {
                    gathered.add(member, "@context", member.value.clone());
                }
                continue;
            }
            let Some(expanded) = self.expand(&name, context) else { continue };
            let term = self.term(&name, context).cloned();
            if let Some(keyword) = KEYWORDS.into_iter().find(|keyword| *keyword == expanded) {
                match keyword {
                    "@nest" => self.nest(member, context, property, gathered),
                    "@type" => {
                        let value = self.classes(&member.value, context);
                        gathered.add(member, keyword, value);
                    }
                    "@id" => gathered.add(member, keyword, self.identifier(&member.value, context)),
                    "@set" | "@list" => gathered.add(member, keyword, self.value(&member.value, context, property)),
                    "@graph" | "@included" | "@reverse" => {
                        gathered.add(member, keyword, self.value(&member.value, context, None));
                    }
                    _ => gathered.add(member, keyword, member.value.clone()),
                }
                continue;
            }
            if is_absolute(&expanded) {
                let key = self.key(member, &name, &expanded);
                let value = match term.as_deref().map(|term| (term, term.containers.as_slice())) {
                    Some((term, [container])) => self.contained(&member.value, container, context, term),
                    _ => self.value(&member.value, context, term.as_deref()),
                };
                gathered.add(member, key, value);
            }
        }
    }

    /// The name that the schemas have for an IRI.
    fn key(&self, member: &Member<'a>, name: &str, iri: &str) -> &'a str {
        if iri.contains(is_forbidden) {
            return UNWRITABLE;
        }
        match iri.strip_prefix(self.column.vocabulary()) {
            Some(local) if local == name => member.key,
            Some(local) => self.column.name(local).unwrap_or(FOREIGN),
            None => FOREIGN,
        }
    }

    /// Members of objects in `@nest` are members of the object around them. What cannot be nested stays, to be refused.
    fn nest(
        &mut self,
        member: &Member<'a>,
        context: &Context<'a>,
        property: Option<&Term<'a>>,
        gathered: &mut Gathered<'a>,
    ) {
        for nested in listed(Some(&member.value)) {
            match &nested.kind {
                Kind::Object(members) if nested.get("@value").is_none() => {
                    self.members(kept(members), context, property, gathered);
                }
                _ => gathered.add(member, "@nest", nested.clone()),
            }
        }
    }

    fn value(&mut self, node: &Node<'a>, context: &Context<'a>, term: Option<&Term<'a>>) -> Node<'a> {
        match &node.kind {
            Kind::Null => node.clone(),
            Kind::Array(items) => {
                node.with(Kind::Array(items.iter().map(|item| self.value(item, context, term)).collect()))
            }
            Kind::Object(members) => {
                let mut gathered = Gathered::default();
                match node.get("@context").filter(|local| is_context(local)) {
                    Some(local) => {
                        let (inner, names) = self.enter(local, context);
                        self.members(kept(members), &inner, term, &mut gathered);
                        self.leave(names);
                    }
                    None => self.members(kept(members), context, term, &mut gathered),
                }
                node.with(Kind::Object(gathered.members))
            }
            Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => self.scalar(node, context, term),
        }
    }

    /// A scalar with the type or language that its context gives it.
    fn scalar(&self, node: &Node<'a>, context: &Context<'a>, term: Option<&Term<'a>>) -> Node<'a> {
        let is_text = matches!(node.kind, Kind::String(_));
        match term.and_then(|term| term.kind.as_ref()).map(|(raw, kind)| (*raw, kind.as_str())) {
            Some((_, "@id")) if is_text => node.object([("@id", self.identifier(node, context))]),
            Some((_, "@vocab")) if is_text => {
                let is_name = node.text().and_then(|text| Some(is_absolute(&self.expand(&text, context)?)));
                let name = if is_name == Some(true) { FOREIGN } else { "" };
                node.object([("@id", node.with(Kind::String(name)))])
            }
            None | Some((_, "@id" | "@vocab" | "@none")) => {
                let language = term.and_then(|term| term.language).unwrap_or(context.language);
                match language.filter(|_| is_text) {
                    Some(language) => {
                        let language = node.with(Kind::String(language));
                        node.object([("@value", node.clone()), ("@language", language)])
                    }
                    None => node.clone(),
                }
            }
            Some((raw, kind)) => {
                let kind = if kind == raw { raw } else { FOREIGN };
                node.object([("@value", node.clone()), ("@type", node.with(Kind::String(kind)))])
            }
        }
    }

    /// Objects whose keys are no names.
    fn contained(&mut self, node: &Node<'a>, container: &str, context: &Context<'a>, term: &Term<'a>) -> Node<'a> {
        let members = match &node.kind {
            Kind::Object(members) => kept(members),
            _ => Vec::new(),
        };
        match (container, &node.kind) {
            ("@list", _) => node.object([("@list", self.value(node, context, Some(term)))]),
            ("@language", Kind::Object(_)) => {
                let texts = members.iter().flat_map(|member| {
                    listed(Some(&member.value)).iter().map(|text| match member.key {
                        "@none" => text.clone(),
                        key => text.object([("@value", text.clone()), ("@language", text.with(Kind::String(key)))]),
                    })
                });
                node.with(Kind::Array(texts.collect()))
            }
            ("@index" | "@id" | "@type", Kind::Object(_)) => node.with(Kind::Array(
                members.iter().map(|member| self.value(&member.value, context, Some(term))).collect(),
            )),
            _ => self.value(node, context, Some(term)),
        }
    }

    /// A name of an object; what a context makes a whole one of is one.
    fn identifier(&self, node: &Node<'a>, context: &Context<'a>) -> Node<'a> {
        let Some(text) = node.text().filter(|text| !is_reserved(text)) else { return node.clone() };
        let prefixed = text.split_once(':').is_some_and(|(prefix, _)| self.term(prefix, context).is_some());
        if !is_absolute(&text) && (context.has_base || prefixed) {
            return node.with(Kind::String(FOREIGN));
        }
        node.clone()
    }

    fn classes(&self, node: &Node<'a>, context: &Context<'a>) -> Node<'a> {
        match &node.kind {
            Kind::Array(items) => {
                node.with(Kind::Array(items.iter().map(|item| self.classes(item, context)).collect()))
            }
            Kind::String(raw) => {
                let text = decode(raw);
                let Some(iri) = self.expand(&text, context) else { return node.clone() };
                let plain = [self.column.vocabulary(), &text].concat();
                let is_name = text.starts_with('@') || is_absolute(&text);
                if (iri == text.as_ref() && is_name) || iri == plain {
                    return node.clone();
                }
                let local = iri.strip_prefix(self.column.vocabulary());
                let class = local.and_then(|local| Column::CLASSES.into_iter().find(|class| *class == local));
                // Where there is no vocabulary, a name without a scheme says nothing.
                let other = if is_absolute(&iri) { FOREIGN } else { "" };
                node.with(Kind::String(class.unwrap_or(other)))
            }
            _ => node.clone(),
        }
    }
}

fn raw<'a>(node: &Node<'a>) -> Option<&'a str> {
    match node.kind {
        Kind::String(raw) => Some(raw),
        _ => None,
    }
}
