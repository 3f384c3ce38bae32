use std::{sync::OnceLock, time::Duration};

use reqwest::{
    Client, Method, Response, StatusCode,
    header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderMap, LOCATION, RANGE, USER_AGENT},
};
use tokio::time::timeout;
use url::Url;

use crate::{
    error::{Error, Phase, Result},
    guard::{AddressPolicy, Guard},
    source::Source,
    timeouts::Timeouts,
};

/// The longest chain of redirects that is followed.
pub(crate) const MAX_REDIRECTS: usize = 5;

/// The longest redirect target that is followed.
const MAX_LOCATION: usize = 8 * 1024;

/// Sends requests within the guard and the deadlines.
#[derive(Debug)]
pub(crate) struct Http {
    guard: Guard,
    client: Client,
    gateway: OnceLock<Client>,
    pub(crate) timeouts: Timeouts,
}

impl Http {
    pub(crate) fn new(guard: Guard, timeouts: Timeouts) -> Result<Self> {
        let client = guard.client(&timeouts)?;
        Ok(Self { guard, client, gateway: OnceLock::new(), timeouts })
    }

    /// The client for the operator's own gateways, which may well be on the local network.
    fn gateway(&self) -> Result<&Client> {
        if let Some(client) = self.gateway.get() {
            return Ok(client);
        }
        let client = Guard::new(AddressPolicy { allow_private: true }).client(&self.timeouts)?;
        Ok(self.gateway.get_or_init(|| client))
    }

    /// Sends `source` with `method` and follows redirects; every hop is checked before anything is sent to it.
    pub(crate) async fn send(&self, source: &Source, method: Method) -> Result<Response> {
        let mut method = method;
        let mut url = source.head_url.as_ref().filter(|_| method == Method::HEAD).unwrap_or(&source.url).clone();
        let mut headers = source.headers.clone();
        let mut body = if method == Method::POST { source.body.clone() } else { None };
        for _ in 0..=MAX_REDIRECTS {
            let client = if source.gateway && url.origin() == source.url.origin() {
                self.gateway()?
            } else {
                self.guard.check(&url)?;
                &self.client
            };
            let mut request = client.request(method.clone(), url.clone()).headers(headers.clone());
            if let Some(body) = &body {
                request = request.body(body.clone());
            }
            let response = within(self.timeouts.first_byte, request.send()).await?;
            let Some(next) = redirect_target(&response, &url)? else {
                return Ok(response);
            };
            // As browsers do: 303 always, and 301 and 302 after a POST, go on as GET.
            let to_get = match response.status() {
                StatusCode::SEE_OTHER => method != Method::HEAD,
                StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => method == Method::POST,
                _ => false,
            };
            if to_get {
                method = Method::GET;
                body = None;
                headers.remove(CONTENT_TYPE);
            }
            if next.origin() != url.origin() {
                headers = harmless(&headers);
            }
            url = next;
        }
        Err(Error::TooManyRedirects { limit: MAX_REDIRECTS })
    }
}

async fn within(limit: Duration, request: impl Future<Output = reqwest::Result<Response>>) -> Result<Response> {
    match timeout(limit, request).await {
        Ok(response) => response.map_err(|error| classify(&error)),
        Err(_) => Err(Error::Deadline(Phase::FirstByte)),
    }
}

/// The URL that `response` points to, if it is a redirect.
fn redirect_target(response: &Response, base: &Url) -> Result<Option<Url>> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let location = location.filter(|location| location.len() <= MAX_LOCATION).ok_or(Error::InvalidRedirect)?;
    base.join(location).map(Some).map_err(|_| Error::InvalidRedirect)
}

/// What another origin may learn. A publisher's own headers are secrets until proven otherwise, whatever their names are.
fn harmless(headers: &HeaderMap) -> HeaderMap {
    [ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE, RANGE, USER_AGENT]
        .into_iter()
        .filter_map(|name| headers.get(&name).cloned().map(|value| (name, value)))
        .collect()
}

/// What went wrong, without the URL that the client's own message carries.
pub(crate) fn classify(error: &reqwest::Error) -> Error {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        // The guard answers from inside the client's resolver.
        if let Some(own) = inner.downcast_ref::<Error>() {
            return own.clone();
        }
        cause = inner.source();
    }
    if error.is_connect() {
        if error.is_timeout() { Error::Deadline(Phase::Connect) } else { Error::Connect }
    } else if error.is_timeout() {
        Error::Deadline(Phase::FirstByte)
    } else if error.is_builder() {
        Error::InvalidUrl("malformed")
    } else if error.is_body() || error.is_decode() {
        Error::Truncated
    } else {
        Error::InvalidResponse("not HTTP, or its headers exceed the bounds")
    }
}
