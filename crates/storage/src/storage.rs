use std::{fmt, net::IpAddr, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use http_body_util::BodyExt as _;
use ocean_ddo::FileObject;
use reqwest::{
    Method, StatusCode,
    header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName},
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::time::timeout;
use url::Url;

use crate::{
    contract::{Call, ContractReader},
    error::{Error, Phase, Result},
    ftp::FtpFile,
    guard::{AddressPolicy, Guard, HostResolver},
    http::{Answer, Http},
    ipfs::{self, IpfsFile},
    name,
    source::{Gateways, NameRule, Source},
    span::Span,
    timeouts::Timeouts,
};

/// The most that a node may say about a file.
const MAX_STAT: usize = 64 * 1024;

/// Reads file objects; cheap to clone.
#[derive(Debug, Clone)]
pub struct Storage {
    http: Arc<Http>,
    guard: Guard,
    gateways: Arc<Gateways>,
    contracts: Option<Arc<dyn ContractReader>>,
}

/// How a file object is read.
enum Plan {
    Http(Box<Source>),
    Other(Other),
}

/// What is not one HTTP request.
enum Other {
    Ftp(FtpFile),
    Ipfs(IpfsFile),
    Contract(Call),
}

/// What [`Storage::info`] does beyond asking for the headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InfoOptions {
    /// Whether to read the file and hash it.
    pub checksum: bool,
    /// The largest file that is hashed, in bytes; larger ones are listed without a checksum. The Python Provider calls it `MAX_CHECKSUM_LENGTH`.
    pub max_checksum: u64,
}

/// What a probe found out about a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct FileInfo {
    /// Whether the file can be read now.
    pub valid: bool,
    /// Its size in bytes, when the source says.
    pub content_length: Option<u64>,
    /// Its media type without parameters.
    pub content_type: Option<String>,
    /// Its name; empty for content-addressed files.
    pub file_name: Option<String>,
    /// The SHA-256 of its bytes in lower-case hexadecimal, when asked for and not too large.
    pub checksum: Option<String>,
    /// Why it is not valid.
    pub error: Option<Error>,
}

/// A file that is being read. Its bytes come only as fast as `body` is polled; dropping it closes the connection.
#[non_exhaustive]
pub struct OpenFile {
    /// 200, 206 with a part, or 416 when the part does not exist.
    pub status: u16,
    /// The number of bytes in `body`, when the source says.
    pub content_length: Option<u64>,
    /// As the source says, with parameters.
    pub content_type: Option<String>,
    /// Which part of the file this is; present with status 206 and 416.
    pub content_range: Option<String>,
    /// The version of the file, opaque.
    pub etag: Option<String>,
    /// Whether the source serves parts: `bytes` or `none`.
    pub accept_ranges: Option<String>,
    /// The name to save it under; never a path. Empty for the result of a contract call, which is no file.
    pub file_name: String,
    /// The bytes. An error means that they are not complete.
    pub body: BoxStream<'static, Result<Bytes>>,
}

impl fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenFile")
            .field("status", &self.status)
            .field("content_length", &self.content_length)
            .field("content_type", &self.content_type)
            .field("content_range", &self.content_range)
            .finish_non_exhaustive()
    }
}

/// Configures a [`Storage`].
#[derive(Debug, Clone, Default)]
pub struct StorageBuilder {
    guard: Guard,
    timeouts: Timeouts,
    gateways: Gateways,
    contracts: Option<Arc<dyn ContractReader>>,
}

impl StorageBuilder {
    /// Which addresses may be reached; public ones only unless told otherwise.
    #[must_use]
    pub fn policy(mut self, policy: AddressPolicy) -> Self {
        self.guard = self.guard.with_policy(policy);
        self
    }

    /// Permits one address whatever the policy says of it.
    #[must_use]
    pub fn permit(mut self, address: IpAddr) -> Self {
        self.guard = self.guard.permit(address);
        self
    }

