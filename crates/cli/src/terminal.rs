//! Where results and errors go: results to stdout and nothing else there, the rest to stderr.

use std::{
    fmt::{Display, Write as _},
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
    time::Duration,
};

use serde::Serialize;
use serde_json::json;

use crate::{
    failure::{Failure, Outcome, Result},
    paint::{Paint, When, harmless_json},
};

const UNUSABLE: u8 = 2;

/// How results are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// What is common to all commands: the two streams, and how to use them.
#[derive(Debug)]
pub(crate) struct Terminal {
    pub(crate) format: Format,
    /// How long a URL may take.
    pub(crate) timeout: Duration,
    /// For what goes to stdout.
    pub(crate) paint: Paint,
    error_paint: Paint,
    out: Vec<u8>,
    failed: bool,
}

impl Terminal {
    pub(crate) fn new(format: Format, colours: When, timeout: Duration) -> Self {
        Self {
            format,
            timeout,
            paint: Paint::new(colours, &io::stdout()),
            error_paint: Paint::new(colours, &io::stderr()),
            out: Vec::new(),
            failed: false,
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// A line of the result.
    pub(crate) fn line(&mut self, line: impl Display) {
        // Writing to a vector cannot fail.
        let _ = writeln!(self.out, "{line}");
    }

    /// A JSON object of the result, on a line of its own.
    pub(crate) fn json(&mut self, value: &impl Serialize) {
        // Values with text keys always have a JSON form.
        let text = serde_json::to_string(value).unwrap_or_default();
        self.line(harmless_json(&text));
    }

    /// A document as the result: exactly its bytes, so that they can be hashed. A terminal gets what is safe there, and the end of the line.
    pub(crate) fn document(&mut self, text: &str) {
        if io::stdout().is_terminal() {
            self.line(harmless_json(text));
        } else {
            self.out.extend_from_slice(text.as_bytes());
        }
    }

    /// Something to know that is not the result.
    pub(crate) fn note(&self, note: impl Display) {
        if self.is_json() {
            self.error_json(&json!({ "note": note.to_string() }));
        } else {
            let label = self.error_paint.blue("note");
            self.error(&format!("{label}: {note}\n"));
        }
    }

    /// Something about the result that whoever uses it must know.
    pub(crate) fn warn(&self, what: &str, about: impl Display) {
        let label = self.error_paint.yellow(what);
        self.error(&format!("{label}: {about}\n"));
    }

    /// One of several inputs could not be used. The others go on, and the exit code will say so.
    pub(crate) fn report(&mut self, failure: &Failure) {
        // What was found before comes before, where both streams are one terminal.
        self.flush();
        self.failed = true;
        if self.is_json() {
            let mut object = json!({ "error": failure.message });
            let mut add = |key: &str, value: serde_json::Value| object[key] = value;
            if let Some(input) = &failure.input {
                add("input", json!(input));
            }
            if let Some(at) = failure.at {
                add("line", json!(at.line));
                add("column", json!(at.column));
            }
            if let Some(hint) = &failure.hint {
                add("hint", json!(hint));
            }
            self.error_json(&object);
            return;
        }
        let paint = self.error_paint;
        let mut text = format!("{}: ", paint.red("error"));
        if let Some(input) = &failure.input {
            // Writing to a String cannot fail.
            let _ = write!(text, "{input}:");
            if let Some(at) = failure.at {
                let _ = write!(text, "{}:{}:", at.line, at.column);
            }
            text.push(' ');
        }
        text.push_str(&failure.message);
        text.push('\n');
        if let Some(hint) = &failure.hint {
            let _ = writeln!(text, " {}: {hint}", paint.blue("help"));
        }
        self.error(&text);
    }

    /// Writes what is left, and says with which code to exit.
    pub(crate) fn finish(mut self, result: Result) -> ExitCode {
        let outcome = match result {
            Ok(outcome) => outcome,
            Err(failure) => {
                self.report(&failure);
                Outcome::Bad
            }
        };
        self.flush();
        match outcome {
            _ if self.failed => ExitCode::from(UNUSABLE),
            Outcome::Good => ExitCode::SUCCESS,
            Outcome::Bad => ExitCode::FAILURE,
        }
    }

    /// Writes what there is of the result.
    pub(crate) fn flush(&mut self) {
        let mut stdout = io::stdout().lock();
        if let Err(error) = stdout.write_all(&self.out).and_then(|()| stdout.flush())
            // Whoever reads may stop reading: `| head` is no error.
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            self.failed = true;
            self.error(&format!("error: cannot write the result: {error}\n"));
        }
        self.out.clear();
    }

    fn error_json(&self, object: &serde_json::Value) {
        self.error(&format!("{}\n", harmless_json(&object.to_string())));
    }

    fn error(&self, text: &str) {
        // There is nobody left to tell.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}
