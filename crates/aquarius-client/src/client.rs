use std::{collections::BTreeMap, time::Duration};

use ocean_aquarius_api::{
    chains::{self, List, Status},
    ddo, names, query,
    state::{self, DdoState, DdoStateQuery},
    trigger,
    validate::{OCTET_STREAM, PATH as VALIDATE_PATH, Validated},
};
use ocean_ddo::RawDdo;
use ocean_did::Did;
use ocean_primitives::{B256, ChainId};
use reqwest::{Method, header::CONTENT_TYPE, redirect};
use serde_json::Value;
use url::Url;

use crate::{
    error::{Error, Result},
    http::Http,
};

/// How many DIDs go into one request for names.
const NAMES_BATCH: usize = 5000;

/// A client of one Aquarius; clones share connections.
#[derive(Debug, Clone)]
pub struct AquariusClient {
    pub(crate) http: Http,
}

/// Settings of an [`AquariusClient`].
#[derive(Debug)]
pub struct AquariusClientBuilder {
    url: String,
    client: Option<reqwest::Client>,
    timeout: Duration,
    max_answer: usize,
}

impl AquariusClientBuilder {
    /// The HTTP client to use, for instance one that refuses private addresses.
    #[must_use]
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.client = Some(client);
        self
    }

    /// How long one request may take; 30 s if not set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The largest answer in bytes; 128 MiB if not set.
    #[must_use]
    pub fn max_answer(mut self, bytes: usize) -> Self {
        self.max_answer = bytes;
        self
    }

    /// # Errors
    /// The URL is not an http or https URL, or the HTTP client cannot be set up.
    pub fn build(self) -> Result<AquariusClient> {
        let base: Url = self.url.trim().parse().map_err(|_| Error::Url)?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(Error::Url);
        }
        let client = match self.client {
            Some(client) => client,
            None => {
                let mut builder = reqwest::Client::builder()
                    .redirect(redirect::Policy::limited(3))
                    .connect_timeout(self.timeout.min(Duration::from_secs(10)));
                if matches!(base.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) {
                    // A proxy cannot reach this machine's loopback.
                    builder = builder.no_proxy();
                }
                builder.build().map_err(Error::Build)?
            }
        };
        Ok(AquariusClient { http: Http { client, base, timeout: self.timeout, limit: self.max_answer } })
    }
}

impl AquariusClient {
    /// A client of the Aquarius or ocean-node at `url`.
    pub fn builder(url: impl Into<String>) -> AquariusClientBuilder {
        AquariusClientBuilder {
            url: url.into(),
            client: None,
            timeout: Duration::from_secs(30),
            max_answer: 128 * 1024 * 1024,
        }
    }

    /// The base URL.
    pub fn url(&self) -> &Url {
        &self.http.base
    }

    /// The present document of `did` with the indexer's fields ([`RawDdo::stripped`] removes them), or none if it is not indexed.
    ///
    /// # Errors
    /// No answer, a refusal other than "not found", or an answer that is not a document.
    pub async fn ddo(&self, did: &Did) -> Result<Option<RawDdo>> {
        let answer = self.http.read("the document", self.http.request(Method::GET, &ddo::path(did))).await?;
        if answer.status == 404 && ddo::says_not_found(&String::from_utf8_lossy(&answer.body)) {
            return Ok(None);
        }
        let body = answer.success()?;
        let raw =
            RawDdo::parse(body).map_err(|error| Error::Answer { what: "the document", reason: error.to_string() })?;
        Ok(Some(raw))
    }

    /// The `metadata` object of `did`. ocean-node answers with the whole document instead; its `metadata` is returned.
    ///
    /// # Errors
    /// No answer, or a refusal; [`Error::is_not_found`] tells an unknown asset.
    pub async fn metadata(&self, did: &Did) -> Result<Value> {
        let answer = self.http.read("the metadata", self.http.request(Method::GET, &ddo::metadata_path(did))).await?;
        let value: Value = answer.json()?;
        let inner = value.get("metadata").filter(|_| value.get("id").is_some() || value.get("services").is_some());
        Ok(inner.cloned().unwrap_or(value))
    }

    /// The names of many assets; empty for an unknown one.
    ///
    /// # Errors
    /// No answer, or a refusal. ocean-node has no such route.
    pub async fn names(&self, dids: &[Did]) -> Result<BTreeMap<Did, String>> {
        let mut found = BTreeMap::new();
        for batch in dids.chunks(NAMES_BATCH) {
            let body = names::request(batch.iter().map(Did::as_str));
            let request = self.http.request(Method::POST, names::PATH).json(&body);
            let mut answer: names::Response = self.http.read("names", request).await?.json()?;
            for did in batch {
                found.insert(did.clone(), answer.remove(did.as_str()).unwrap_or_default());
            }
        }
        Ok(found)
    }

