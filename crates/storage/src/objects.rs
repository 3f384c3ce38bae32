//! Objects of S3-compatible stores, Azure Blob Storage and Google Cloud Storage, as signed URLs.
//!
//! `object_store` computes the signatures and sends nothing: its connector refuses. The URLs are requested like those of any other
//! file, so that the address guard, the deadlines and the bounds hold for them, too.

use std::time::Duration;

use async_trait::async_trait;
use object_store::{
    ClientOptions,
    aws::AmazonS3Builder,
    azure::MicrosoftAzureBuilder,
    client::{HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService},
    gcp::GoogleCloudStorageBuilder,
    path::Path,
    signer::Signer,
};
use ocean_ddo::{AzureAccess, GcsAccess, S3Access};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use url::{Host, Url};

use crate::error::{Error, Result};

/// How long a signature lets a request begin. A read that has begun may take longer.
const VALID: Duration = Duration::from_secs(900);

/// Longer names exist in no store.
const MAX_NAME: usize = 1024;

/// What `ocean-node` assumes where none is named.
const REGION: &str = "us-east-1";

/// What stands unencoded in the path of a URL in every store.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// One object, to be read or to be asked about.
#[derive(Clone)]
pub(crate) struct SignedUrls {
    pub(crate) get: Url,
    pub(crate) head: Url,
}

impl SignedUrls {
    async fn of(store: &dyn Signer, key: &Path) -> Result<Self> {
        let sign = async |method| store.signed_url(method, key, VALID).await.map_err(|_| Error::InvalidFile(UNSIGNED));
        Ok(Self { get: sign(Method::GET).await?, head: sign(Method::HEAD).await? })
    }

    fn unsigned(url: Url) -> Self {
        Self { get: url.clone(), head: url }
    }
}

const UNSIGNED: &str = "the keys do not sign a request";

/// Stands where `object_store` would connect.
#[derive(Debug)]
struct Nowhere;

impl HttpConnector for Nowhere {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Nothing))
    }
}

/// Answers every request with a refusal.
#[derive(Debug)]
struct Nothing;

#[async_trait]
impl HttpService for Nothing {
    async fn call(&self, _: HttpRequest) -> Result<HttpResponse, HttpError> {
        // Of the kinds the one that is not tried again.
        let refused = std::io::Error::other("nothing is sent from here");
        Err(HttpError::new(HttpErrorKind::Decode, refused))
    }
}

/// As `ocean-node` reads `s3Access`.
pub(crate) async fn s3(access: &S3Access) -> Result<SignedUrls> {
    let bucket = name(&access.bucket, b"-._", "the bucket")?;
    let key = key(&access.object_key)?;
    let mut endpoint = endpoint(&access.endpoint)?;
    // As Amazon's own clients: the bucket becomes part of the host name where that is possible.
    let in_host = match endpoint.host() {
        Some(Host::Domain(host)) if !access.force_path_style.unwrap_or(false) && is_host_label(bucket) => {
            Some(format!("{bucket}.{host}"))
        }
        _ => None,
    };
    if let Some(host) = &in_host {
        endpoint.set_host(Some(host)).map_err(|_| Error::InvalidFile("malformed bucket"))?;
    }
    let region = access.region.as_deref().filter(|region| !region.is_empty()).unwrap_or(REGION);
    let store = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(name(region, b"-", "the region")?)
        .with_endpoint(endpoint.as_str().trim_end_matches('/'))
        .with_virtual_hosted_style_request(in_host.is_some())
        .with_access_key_id(filled(&access.access_key_id, "the access key's id")?)
        .with_secret_access_key(filled(&access.secret_access_key, "the access key")?)
        .with_http_connector(Nowhere)
        .build()
        .map_err(|_| Error::InvalidFile(UNSIGNED))?;
    SignedUrls::of(&store, &key).await
}

