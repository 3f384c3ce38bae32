use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use ocean_crypto::{Message, PrivateKey, command, sign_message};
use ocean_did::Did;
use ocean_primitives::{Address, B256, ChainId, Dialect, Nonce, ServiceId};
use ocean_provider_api::{
    Discovery, Endpoint,
    decrypt::DecryptQuery,
    file_info::{self, FileEntry},
    initialize::{InitializeRequest, Initialized},
    nonce::{self, NonceRequest},
};
use reqwest::{RequestBuilder, Response, redirect};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use url::Url;

use crate::{
    error::{Error, Result},
    http::{Http, SMALL},
    nonces::Nonces,
};

/// How often a signed request is sent again with a fresh nonce after its nonce was refused.
const NONCE_ATTEMPTS: usize = 4;

/// A client of one Provider or ocean-node; which of the two it is, the discovery document tells.
///
/// Clones share connections, the discovery document and the nonces.
#[derive(Debug, Clone)]
pub struct ProviderClient {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) http: Http,
    discovery: OnceCell<Discovery>,
    nonces: Nonces,
    max_document: u64,
}

/// Settings of a [`ProviderClient`].
#[derive(Debug)]
pub struct ProviderClientBuilder {
    url: String,
    client: Option<reqwest::Client>,
    timeout: Duration,
    stall: Duration,
    max_document: u64,
}

impl ProviderClientBuilder {
    /// The HTTP client to use, for instance one that refuses private addresses. It must not follow redirects by itself:
    /// a redirect would carry a signature to another host.
    #[must_use]
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.client = Some(client);
        self
    }

    /// How long an answer's head may take; 30 s if not set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long a body may stand still; 30 s if not set.
    #[must_use]
    pub fn stall_timeout(mut self, stall: Duration) -> Self {
        self.stall = stall;
        self
    }

    /// The largest decrypted document in bytes; 32 MiB if not set.
    #[must_use]
    pub fn max_document(mut self, bytes: u64) -> Self {
        self.max_document = bytes;
        self
    }

    /// # Errors
    /// The URL is not an http or https URL, or the HTTP client cannot be set up.
    pub fn build(self) -> Result<ProviderClient> {
        let bad = || Error::Url(self.url.chars().take(200).collect());
        let base: Url = self.url.trim().parse().map_err(|_| bad())?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(bad());
        }
        let client = match self.client {
            Some(client) => client,
            None => reqwest::Client::builder()
                .redirect(redirect::Policy::none())
                .connect_timeout(self.timeout.min(Duration::from_secs(10)))
                .build()
                .map_err(Error::Build)?,
        };
        let http = Http { client, base, timeout: self.timeout, stall: self.stall };
        let inner =
            Inner { http, discovery: OnceCell::new(), nonces: Nonces::default(), max_document: self.max_document };
        Ok(ProviderClient { inner: Arc::new(inner) })
    }
}

/// Which files `fileinfo` is asked about.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FileInfoQuery {
    /// Those of a service.
    Service(Did, ServiceId),
    /// This file object, with its `type`.
    File(Value),
}

/// What `initialize` is asked about.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct InitializeQuery {
    /// The asset.
    pub did: Did,
    /// The service.
    pub service_id: ServiceId,
    /// Who will order.
    pub consumer: Address,
    /// A file that the Provider tries out first.
    pub file_index: Option<u64>,
    /// An order that may still be valid.
    pub transfer_tx: Option<B256>,
}

impl InitializeQuery {
    /// A new order of the service.
    pub fn new(did: Did, service_id: ServiceId, consumer: Address) -> Self {
        Self { did, service_id, consumer, file_index: None, transfer_tx: None }
    }

    /// Names an order that may still be valid.
    #[must_use]
    pub fn transfer_tx(mut self, tx: B256) -> Self {
        self.transfer_tx = Some(tx);
        self
    }

    /// Lets the Provider try out a file first.
    #[must_use]
    pub fn file_index(mut self, index: u64) -> Self {
        self.file_index = Some(index);
        self
    }
}

impl ProviderClient {
    /// A client of the Provider at `url`.
    pub fn builder(url: impl Into<String>) -> ProviderClientBuilder {
        ProviderClientBuilder {
            url: url.into(),
            client: None,
            timeout: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            max_document: 32 * 1024 * 1024,
        }
    }

    /// The base URL.
    pub fn url(&self) -> &Url {
        &self.inner.http.base
    }

