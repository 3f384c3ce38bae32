//! `ocean ddo diff`

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::twice;
use crate::{
    failure::{Outcome, Result},
    input::Input,
    paint::cut,
    terminal::Terminal,
};

/// How much of a value is shown; `--format json` has all of it.
const SHOWN: usize = 120;
const POINTER: usize = 200;
/// How many differences are listed, and how much of a name a pointer repeats: many differences below long names must not fill the memory.
const LISTED: usize = 10_000;
const NAME: usize = 128;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The document before: a file, `-` for stdin, or a URL.
    before: Input,

    /// The document after.
    after: Input,

    /// Leave out what an indexer added to either (nft, event, datatokens, stats, purgatory, accessDetails, indexedMetadata).
    #[arg(long)]
    ignore_indexed: bool,
}

/// One difference. The pointer is that of the document after, and of the one before where something was removed.
#[derive(Debug, Serialize)]
#[serde(tag = "change", rename_all = "lowercase")]
enum Difference<'a> {
    Added { pointer: String, after: &'a Value },
    Removed { pointer: String, before: &'a Value },
    Changed { pointer: String, before: &'a Value, after: &'a Value },
}

/// The differences listed, and how many there are.
#[derive(Debug, Default)]
struct Differences<'a> {
    listed: Vec<Difference<'a>>,
    count: usize,
}

impl<'a> Differences<'a> {
    fn add(&mut self, difference: impl FnOnce() -> Difference<'a>) {
        self.count += 1;
        if self.listed.len() < LISTED {
            self.listed.push(difference());
        }
    }
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result {
    if args.before.is_stdin() && args.after.is_stdin() {
        return Err(twice());
    }
    let mut before = args.before.read(terminal)?;
    let mut after = args.after.read(terminal)?;
    if args.ignore_indexed {
        before.raw = before.raw.stripped();
        after.raw = after.raw.stripped();
    }
    let values = (before.raw.value(), after.raw.value());
    let mut differences = Differences::default();
    compare(&values.0, &values.1, &mut String::new(), &mut differences);
    let same = differences.count == 0;
    let same_bytes = before.raw == after.raw;
    if terminal.is_json() {
        terminal.json(&json!({
            "before": before.name,
            "after": after.name,
            "same": same,
            "sameBytes": same_bytes,
            "count": differences.count,
            "differences": differences.listed,
        }));
        return Ok(Outcome::when(same));
    }
    for difference in &differences.listed {
        people(difference, terminal);
    }
    if differences.count > LISTED {
        terminal.note(format_args!("{} more differences are not listed", differences.count - LISTED));
    }
    if same && !same_bytes {
        terminal.note(
            "no field differs, but the bytes do (white space, order of keys, escapes), and with them the checksum",
        );
    }
    Ok(Outcome::when(same))
}

fn people(difference: &Difference<'_>, terminal: &mut Terminal) {
    let paint = terminal.paint;
    let show = |value: &Value| cut(&value.to_string(), SHOWN);
    let (sign, pointer, text) = match difference {
        Difference::Added { pointer, after } => (paint.green("+"), pointer, paint.green(&show(after)).into_owned()),
        Difference::Removed { pointer, before } => (paint.red("-"), pointer, paint.red(&show(before)).into_owned()),
        Difference::Changed { pointer, before, after } => {
            let text = format!("{} → {}", paint.red(&show(before)), paint.green(&show(after)));
            (paint.yellow("~"), pointer, text)
        }
    };
    let pointer = if pointer.is_empty() { "the document".to_owned() } else { cut(pointer, POINTER) };
    terminal.line(format_args!("{sign} {}: {text}", paint.bold(&pointer)));
}

/// Depth is bounded by what a document may have.
fn compare<'a>(before: &'a Value, after: &'a Value, pointer: &mut String, out: &mut Differences<'a>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => objects(before, after, pointer, out),
        (Value::Array(before), Value::Array(after)) => arrays(before, after, pointer, out),
        _ if before == after => {}
        _ => out.add(|| Difference::Changed { pointer: pointer.clone(), before, after }),
    }
}

fn objects<'a>(
    before: &'a Map<String, Value>,
    after: &'a Map<String, Value>,
    pointer: &mut String,
    out: &mut Differences<'a>,
) {
    for (name, before) in before {
        within(pointer, &token(name), |pointer| match after.get(name) {
            Some(after) => compare(before, after, pointer, out),
            None => out.add(|| Difference::Removed { pointer: pointer.clone(), before }),
        });
    }
    for (name, after) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
        within(pointer, &token(name), |pointer| {
            out.add(|| Difference::Added { pointer: pointer.clone(), after });
        });
    }
}

/// What both lists begin and end with is the same; what is between is compared in order.
fn arrays<'a>(before: &'a [Value], after: &'a [Value], pointer: &mut String, out: &mut Differences<'a>) {
    let shorter = before.len().min(after.len());
    let head = before.iter().zip(after).take_while(|(before, after)| before == after).count();
    let tail = before.iter().rev().zip(after.iter().rev()).take(shorter - head).take_while(|(b, a)| b == a).count();
    let (old, new) = (&before[head..before.len() - tail], &after[head..after.len() - tail]);
    for index in 0..old.len().max(new.len()) {
        within(pointer, &(head + index).to_string(), |pointer| match (old.get(index), new.get(index)) {
            (Some(before), Some(after)) => compare(before, after, pointer, out),
            (Some(before), None) => out.add(|| Difference::Removed { pointer: pointer.clone(), before }),
            (None, Some(after)) => out.add(|| Difference::Added { pointer: pointer.clone(), after }),
            (None, None) => {}
        });
    }
}

/// A name as it stands in a pointer.
fn token(name: &str) -> String {
    let end = name.char_indices().nth(NAME).map_or(name.len(), |(end, _)| end);
    name[..end].replace('~', "~0").replace('/', "~1")
}

fn within(pointer: &mut String, token: &str, run: impl FnOnce(&mut String)) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(token);
    run(pointer);
    pointer.truncate(length);
}
