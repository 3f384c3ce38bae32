use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

/// A query that was understood completely.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Query {
    All {
        boost: f64,
    },
    None,
    Term {
        field: String,
        value: Value,
        boost: f64,
        ignore_case: bool,
    },
    Terms {
        field: String,
        values: Wanted,
        boost: f64,
    },
    Match {
        field: String,
        text: Value,
        all: bool,
        minimum: Option<Minimum>,
        boost: f64,
    },
    Phrase {
        field: String,
        text: Value,
        slop: usize,
        boost: f64,
    },
    Range {
        field: String,
        bounds: Bounds,
        boost: f64,
    },
    Exists {
        field: String,
        boost: f64,
    },
    Wildcard {
        field: String,
        pattern: Pattern,
        boost: f64,
    },
    Bool(Box<Bool>),
    /// The best of several queries, for one text in many fields.
    Best {
        queries: Vec<Query>,
        boost: f64,
    },
    Constant {
        query: Box<Query>,
        boost: f64,
    },
}

/// The values of a `terms` query in the forms they are looked up in: a query may name tens of thousands.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Wanted {
    pub(super) texts: BTreeSet<String>,
    pub(super) dates: BTreeSet<Timestamp>,
    pub(super) whole: BTreeSet<i128>,
    /// The bits of numbers that are not whole, or not written so.
    pub(super) doubles: BTreeSet<u64>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Bool {
    pub(super) must: Vec<Query>,
    pub(super) must_not: Vec<Query>,
    pub(super) should: Vec<Query>,
    pub(super) filter: Vec<Query>,
    pub(super) minimum: Option<Minimum>,
    pub(super) boost: f64,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Bounds {
    pub(super) gt: Option<Value>,
    pub(super) gte: Option<Value>,
    pub(super) lt: Option<Value>,
    pub(super) lte: Option<Value>,
}

/// A wildcard pattern: literal characters, `?` for one and `*` for any number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pattern {
    pub(super) parts: Vec<Part>,
    pub(super) ignore_case: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    Char(char),
    One,
    Many,
}

impl Pattern {
    /// Matches without backtracking over more than one star, so the time is bounded by pattern times text.
    pub(super) fn matches(&self, text: &str, fold: bool) -> bool {
        let fold = fold || self.ignore_case;
        let text: Vec<char> = if fold { text.to_lowercase().chars().collect() } else { text.chars().collect() };
        let same = |part: char, given: char| part == given || (fold && part.to_lowercase().eq(std::iter::once(given)));
        let (mut at, mut part) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.parts.get(part) {
                Some(Part::Char(wanted)) if same(*wanted, text[at]) => {
                    at += 1;
                    part += 1;
                }
                Some(Part::One) => {
                    at += 1;
                    part += 1;
                }
                Some(Part::Many) => {
                    star = Some((part, at));
                    part += 1;
                }
                _ => match &mut star {
                    Some((star_part, star_at)) => {
                        *star_at += 1;
                        at = *star_at;
                        part = *star_part + 1;
                    }
                    None => return false,
                },
            }
        }
        self.parts[part.min(self.parts.len())..].iter().all(|part| *part == Part::Many)
    }

    /// Whether every text matches.
    pub(super) fn is_everything(&self) -> bool {
        !self.parts.is_empty() && self.parts.iter().all(|part| *part == Part::Many)
    }
}

/// `minimum_should_match`: how many of the optional clauses must match.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Minimum(Vec<(Option<i64>, Amount)>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Amount {
    Count(i64),
    Percent(i64),
}

impl Minimum {
    /// `3`, `-2`, `75%`, `-25%`, `2<75%`, or several conditions with spaces between them.
    pub(super) fn parse(value: &Value) -> Option<Self> {
        if let Some(count) = value.as_i64() {
            return Some(Self(vec![(None, Amount::Count(count))]));
        }
        let text = value.as_str()?.trim();
        let amount = |text: &str| match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse().ok().map(Amount::Percent),
            None => text.trim().parse().ok().map(Amount::Count),
        };
        if !text.contains('<') {
            return Some(Self(vec![(None, amount(text)?)]));
        }
        let conditions = text.split_whitespace().map(|condition| {
            let (above, then) = condition.split_once('<')?;
            Some((Some(above.parse().ok()?), amount(then)?))
        });
        Some(Self(conditions.collect::<Option<Vec<_>>>()?))
    }

    /// The number of clauses that must match out of `optional`.
    pub(super) fn of(&self, optional: usize) -> usize {
        let optional = i64::try_from(optional).unwrap_or(i64::MAX);
        let mut chosen = Some(Amount::Count(optional));
        for (above, amount) in &self.0 {
            match above {
                None => chosen = Some(*amount),
                Some(above) if optional > *above => chosen = Some(*amount),
                Some(_) => {}
            }
        }
        let wanted = match chosen {
            Some(Amount::Count(count)) if count < 0 => optional.saturating_add(count),
            Some(Amount::Count(count)) => count,
            Some(Amount::Percent(percent)) if percent < 0 => {
                optional - optional.saturating_mul(percent.saturating_neg()) / 100
            }
            Some(Amount::Percent(percent)) => optional.saturating_mul(percent) / 100,
            None => optional,
        };
        usize::try_from(wanted.clamp(0, i64::MAX)).unwrap_or(usize::MAX)
    }
}
