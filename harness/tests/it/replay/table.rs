//! What is answered otherwise than recorded: the rows of `crates/provider/tests/fixtures/provider-2.1.6/differences.md`.

use std::path::Path;

use super::world::Answer;

/// One row.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) area: String,
    pub(super) case: String,
    /// Our status, and a part of our body, or a header as `name: value`.
    status: u16,
    text: String,
}

pub(super) fn read() -> Vec<Difference> {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/provider/tests/fixtures/provider-2.1.6/differences.md");
    let table = std::fs::read_to_string(path).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| area"));
    rows.map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [area, case, _recorded, ours, why] = cells[..] else { panic!("{line}") };
        assert!(why.len() > 10, "a row without a reason: {line}");
        let (status, text) = ours.split_once(' ').unwrap_or_else(|| panic!("{line}"));
        let text = text.trim_matches('`').to_owned();
        Difference { area: area.to_owned(), case: case.to_owned(), status: status.parse().unwrap(), text }
    })
    .collect()
}

impl Difference {
    pub(super) fn is_of(&self, area: &str, case: &str) -> bool {
        self.area == area && self.case == case
    }

    /// How the answer differs from what the row says.
    pub(super) fn broken_by(&self, answer: &Answer) -> Option<String> {
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        let header = self.text.split_once(": ").and_then(|(name, value)| Some(answer.header(name)? == value));
        let holds = answer.status == self.status && (header == Some(true) || body.contains(&self.text));
        (!holds).then(|| format!("the table says {} `{}`, ours is {} {body}", self.status, self.text, answer.status))
    }
}
