//! Documents from files, stdin and URLs. Whatever is at the other end, at most [`MAX_DOCUMENT_BYTES`] are kept and nothing waits for ever.

mod envelope;
mod http;

use std::{
    ffi::OsString,
    fs::File,
    io::{self, IsTerminal as _, Read},
    path::Path,
};

use ocean_ddo::{Error, RawDdo, limits::MAX_DOCUMENT_BYTES};
use url::Url;

use crate::{
    failure::{Failure, Result},
    paint::harmless,
    place::Lines,
    terminal::Terminal,
};

/// What the user named: a path, `-` for stdin, or a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Input(OsString);

impl From<OsString> for Input {
    fn from(text: OsString) -> Self {
        Self(text)
    }
}

/// A document and what to call it.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) raw: RawDdo,
}

impl Input {
    pub(crate) fn is_stdin(&self) -> bool {
        self.0 == "-"
    }

    /// Reads the document, out of an envelope if it is in one.
    pub(crate) fn read(&self, terminal: &Terminal) -> Result<Document> {
        let (name, bytes) = self.fetch(terminal)?;
        match envelope::open(&bytes) {
            Ok((raw, note)) => {
                if let Some(note) = note {
                    terminal.note(format_args!("{name}: {note}"));
                }
                Ok(Document { name, raw })
            }
            Err(failure) => Err(failure.of(name)),
        }
    }

    /// Reads the document as it stands on chain, in its envelope.
    pub(crate) fn read_as_it_is(&self, terminal: &Terminal) -> Result<Document> {
        let (name, bytes) = self.fetch(terminal)?;
        match RawDdo::parse(bytes.as_slice()) {
            Ok(raw) => Ok(Document { name, raw }),
            Err(error) => Err(unusable(&bytes, &error).of(name)),
        }
    }

    fn fetch(&self, terminal: &Terminal) -> Result<(String, Vec<u8>)> {
        if self.is_stdin() {
            if io::stdin().is_terminal() {
                terminal
                    .note("reading a document from the keyboard; end it with Ctrl-D, or name a file or a URL instead");
            }
            let bytes = bounded(io::stdin().lock()).map_err(|failure| failure.of("stdin"))?;
            return Ok(("stdin".to_owned(), bytes));
        }
        match self.0.to_str().filter(|text| text.contains("://")) {
            Some(text) => http::get(text, terminal.timeout),
            None => {
                let name = harmless(&self.0.to_string_lossy()).into_owned();
                let bytes = read_file(Path::new(&self.0)).map_err(|failure| failure.of(name.as_str()))?;
                Ok((name, bytes))
            }
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path).map_err(|error| cannot_read(&error))?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(Failure::new("it is a directory, not a file").hint("name the document inside it"));
    }
    bounded(file)
}

fn bounded(source: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = MAX_DOCUMENT_BYTES as u64 + 1;
    source.take(limit).read_to_end(&mut bytes).map_err(|error| cannot_read(&error))?;
    if bytes.len() > MAX_DOCUMENT_BYTES { Err(too_large()) } else { Ok(bytes) }
}

fn cannot_read(error: &io::Error) -> Failure {
    let (message, hint) = match error.kind() {
        io::ErrorKind::NotFound => (
            "there is no such file".to_owned(),
            "check the path; `-` reads stdin, and a URL begins with http:// or https://",
        ),
        io::ErrorKind::PermissionDenied => ("the file may not be read".to_owned(), "check its permissions"),
        _ => (format!("it cannot be read: {}", without_code(&error.to_string())), "check that it is a readable file"),
    };
    Failure::new(message).hint(hint)
}

/// What the system says, without its number for it.
fn without_code(reason: &str) -> &str {
    reason.split(" (os error").next().unwrap_or(reason)
}

fn too_large() -> Failure {
    Failure::new(format!("it has more than {MAX_DOCUMENT_BYTES} bytes, the most a document may have"))
        .hint("is this a document, and not the data it describes?")
}

/// Says what is wrong with bytes that are no document, where, and what they look like instead.
fn unusable(bytes: &[u8], error: &Error) -> Failure {
    let trimmed = bytes.trim_ascii();
    if trimmed.is_empty() {
        return Failure::new("it is empty").hint("a document is a JSON object in UTF-8");
    }
    let failure = Failure::new(match error {
        Error::Syntax { expected, .. } => format!("it is not JSON: expected {expected}"),
        Error::NotUtf8(_) => "it is not UTF-8".to_owned(),
        Error::TooDeep { limit, .. } => format!("it is nested deeper than {limit} levels"),
        other => other.to_string(),
    });
    let failure = match error {
        Error::Syntax { offset, .. } | Error::NotUtf8(offset) | Error::TooDeep { offset, .. } => {
            failure.at(Lines::new(bytes).position(*offset))
        }
        _ => failure,
    };
    let hint = match trimmed {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("this is UTF-16: convert it with `iconv -f UTF-16 -t UTF-8`"),
        [0xef, 0xbb, 0xbf, ..] => {
            Some("it begins with a byte order mark: remove the first three bytes, no peer reads them")
        }
        [0x1f, 0x8b, ..] => Some("this is compressed with gzip: unpack it with `gunzip -c`"),
        [b'<', ..] => Some("this looks like HTML or XML: name the file or URL of the JSON document itself"),
        [b'0', b'x', ..] => Some(
            "this looks like the hexadecimal form of metadata on chain: decode it first, for example with `xxd -r -p`",
        ),
        [b'[', ..] if matches!(error, Error::NotAnObject) => {
            Some("this is a list: take one document out of it, for example with `jq '.[0]'`")
        }
        _ if trimmed.starts_with(b"eyJ") || trimmed.starts_with(b"\"eyJ") => Some(
            "this looks like a signed document (a JWT), which is three parts between points; its hash on chain is that of the object around it",
        ),
        _ if matches!(error, Error::NotAnObject) => Some("a document begins with `{` and ends with `}`"),
        _ => None,
    };
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// A URL without what may be secret in it: user, password and query.
fn redacted(url: &Url) -> String {
    let mut url = url.clone();
    if !url.username().is_empty() || url.password().is_some() {
        // Fails for URLs without a host only, which have no user either.
        let _ = url.set_username("***");
        let _ = url.set_password(None);
    }
    if url.query().is_some() {
        url.set_query(Some("***"));
    }
    url.set_fragment(None);
    harmless(url.as_str()).into_owned()
}