    /// Resolves names with `resolver` instead of the operating system.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn HostResolver>) -> Self {
        self.guard = self.guard.with_resolver(resolver);
        self
    }

    /// The deadlines.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// The gateway for `ipfs` files; `/ipfs/<hash>` is appended. It is the operator's choice and may be on the local network.
    #[must_use]
    pub fn ipfs_gateway(mut self, gateway: Url) -> Self {
        self.gateways.ipfs = Some(gateway);
        self
    }

    /// The HTTP API of an IPFS node; `ipfs` files are read through it rather than through a gateway. It is the operator's choice
    /// and may be on the local network.
    #[must_use]
    pub fn ipfs_api(mut self, api: Url) -> Self {
        self.gateways.ipfs_api = Some(api);
        self
    }

    /// Who calls contracts for `smartcontract` files; they are not supported without.
    #[must_use]
    pub fn contracts(mut self, contracts: Arc<dyn ContractReader>) -> Self {
        self.contracts = Some(contracts);
        self
    }

    /// The gateway for `arweave` files; `/<transaction id>` is appended. It is the operator's choice and may be on the local network.
    #[must_use]
    pub fn arweave_gateway(mut self, gateway: Url) -> Self {
        self.gateways.arweave = Some(gateway);
        self
    }

    /// # Errors
    /// [`Error::Client`] when the TLS configuration of the machine cannot be read.
    pub fn build(self) -> Result<Storage> {
        let http = Arc::new(Http::new(self.guard.clone(), self.timeouts)?);
        Ok(Storage { http, guard: self.guard, gateways: Arc::new(self.gateways), contracts: self.contracts })
    }
}

impl Storage {
    /// Public addresses only, default deadlines, no gateways.
    pub fn builder() -> StorageBuilder {
        StorageBuilder::default()
    }

    /// The address guard, to check other URLs that strangers wrote.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// A client for other outgoing calls, under the same guard and connect deadline.
    ///
    /// # Errors
    /// [`Error::Client`] as for [`Guard::client`], which says what else the caller has to do.
    pub fn guarded_client(&self) -> Result<reqwest::Client> {
        self.guard.client(&self.http.timeouts)
    }

    /// Finds out about `file` within the probe deadline. A file that cannot be reached is not an error but not valid.
    pub async fn info(&self, file: &FileObject, options: InfoOptions) -> FileInfo {
        self.info_for(file, options, None).await
    }

    /// As [`Storage::info`], with the consumer's parameters: many sources answer nothing without them.
    pub async fn info_for(&self, file: &FileObject, options: InfoOptions, user_data: Option<&Value>) -> FileInfo {
        let found = match timeout(self.http.timeouts.probe, self.probe(file, options, user_data)).await {
            Ok(found) => found,
            Err(_) => Err(Error::Deadline(Phase::Probe)),
        };
        found.unwrap_or_else(|error| FileInfo { error: Some(error), ..FileInfo::default() })
    }

    async fn probe(&self, file: &FileObject, options: InfoOptions, user_data: Option<&Value>) -> Result<FileInfo> {
        let hash = options.checksum && options.max_checksum > 0;
        let source = match self.plan(file, user_data).await? {
            Plan::Http(source) => source,
            Plan::Other(other) => return self.probe_other(&other, hash, options.max_checksum).await,
        };
        if source.head && !hash {
            // Many sources answer HEAD wrongly or not at all; only a full answer is believed.
            match self.http.send(&source, Method::HEAD).await {
                Ok(response) if response.status() == StatusCode::OK && length(response.headers()).is_some() => {
                    return Ok(described(&source, &response));
                }
                Err(error) if error.is_refused() => return Err(error),
                _ => {}
            }
        }
        let response = self.http.send(&source, source.method.clone()).await?;
        if !(response.status() == StatusCode::OK
            || response.status() == StatusCode::PARTIAL_CONTENT && source.is_partial())
        {
            return Err(Error::Status(response.status().as_u16()));
        }
        let mut info = described(&source, &response);
        if hash && info.content_length.is_none_or(|length| length <= options.max_checksum) {
            info.checksum = checksum(self.body(response, None), options.max_checksum).await?;
        }
        Ok(info)
    }

    /// Opens `file` for reading. `range` is the value of a `Range` header, `user_data` the consumer's parameters.
    ///
    /// A source that ignores `range` answers 200 with the whole file.
    ///
    /// # Errors
    /// The file object cannot be requested, its host may not be reached, or the source does not answer with a file.
    pub async fn open(&self, file: &FileObject, range: Option<&str>, user_data: Option<&Value>) -> Result<OpenFile> {
        let mut source = match self.plan(file, user_data).await? {
            Plan::Http(source) => source,
            Plan::Other(other) => return self.open_other(&other, range, true).await,
        };
        source.ask_for(range)?;
        let response = self.http.send(&source, source.method.clone()).await?;
        self.opened(&source, response, true)
    }

