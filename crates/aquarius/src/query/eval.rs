use std::cmp::Ordering;

use ocean_aquarius_api::query::INDEX;
use serde_json::Value;

use crate::query::{
    field::{Leaf, keyword, leaves},
    search::Document,
    text::{date, tokens},
    tree::{Bool, Bounds, Minimum, Pattern, Query, Wanted},
};

/// The score of `document`, or none when it does not match.
pub(super) fn score(query: &Query, document: &Document) -> Option<f64> {
    match query {
        Query::All { boost } => Some(*boost),
        Query::None => None,
        Query::Term { field, value, boost, ignore_case } => {
            any(field, document, |leaf| term(leaf, value, *ignore_case)).then_some(*boost)
        }
        Query::Terms { field, values, boost } => any(field, document, |leaf| one_of(leaf, values)).then_some(*boost),
        Query::Match { field, text, all, minimum, boost } => {
            matches(field, text, *all, minimum.as_ref(), document).map(|score| score * boost)
        }
        Query::Phrase { field, text, slop, boost } => {
            any(field, document, |leaf| phrase(leaf, text, *slop)).then_some(*boost)
        }
        Query::Range { field, bounds, boost } => any(field, document, |leaf| range(leaf, bounds)).then_some(*boost),
        Query::Exists { field, boost } => {
            let held = matches!(field.as_str(), "_id" | "_index") || has(&document.value, field);
            held.then_some(*boost)
        }
        Query::Wildcard { field, pattern, boost } => {
            any(field, document, |leaf| wildcard(leaf, pattern)).then_some(*boost)
        }
        Query::Bool(clauses) => boolean(clauses, document),
        Query::Best { queries, boost } => {
            let best = queries.iter().filter_map(|query| score(query, document)).max_by(f64::total_cmp);
            best.map(|score| score * boost)
        }
        Query::Constant { query, boost } => score(query, document).map(|_| *boost),
    }
}

fn boolean(clauses: &Bool, document: &Document) -> Option<f64> {
    if clauses.must_not.iter().any(|query| score(query, document).is_some()) {
        return None;
    }
    for query in &clauses.filter {
        score(query, document)?;
    }
    let mut total = 0.0;
    for query in &clauses.must {
        total += score(query, document)?;
    }
    let default = usize::from(clauses.must.is_empty() && clauses.filter.is_empty() && !clauses.should.is_empty());
    let wanted = clauses.minimum.as_ref().map_or(default, |minimum| minimum.of(clauses.should.len()));
    let mut matched = 0;
    for query in &clauses.should {
        if let Some(score) = score(query, document) {
            matched += 1;
            total += score;
        }
    }
    // A query of nothing but exclusions matches everything else, with a score of zero.
    (matched >= wanted).then_some(total * clauses.boost)
}

/// Whether any value of the field passes. `_id` and `_index` are fields of their own.
fn any(field: &str, document: &Document, test: impl Fn(Leaf<'_>) -> bool) -> bool {
    match field {
        "_id" => test(Leaf { value: &Value::String(document.id.clone()), exact: true }),
        "_index" => test(Leaf { value: &Value::String(INDEX.to_owned()), exact: true }),
        _ => leaves(&document.value, field).into_iter().any(test),
    }
}

/// `exists` is also true for an object that holds any value.
fn has(value: &Value, field: &str) -> bool {
    !leaves(value, field).is_empty() || !leaves(value, &format!("{field}.*")).is_empty()
}

fn term(leaf: Leaf<'_>, wanted: &Value, ignore_case: bool) -> bool {
    let wanted_text = plain(wanted);
    match leaf.value {
        Value::String(text) if leaf.exact => {
            *text == wanted_text || (ignore_case && text.to_lowercase() == wanted_text.to_lowercase())
        }
        Value::String(text) => {
            let wanted_text = if ignore_case { wanted_text.to_lowercase() } else { wanted_text };
            if tokens(text).contains(&wanted_text) {
                return true;
            }
            // Dynamic mapping makes a date of a text that looks like one, and a date equals any notation of itself.
            matches!((date(text), date(&wanted_text)), (Some(left), Some(right)) if left == right)
        }
        other => same(other, wanted),
    }
}

/// [`term`] for many values at once.
fn one_of(leaf: Leaf<'_>, wanted: &Wanted) -> bool {
    let texts = &wanted.texts;
    match leaf.value {
        Value::String(text) if leaf.exact => texts.contains(text),
        Value::String(text) => {
            tokens(text).iter().any(|token| texts.contains(token))
                || (!wanted.dates.is_empty() && date(text).is_some_and(|at| wanted.dates.contains(&at)))
        }
        Value::Bool(true) => texts.contains("true"),
        Value::Bool(false) => texts.contains("false") || texts.contains(""),
        number => {
            whole(number).is_some_and(|number| wanted.whole.contains(&number))
                || double(number).is_some_and(|number| wanted.doubles.contains(&number.to_bits()))
        }
    }
}

/// Equality of a number or boolean with a query value, which may be written as text.
fn same(value: &Value, wanted: &Value) -> bool {
    match value {
        Value::Number(_) => order(value, wanted) == Some(Ordering::Equal),
        Value::Bool(held) => match wanted {
            Value::Bool(wanted) => held == wanted,
            Value::String(text) => match text.as_str() {
                "true" => *held,
                "false" | "" => !*held,
                _ => false,
            },
            _ => false,
        },
        _ => false,
    }
}

/// A query value as text.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn matches(field: &str, text: &Value, all: bool, minimum: Option<&Minimum>, document: &Document) -> Option<f64> {
    let query = plain(text);
    let words = tokens(&query);
    let mut best: Option<f64> = None;
    // The words of an array are one field: they may come from different elements.
    let mut held: Vec<String> = Vec::new();
    let mut check = |leaf: Leaf<'_>| {
        let found = match leaf.value {
            Value::String(value) if leaf.exact => *value == query,
            Value::String(value) => {
                held.extend(tokens(value));
                matches!((date(value), date(&query)), (Some(left), Some(right)) if left == right)
            }
            other => same(other, text),
        };
        if found {
            best = Some(best.unwrap_or(0.0).max(1.0));
        }
        false
    };
    any_mut(field, document, &mut check);
    if !words.is_empty() && !held.is_empty() {
        let counts: Vec<usize> = words.iter().map(|word| held.iter().filter(|token| *token == word).count()).collect();
        let matched = counts.iter().filter(|count| **count > 0).count();
        let wanted = if all { words.len() } else { minimum.map_or(1, |minimum| minimum.of(words.len()).max(1)) };
        if matched >= wanted {
            // Saturating in the number of occurrences and favouring short fields, like BM25 with neutral rarity.
            let length = held.len() as f64;
            let sum = counts
                .iter()
                .map(|count| *count as f64)
                .map(|count| count * 2.2 / (count + 0.3 + 0.9 * length / 12.0))
                .sum();
            best = Some(best.unwrap_or(0.0).max(sum));
        }
    }
    best
}

