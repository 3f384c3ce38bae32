use std::collections::BTreeMap;

use bytes::Bytes;
use ocean_ddo::{FileObject, HttpMethod};
use reqwest::{
    Method,
    header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE},
};
use serde_json::Value;
use url::Url;

use crate::{
    error::{Error, Result},
    name,
    objects::{self, SignedUrls},
};

/// The most headers that a file object may set, and the most bytes in them.
const MAX_HEADERS: usize = 50;
const MAX_HEADER_BYTES: usize = 32 * 1024;

/// The longest URL that is requested.
const MAX_URL: usize = 8 * 1024;

/// Headers that describe one connection or one body. The client sets them; a file object cannot.
const OWN_HEADERS: [&str; 10] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// How a file object is requested over HTTP.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// Where a `HEAD` goes, if not to `url`: a signature is for one method.
    pub(crate) head_url: Option<Url>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    /// Set when the operator, not a stranger, chose the host: the requests to this origin pass the guard.
    pub(crate) gateway: bool,
    pub(crate) name: NameRule,
    /// What the file is called, where the file object says.
    pub(crate) own_name: Option<String>,
    /// Whether a `HEAD` can tell about the file.
    pub(crate) head: bool,
}

/// Where the name of a file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameRule {
    /// From the answer, in probes and downloads.
    Response,
    /// From the answer in probes; random in downloads, since the name of the endpoint is not the name of the file.
    RandomDownload,
    /// Empty in probes and random in downloads: the last element of the path is the address of the content.
    Hidden,
}

/// The operator's gateways to content-addressed networks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gateways {
    pub(crate) ipfs: Option<Url>,
    pub(crate) ipfs_api: Option<Url>,
    pub(crate) arweave: Option<Url>,
}

impl Source {
    /// What to send for `file`; `user_data` are the consumer's parameters.
    pub(crate) async fn new(file: &FileObject, gateways: &Gateways, user_data: Option<&Value>) -> Result<Self> {
        match file {
            FileObject::S3 { s3_access: access } => Ok(Self::signed(objects::s3(access).await?, &access.object_key)),
            FileObject::Azure { azure_access: access } => Ok(Self::signed(objects::azure(access).await?, &access.blob)),
            FileObject::Gcs { gcs_access: access } => Ok(Self::signed(objects::gcs(access).await?, &access.object_key)),
            FileObject::Url { url, method, headers } => {
                let mut source = Self::get(parse_url(url)?, NameRule::Response);
                source.headers = parse_headers(headers)?;
                match method {
                    HttpMethod::Post => {
                        source.method = Method::POST;
                        if let Some(data) = user_data {
                            source.set_json(data);
                        }
                    }
                    _ => source.add_query(user_data),
                }
                Ok(source)
            }
            FileObject::Graphql { url, query, headers } => {
                let mut source = Self::get(parse_url(url)?, NameRule::RandomDownload);
                source.headers = parse_headers(headers)?;
                source.method = Method::POST;
                source.head = false;
                let mut body = serde_json::Map::new();
                body.insert("query".to_owned(), Value::String(query.clone()));
                if let Some(variables) = user_data {
                    body.insert("variables".to_owned(), variables.clone());
                }
                source.set_json(&Value::Object(body));
                Ok(source)
            }
            FileObject::Ipfs { hash } => {
                let gateway = gateways.ipfs.as_ref().ok_or(Error::Unsupported("ipfs"))?;
                let alphanumeric = |byte: u8| byte.is_ascii_alphanumeric();
                Self::content(gateway, &["ipfs", content_address(hash, alphanumeric)?])
            }
            FileObject::Arweave { transaction_id } => {
                let gateway = gateways.arweave.as_ref().ok_or(Error::Unsupported("arweave"))?;
                let base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                Self::content(gateway, &[content_address(transaction_id, base64url)?])
            }
            _ => Err(Error::Unsupported("unknown")),
        }
    }

