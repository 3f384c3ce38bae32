use std::{
    path::{Path, PathBuf},
    pin::Pin,
    time::Duration,
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use ocean_crypto::{Message, PrivateKey, sign_message};
use ocean_did::Did;
use ocean_primitives::{B256, ServiceId};
use ocean_provider_api::{
    Endpoint,
    download::{DownloadRequest, parse_content_disposition},
};
use reqwest::{Response, StatusCode, header};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::{
    fs::{self, File},
    io::AsyncWriteExt,
};

use crate::{
    client::ProviderClient,
    error::{Error, Result},
};

const WHAT: &str = "download";

/// How often a broken download is taken up again without a single byte of progress.
const FRUITLESS_ATTEMPTS: usize = 5;

/// Which file is wanted, and by which order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DownloadQuery {
    /// The asset.
    pub did: Did,
    /// The service.
    pub service_id: ServiceId,
    /// The order.
    pub transfer_tx: B256,
    /// Which file of the service.
    pub file_index: u64,
    /// Parameters for the file.
    pub user_data: Option<Value>,
    /// SHA-256 that the file must have.
    pub sha256: Option<B256>,
}

impl DownloadQuery {
    /// The first file of an ordered service.
    pub fn new(did: Did, service_id: ServiceId, transfer_tx: B256) -> Self {
        Self { did, service_id, transfer_tx, file_index: 0, user_data: None, sha256: None }
    }

    /// Another file than the first.
    #[must_use]
    pub fn file_index(mut self, index: u64) -> Self {
        self.file_index = index;
        self
    }

    /// Parameters for the file.
    #[must_use]
    pub fn user_data(mut self, user_data: Value) -> Self {
        self.user_data = Some(user_data);
        self
    }

    /// The hash that the file must have; another file is an error and is not kept.
    #[must_use]
    pub fn sha256(mut self, sha256: B256) -> Self {
        self.sha256 = Some(sha256);
        self
    }
}

/// A running download.
#[non_exhaustive]
pub struct Download {
    /// 200, or 206 for a part.
    pub status: u16,
    /// The name the Provider gives the file.
    pub file_name: Option<String>,
    /// Bytes that follow, where the Provider says.
    pub content_length: Option<u64>,
    /// The media type.
    pub content_type: Option<String>,
    /// First byte and size of the whole file, where this is a part.
    pub content_range: Option<(u64, Option<u64>)>,
    /// The version of the file.
    pub etag: Option<String>,
    /// The bytes; an error where they end early or stand still.
    pub stream: Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download")
            .field("status", &self.status)
            .field("file_name", &self.file_name)
            .field("content_length", &self.content_length)
            .finish_non_exhaustive()
    }
}

/// A finished download.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// Where it is.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: B256,
    /// The name the Provider gave it.
    pub file_name: Option<String>,
    /// How often it was taken up again.
    pub resumed: u64,
}

impl ProviderClient {
    /// Starts a download, from byte `from` on where it is not 0.
    ///
    /// # Errors
    /// A refusal, or no answer.
    pub async fn download(&self, query: &DownloadQuery, from: u64, key: &PrivateKey) -> Result<Download> {
        let (http, dialect) = (&self.inner.http, self.dialect().await?);
        let consumer = key.address().to_checksum(None);
        let response = self
            .signed(WHAT, key, |nonce| {
                let document_id = query.did.as_str();
                let message = Message::Download { consumer: &consumer, document_id, nonce };
                let signature = sign_message(key, dialect, &message.text(dialect));
                let fields = DownloadRequest::query(
                    document_id,
                    query.service_id.as_str(),
                    query.transfer_tx,
                    query.file_index,
                    key.address(),
                    nonce,
                    &signature,
                    query.user_data.as_ref(),
                );
                async move {
                    let (method, path) = self.endpoint(Endpoint::Download, WHAT).await?;
                    let request = http.request(&method, &path, &fields)?;
                    Ok(if from > 0 { request.header(header::RANGE, format!("bytes={from}-")) } else { request })
                }
            })
            .await?;
        Ok(self.running(response))
    }

    fn running(&self, response: Response) -> Download {
        let headers = response.headers().clone();
        let text =
            |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = response.status();
        let content_range = (status == StatusCode::PARTIAL_CONTENT).then(|| text(header::CONTENT_RANGE)).flatten();
        // reqwest's own content_length() is that of the body, the same as long as nothing is decompressed on the way.
        let content_length = response.content_length();
        let client = self.clone();
        let chunks = stream::try_unfold((response, client, 0_u64), move |(mut response, client, got)| async move {
            let http = &client.inner.http;
            match http.within(WHAT, http.stall, response.chunk()).await? {
                Some(chunk) => {
                    let got = got + chunk.len() as u64;
                    Ok(Some((chunk, (response, client, got))))
                }
                None => match content_length {
                    Some(expected) if got != expected => Err(Error::Length { expected, got }),
                    _ => Ok(None),
                },
            }
        });
        Download {
            status: status.as_u16(),
            file_name: text(header::CONTENT_DISPOSITION).and_then(|value| parse_content_disposition(&value)),
            content_length,
            content_type: text(header::CONTENT_TYPE),
            content_range: content_range.and_then(|value| parse_content_range(&value)),
            etag: text(header::ETAG),
            stream: Box::pin(chunks),
        }
    }

