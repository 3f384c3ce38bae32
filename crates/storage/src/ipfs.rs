//! `ipfs` files through the HTTP API of a node (Kubo's RPC), which is the operator's own.

use serde_json::Value;
use url::Url;

use crate::{
    error::{Error, Result},
    source::{Source, content_address},
    span::Span,
};

/// One file at one node.
pub(crate) struct IpfsFile {
    api: Url,
    hash: String,
}

impl IpfsFile {
    pub(crate) fn new(api: &Url, hash: &str) -> Result<Self> {
        let hash = content_address(hash, |byte| byte.is_ascii_alphanumeric())?;
        Ok(Self { api: api.clone(), hash: hash.to_owned() })
    }

    /// Asks for the size.
    pub(crate) fn stat(&self) -> Result<Source> {
        Source::post(&self.api, &["api", "v0", "files", "stat"], &[("arg", format!("/ipfs/{}", self.hash))])
    }

    /// Asks for the bytes of `span`.
    pub(crate) fn cat(&self, span: Span, size: u64) -> Result<Source> {
        let mut query = vec![("arg", self.hash.clone())];
        if span != Span::Whole {
            query.push(("offset", span.start().to_string()));
            query.push(("length", span.length(size).to_string()));
        }
        Source::post(&self.api, &["api", "v0", "cat"], &query)
    }
}

/// The size in the answer to [`IpfsFile::stat`].
pub(crate) fn size(answer: &[u8]) -> Result<u64> {
    let answer: Value = serde_json::from_slice(answer).map_err(|_| Error::InvalidResponse("not JSON"))?;
    match answer["Type"].as_str() {
        Some("directory") => Err(Error::InvalidFile("a directory")),
        _ => answer["Size"].as_u64().ok_or(Error::InvalidResponse("no size")),
    }
}
