use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use url::Url;

use crate::error::{Error, Result};

/// How much of a refusal's body is kept.
const MAX_REFUSAL: usize = 8 * 1024;

/// The connection to one server.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    pub(crate) client: Client,
    pub(crate) base: Url,
    pub(crate) timeout: Duration,
    pub(crate) limit: usize,
}

/// A complete answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) what: &'static str,
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Http {
    /// A request to a path under the base URL, whose own path is kept.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut url = self.base.clone();
        let joined = format!("{}{path}", self.base.path().trim_end_matches('/'));
        url.set_path(&joined);
        self.client.request(method, url).timeout(self.timeout)
    }

    /// Sends a request that changes nothing; it goes out a second time when the connection broke.
    pub(crate) async fn read(&self, what: &'static str, request: RequestBuilder) -> Result<Answer> {
        let second = request.try_clone();
        match (self.send(what, request).await, second) {
            (Err(Error::Transport { source, .. }), Some(second)) if !source.is_timeout() => {
                tracing::debug!(what, error = %source, "the connection broke, asking again");
                self.send(what, second).await
            }
            (outcome, _) => outcome,
        }
    }

    /// Sends a request once.
    pub(crate) async fn send(&self, what: &'static str, request: RequestBuilder) -> Result<Answer> {
        let failed =
            |source: reqwest::Error| Error::Transport { what, host: self.host(), source: source.without_url() };
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(failed)? {
            if body.len() + piece.len() > self.limit {
                return Err(Error::TooLarge { what, limit: self.limit });
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answer { what, status, body })
    }

    fn host(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        match self.base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}

impl Answer {
    /// The body of a success; everything else is a refusal.
    pub(crate) fn success(self) -> Result<Vec<u8>> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        Err(self.refusal())
    }

    pub(crate) fn refusal(&self) -> Error {
        let end = self.body.len().min(MAX_REFUSAL);
        Error::Refused {
            what: self.what,
            status: self.status,
            body: String::from_utf8_lossy(&self.body[..end]).trim_end().to_owned(),
        }
    }

    /// The body of a success as JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(self) -> Result<T> {
        let what = self.what;
        let body = self.success()?;
        serde_json::from_slice(&body).map_err(|error| Error::Answer { what, reason: error.to_string() })
    }
}
