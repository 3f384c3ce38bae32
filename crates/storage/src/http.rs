use std::{sync::OnceLock, time::Duration};

use hyper::{Response, body::Incoming};
use reqwest::{
    Method, StatusCode,
    header::{ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderMap, LOCATION, RANGE, USER_AGENT},
};
use tokio::time::timeout;
use url::Url;

use crate::{
    client::Client,
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
        let client = Client::new(guard.clone(), &timeouts)?;
        Ok(Self { guard, client, gateway: OnceLock::new(), timeouts })
    }

    /// The client for the operator's own gateways, which may well be on the local network.
    fn gateway(&self) -> Result<&Client> {
        if let Some(client) = self.gateway.get() {
            return Ok(client);
        }
        let client = Client::new(Guard::new(AddressPolicy { allow_private: true }), &self.timeouts)?;
        Ok(self.gateway.get_or_init(|| client))
    }

    /// Sends `source` with `method` and follows redirects; every hop is checked before anything is sent to it.
    pub(crate) async fn send(&self, source: &Source, method: Method) -> Result<Answer> {
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
            let request = client.send(method.clone(), &url, &headers, body.clone());
            let response = within(self.timeouts.first_byte, request).await?;
            let Some(next) = redirect_target(&response, &url)? else {
                return Ok(Answer { response, url });
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

/// What the last hop answered.
pub(crate) struct Answer {
    pub(crate) response: Response<Incoming>,
    pub(crate) url: Url,
}

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }
}

async fn within(
    limit: Duration,
    request: impl Future<Output = Result<Response<Incoming>>>,
) -> Result<Response<Incoming>> {
    timeout(limit, request).await.map_err(|_| Error::Deadline(Phase::FirstByte))?
}

/// The URL that `response` points to, if it is a redirect.
fn redirect_target(response: &Response<Incoming>, base: &Url) -> Result<Option<Url>> {
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