    /// The discovery document; it is asked for once.
    ///
    /// # Errors
    /// Nobody answers, or it is no Provider.
    pub async fn discovery(&self) -> Result<&Discovery> {
        let http = &self.inner.http;
        let load = || async {
            let body = http
                .retried(|| async {
                    let response = http.send("discovery", http.request("GET", "/", &[])?).await?;
                    http.body("discovery", response, SMALL).await
                })
                .await?;
            Discovery::parse(&body).map_err(|source| Error::Discovery { host: http.host(), source })
        };
        self.inner.discovery.get_or_try_init(load).await
    }

    /// Which family the server belongs to.
    ///
    /// # Errors
    /// As [`discovery`](Self::discovery).
    pub async fn dialect(&self) -> Result<Dialect> {
        Ok(self.discovery().await?.dialect)
    }

    /// The Provider's address on that chain: who signs its fees.
    ///
    /// # Errors
    /// As [`discovery`](Self::discovery).
    pub async fn address(&self, chain: ChainId) -> Result<Option<Address>> {
        Ok(self.discovery().await?.addresses.get(&chain).copied())
    }

    /// The stored nonce of an address; the next request must carry a greater one.
    ///
    /// # Errors
    /// No answer, or not one.
    pub async fn nonce(&self, address: Address) -> Result<Nonce> {
        let query = NonceRequest::query(address);
        let body = self.safe(Endpoint::Nonce, "nonce", &query, None).await?;
        nonce::parse_response(&body).ok_or(Error::Answer { what: "nonce", expected: "a nonce" })
    }