    /// A search in Elasticsearch's query language.
    ///
    /// # Errors
    /// No answer, or a refusal: the server names what it does not support.
    pub async fn query(&self, body: &Value) -> Result<query::Response> {
        let request = self.http.request(Method::POST, query::PATH).json(body);
        self.http.read("the search", request).await?.json()
    }

    /// A search by ocean-node's route: documents only, in one list whatever index they come from. `from` in the body is a page
    /// number that starts at 1.
    ///
    /// # Errors
    /// As [`AquariusClient::query`].
    pub async fn metadata_query(&self, body: &Value) -> Result<Vec<Value>> {
        let request = self.http.request(Method::POST, query::METADATA_PATH).json(body);
        let groups: Vec<Value> = self.http.read("the search", request).await?.json()?;
        let documents = groups.into_iter().flat_map(|group| match group {
            // Elasticsearch behind ocean-node: an array per index. Typesense: an object per collection.
            Value::Array(documents) => documents,
            Value::Object(mut found) => match found.remove("hits") {
                Some(Value::Array(hits)) => {
                    hits.into_iter().filter_map(|mut hit| hit.get_mut("document").map(Value::take)).collect()
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        });
        Ok(documents.collect())
    }

    /// Asks for a verdict over the bytes of `document`, in Aquarius' form.
    ///
    /// # Errors
    /// No answer; or a refusal, whose body says what is invalid (status 400).
    pub async fn validate(&self, document: &RawDdo) -> Result<Validated> {
        let request = self.http.request(Method::POST, VALIDATE_PATH);
        let request = request.header(CONTENT_TYPE, OCTET_STREAM).body(document.as_bytes().to_vec());
        let body = self.http.read("validate", request).await?.success()?;
        let text = String::from_utf8_lossy(&body);
        Validated::from_body(&text)
            .ok_or_else(|| Error::Answer { what: "validate", reason: "not a signed verdict".to_owned() })
    }

    /// The chains that are indexed.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn chains(&self) -> Result<Vec<ChainId>> {
        let answer = self.http.read("the chains", self.http.request(Method::GET, chains::LIST_PATH)).await?;
        if answer.status == 404 {
            return Ok(Vec::new());
        }
        let list: List = answer.json()?;
        Ok(list.into_iter().filter(|(_, indexed)| *indexed).map(|(chain, _)| chain).collect())
    }

    /// How far a chain has been indexed.
    ///
    /// # Errors
    /// No answer, or a refusal; [`Error::is_not_found`] tells a chain that is not indexed.
    pub async fn chain_status(&self, chain: ChainId) -> Result<Status> {
        self.http.read("the chain", self.http.request(Method::GET, &chains::status_path(chain))).await?.json()
    }

    /// Why an asset is or is not indexed; none if nobody has seen it.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn state(&self, query: &DdoStateQuery) -> Result<Option<DdoState>> {
        let request = self.http.request(Method::GET, state::DDO_PATH).query(query);
        let answer = self.http.read("the state", request).await?;
        // Aquarius answers 500 with this text for an asset that it does not know.
        let unknown = String::from_utf8_lossy(&answer.body).contains("list index out of range");
        if answer.status == 404 || (answer.status == 500 && unknown) {
            return Ok(None);
        }
        let value: Value = answer.json()?;
        let read = DdoState::from_json(&value);
        read.map(Some).ok_or_else(|| Error::Answer { what: "the state", reason: "not a state".to_owned() })
    }

    /// Whether events of `did` wait for another try.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn is_waiting(&self, did: &Did) -> Result<bool> {
        let request = self.http.request(Method::GET, state::RETRY_PATH).query(&[("did", did.as_str())]);
        let queue: query::Response = self.http.read("the retry queue", request).await?.json()?;
        Ok(queue.hits.total.value > 0)
    }

    /// Has the metadata events of a transaction indexed now.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn trigger(&self, chain: ChainId, tx: B256) -> Result<()> {
        let body = trigger::Request::new(tx, chain).to_json();
        let request = self.http.request(Method::POST, trigger::PATH).json(&body);
        self.http.send("triggerCaching", request).await?.success().map(|_| ())
    }
}
