//! Documents over http and https. The user chose the URL, so any address is fine; size, time and redirects are bounded all the same.

use std::{error::Error as _, time::Duration};

use ocean_ddo::limits::MAX_DOCUMENT_BYTES;
use reqwest::{Client, Response, redirect};
use url::Url;

use super::{redacted, too_large, without_code};
use crate::{
    failure::{Failure, Result},
    paint::cut,
};

const REDIRECTS: usize = 5;
/// How much of a refusal is shown.
const EXCERPT: usize = 200;

/// Everything together, redirects and the body included, takes at most `timeout`.
pub(super) fn get(text: &str, timeout: Duration) -> Result<(String, Vec<u8>)> {
    let url = Url::parse(text).map_err(|error| {
        Failure::new(format!("this is not a URL: {error}")).hint("write http:// or https://, a host and a path")
    })?;
    let name = redacted(&url);
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Failure::new(format!("documents are not read over {}", url.scheme()))
            .of(name)
            .hint("use an http or https URL, or download the document and name the file"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("cannot start the network runtime: {error}")))?;
    let result = runtime.block_on(fetch(url, timeout)).map_err(|failure| failure.of(name.as_str()));
    // A name lookup that hangs must not keep the command from ending.
    runtime.shutdown_background();
    result.map(|bytes| (name, bytes))
}

async fn fetch(url: Url, timeout: Duration) -> Result<Vec<u8>> {
    let mut builder = Client::builder()
        .timeout(timeout)
        .redirect(redirect::Policy::custom(follow))
        .user_agent(concat!("ocean/", env!("CARGO_PKG_VERSION")));
    if matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) {
        // A proxy cannot reach this machine's loopback.
        builder = builder.no_proxy();
    }
    let client = builder.build().map_err(|error| failed(&error, timeout))?;
    let mut response = client.get(url).send().await.map_err(|error| failed(&error, timeout))?;
    if !response.status().is_success() {
        return Err(refused(response).await);
    }
    if response.content_length().is_some_and(|length| length > MAX_DOCUMENT_BYTES as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error, timeout))? {
        if bytes.len() + chunk.len() > MAX_DOCUMENT_BYTES {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Not for ever, and not from https to http: what was asked for in private is not sent in the clear.
fn follow(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let scheme = attempt.url().scheme().to_owned();
    let from = attempt.previous().last().map(|url| url.scheme().to_owned());
    if !matches!(scheme.as_str(), "http" | "https") {
        attempt.error(format!("it leads to {scheme}"))
    } else if scheme == "http" && from.as_deref() == Some("https") {
        attempt.error("it leads from https to http")
    } else if attempt.previous().len() > REDIRECTS {
        attempt.error(format!("more than {REDIRECTS} redirects"))
    } else {
        attempt.follow()
    }
}

async fn refused(mut response: Response) -> Failure {
    let status = response.status();
    let mut body = Vec::new();
    while body.len() < EXCERPT * 4
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk);
    }
    let text = String::from_utf8_lossy(&body);
    let said = match text.trim() {
        "" => String::new(),
        text => format!(": {}", cut(text, EXCERPT)),
    };
    Failure::new(format!("the server answers {status}{said}"))
        .hint("open the URL in a browser or with `curl -i` to see what it needs")
}

/// The reason at the end of the chain; the URL may hold what is secret and is left out.
fn failed(error: &reqwest::Error, timeout: Duration) -> Failure {
    if error.is_timeout() {
        let hint = "the server is slow or gone: try again, or give it more time with --timeout";
        return Failure::new(format!("no complete answer within {} s", timeout.as_secs())).hint(hint);
    }
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        reason = cause.to_string();
        source = cause.source();
    }
    let what = if error.is_redirect() {
        "the redirect is not followed"
    } else if error.is_connect() {
        "cannot connect"
    } else {
        "the answer broke off"
    };
    Failure::new(format!("{what}: {}", cut(without_code(&reason), EXCERPT))).hint("check the URL and the network")
}
