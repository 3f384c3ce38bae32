use ocean_aquarius_api::ApiError;
use serde_json::Value;

use crate::query::{
    parse::{boost, minimum, operator, options, slop},
    tree::{Bool, Bounds, Minimum, Part, Pattern, Query},
};

/// Longer query texts are refused.
const MAX_LENGTH: usize = 10_000;
/// Deeper parentheses are refused.
const MAX_DEPTH: usize = 20;

type Result<T> = std::result::Result<T, ApiError>;

/// `query_string`: the Lucene syntax with `AND`, `OR`, `NOT`, `+`, `-`, parentheses, `field:`, phrases, wildcards, `^boost`,
/// ranges in brackets or as `field:>=value`, and `\` escapes. Fuzzy terms and regular expressions are refused.
pub(super) fn parse(body: &Value) -> Result<Query> {
    let known = [
        "query",
        "fields",
        "default_field",
        "default_operator",
        "boost",
        "minimum_should_match",
        "phrase_slop",
        "lenient",
        "analyze_wildcard",
        "allow_leading_wildcard",
        "type",
        "_name",
    ];
    let map = options("query_string", body, &known)?;
    let text = match map.get("query") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(ApiError::parsing("[query_string] must be provided with a [query]")),
    };
    if text.len() > MAX_LENGTH {
        return Err(ApiError::parsing(format!("[query_string] query text is longer than {MAX_LENGTH} bytes")));
    }
    if let Some(kind) = map.get("type")
        && !matches!(kind.as_str(), Some("best_fields" | "most_fields"))
    {
        return Err(ApiError::parsing(format!("[query_string] type {kind} is not supported")));
    }
    let fields = match (map.get("fields"), map.get("default_field")) {
        (Some(Value::Array(fields)), _) if !fields.is_empty() => {
            let named = fields.iter().filter_map(Value::as_str).map(boosted);
            named.collect::<Result<Vec<_>>>()?
        }
        (_, Some(Value::String(field))) => vec![boosted(field)?],
        _ => vec![("*".to_owned(), 1.0)],
    };
    let settings = Settings {
        fields,
        and: operator("query_string", map.get("default_operator"))?,
        slop: slop("query_string", map.get("phrase_slop"))?,
    };
    let mut parser = Parser { chars: text.chars().collect(), at: 0, settings: &settings };
    let query = parser.group(None, minimum("query_string", map)?, boost(map)?, 0)?;
    if parser.at < parser.chars.len() {
        return Err(failed(&text));
    }
    Ok(query)
}

fn boosted(field: &str) -> Result<(String, f64)> {
    let Some((name, boost)) = field.split_once('^') else {
        return Ok((field.to_owned(), 1.0));
    };
    Ok((
        name.to_owned(),
        boost.parse().map_err(|_| ApiError::parsing(format!("[query_string] bad boost in [{field}]")))?,
    ))
}

fn failed(text: &str) -> ApiError {
    ApiError::Search { kind: "query_shard_exception".to_owned(), reason: format!("Failed to parse query [{text}]") }
}

struct Settings {
    fields: Vec<(String, f64)>,
    and: bool,
    slop: usize,
}

struct Parser<'a> {
    chars: Vec<char>,
    at: usize,
    settings: &'a Settings,
}

#[derive(Clone, Copy, PartialEq)]
enum Occur {
    Must,
    Should,
    Not,
}