    /// The same as [`Storage::open`] without the bytes: `body` is empty, `content_length` is what a read would give.
    ///
    /// # Errors
    /// As [`Storage::open`].
    pub async fn head(&self, file: &FileObject, range: Option<&str>, user_data: Option<&Value>) -> Result<OpenFile> {
        let mut source = match self.plan(file, user_data).await? {
            Plan::Http(source) => source,
            Plan::Other(other) => return self.open_other(&other, range, false).await,
        };
        source.ask_for(range)?;
        if source.head && source.method == Method::GET {
            let response = self.http.send(&source, Method::HEAD).await?;
            if let Ok(opened) = self.opened(&source, response, false) {
                return Ok(opened);
            }
        }
        let response = self.http.send(&source, source.method.clone()).await?;
        self.opened(&source, response, false)
    }

    async fn plan(&self, file: &FileObject, user_data: Option<&Value>) -> Result<Plan> {
        Ok(match (file, &self.gateways.ipfs_api) {
            (FileObject::Ftp { url }, _) => Plan::Other(Other::Ftp(FtpFile::parse(url)?)),
            (FileObject::Ipfs { hash }, Some(api)) => Plan::Other(Other::Ipfs(IpfsFile::new(api, hash)?)),
            (FileObject::SmartContract { address, chain_id, abi }, _) => {
                Plan::Other(Other::Contract(Call::new(*chain_id, *address, abi, user_data)?))
            }
            _ => Plan::Http(Box::new(Source::new(file, &self.gateways, user_data).await?)),
        })
    }

    async fn open_other(&self, other: &Other, range: Option<&str>, with_body: bool) -> Result<OpenFile> {
        match other {
            Other::Ftp(file) => file.open(&self.guard, &self.http.timeouts, range, with_body).await,
            Other::Ipfs(file) => self.open_ipfs(file, range, with_body).await,
            Other::Contract(call) => self.call(call, with_body).await,
        }
    }

    async fn probe_other(&self, other: &Other, hash: bool, max_checksum: u64) -> Result<FileInfo> {
        let opened = self.open_other(other, None, hash).await?;
        let (content_type, file_name) = match other {
            Other::Ftp(file) => (opened.content_type, file.name()),
            Other::Ipfs(_) => (opened.content_type, Some(String::new())),
            // Named otherwise than in a download, as in the Python Provider.
            Other::Contract(_) => (Some("application/json".to_owned()), None),
        };
        let checksum = match opened.content_length {
            Some(length) if length > max_checksum => None,
            _ if hash => checksum(opened.body, max_checksum).await?,
            _ => None,
        };
        Ok(FileInfo {
            valid: true,
            content_length: opened.content_length,
            content_type,
            file_name,
            checksum,
            error: None,
        })
    }

    async fn open_ipfs(&self, file: &IpfsFile, range: Option<&str>, with_body: bool) -> Result<OpenFile> {
        let answer = self.posted(&file.stat()?).await?;
        let size = ipfs::size(&answer)?;
        let span = Span::of(range, size);
        let length = span.length(size);
        let body = if with_body && length > 0 {
            let source = file.cat(span, size)?;
            let response = self.http.send(&source, Method::POST).await?;
            match response.status() {
                StatusCode::OK => self.body(response, Some(length)),
                other => return Err(Error::Status(other.as_u16())),
            }
        } else {
            stream::empty().boxed()
        };
        Ok(OpenFile {
            status: span.status(),
            content_length: Some(length),
            content_type: Some("application/octet-stream".to_owned()),
            content_range: span.content_range(size),
            etag: None,
            accept_ranges: Some("bytes".to_owned()),
            file_name: name::with_extension(name::random(), Some("application/octet-stream")),
            body,
        })
    }

    /// The short answer to a POST.
    async fn posted(&self, source: &Source) -> Result<Bytes> {
        let response = self.http.send(source, Method::POST).await?;
        if response.status() != StatusCode::OK {
            return Err(Error::Status(response.status().as_u16()));
        }
        let mut body = self.body(response, None);
        let mut answer = BytesMut::new();
        while let Some(piece) = body.try_next().await? {
            if answer.len() + piece.len() > MAX_STAT {
                return Err(Error::InvalidResponse("a long answer"));
            }
            answer.extend_from_slice(&piece);
        }
        Ok(answer.freeze())
    }