    /// Encrypts bytes for the Provider. ocean-node wants to know who asks, the Provider does not use `key`.
    ///
    /// # Errors
    /// A refusal, or an answer that is no ciphertext: an error text is never returned as one.
    pub async fn encrypt(
        &self,
        data: impl Into<Bytes>,
        chain: ChainId,
        key: &PrivateKey,
    ) -> Result<ocean_primitives::Bytes> {
        let (data, http) = (data.into(), &self.inner.http);
        // Two hex digits per byte, 97 bytes of overhead, `0x`; a peer that compresses nothing never sends more.
        let limit = 2 * (data.len() as u64 + 97) + 1024;
        let request = |query: &[(&'static str, String)]| {
            let (data, query) = (data.clone(), query.to_vec());
            async move {
                let (method, path) = self.endpoint(Endpoint::Encrypt, "encrypt").await?;
                let request = http.request(&method, &path, &query)?;
                Ok(request.header("Content-Type", "application/octet-stream").body(data))
            }
        };
        let chain_id = ("chainId", chain.to_string());
        let response = match self.dialect().await? {
            Dialect::OceanNode => {
                let consumer = key.address().to_checksum(None);
                self.signed("encrypt", key, |nonce| {
                    let message = Message::Command { consumer: &consumer, nonce, command: command::ENCRYPT };
                    let signature = sign_message(key, Dialect::OceanNode, &message.text(Dialect::OceanNode));
                    request(&[
                        chain_id.clone(),
                        ("nonce", nonce.to_owned()),
                        ("consumerAddress", consumer.clone()),
                        ("signature", signature),
                    ])
                })
                .await?
            }
            _ => http.send("encrypt", request(std::slice::from_ref(&chain_id)).await?).await?,
        };
        let body = http.body("encrypt", response, limit).await?;
        let text = std::str::from_utf8(&body).unwrap_or_default().trim();
        let ciphertext = text.starts_with("0x").then(|| text.parse().ok()).flatten();
        ciphertext.ok_or(Error::Answer { what: "encrypt", expected: "a ciphertext in hex" })
    }

    /// Decrypts a document that was published encrypted by this Provider.
    ///
    /// # Errors
    /// A refusal (403 says that the asset's state or the list of decrypters forbids it), or no answer.
    pub async fn decrypt(&self, query: &DecryptQuery, key: &PrivateKey) -> Result<Vec<u8>> {
        let (http, dialect) = (&self.inner.http, self.dialect().await?);
        let decrypter = key.address().to_checksum(None);
        let response = self
            .signed("decrypt", key, |nonce| {
                let signature = sign_message(key, dialect, &query.message(dialect, &decrypter, nonce));
                let body = query.body(&decrypter, nonce, &signature);
                async move {
                    let (method, path) = self.endpoint(Endpoint::Decrypt, "decrypt").await?;
                    Ok(http.request(&method, &path, &[])?.json(&body))
                }
            })
            .await?;
        Ok(http.body("decrypt", response, self.inner.max_document).await?.to_vec())
    }

    /// What the files of a service, or a single file, are; with their hashes if they are small enough.
    ///
    /// # Errors
    /// A refusal, or no answer. A file that cannot be read is no error but an entry that is not valid.
    pub async fn file_info(&self, query: &FileInfoQuery, checksum: bool) -> Result<Vec<FileEntry>> {
        let mut body = match query {
            FileInfoQuery::Service(did, service) => json!({"did": did.as_str(), "serviceId": service.as_str()}),
            FileInfoQuery::File(object) => object.clone(),
        };
        if checksum && let Some(fields) = body.as_object_mut() {
            fields.insert("checksum".to_owned(), json!(true));
        }
        let body = self.safe(Endpoint::FileInfo, "fileinfo", &[], Some(&body)).await?;
        file_info::parse_response(&body).ok_or(Error::Answer { what: "fileinfo", expected: "a list of files" })
    }

    /// What an order costs at the Provider. The fee's signature is verified here, before anybody pays it, and so is that it
    /// was signed by the address the discovery document names (`chain` says which).
    ///
    /// # Errors
    /// A refusal, or a fee that must not be paid.
    pub async fn initialize(&self, query: &InitializeQuery, chain: ChainId) -> Result<Initialized> {
        let InitializeQuery { did, service_id, consumer, file_index, transfer_tx } = query;
        let query = InitializeRequest::query(did, service_id.as_str(), *consumer, *file_index, *transfer_tx);
        let body = self.safe(Endpoint::Initialize, "initialize", &query, None).await?;
        let initialized = Initialized::parse(&body)?;
        if let Initialized::Fee(answer) = &initialized {
            let announced = self.address(chain).await?;
            if announced.is_some_and(|address| address != answer.fee.provider_fee_address) {
                return Err(Error::Answer { what: "initialize", expected: "a fee of this provider" });
            }
        }
        Ok(initialized)
    }

    /// Method and path of an endpoint.
    pub(crate) async fn endpoint(&self, endpoint: Endpoint, what: &'static str) -> Result<(String, String)> {
        self.discovery().await?.endpoint(endpoint).ok_or(Error::NoEndpoint(what))
    }

    /// The body of a request that changes nothing; sent again where that may help.
    async fn safe(
        &self,
        endpoint: Endpoint,
        what: &'static str,
        query: &[(&'static str, String)],
        body: Option<&Value>,
    ) -> Result<Bytes> {
        let http = &self.inner.http;
        let (method, path) = self.endpoint(endpoint, what).await?;
        http.retried(|| async {
            let request = http.request(&method, &path, query)?;
            let request = match body {
                Some(body) => request.json(body),
                None => request,
            };
            let response = http.send(what, request).await?;
            http.body(what, response, SMALL).await
        })
        .await
    }

    /// Sends a signed request with the next nonce. It is sent again only if the server cannot have acted on it: the
    /// connection was refused, or the nonce was.
    pub(crate) async fn signed<F>(
        &self,
        what: &'static str,
        key: &PrivateKey,
        build: impl Fn(&str) -> F,
    ) -> Result<Response>
    where
        F: Future<Output = Result<RequestBuilder>>,
    {
        let slot = self.inner.nonces.of(key.address()).await;
        let mut last = slot.lock().await;
        let mut attempt = 1;
        loop {
            let nonce = match last.take() {
                Some(nonce) => nonce.next(),
                None => self.nonce(key.address()).await?.next(),
            };
            let result = self.inner.http.send(what, build(&nonce.to_string()).await?).await;
            match &result {
                Err(error) if attempt < NONCE_ATTEMPTS && (error.is_nonce_refused() || error.never_arrived()) => {
                    // Somebody else uses this address too: go on from what the server has.
                    *last = error.peer().and_then(|error| error.stored_nonce());
                    if error.never_arrived() {
                        tokio::time::sleep(Duration::from_millis(100 * attempt as u64)).await;
                    }
                    attempt += 1;
                }
                // A refused request leaves the stored nonce alone, an unanswered one may have used it: both go on above it.
                _ => {
                    *last = Some(nonce);
                    return result;
                }
            }
        }
    }
}
