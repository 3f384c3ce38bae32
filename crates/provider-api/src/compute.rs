//! Compute-to-Data: `initializeCompute`, `compute`, `freeCompute`, `computeResult`, `computeEnvironments`, `computeStreamableLogs`

mod fault;
mod routes;
mod start;

use std::borrow::Cow;

use ocean_crypto::{Message, command};
use ocean_primitives::{Address, Dialect};
use serde_json::Value;

pub use self::{
    fault::ComputeFault,
    routes::{ComputeEndpoint, ComputeRoute, compute_entries, compute_routes},
    start::{AlgorithmRef, Ask, AssetRef, InitializeComputeRequest, RawAlgorithm, RawContainer, StartRequest},
};
use crate::{
    error::ApiError,
    request::RequestData,
    signed::{AuthContext, Authorization, authorize},
    validation::{Rule, Validation, whole_number},
};

/// Asks how jobs are. Nobody has to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusRequest {
    /// Whose jobs.
    pub consumer: Option<Address>,
    /// Which job, as sent.
    pub job_id: Option<String>,
    /// Paid by which transaction, as sent.
    pub agreement_id: Option<String>,
}

impl StatusRequest {
    /// Reads the arguments.
    ///
    /// # Errors
    /// No consumer in the Provider's dialect; nothing at all in ocean-node's.
    pub fn parse(dialect: Dialect, data: &RequestData) -> Result<Self, ApiError> {
        let mut validation = Validation::new("getComputeStatus", &["consumerAddress"]);
        let text = |name| data.filled(name).map(Cow::into_owned);
        let (job_id, agreement_id) = (text("jobId"), text("agreementId"));
        let named = dialect == Dialect::OceanNode && (job_id.is_some() || agreement_id.is_some());
        let given = data.filled("consumerAddress");
        let consumer: Option<Address> = given.as_ref().and_then(|text| text.parse().ok());
        match (&given, consumer) {
            (None, _) if !named => {
                validation.broken("consumerAddress", Rule::Required);
            }
            (Some(_), None) => {
                validation.broken("consumerAddress", Rule::Address);
            }
            _ => {}
        }
        validation.finish()?;
        Ok(Self { consumer, job_id, agreement_id })
    }
}

/// Asks to stop a job, or to forget one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StopRequest {
    /// Who asks.
    pub authorization: Authorization,
    /// Which job, as sent.
    pub job_id: Option<String>,
    /// The dataset whose jobs are meant, as sent; old stack only.
    pub document_id: Option<String>,
}

impl StopRequest {
    /// Reads and authorises the arguments.
    ///
    /// # Errors
    /// Missing or malformed fields, or the signature.
    pub fn parse(dialect: Dialect, data: &RequestData, auth: &AuthContext) -> Result<Self, ApiError> {
        let mut validation = Validation::new(command::STOP_COMPUTE, &["consumerAddress", "nonce", "jobId"]);
        validation.require(data, "consumerAddress");
        validation.bail_on("consumerAddress").require(data, "nonce");
        validation.bail_on("nonce");
        if dialect == Dialect::OceanNode {
            validation.require(data, "jobId");
        }
        let text = |name| data.text(name).unwrap_or_default();
        let (job_id, document_id) = (text("jobId"), text("documentId"));
        let message = |consumer: &str, nonce: &str| {
            vec![Message::ComputeStop { consumer, job_id: &job_id, document_id: &document_id, nonce }.text(dialect)]
        };
        let authorization = authorize(dialect, data, auth, "consumerAddress", message, &mut validation);
        validation.finish()?;
        let filled = |name| data.filled(name).map(Cow::into_owned);
        Ok(Self {
            authorization: authorization.ok_or(ApiError::Internal)?,
            job_id: filled("jobId"),
            document_id: filled("documentId"),
        })
    }
}

/// Asks for a result of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResultRequest {
    /// Who asks.
    pub authorization: Authorization,
    /// Which job, as sent.
    pub job_id: String,
    /// Which of its results.
    pub index: u64,
    /// Where to begin, in bytes; ocean-node only.
    pub offset: u64,
}

impl ResultRequest {
    /// Reads and authorises the arguments.
    ///
    /// # Errors
    /// Missing or malformed fields, or the signature.
    pub fn parse(dialect: Dialect, data: &RequestData, auth: &AuthContext) -> Result<Self, ApiError> {
        let mut validation = Validation::new(command::GET_COMPUTE_RESULT, &["consumerAddress", "jobId", "index"]);
        validation.require(data, "consumerAddress");
        validation.bail_on("consumerAddress").require(data, "jobId");
        validation.bail_on("jobId");
        let index = match whole_number(data, "index") {
            Some(Ok(index)) => Some(index),
            Some(Err(rules)) => {
                rules.into_iter().for_each(|rule| {
                    validation.broken("index", rule);
                });
                None
            }
            None => {
                validation.broken("index", Rule::Required);
                None
            }
        };
        validation.bail_on("index").require(data, "nonce");
        validation.bail_on("nonce");
        let text = |name| data.text(name).unwrap_or_default();
        let (job_id, index_text) = (text("jobId"), text("index"));
        let message = |consumer: &str, nonce: &str| {
            vec![Message::ComputeResult { consumer, job_id: &job_id, index: &index_text, nonce }.text(dialect)]
        };
        let authorization = authorize(dialect, data, auth, "consumerAddress", message, &mut validation);
        validation.finish()?;
        let offset = whole_number(data, "offset").and_then(Result::ok).filter(|_| dialect == Dialect::OceanNode);
        Ok(Self {
            authorization: authorization.ok_or(ApiError::Internal)?,
            job_id: text("jobId").into_owned(),
            index: index.ok_or(ApiError::Internal)?,
            offset: offset.unwrap_or_default(),
        })
    }
}

/// Asks for the log of a running job; ocean-node only.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogsRequest {
    /// Who asks.
    pub authorization: Authorization,
    /// Which job, as sent.
    pub job_id: String,
}

impl LogsRequest {
    /// Reads and authorises the arguments.
    ///
    /// # Errors
    /// Missing or malformed fields, or the signature.
    pub fn parse(dialect: Dialect, data: &RequestData, auth: &AuthContext) -> Result<Self, ApiError> {
        const COMMAND: &str = "getComputeStreamableLogs";
        let mut validation = Validation::new(COMMAND, &["consumerAddress", "jobId", "nonce"]);
        for field in ["consumerAddress", "jobId", "nonce"] {
            validation.require(data, field);
        }
        let message =
            |consumer: &str, nonce: &str| vec![Message::Command { consumer, nonce, command: COMMAND }.text(dialect)];
        let authorization = authorize(dialect, data, auth, "consumerAddress", message, &mut validation);
        validation.finish()?;
        let job_id = data.text("jobId").unwrap_or_default().into_owned();
        Ok(Self { authorization: authorization.ok_or(ApiError::Internal)?, job_id })
    }
}

/// A member that may be JSON text or JSON.
fn json_value(value: Option<&Value>) -> Option<Value> {
    match value? {
        Value::Null => None,
        Value::String(text) => serde_json::from_str(text).ok(),
        other => Some(other.clone()),
    }
}