fn any_mut(field: &str, document: &Document, check: &mut impl FnMut(Leaf<'_>) -> bool) {
    match field {
        "_id" => _ = check(Leaf { value: &Value::String(document.id.clone()), exact: true }),
        "_index" => _ = check(Leaf { value: &Value::String(INDEX.to_owned()), exact: true }),
        _ => leaves(&document.value, field).into_iter().for_each(|leaf| _ = check(leaf)),
    }
}

fn phrase(leaf: Leaf<'_>, wanted: &Value, slop: usize) -> bool {
    let query = plain(wanted);
    match leaf.value {
        Value::String(text) if leaf.exact => *text == query,
        Value::String(text) => {
            let (held, words) = (tokens(text), tokens(&query));
            !words.is_empty() && (0..held.len()).any(|start| in_order(&held[start..], &words, slop))
        }
        other => same(other, wanted),
    }
}

/// Whether `words` follow each other from the start of `held`, with at most `slop` words between them in all.
fn in_order(held: &[String], words: &[String], slop: usize) -> bool {
    let mut at = 0;
    let mut left = slop;
    for (number, word) in words.iter().enumerate() {
        let reach = if number == 0 { 0 } else { left };
        let Some(skipped) = held.iter().skip(at).take(reach + 1).position(|token| token == word) else {
            return false;
        };
        left -= skipped;
        at += skipped + 1;
    }
    true
}

fn range(leaf: Leaf<'_>, bounds: &Bounds) -> bool {
    let within = |bound: &Option<Value>, accepted: &[Ordering]| match bound {
        None => true,
        Some(bound) => compare(leaf, bound).is_some_and(|order| accepted.contains(&order)),
    };
    within(&bounds.gt, &[Ordering::Greater])
        && within(&bounds.gte, &[Ordering::Greater, Ordering::Equal])
        && within(&bounds.lt, &[Ordering::Less])
        && within(&bounds.lte, &[Ordering::Less, Ordering::Equal])
}

fn compare(leaf: Leaf<'_>, bound: &Value) -> Option<Ordering> {
    match leaf.value {
        Value::String(text) => {
            let bound_text = plain(bound);
            if !leaf.exact
                && let (Some(left), Some(right)) = (date(text), date(&bound_text))
            {
                return Some(left.cmp(&right));
            }
            Some(text.as_str().cmp(bound_text.as_str()))
        }
        number @ Value::Number(_) => order(number, bound),
        Value::Bool(held) => bound.as_bool().map(|bound| held.cmp(&bound)),
        _ => None,
    }
}

/// Numbers in their own precision: whole numbers as integers, everything else as doubles.
pub(super) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (whole(left), whole(right)) {
        return Some(left.cmp(&right));
    }
    double(left)?.partial_cmp(&double(right)?)
}

/// A whole number, also written as text.
pub(super) fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Any number, also written as text.
pub(super) fn double(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn wildcard(leaf: Leaf<'_>, pattern: &Pattern) -> bool {
    match leaf.value {
        Value::String(text) if leaf.exact => keyword(leaf.value).is_some() && pattern.matches(text, false),
        // Patterns on a text field are lower-cased, as its tokens are.
        Value::String(text) => tokens(text).iter().any(|token| pattern.matches(token, true)),
        other => pattern.is_everything() || pattern.matches(&plain(other), false),
    }
}
