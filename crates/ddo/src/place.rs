//! Where the values of a document stand in its text.

use crate::{
    RawDdo,
    json::{self, Kind, Node},
};

/// The places of a document's values: parsed once, asked for any number of pointers.
#[derive(Debug)]
pub struct Places<'a> {
    text: &'a str,
    tree: &'a Node<'a>,
    /// The offset at which each line begins.
    lines: Vec<usize>,
}

/// A stretch of a document's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The offset of the first byte.
    pub start: usize,
    /// The offset behind the last byte.
    pub end: usize,
    /// Whether this is the value itself; otherwise it is the innermost value around where it should be.
    pub exact: bool,
}

impl RawDdo {
    /// Where values stand in the text, for messages that name a line.
    ///
    /// ```
    /// let document = ocean_ddo::RawDdo::parse("{\n \"metadata\": {\n  \"name\": \"x\"\n }\n}")?;
    /// let places = document.places();
    /// assert_eq!((places.find("/metadata/name").line, places.find("/metadata/name").column), (3, 11));
    /// // What is missing is shown at the object it is missing from.
    /// let missing = places.find("/metadata/author");
    /// assert_eq!((missing.line, missing.exact), (2, false));
    /// assert_eq!(places.line(3), "  \"name\": \"x\"");
    /// # Ok::<(), ocean_ddo::Error>(())
    /// ```
    pub fn places(&self) -> Places<'_> {
        let text = self.as_str();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Places { text, tree: self.tree(), lines }
    }
}

impl Places<'_> {
    /// The place of what a JSON pointer (RFC 6901) names, or of the innermost value on the way to it that exists.
    pub fn find(&self, pointer: &str) -> Place {
        let mut node = self.tree;
        let mut exact = pointer.is_empty() || pointer.starts_with('/');
        for token in pointer.split('/').skip(1) {
            let token = json::unescape(token);
            let next = match &node.kind {
                Kind::Object(_) => node.get(&token),
                Kind::Array(items) => json::index(&token, items.len()).and_then(|at| items.get(at)),
                _ => None,
            };
            match next {
                Some(next) => node = next,
                None => {
                    exact = false;
                    break;
                }
            }
        }
        let (line, column) = self.line_column(node.start());
        Place { line, column, start: node.start(), end: node.end(), exact }
    }

    /// The line and the column, both from 1, of a byte of the text.
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|&start| start <= offset);
        let start = line.checked_sub(1).and_then(|index| self.lines.get(index)).copied().unwrap_or_default();
        let column = self.text.get(start..offset).unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The text of a line, from 1, without its end; empty beyond the text.
    pub fn line(&self, line: usize) -> &str {
        let Some(&start) = line.checked_sub(1).and_then(|index| self.lines.get(index)) else { return "" };
        self.text[start..].split(['\n', '\r']).next().unwrap_or_default()
    }
}

/// The line and the column, both from 1, of a byte in any text; for texts that are no document, and the offset an error names.
pub fn line_column(text: &[u8], offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    (line, String::from_utf8_lossy(&before[start..]).chars().count() + 1)
}