    /// Downloads into a file and hashes it on the way. What breaks off is taken up again where it stopped; the file stands
    /// at `path` only when it is complete.
    ///
    /// # Errors
    /// A refusal, no progress, another length or hash than expected, or the file cannot be written.
    pub async fn download_to_file(
        &self,
        query: &DownloadQuery,
        key: &PrivateKey,
        path: impl AsRef<Path>,
    ) -> Result<Downloaded> {
        self.download_with_progress(query, key, path, |_, _| {}).await
    }

    /// As [`download_to_file`](Self::download_to_file), and tells after every chunk how many bytes are there, and of how
    /// many where that is known.
    ///
    /// # Errors
    /// As [`download_to_file`](Self::download_to_file).
    pub async fn download_with_progress(
        &self,
        query: &DownloadQuery,
        key: &PrivateKey,
        path: impl AsRef<Path>,
        mut progress: impl FnMut(u64, Option<u64>),
    ) -> Result<Downloaded> {
        let path = path.as_ref().to_path_buf();
        let part = part_path(&path);
        let result = self.fill(query, key, &part, &mut progress).await;
        let io = |source| Error::File { path: path.display().to_string(), source };
        match result {
            Ok(filled) => {
                fs::rename(&part, &path).await.map_err(io)?;
                Ok(Downloaded { path, ..filled })
            }
            Err(error) => {
                // Best effort: the error that counts is the first one.
                fs::remove_file(&part).await.ok();
                Err(error)
            }
        }
    }

    async fn fill(
        &self,
        query: &DownloadQuery,
        key: &PrivateKey,
        part: &Path,
        progress: &mut impl FnMut(u64, Option<u64>),
    ) -> Result<Downloaded> {
        let io = |source| Error::File { path: part.display().to_string(), source };
        let mut file = File::create(part).await.map_err(io)?;
        let mut hash = Sha256::new();
        let (mut bytes, mut total, mut etag, mut file_name) = (0_u64, None, None, None);
        // The most bytes that there ever were: a server without ranges starts again, and only what goes beyond is progress.
        let (mut resumed, mut fruitless, mut most) = (0_u64, 0, 0_u64);
        loop {
            let mut running = match self.download(query, bytes, key).await {
                Ok(running) => running,
                Err(error) if bytes > 0 && error.is_retryable() && fruitless < FRUITLESS_ATTEMPTS => {
                    fruitless += 1;
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            if bytes > 0 {
                resumed += 1;
                match running.content_range {
                    Some((start, size)) if start == bytes => {
                        let same = |old: &Option<u64>| old.is_none() || size.is_none() || *old == size;
                        if !same(&total) || (etag.is_some() && running.etag.is_some() && etag != running.etag) {
                            return Err(Error::Changed);
                        }
                        total = total.or(size);
                    }
                    // The server does not do ranges, or not this one: from the start again.
                    _ => {
                        file = File::create(part).await.map_err(io)?;
                        (hash, bytes, total) = (Sha256::new(), 0, running.content_length);
                    }
                }
            } else {
                total = running.content_length;
            }
            etag = etag.or(running.etag.take());
            file_name = file_name.or(running.file_name.take());
            let broken = loop {
                match running.stream.next().await {
                    Some(Ok(chunk)) => {
                        file.write_all(&chunk).await.map_err(io)?;
                        hash.update(&chunk);
                        bytes += chunk.len() as u64;
                        progress(bytes, total);
                    }
                    Some(Err(error)) => break Some(error),
                    None => break None,
                }
            };
            let complete = total.is_none_or(|total| bytes == total);
            match broken {
                None if complete => break,
                None if total.is_some_and(|total| bytes > total) => {
                    return Err(Error::Length { expected: total.unwrap_or_default(), got: bytes });
                }
                broken => {
                    fruitless = if bytes > most { 0 } else { fruitless + 1 };
                    most = most.max(bytes);
                    if fruitless >= FRUITLESS_ATTEMPTS {
                        let length = Error::Length { expected: total.unwrap_or_default(), got: bytes };
                        return Err(broken.unwrap_or(length));
                    }
                    tracing::debug!(bytes, "taking up a broken download");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        file.flush().await.map_err(io)?;
        file.sync_all().await.map_err(io)?;
        let sha256 = B256::from_slice(&hash.finalize());
        match query.sha256 {
            Some(expected) if expected != sha256 => {
                Err(Error::Hash { expected: expected.to_string(), got: sha256.to_string() })
            }
            _ => Ok(Downloaded { path: part.to_path_buf(), bytes, sha256, file_name, resumed }),
        }
    }
}

fn part_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    path.with_file_name(name)
}

/// First byte and size of `bytes <first>-<last>/<size>`.
fn parse_content_range(value: &str) -> Option<(u64, Option<u64>)> {
    let (range, size) = value.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let (first, _) = range.trim().split_once('-')?;
    Some((first.trim().parse().ok()?, size.trim().parse().ok()))
}
