//! Servers of others that have a say in who may have what: a policy server (ocean-node) and an RBAC server (Python Provider).
//!
//! Both are the operator's choice and may be on the local network. Neither is followed elsewhere, each has a deadline, and one that
//! does not answer allows nothing.

use std::{fmt, time::Duration};

use ocean_crypto::{PrivateKey, sign_message};
use ocean_primitives::Dialect;
use reqwest::{Client, Url, redirect::Policy};
use serde_json::{Value, json};

/// How long a server may take to answer.
const DEADLINE: Duration = Duration::from_secs(10);

/// The longest answer in bytes that is read.
const LONGEST: usize = 64 * 1024;

/// Why a server could not be asked, or did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// The TLS configuration of the machine cannot be read.
    #[error("no HTTP client can be made")]
    Client,
    /// There was no answer in time, or none that makes sense.
    #[error("the {0} does not answer")]
    Silent(&'static str),
}

/// The servers to ask; none unless set.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Gates {
    /// ocean-node's policy server.
    pub policy: Option<PolicyServer>,
    /// The Python Provider's RBAC server.
    pub rbac: Option<RbacServer>,
}

/// Decides about commands of a node. Cheap to clone.
#[derive(Clone)]
pub struct PolicyServer {
    url: Url,
    client: Client,
}

/// What a policy server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyAnswer {
    /// The status; 200 allows, everything else does not.
    pub status: u16,
    /// The body as text, for whoever asked.
    pub body: String,
}

impl PolicyAnswer {
    /// Whether the command may be carried out.
    pub fn allows(&self) -> bool {
        self.status == 200
    }
}

impl PolicyServer {
    /// The server at `url`.
    ///
    /// # Errors
    /// No client can be made.
    pub fn new(url: Url) -> Result<Self, GateError> {
        Ok(Self { url, client: client()? })
    }

    /// Asks about a command: a JSON object with its name as `action`.
    ///
    /// # Errors
    /// There is no answer. The command must then not be carried out.
    pub async fn ask(&self, command: &Value) -> Result<PolicyAnswer, GateError> {
        let (status, body) = post(&self.client, &self.url, command).await.ok_or(GateError::Silent("policy server"))?;
        Ok(PolicyAnswer { status, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

impl fmt::Debug for PolicyServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyServer").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

/// What somebody wants of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RbacEvent {
    /// To know what an order costs.
    Initialize,
    /// To download a file.
    Access,
}

impl RbacEvent {
    fn name(self) -> &'static str {
        match self {
            Self::Initialize => "initialize",
            Self::Access => "access",
        }
    }
}

/// Decides by role who may have what. Cheap to clone.
#[derive(Clone)]
pub struct RbacServer {
    url: Url,
    client: Client,
    private: bool,
}

impl RbacServer {
    /// The server at `url`; `private` is what it is told of this Provider: whether it serves a closed group.
    ///
    /// # Errors
    /// No client can be made.
    pub fn new(url: Url, private: bool) -> Result<Self, GateError> {
        Ok(Self { url, client: client()?, private })
    }

    /// Whether `address`, as it was sent, may do this with these services of assets, each a DID and the service's id.
    ///
    /// The question is signed with the Provider's key: the name of the event and the credentials, in the text that Python's `json`
    /// makes of them.
    ///
    /// # Errors
    /// There is no answer. Nothing must then be done.
    pub async fn allows(
        &self,
        key: &PrivateKey,
        event: RbacEvent,
        address: &str,
        services: &[(&str, &str)],
    ) -> Result<bool, GateError> {
        let name = event.name();
        let signed = format!(r#"{name}{{"type": "address", "value": {}}}"#, json!(address));
        let dids = services.iter().map(|(did, service)| json!({"did": did, "serviceId": service}));
        let question = json!({
            "eventType": name,
            "component": "provider",
            "providerAddress": key.address().to_checksum(None),
            "providerAccess": if self.private { "private" } else { "public" },
            "credentials": {"type": "address", "value": address},
            "signature": sign_message(key, Dialect::Provider, &signed),
            "dids": dids.collect::<Vec<_>>(),
        });
        let silent = || GateError::Silent("RBAC server");
        let (status, body) = post(&self.client, &self.url, &question).await.ok_or_else(silent)?;
        let answer: Value = serde_json::from_slice(&body).map_err(|_| silent())?;
        Ok((200..300).contains(&status) && is_true(&answer))
    }
}

impl fmt::Debug for RbacServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RbacServer").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

/// What Python takes for true.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

fn client() -> Result<Client, GateError> {
    let client = Client::builder().timeout(DEADLINE).connect_timeout(DEADLINE).redirect(Policy::none());
    client.build().map_err(|_| GateError::Client)
}

/// Status and body; nothing when the server does not answer. The reason is logged without the URL, which may hold a key.
async fn post(client: &Client, url: &Url, body: &Value) -> Option<(u16, Vec<u8>)> {
    let failed = |error: reqwest::Error| {
        tracing::warn!(error = %error.without_url(), host = ?url.host_str(), "a server that decides does not answer");
    };
    let mut response = client.post(url.clone()).json(body).send().await.map_err(failed).ok()?;
    let status = response.status().as_u16();
    let mut read = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(failed).ok()? {
        let room = LONGEST - read.len();
        read.extend_from_slice(&piece[..piece.len().min(room)]);
        if read.len() == LONGEST {
            break;
        }
    }
    Some((status, read))
}
