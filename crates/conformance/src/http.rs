//! A request, and what is expected of its answer.

use std::fmt;

use reqwest::{Method, header::HeaderMap};
use serde_json::Value;

use crate::target::Target;

/// How much of a body a mismatch shows.
const SHOWN: usize = 600;

/// What had to be seen, and what was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    pub(crate) expected: String,
    pub(crate) seen: String,
}

impl Mismatch {
    pub(crate) fn new(expected: impl fmt::Display, seen: impl fmt::Display) -> Self {
        Self { expected: expected.to_string(), seen: seen.to_string() }
    }
}

/// What every check comes to.
pub(crate) type Checked<T = ()> = Result<T, Mismatch>;

/// The two are equal.
pub(crate) fn same<T: PartialEq + fmt::Debug>(what: &str, seen: &T, expected: &T) -> Checked {
    if seen == expected { Ok(()) } else { Err(Mismatch::new(format!("{what} {expected:?}"), format!("{seen:?}"))) }
}

/// A request that is put together.
#[derive(Debug, Clone)]
pub(crate) struct Call<'a> {
    target: &'a Target,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(target: &'a Target, method: Method, path: &str) -> Self {
        let (query, headers) = (Vec::new(), Vec::new());
        Self { target, method, path: path.to_owned(), query, headers, body: Vec::new() }
    }

    /// Adds an argument, in the place of one of the same name.
    pub(crate) fn query(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.query.retain(|(given, _)| given != name);
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// Leaves an argument out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.query.retain(|(given, _)| given != name);
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    pub(crate) async fn send(&self) -> Checked<Seen> {
        let url = format!("{}{}", self.target.base_url, self.path);
        let mut request = self.target.http.request(self.method.clone(), url).query(&self.query);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !self.body.is_empty() {
            request = request.body(self.body.clone());
        }
        let failed = |error: reqwest::Error| Mismatch::new("an answer", format!("{}: {error}", self.path));
        let response = request.send().await.map_err(failed)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.map_err(failed)?.to_vec();
        Ok(Seen { status, headers, body })
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn mismatch(&self, expected: impl fmt::Display) -> Mismatch {
        let body: String = self.text().chars().take(SHOWN).collect();
        Mismatch::new(expected, format!("{} {body}", self.status))
    }

    pub(crate) fn must(&self, holds: bool, expected: impl fmt::Display) -> Checked<&Self> {
        if holds { Ok(self) } else { Err(self.mismatch(expected)) }
    }

    pub(crate) fn status(&self, status: u16) -> Checked<&Self> {
        self.must(self.status == status, format!("status {status}"))
    }

    /// The caller's fault, whatever it is called.
    pub(crate) fn client_error(&self) -> Checked<&Self> {
        self.must((400..500).contains(&self.status), "a status from 400 to 499")
    }

    pub(crate) fn contains(&self, text: &str) -> Checked<&Self> {
        self.must(self.text().contains(text), format!("a body with `{text}`"))
    }

    pub(crate) fn lacks(&self, text: &str) -> Checked<&Self> {
        self.must(!self.text().contains(text), format!("a body without `{text}`"))
    }

    /// The whole body.
    pub(crate) fn exactly(&self, text: &str) -> Checked<&Self> {
        self.must(self.text() == text, format!("the body `{text}`"))
    }

    pub(crate) fn header_value(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn header(&self, name: &str, expected: Option<&str>) -> Checked<&Self> {
        let seen = self.header_value(name);
        if seen == expected {
            return Ok(self);
        }
        Err(Mismatch::new(format!("header {name}: {expected:?}"), format!("{} {seen:?}", self.status)))
    }

    pub(crate) fn json(&self) -> Checked<Value> {
        serde_json::from_slice(&self.body).map_err(|_| self.mismatch("a body of JSON"))
    }

    /// A value within the JSON body, by its pointer.
    pub(crate) fn at(&self, pointer: &str, expected: &Value) -> Checked<&Self> {
        let body = self.json()?;
        self.must(body.pointer(pointer) == Some(expected), format!("{pointer} = {expected}"))
    }

    /// A refusal of the Provider: status 400 and the whole of `{"error": text}`.
    pub(crate) fn error(&self, text: &str) -> Checked<&Self> {
        self.status(400)?.exactly(&format!("{}\n", serde_json::json!({ "error": text })))
    }

    /// A refusal of the Provider's arguments: a list of texts by field.
    pub(crate) fn invalid(&self, field: &str, text: &str) -> Checked<&Self> {
        let at = format!("/errors/{}", field.replace('/', "~1"));
        self.status(400)?.at("/message", &"Validation error".into())?.at("/success", &false.into())?;
        self.at(&at, &serde_json::json!([text]))
    }

    /// A refusal of the Provider's signatures: one text.
    pub(crate) fn unauthorised(&self, text: &str) -> Checked<&Self> {
        self.status(400)?.at("/message", &"Validation error".into())?.at("/errors/signature", &text.into())
    }
}
