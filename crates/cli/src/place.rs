//! Where something stands in a document: line, column, and the text there.

use std::ops::Range;

use crate::paint::{Paint, harmless};

/// The most characters of a line that are shown, and how many of them before the place in question.
const SHOWN: usize = 100;
const BEFORE: usize = 40;
/// Between two marks up to which characters are counted once and for all.
const STEP: usize = 4096;

/// A place as people and editors count: from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// The lines of a text. Made once, it finds many places in a text of megabytes without reading it again, even if that is one line.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    /// Where each line begins.
    starts: Vec<usize>,
    /// How many characters begin before each multiple of [`STEP`].
    counts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1));
        let mut counts = vec![0];
        let mut count = 0;
        for chunk in bytes.chunks(STEP) {
            count += characters(chunk);
            counts.push(count);
        }
        Self { bytes, starts, counts }
    }

    pub(crate) fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.bytes.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        Position { line, column: self.characters_before(offset) - self.characters_before(start) + 1 }
    }

    /// The line of the text at `span`, with a gutter, and marks below the part of `span` that is on it.
    pub(crate) fn excerpt(&self, span: Range<usize>, paint: Paint) -> String {
        let at = span.start.min(self.bytes.len());
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts[line - 1];
        let end = self.starts.get(line).map_or(self.bytes.len(), |next| next - 1);
        let end = if self.bytes[start..end].ends_with(b"\r") { end - 1 } else { end }.max(at);

        let (before, cut_before) = last(&self.bytes[start..at], BEFORE);
        let (marked, cut_marked) = first(&self.bytes[at..span.end.clamp(at, end)], SHOWN - BEFORE);
        let rest = SHOWN.saturating_sub(before.chars().count() + marked.chars().count());
        let (after, cut_after) =
            if cut_marked { (String::new(), true) } else { first(&self.bytes[span.end.clamp(at, end)..end], rest) };

        let ellipsis = |cut| if cut { "…" } else { "" };
        let before = format!("{}{before}", ellipsis(cut_before));
        // What is before the mark keeps its indentation only as far as it says something.
        let before = before.trim_start();
        let number = line.to_string();
        let gutter = " ".repeat(number.len());
        let bar = paint.blue("|");
        let marks = "^".repeat(marked.chars().count().max(1));
        format!(
            "{} {bar} {before}{marked}{after}{}\n{gutter} {bar} {}{}",
            paint.blue(&number),
            ellipsis(cut_after),
            " ".repeat(before.chars().count()),
            paint.red(&marks),
        )
    }

    fn characters_before(&self, offset: usize) -> usize {
        let step = offset / STEP;
        self.counts[step] + characters(&self.bytes[step * STEP..offset])
    }
}

/// How many characters of UTF-8 begin in these bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

/// At most `limit` characters from the beginning, fit for a terminal, and whether there are more.
fn first(bytes: &[u8], limit: usize) -> (String, bool) {
    let near = &bytes[..bytes.len().min(limit * 4)];
    let text = String::from_utf8_lossy(near);
    let shown: String = text.chars().take(limit).collect();
    let all = shown.len() == bytes.len();
    (clean(&shown), !all)
}

/// The same from the end.
fn last(bytes: &[u8], limit: usize) -> (String, bool) {
    let mut from = bytes.len().saturating_sub(limit * 4);
    while from < bytes.len() && bytes[from] & 0xc0 == 0x80 {
        from += 1;
    }
    let text = String::from_utf8_lossy(&bytes[from..]);
    let skipped = text.chars().count().saturating_sub(limit);
    let shown: String = text.chars().skip(skipped).collect();
    (clean(&shown), from > 0 || skipped > 0)
}

fn clean(text: &str) -> String {
    harmless(&text.replace('\t', " ")).into_owned()
}