/// A blob, with the account's key, with a shared access signature, or as everybody reads it.
pub(crate) async fn azure(access: &AzureAccess) -> Result<SignedUrls> {
    let account = name(&access.account, b"", "the account")?;
    let container = name(&access.container, b"-$", "the container")?;
    let key = key(&access.blob)?;
    let endpoint = match &access.endpoint {
        Some(given) => endpoint(given)?,
        None => endpoint(&format!("{account}.blob.core.windows.net"))?,
    };
    if let Some(account_key) = access.account_key.as_deref().filter(|key| !key.is_empty()) {
        let store = MicrosoftAzureBuilder::new()
            .with_account(account)
            .with_container_name(container)
            .with_access_key(account_key)
            .with_endpoint(endpoint.as_str().trim_end_matches('/').to_owned())
            .with_http_connector(Nowhere)
            .build()
            .map_err(|_| Error::InvalidFile(UNSIGNED))?;
        return SignedUrls::of(&store, &key).await;
    }
    let mut url = below(endpoint, container, &key);
    if let Some(token) = access.sas_token.as_deref().filter(|token| !token.is_empty()) {
        url.set_query(Some(token.trim_start_matches('?')));
    }
    Ok(SignedUrls::unsigned(url))
}

/// An object, with the key of a service account, or as everybody reads it.
pub(crate) async fn gcs(access: &GcsAccess) -> Result<SignedUrls> {
    let bucket = name(&access.bucket, b"-._", "the bucket")?;
    let key = key(&access.object_key)?;
    let endpoint = endpoint(access.endpoint.as_deref().unwrap_or("storage.googleapis.com"))?;
    let Some(account) = access.service_account.as_ref().filter(|account| !account.is_null()) else {
        return Ok(SignedUrls::unsigned(below(endpoint, bucket, &key)));
    };
    // The library signs what it is given and encodes nothing.
    let encoded = utf8_percent_encode(key.as_ref(), PATH).to_string();
    let encoded = Path::parse(encoded).map_err(|_| Error::InvalidFile("malformed object name"))?;
    let store = GoogleCloudStorageBuilder::new()
        .with_bucket_name(bucket)
        .with_base_url(endpoint.as_str().trim_end_matches('/'))
        .with_service_account_key(account.to_string())
        .with_http_connector(Nowhere)
        .build()
        .map_err(|_| Error::InvalidFile(UNSIGNED))?;
    SignedUrls::of(&store, &encoded).await
}

fn below(mut endpoint: Url, container: &str, key: &Path) -> Url {
    let path =
        format!("{}/{container}/{}", endpoint.path().trim_end_matches('/'), utf8_percent_encode(key.as_ref(), PATH));
    endpoint.set_path(&path);
    endpoint
}

/// `https://` unless the scheme is named, as in `ocean-node`.
fn endpoint(text: &str) -> Result<Url> {
    let text = filled(text, "the endpoint")?;
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&text).map_err(|_| Error::InvalidUrl("malformed endpoint"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Error::InvalidUrl("the scheme is not http or https"));
    }
    let bare =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    if bare { Ok(url) } else { Err(Error::InvalidUrl("the endpoint is more than a place")) }
}

/// The object's name as it is: no store's client may tidy it up.
fn key(text: &str) -> Result<Path> {
    let text = filled(text, "the object's name")?;
    let malformed = Error::InvalidFile("malformed object name");
    if text.len() > MAX_NAME || text.starts_with('/') || text.ends_with('/') {
        return Err(malformed);
    }
    Path::parse(text).map_err(|_| malformed)
}

fn filled<'a>(text: &'a str, what: &'static str) -> Result<&'a str> {
    let text = text.trim();
    if text.is_empty() { Err(Error::MissingField(what)) } else { Ok(text) }
}

fn name<'a>(text: &'a str, also: &[u8], what: &'static str) -> Result<&'a str> {
    let text = filled(text, what)?;
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || also.contains(&byte);
    if text.len() <= 222 && text.bytes().all(fine) { Ok(text) } else { Err(Error::InvalidFile("malformed bucket")) }
}

/// Whether a bucket can be part of a host name for which there is a certificate.
fn is_host_label(bucket: &str) -> bool {
    (3..=63).contains(&bucket.len())
        && bucket.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
