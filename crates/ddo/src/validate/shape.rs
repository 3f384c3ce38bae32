//! Checks an object against a shape of the table.

use std::borrow::Cow;

use crate::{
    Version,
    json::{Kind, Node, decode},
    limits::MAX_VIOLATIONS,
    validate::{
        Source, Violation,
        names::MOST,
        table::{Column, Field, Form, NONE, Pattern, Row, Shape},
        term::{self, Datatype, Reading, Term, Terms},
    },
};

/// One check of a document.
pub(super) struct Checker {
    pub(super) column: Column,
    pub(super) reading: Reading,
    /// Whether values must be written as their type, and not in another form that means the same in JSON-LD.
    pub(super) typed: bool,
    pub(super) violations: Vec<Violation>,
    /// The peer's texts for the members of the root, in the order it reports them.
    pub(super) texts: Vec<(&'static str, Text)>,
    path: Vec<Step>,
}

/// What a peer reports for one member of the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Missing { min: usize },
    TooMany { max: usize },
    Short { shortest: usize },
    Long { longest: usize },
    Pattern(Pattern),
    Datatype(&'static str),
    Shape(&'static str),
    NodeKind,
}

#[derive(Clone, Copy)]
enum Step {
    Member(&'static Field),
    Index(usize),
}

impl Checker {
    pub(super) fn new(column: Column, reading: Reading, typed: bool) -> Self {
        Self { column, reading, typed, violations: Vec::new(), texts: Vec::new(), path: Vec::with_capacity(16) }
    }

    /// Checks the root.
    pub(super) fn root(&mut self, node: &Node<'_>) -> bool {
        self.object(self.column.root(), Some(node))
    }

    /// Checks an object that says what it is. Its members are reported as if it were the root, as the peer does.
    pub(super) fn typed(&mut self, shape: &'static Shape, node: &Node<'_>) -> bool {
        self.object(shape, Some(node))
    }

    /// An object that is only a name, or a literal in an object's place, has no members.
    fn object(&mut self, shape: &'static Shape, node: Option<&Node<'_>>) -> bool {
        let mut members = [None; MOST];
        if let Some(Kind::Object(named)) = node.map(|node| &node.kind) {
            for member in named {
                // The last of equal names counts, and only an odd one can be written with escapes.
                let position = match member.odd {
                    true => shape.position(&decode(member.key)),
                    false => shape.position(member.key),
                };
                if let Some(place) = position.and_then(|position| members.get_mut(position)) {
                    *place = Some(&member.value);
                }
            }
        }
        let mut conforms = true;
        for (field, member) in shape.fields.iter().zip(members) {
            if !field.aquarius && (self.reading == Reading::Python || self.column == Column::V400) {
                continue;
            }
            let Some(row) = field.row(self.column) else { continue };
            self.path.push(Step::Member(field));
            conforms &= self.field(field, row, member);
            self.path.pop();
        }
        conforms
    }

    fn field(&mut self, field: &'static Field, row: &Row, node: Option<&Node<'_>>) -> bool {
        let terms = node.map_or(Terms::None, |node| term::terms(node, self.reading));
        let mut conforms = true;
        if self.typed {
            conforms &= self.written_as_its_type(field, row, node);
        }
        // No rule asks for two or more, so that equal values cannot be too few.
        if terms.is_empty() && row.min > 0 {
            conforms = self.report(Text::Missing { min: row.min }, 0);
        }
        if terms.exceed(row.max, self.reading) {
            conforms = self.report(Text::TooMany { max: row.max }, terms.len());
        }
        match terms {
            Terms::None => {}
            Terms::One(node) => conforms &= self.single(field.form, row, node),
            Terms::List(items) => {
                for (index, node) in items.iter().enumerate() {
                    self.path.push(Step::Index(index));
                    conforms &= self.single(field.form, row, node);
                    self.path.pop();
                }
            }
            Terms::Many(terms) => {
                for (index, term) in terms {
                    self.path.extend(index.map(Step::Index));
                    conforms &= self.term(field.form, row, &term);
                    if index.is_some() {
                        self.path.pop();
                    }
                }
            }
        }
        conforms
    }

    /// A value that is one term. What is written as the rule has it is not turned into one first.
    fn single(&mut self, form: Form, row: &Row, node: &Node<'_>) -> bool {
        match (&node.kind, form) {
            (Kind::String(text), Form::Text(pattern)) if !node.odd => self.text(pattern, row, text, true),
            (Kind::Bool(_), Form::Boolean) => true,
            (Kind::Object(_), Form::Shape(shape)) => self.shape(shape, Some(node)),
            _ => self.term(form, row, &term::single(node, self.reading)),
        }
    }

    fn term(&mut self, form: Form, row: &Row, term: &Term<'_>) -> bool {
        let mut conforms = true;
        match form {
            Form::Unchecked => {}
            Form::Text(pattern) => match term {
                Term::Literal { text, datatype } => {
                    if *datatype != Datatype::String {
                        conforms = self.report(Text::Datatype("string"), 0);
                    }
                    conforms &= self.text(pattern, row, text, false);
                }
                Term::Object(_) => conforms = self.report(Text::Datatype("string"), 0),
            },
            Form::Integer => {
                if !matches!(term, Term::Literal { text, datatype } if term::is_integer(text, datatype)) {
                    conforms = self.report(Text::Datatype("integer"), 0);
                }
            }
            Form::Boolean => {
                if !matches!(term, Term::Literal { text, datatype } if term::is_boolean(text, datatype)) {
                    conforms = self.report(Text::Datatype("boolean"), 0);
                }
            }
            Form::Literal => {
                if matches!(term, Term::Object(_)) {
                    conforms = self.report(Text::NodeKind, 0);
                }
            }
            Form::Node => {
                if matches!(term, Term::Literal { .. }) {
                    conforms = self.report(Text::NodeKind, 0);
                }
            }
            Form::ShapeOrStar(_) if self.reading == Reading::JavaScript && is_star(term) => {}
            Form::Shape(shape) | Form::ShapeOrStar(shape) => {
                let node = match term {
                    Term::Object(node) => *node,
                    Term::Literal { .. } => None,
                };
                conforms = self.shape(shape, node);
            }
        }
        conforms
    }

    fn shape(&mut self, shape: &'static Shape, node: Option<&Node<'_>>) -> bool {
        let conforms = self.object(shape, node);
        if !conforms && self.at_the_root() {
            self.texts.push((self.member(), Text::Shape(shape.name)));
        }
        conforms
    }

    /// A text; a plain one is as long as it is written, and one line.
    fn text(&mut self, pattern: Pattern, row: &Row, text: &str, plain: bool) -> bool {
        let mut conforms = true;
        let length = match row.shortest > 0 || row.longest != NONE {
            true if plain => text.len(),
            true => term::length(text, self.reading),
            false => 0,
        };
        if length < row.shortest {
            conforms = self.report(Text::Short { shortest: row.shortest }, length);
        }
        if length > row.longest {
            conforms = self.report(Text::Long { longest: row.longest }, length);
        }
        let matches = match pattern {
            Pattern::Did(prefix, _) if plain => text.starts_with(prefix),
            _ => plain || term::matches(text, pattern, self.reading),
        };
        if !matches {
            conforms = self.report(Text::Pattern(pattern), 0);
        }
        conforms
    }

    /// Strict: one value is no list, a list is one, and nothing hides in a JSON-LD value object.
    fn written_as_its_type(&mut self, field: &Field, row: &Row, node: Option<&Node<'_>>) -> bool {
        let Some(node) = node else { return true };
        let fits = |node: &Node<'_>| match (&node.kind, field.form) {
            (Kind::Null, _) | (_, Form::Unchecked | Form::Literal) => true,
            (Kind::String(_), Form::Text(_) | Form::ShapeOrStar(_))
            | (Kind::Number(_), Form::Integer)
            | (Kind::Bool(_), Form::Boolean)
            | (Kind::Object(_), Form::Shape(_) | Form::ShapeOrStar(_) | Form::Node) => true,
            // Value objects of JSON-LD among them: clients that are no JSON-LD processors cannot read them.
            _ => false,
        };
        let single = field.is_single(row);
        let ok = match &node.kind {
            Kind::Array(items) if !single => items.iter().all(fits),
            Kind::Array(_) => matches!(field.form, Form::Unchecked | Form::Literal),
            Kind::Null => true,
            _ if single => fits(node),
            _ => matches!(field.form, Form::Unchecked),
        };
        if !ok {
            let pointer = self.pointer();
            let message = format!("must be written as {}", expected(field.form, single));
            self.violate(pointer, "type", message, &[Source::Specification, Source::Ours], &[self.column.version()]);
        }
        ok
    }

    /// Notes a broken rule and answers that it is one.
    fn report(&mut self, text: Text, found: usize) -> bool {
        let (rule, message): (_, Cow<'static, str>) = match text {
            Text::Missing { min } if found == 0 && min == 1 => ("minCount", "is missing".into()),
            Text::Missing { min } => ("minCount", format!("must have at least {min} values, has {found}").into()),
            Text::TooMany { max } => ("maxCount", format!("must have at most {max} values, has {found}").into()),
            Text::Short { shortest } => {
                ("minLength", format!("must have at least {shortest} {}, has {found}", self.unit()).into())
            }
            Text::Long { longest } => {
                ("maxLength", format!("must have at most {longest} {}, has {found}", self.unit()).into())
            }
            Text::Pattern(Pattern::Did(prefix, _)) => {
                ("pattern", format!("must begin with {prefix} and have one line").into())
            }
            Text::Pattern(Pattern::Lines) => ("pattern", "must not have carriage returns, U+2028 or U+2029".into()),
            Text::Pattern(_) => ("pattern", "must have one line".into()),
            Text::Datatype(name) => ("datatype", format!("must be {}", article(name)).into()),
            Text::Shape(name) => ("shape", format!("must be an object of the form {name}").into()),
            Text::NodeKind => ("nodeKind", "must be an object where a value stands, or the reverse".into()),
        };
        if self.at_the_root() {
            self.texts.push((self.member(), text));
        }
        if self.violations.len() < MAX_VIOLATIONS {
            let pointer = self.pointer();
            let limit = match text {
                Text::Missing { min } => Some(min),
                Text::TooMany { max } => Some(max),
                Text::Short { shortest } => Some(shortest),
                Text::Long { longest } => Some(longest),
                _ => None,
            };
            let (sources, versions) = self.origin(text);
            self.violate(pointer, rule, message.into_owned(), &sources, &versions);
            if let Some(last) = self.violations.last_mut() {
                last.limit = limit;
                last.found = limit.map(|_| found);
            }
        }
        false
    }

    /// Notes a broken rule that is not in the table.
    pub(super) fn violate(
        &mut self,
        pointer: String,
        rule: &'static str,
        message: String,
        sources: &[Source],
        versions: &[Version],
    ) {
        if self.violations.len() < MAX_VIOLATIONS {
            let key = pointer.split('/').nth(1).unwrap_or_default().to_owned();
            self.violations.push(Violation::new(&pointer, rule, message, &key).by(sources, versions));
        }
    }

    /// The schemas that have the same rule for the current member, and the versions they have it for.
    fn origin(&self, text: Text) -> (Vec<Source>, Vec<Version>) {
        let field =
            self.path.iter().rev().find_map(|step| if let Step::Member(field) = step { Some(*field) } else { None });
        let Some(field) = field else { return (Vec::new(), Vec::new()) };
        // The shapes of version 5 are others, even where their names are the same.
        let (five, here) = (Column::V500, self.column);
        let columns = Column::ALL.into_iter().filter(|column| (*column == five) == (here == five));
        let columns: Vec<Column> = columns
            .filter(|column| field.row(*column).is_some_and(|row| has(row, text)))
            .filter(|column| column.in_ddojs() || field.aquarius)
            .collect();
        let mut sources = Vec::new();
        if columns.iter().any(|column| column.in_ddojs()) {
            sources.push(Source::DdoJs);
        }
        if field.aquarius && columns.iter().any(|column| column.in_aquarius()) {
            sources.push(Source::Aquarius);
        }
        (sources, columns.into_iter().map(Column::version).collect())
    }

    fn unit(&self) -> &'static str {
        match self.reading {
            Reading::JavaScript => "UTF-16 units",
            Reading::Python => "characters",
        }
    }

    fn at_the_root(&self) -> bool {
        self.path.iter().filter(|step| matches!(step, Step::Member(_))).count() == 1
    }

    fn member(&self) -> &'static str {
        self.path
            .iter()
            .find_map(|step| if let Step::Member(field) = step { Some(field.name) } else { None })
            .unwrap_or_default()
    }