    async fn call(&self, call: &Call, with_body: bool) -> Result<OpenFile> {
        let contracts = self.contracts.as_ref().ok_or(Error::Unsupported("smartcontract"))?;
        let asked =
            timeout(self.http.timeouts.first_byte, contracts.call(call.chain, call.contract, call.input.clone()));
        let output = asked.await.map_err(|_| Error::Deadline(Phase::FirstByte))??;
        let text = call.text(&output)?;
        Ok(OpenFile {
            status: 200,
            content_length: Some(text.len() as u64),
            content_type: Some("text/html; charset=utf-8".to_owned()),
            content_range: None,
            etag: None,
            accept_ranges: None,
            file_name: String::new(),
            body: if with_body { stream::iter([Ok(Bytes::from(text))]).boxed() } else { stream::empty().boxed() },
        })
    }

    fn opened(&self, source: &Source, response: Answer, with_body: bool) -> Result<OpenFile> {
        let status = response.status().as_u16();
        let headers = response.headers();
        match status {
            200 => {}
            206 | 416 if source.is_partial() => {}
            206 => return Err(Error::InvalidResponse("a part that nobody asked for")),
            other => return Err(Error::Status(other)),
        }
        let content_type = text(headers, CONTENT_TYPE);
        let named = match source.name {
            NameRule::Response => named(source, &response),
            NameRule::RandomDownload | NameRule::Hidden => None,
        };
        Ok(OpenFile {
            status,
            content_length: length(headers),
            content_range: text(headers, CONTENT_RANGE).filter(|_| status != 200),
            etag: text(headers, ETAG).map(|etag| if source.name == NameRule::Hidden { hidden(&etag) } else { etag }),
            accept_ranges: text(headers, ACCEPT_RANGES),
            file_name: name::with_extension(named.unwrap_or_else(name::random), content_type.as_deref()),
            content_type,
            body: if with_body { self.body(response, None) } else { stream::empty().boxed() },
        })
    }

    /// The body piece by piece, each within the idle deadline, which runs only while somebody waits for the piece.
    /// `expected` is its length, where that is known otherwise than from the headers.
    fn body(&self, response: Answer, expected: Option<u64>) -> BoxStream<'static, Result<Bytes>> {
        let idle = self.http.timeouts.idle;
        let announced = expected.or(length(response.headers()));
        stream::try_unfold((response.response.into_body(), 0_u64), move |(mut body, read)| async move {
            match timeout(idle, body.frame()).await {
                Err(_) => Err(Error::Deadline(Phase::Idle)),
                Ok(Some(Err(_))) => Err(Error::Truncated),
                Ok(Some(Ok(frame))) => {
                    // What is no data are trailers, which nobody reads.
                    let piece = frame.into_data().unwrap_or_default();
                    let read = read.saturating_add(piece.len() as u64);
                    Ok(Some((piece, (body, read))))
                }
                Ok(None) if announced.is_some_and(|announced| announced != read) => Err(Error::Truncated),
                Ok(None) => Ok(None),
            }
        })
        .boxed()
    }
}

fn described(source: &Source, response: &Answer) -> FileInfo {
    let headers = response.headers();
    let essence = |text: String| text.split(';').next().unwrap_or_default().trim().to_owned();
    FileInfo {
        valid: true,
        content_length: length(headers),
        content_type: text(headers, CONTENT_TYPE).map(essence),
        file_name: match source.name {
            NameRule::Response | NameRule::RandomDownload => named(source, response),
            NameRule::Hidden => Some(String::new()),
        },
        checksum: None,
        error: None,
    }
}

fn named(source: &Source, response: &Answer) -> Option<String> {
    source.own_name.clone().or_else(|| name::from_response(response.headers(), &response.url))
}

/// The SHA-256 of the body, or nothing when it is larger than `limit`.
async fn checksum(mut body: BoxStream<'static, Result<Bytes>>, limit: u64) -> Result<Option<String>> {
    let mut hash = Sha256::new();
    let mut size = 0_u64;
    while let Some(piece) = body.try_next().await? {
        size = size.saturating_add(piece.len() as u64);
        if size > limit {
            return Ok(None);
        }
        hash.update(&piece);
    }
    Ok(Some(hex::encode(hash.finalize())))
}

/// A version of the file that does not tell its address: gateways use the address itself as one.
fn hidden(etag: &str) -> String {
    format!("\"{}\"", hex::encode(&Sha256::digest(etag)[..16]))
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