    fn get(url: Url, name: NameRule) -> Self {
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
        Self {
            method: Method::GET,
            url,
            head_url: None,
            headers,
            body: None,
            gateway: false,
            name,
            own_name: None,
            head: true,
        }
    }

    fn signed(urls: SignedUrls, key: &str) -> Self {
        let own_name = name::sanitised(key);
        Self { head_url: Some(urls.head), own_name, ..Self::get(urls.get, NameRule::Response) }
    }

    /// A POST to an interface of the operator's own.
    pub(crate) fn post(api: &Url, path: &[&str], query: &[(&str, String)]) -> Result<Self> {
        let mut source = Self::content(api, path)?;
        source.url.query_pairs_mut().extend_pairs(query);
        Ok(Self { method: Method::POST, head: false, ..source })
    }

    fn content(gateway: &Url, path: &[&str]) -> Result<Self> {
        let mut url = gateway.clone();
        url.path_segments_mut().map_err(|()| Error::InvalidUrl("the gateway has no path"))?.pop_if_empty().extend(path);
        Ok(Self { gateway: true, ..Self::get(url, NameRule::Hidden) })
    }

    fn set_json(&mut self, body: &Value) {
        self.body = Some(Bytes::from(body.to_string()));
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }

    /// The consumer's parameters as query pairs; anything but an object is left out, as peers do.
    fn add_query(&mut self, user_data: Option<&Value>) {
        let Some(Value::Object(parameters)) = user_data else {
            return;
        };
        let pairs: Vec<(&str, String)> = parameters
            .iter()
            .filter_map(|(name, value)| match value {
                Value::Null => None,
                Value::String(text) => Some((name.as_str(), text.clone())),
                other => Some((name.as_str(), other.to_string())),
            })
            .collect();
        if !pairs.is_empty() {
            self.url.query_pairs_mut().extend_pairs(pairs);
        }
    }

    /// Asks for a part of the file, unless the file object itself asks for one.
    pub(crate) fn ask_for(&mut self, range: Option<&str>) -> Result<()> {
        if let Some(range) = range
            && !self.headers.contains_key(RANGE)
        {
            let value = HeaderValue::from_str(range).map_err(|_| Error::InvalidHeader("the range"))?;
            self.headers.insert(RANGE, value);
        }
        Ok(())
    }

    /// Whether part of the file was asked for.
    pub(crate) fn is_partial(&self) -> bool {
        self.headers.contains_key(RANGE)
    }
}

fn parse_url(text: &str) -> Result<Url> {
    if text.len() > MAX_URL {
        return Err(Error::InvalidUrl("too long"));
    }
    Url::parse(text).map_err(|_| Error::InvalidUrl("malformed"))
}

fn parse_headers(given: &BTreeMap<String, String>) -> Result<HeaderMap> {
    let bytes: usize = given.iter().map(|(name, value)| name.len() + value.len()).sum();
    if given.len() > MAX_HEADERS || bytes > MAX_HEADER_BYTES {
        return Err(Error::InvalidHeader("too many"));
    }
    let mut headers = HeaderMap::with_capacity(given.len() + 2);
    for (name, value) in given {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Error::InvalidHeader("malformed name"))?;
        let mut value = HeaderValue::from_str(value).map_err(|_| Error::InvalidHeader("malformed value"))?;
        value.set_sensitive(true);
        if !OWN_HEADERS.contains(&name.as_str()) {
            headers.insert(name, value);
        }
    }
    // Bytes are handed on as they are, so they must not come compressed unless the publisher wants that.
    headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
    Ok(headers)
}

pub(crate) fn content_address(text: &str, allowed: impl Fn(u8) -> bool) -> Result<&str> {
    if !text.is_empty() && text.len() <= 128 && text.bytes().all(allowed) {
        Ok(text)
    } else {
        Err(Error::InvalidFile("malformed content address"))
    }
}