    /// The names of the table need no escaping in a pointer.
    fn pointer(&self) -> String {
        self.path
            .iter()
            .map(|step| match step {
                Step::Member(field) => format!("/{}", field.name),
                Step::Index(index) => format!("/{index}"),
            })
            .collect()
    }
}

/// Whether a row has the limit that a text reports. Forms and patterns are the same in every version.
const fn has(row: &Row, text: Text) -> bool {
    match text {
        Text::Missing { min } => row.min == min,
        Text::TooMany { max } => row.max == max,
        Text::Short { shortest } => row.shortest == shortest,
        Text::Long { longest } => row.longest == longest,
        Text::Pattern(_) | Text::Datatype(_) | Text::Shape(_) | Text::NodeKind => true,
    }
}

fn is_star(term: &Term<'_>) -> bool {
    matches!(term, Term::Literal { text, datatype: Datatype::String } if text == "*")
}

fn expected(form: Form, single: bool) -> &'static str {
    match (form, single) {
        (Form::Text(_), true) => "a string",
        (Form::Integer, true) => "a whole number",
        (Form::Boolean, true) => "true or false",
        (_, true) => "an object",
        (Form::Text(_), false) => "an array of strings",
        (_, false) => "an array of objects",
    }
}

fn article(datatype: &str) -> &'static str {
    match datatype {
        "integer" => "a whole number",
        "boolean" => "true or false",
        _ => "a text",
    }
}
