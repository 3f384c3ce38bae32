use serde_json::Value;

/// The longest text that the `.keyword` sub-field holds (`ignore_above` of dynamic mapping).
const KEYWORD_LIMIT: usize = 256;
/// Deeper nesting is not searched.
const MAX_DEPTH: usize = 64;

/// One value of a field in a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf<'a> {
    pub(super) value: &'a Value,
    /// Whether the exact text is meant and not its tokens.
    pub(super) exact: bool,
}

/// Every value under `field`: dotted paths reach into objects inside arrays, arrays are flattened, `*` means all fields.
pub(super) fn leaves<'a>(document: &'a Value, field: &str) -> Vec<Leaf<'a>> {
    let mut found = Vec::new();
    if field == "*" {
        everything(document, 0, &mut found);
        return found;
    }
    if let Some(prefix) = field.strip_suffix(".*") {
        let mut roots = Vec::new();
        walk(document, prefix, 0, false, &mut roots);
        for root in roots {
            everything(root.value, 0, &mut found);
        }
        return found;
    }
    walk(document, field, 0, false, &mut found);
    found.retain(|leaf| !leaf.value.is_object());
    if let Some(base) = field.strip_suffix(".keyword") {
        let mut exact = Vec::new();
        walk(document, base, 0, true, &mut exact);
        found.extend(exact.into_iter().filter(|leaf| keyword(leaf.value).is_some()));
    }
    found
}

/// The text of a `.keyword` sub-field.
pub(super) fn keyword(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| text.chars().take(KEYWORD_LIMIT + 1).count() <= KEYWORD_LIMIT)
}

fn walk<'a>(value: &'a Value, path: &str, depth: usize, exact: bool, found: &mut Vec<Leaf<'a>>) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, path, depth + 1, exact, found)),
        Value::Null => {}
        _ if path.is_empty() => found.push(Leaf { value, exact }),
        Value::Object(map) => {
            // A key may itself contain dots, and then names the same field.
            let mut end = 0;
            loop {
                end = path[end..].find('.').map_or(path.len(), |dot| end + dot);
                if let Some(inner) = map.get(&path[..end]) {
                    walk(inner, path.get(end + 1..).unwrap_or_default(), depth + 1, exact, found);
                }
                if end >= path.len() {
                    break;
                }
                end += 1;
            }
        }
        _ => {}
    }
}

fn everything<'a>(value: &'a Value, depth: usize, found: &mut Vec<Leaf<'a>>) {
    if depth > MAX_DEPTH {
        return;
    }
    match value {
        Value::Null => {}
        Value::Array(items) => items.iter().for_each(|item| everything(item, depth + 1, found)),
        Value::Object(map) => map.values().for_each(|item| everything(item, depth + 1, found)),
        leaf => {
            found.push(Leaf { value: leaf, exact: false });
            if keyword(leaf).is_some() {
                found.push(Leaf { value: leaf, exact: true });
            }
        }
    }
}