impl Parser<'_> {
    fn error(&self) -> ApiError {
        failed(&self.chars.iter().collect::<String>())
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Takes an operator word when it stands alone.
    fn word(&mut self, word: &str) -> bool {
        let end = self.at + word.chars().count();
        let here = self.chars.get(self.at..end).is_some_and(|slice| slice.iter().copied().eq(word.chars()));
        let alone = !word.chars().all(char::is_alphabetic)
            || self.chars.get(end).is_none_or(|next| next.is_whitespace() || *next == '(');
        if here && alone {
            self.at = end;
        }
        here && alone
    }

    fn group(&mut self, field: Option<&str>, minimum: Option<Minimum>, boost: f64, depth: usize) -> Result<Query> {
        if depth > MAX_DEPTH {
            return Err(self.error());
        }
        let mut clauses: Vec<(Occur, Query)> = Vec::new();
        let default = if self.settings.and { Occur::Must } else { Occur::Should };
        loop {
            self.spaces();
            match self.peek() {
                None | Some(')') => break,
                _ => {}
            }
            let mut occur = default;
            if self.word("AND") || self.word("&&") {
                let previous = clauses.last_mut().ok_or_else(|| failed("AND"))?;
                if previous.0 == Occur::Should {
                    previous.0 = Occur::Must;
                }
                occur = Occur::Must;
                self.spaces();
            } else if self.word("OR") || self.word("||") {
                let previous = clauses.last_mut().ok_or_else(|| failed("OR"))?;
                // With AND as the default operator an explicit OR relaxes its left side too.
                if self.settings.and && previous.0 == Occur::Must {
                    previous.0 = Occur::Should;
                }
                occur = Occur::Should;
                self.spaces();
            }
            if self.word("NOT") || self.peek() == Some('!') || self.peek() == Some('-') {
                if matches!(self.peek(), Some('!' | '-')) {
                    self.at += 1;
                }
                occur = Occur::Not;
                self.spaces();
            } else if self.peek() == Some('+') {
                self.at += 1;
                occur = Occur::Must;
            }
            if let Some(query) = self.clause(field, depth)? {
                clauses.push((occur, query));
            }
        }
        let mut tree = Bool { boost, minimum, ..Bool::default() };
        for (occur, query) in clauses {
            match occur {
                Occur::Must => tree.must.push(query),
                Occur::Should => tree.should.push(query),
                Occur::Not => tree.must_not.push(query),
            }
        }
        if tree.must.is_empty() && tree.should.is_empty() && tree.must_not.is_empty() {
            return Ok(Query::None);
        }
        if tree.should.is_empty() {
            tree.minimum = None;
        }
        Ok(Query::Bool(Box::new(tree)))
    }

    fn clause(&mut self, field: Option<&str>, depth: usize) -> Result<Option<Query>> {
        match self.peek() {
            None => Err(self.error()),
            Some('(') => {
                self.at += 1;
                let start = self.at;
                let query = self.group(field, None, 1.0, depth + 1)?;
                if self.peek() != Some(')') {
                    self.at = start;
                    return Err(self.error());
                }
                self.at += 1;
                let boost = self.boost()?;
                Ok(Some(if boost == 1.0 { query } else { Query::Best { queries: vec![query], boost } }))
            }
            Some('"') => {
                self.at += 1;
                let mut phrase = String::new();
                loop {
                    match self.peek() {
                        None => return Err(self.error()),
                        Some('"') => break,
                        Some('\\') => {
                            self.at += 1;
                            phrase.extend(self.peek());
                        }
                        Some(c) => phrase.push(c),
                    }
                    self.at += 1;
                }
                self.at += 1;
                let mut slop = self.settings.slop;
                if self.peek() == Some('~') {
                    self.at += 1;
                    slop = self.number()? as usize;
                }
                let boost = self.boost()?;
                let text = Value::String(phrase);
                Ok(Some(self.each(field, boost, |field, boost| Query::Phrase {
                    field,
                    text: text.clone(),
                    slop,
                    boost,
                })))
            }
            Some('[' | '{') => self.range(field).map(Some),
            Some('/') => Err(ApiError::parsing("[query_string] regular expressions are not supported")),
            Some(':' | '^' | '~' | ']' | '}') => Err(self.error()),
            Some(_) => self.term(field, depth),
        }
    }

    fn term(&mut self, field: Option<&str>, depth: usize) -> Result<Option<Query>> {
        let mut parts: Vec<Part> = Vec::new();
        while let Some(c) = self.peek() {
            match c {
                '\\' => {
                    self.at += 1;
                    parts.push(Part::Char(self.peek().ok_or_else(|| self.error())?));
                }
                '*' => parts.push(Part::Many),
                '?' => parts.push(Part::One),
                ':' => {
                    self.at += 1;
                    let name = literal(&parts);
                    self.spaces();
                    if name == "_exists_" {
                        let Some(Query::Match { text: Value::String(field), .. }) =
                            self.term(Some("_exists_"), depth)?
                        else {
                            return Err(self.error());
                        };
                        return Ok(Some(Query::Exists { field, boost: 1.0 }));
                    }
                    return self.clause(Some(&name), depth + 1);
                }
                '~' => return Err(ApiError::parsing("[query_string] fuzzy terms are not supported")),
                c if c.is_whitespace() || matches!(c, '(' | ')' | '"' | '^' | '[' | ']' | '{' | '}') => break,
                c => parts.push(Part::Char(c)),
            }
            self.at += 1;
        }
        let boost = self.boost()?;
        if parts.is_empty() {
            return Err(self.error());
        }
        if !parts.iter().any(|part| matches!(part, Part::Many | Part::One)) {
            let text = literal(&parts);
            // Only behind the name of a field, as in `stats.orders:>=2`.
            if let Some(field) = field.filter(|field| *field != "_exists_")
                && let Some(bounds) = open_range(&text)
            {
                return Ok(Some(Query::Range { field: field.to_owned(), bounds, boost }));
            }
            let text = Value::String(text);
            let all = self.settings.and;
            let build = |field, boost| Query::Match { field, text: text.clone(), all, minimum: None, boost };
            // One field stays a plain node: `_exists_` looks into it.
            return Ok(Some(match field {
                Some(field) => build(field.to_owned(), boost),
                None => self.each(None, boost, build),
            }));
        }
        let pattern = Pattern { parts, ignore_case: false };
        if pattern.is_everything() {
            let everything = match field {
                Some(field) if field != "*" => Query::Exists { field: field.to_owned(), boost },
                Some(_) => Query::All { boost },
                None if self.settings.fields.iter().any(|(name, _)| name == "*") => Query::All { boost },
                None => self.each(None, boost, |field, boost| Query::Exists { field, boost }),
            };
            return Ok(Some(everything));
        }
        Ok(Some(self.each(field, boost, |field, boost| Query::Wildcard { field, pattern: pattern.clone(), boost })))
    }

    fn range(&mut self, field: Option<&str>) -> Result<Query> {
        let including_low = self.peek() == Some('[');
        self.at += 1;
        let start = self.at;
        while !matches!(self.peek(), None | Some(']' | '}')) {
            self.at += 1;
        }
        let inside: String = self.chars[start..self.at].iter().collect();
        let including_high = self.peek() == Some(']');
        if self.peek().is_none() {
            return Err(self.error());
        }
        self.at += 1;
        let (low, high) = inside.split_once(" TO ").ok_or_else(|| self.error())?;
        let bound = |text: &str| {
            let text = text.trim().trim_matches('"').to_owned();
            (text != "*").then_some(Value::String(text))
        };
        let mut bounds = Bounds::default();
        *(if including_low { &mut bounds.gte } else { &mut bounds.gt }) = bound(low);
        *(if including_high { &mut bounds.lte } else { &mut bounds.lt }) = bound(high);
        let boost = self.boost()?;
        Ok(self.each(field, boost, |field, boost| Query::Range { field, bounds: bounds.clone(), boost }))
    }

    fn boost(&mut self) -> Result<f64> {
        if self.peek() != Some('^') {
            return Ok(1.0);
        }
        self.at += 1;
        self.number()
    }

    fn number(&mut self) -> Result<f64> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit() || c == '.') {
            self.at += 1;
        }
        let text: String = self.chars[start..self.at].iter().collect();
        text.parse().map_err(|_| self.error())
    }

    /// The query in its named field, or in the best of the default fields.
    fn each(&self, field: Option<&str>, boost: f64, build: impl Fn(String, f64) -> Query) -> Query {
        match (field, self.settings.fields.as_slice()) {
            (Some(field), _) => build(field.to_owned(), boost),
            (None, [(field, own)]) => build(field.clone(), boost * own),
            (None, fields) => {
                let queries = fields.iter().map(|(field, own)| build(field.clone(), boost * own)).collect();
                Query::Best { queries, boost: 1.0 }
            }
        }
    }
}

/// `>a`, `>=a`, `<a` and `<=a`.
fn open_range(text: &str) -> Option<Bounds> {
    let mut bounds = Bounds::default();
    let (operator, side) = match text.as_bytes() {
        [b'>', b'=', _, ..] => (">=", &mut bounds.gte),
        [b'>', _, ..] => (">", &mut bounds.gt),
        [b'<', b'=', _, ..] => ("<=", &mut bounds.lte),
        [b'<', _, ..] => ("<", &mut bounds.lt),
        _ => return None,
    };
    *side = Some(Value::String(text.strip_prefix(operator)?.to_owned()));
    Some(bounds)
}

fn literal(parts: &[Part]) -> String {
    let chars = parts.iter().map(|part| match part {
        Part::Char(c) => *c,
        Part::One => '?',
        Part::Many => '*',
    });
    chars.collect()
}
