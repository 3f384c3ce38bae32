//! `POST /api/services/PolicyServerPassthrough` and `POST /api/services/initializePSVerification` (ocean-node)

use ocean_did::Did;
use ocean_primitives::Address;
use serde_json::{Map, Value};

use crate::{command::missing, error::ApiError, request::RequestData};

/// The name of both commands in the peer's texts.
const COMMAND: &str = "PolicyServerPassthrough";

/// Something for the policy server that only it understands.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PolicyPassthrough {
    /// What to send, as it came.
    pub request: Map<String, Value>,
    /// The asset it names, whose document is sent along.
    pub did: Option<Did>,
}

impl PolicyPassthrough {
    /// Reads the body.
    ///
    /// # Errors
    /// There is nothing to pass through.
    pub fn parse(data: &RequestData) -> Result<Self, ApiError> {
        match data.value("policyServerPassthrough") {
            Some(Value::Object(fields)) => {
                let did = fields.get("documentId").and_then(Value::as_str).and_then(|text| Did::parse(text).ok());
                Ok(Self { request: fields.clone(), did })
            }
            _ => Err(ApiError::Invalid("Invalid Request: missing policyServerPassthrough field!".to_owned())),
        }
    }
}

/// Begins a verification of a consumer for a service.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PolicyInitialize {
    /// The asset.
    pub did: Option<Did>,
    /// The DID as it was sent.
    pub document_id: String,
    /// The service as it was sent.
    pub service_id: String,
    /// Who is to be verified, as it was sent.
    pub consumer: String,
    /// What the policy server is told besides.
    pub policy_server: Value,
}

impl PolicyInitialize {
    /// Reads the body.
    ///
    /// # Errors
    /// A field is missing, or the consumer is no address.
    pub fn parse(data: &RequestData) -> Result<Self, ApiError> {
        let policy_server = data.value("policyServer").filter(|value| !matches!(value, Value::Bool(false)));
        let policy_server = policy_server
            .ok_or_else(|| ApiError::Invalid("Invalid Request: missing policyServer field!".to_owned()))?
            .clone();
        missing(COMMAND, &["documentId", "serviceId", "consumerAddress"], data)?;
        let text = |field| data.text(field).unwrap_or_default().into_owned();
        let consumer = text("consumerAddress");
        if consumer.parse::<Address>().is_err() {
            return Err(ApiError::Invalid("Parameter : \"consumerAddress\" is not a valid web3 address".to_owned()));
        }
        let document_id = text("documentId");
        Ok(Self {
            did: Did::parse(&document_id).ok(),
            document_id,
            service_id: text("serviceId"),
            consumer,
            policy_server,
        })
    }
}
