//! Colours, and text by strangers made harmless.

use std::{borrow::Cow, env, fmt::Write as _, io::IsTerminal};

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless NO_COLOR is set or TERM is `dumb`.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Writes in colour, or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    pub(crate) fn new(when: When, stream: &impl IsTerminal) -> Self {
        let on = match when {
            When::Always => true,
            When::Never => false,
            // https://no-color.org: set and not empty.
            When::Auto => {
                env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && env::var_os("TERM").is_none_or(|term| term != "dumb")
                    && stream.is_terminal()
            }
        };
        Self { on }
    }

    pub(crate) fn bold(self, text: &str) -> Cow<'_, str> {
        self.style("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> Cow<'_, str> {
        self.style("2", text)
    }

    pub(crate) fn red(self, text: &str) -> Cow<'_, str> {
        self.style("1;31", text)
    }

    pub(crate) fn green(self, text: &str) -> Cow<'_, str> {
        self.style("1;32", text)
    }

    pub(crate) fn yellow(self, text: &str) -> Cow<'_, str> {
        self.style("1;33", text)
    }

    pub(crate) fn blue(self, text: &str) -> Cow<'_, str> {
        self.style("1;34", text)
    }

    fn style<'a>(self, code: &str, text: &'a str) -> Cow<'a, str> {
        if self.on && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m").into() } else { text.into() }
    }
}

/// A text that somebody else wrote, safe to print: what a terminal would obey, or what would reorder or hide text, is written as an escape.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(harmful) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        match char {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a String cannot fail.
            char if harmful(char) => drop(write!(out, "\\u{{{:x}}}", u32::from(char))),
            char => out.push(char),
        }
    }
    out.into()
}

/// JSON text, safe to print: there such characters stand in strings only, and have escapes of JSON's own.
pub(crate) fn harmless_json(json: &str) -> Cow<'_, str> {
    // Line ends and tabs between values are what they are.
    let escaped = |char: char| harmful(char) && !matches!(char, '\n' | '\r' | '\t');
    if !json.contains(escaped) {
        return json.into();
    }
    let mut out = String::with_capacity(json.len() + 8);
    for char in json.chars() {
        if escaped(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(char);
        }
    }
    out.into()
}

/// A text made harmless, cut to at most `limit` characters.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", harmless(&text[..end])),
        None => harmless(text).into_owned(),
    }
}

fn harmful(char: char) -> bool {
    char.is_control()
        || matches!(char,
            // Invisible, or changing the direction of what follows.
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}
