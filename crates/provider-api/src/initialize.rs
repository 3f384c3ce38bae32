//! `GET /api/services/initialize`

use jiff::Timestamp;
use ocean_crypto::ProviderFee;
use ocean_did::Did;
use ocean_primitives::{Address, B256, Bytes, Dialect, Nonce};
use serde_json::{Value, json};

use crate::{
    error::ApiError,
    json::json_text,
    request::RequestData,
    validation::{Rule, Validation, whole_number},
};

/// Asks what an order of a service costs at the Provider.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct InitializeRequest {
    /// The asset; `None` where the text is no DID.
    pub did: Option<Did>,
    /// The service's id as it was sent.
    pub service_id: String,
    /// Who will order.
    pub consumer: Address,
    /// A file to be tried out first.
    pub file_index: Option<u64>,
    /// An order that may still be valid.
    pub transfer_tx: Option<B256>,
    /// Until when the order is wanted, in unix seconds; ocean-node only.
    pub valid_until: Option<u64>,
    /// The consumer's parameters for the file.
    pub user_data: Option<Value>,
    /// The arguments in order, for the one error that echoes them; without what is a secret.
    pub payload: Vec<(String, String)>,
}

impl InitializeRequest {
    /// Reads the arguments.
    ///
    /// # Errors
    /// All missing and malformed fields together.
    pub fn parse(dialect: Dialect, data: &RequestData) -> Result<Self, ApiError> {
        let mut validation = Validation::new("getFees", &["ddoId", "serviceId"]);
        for field in ["documentId", "serviceId", "consumerAddress"] {
            validation.require(data, field);
        }
        let file_index = match whole_number(data, "fileIndex") {
            Some(Ok(index)) => Some(index),
            Some(Err(rules)) => {
                for rule in rules {
                    validation.broken("fileIndex", rule);
                }
                None
            }
            None => None,
        };
        let consumer: Option<Address> = data.text("consumerAddress").and_then(|text| text.parse().ok());
        if consumer.is_none() && data.is_filled("consumerAddress") {
            validation.broken("consumerAddress", Rule::Address);
        }
        validation.finish()?;
        let text = |field| data.text(field).unwrap_or_default().into_owned();
        Ok(Self {
            did: Did::parse(&text("documentId")).ok(),
            service_id: text("serviceId"),
            consumer: consumer.ok_or(ApiError::Internal)?,
            file_index,
            transfer_tx: data.filled("transferTxId").and_then(|text| text.parse().ok()),
            valid_until: match dialect {
                Dialect::OceanNode => whole_number(data, "validUntil").and_then(Result::ok),
                // For access services the peer ignores it: the fee never expires.
                _ => None,
            },
            user_data: data.user_data("userdata"),
            payload: data.echo(),
        })
    }

    /// The query a client sends.
    pub fn query(
        did: &Did,
        service_id: &str,
        consumer: Address,
        file_index: Option<u64>,
        transfer_tx: Option<B256>,
    ) -> Vec<(&'static str, String)> {
        let mut query = vec![
            ("documentId", did.to_string()),
            ("serviceId", service_id.to_owned()),
            ("consumerAddress", consumer.to_checksum(None)),
        ];
        query.extend(file_index.map(|index| ("fileIndex", index.to_string())));
        query.extend(transfer_tx.map(|tx| ("transferTxId", tx.to_string())));
        query
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Initialized {
    /// What has to be paid along with the order.
    Fee(Box<InitializedFee>),
    /// The order that was named is still valid; nothing has to be paid.
    ValidOrder(B256),
}

/// What has to be paid along with an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitializedFee {
    /// The service's datatoken.
    pub datatoken: Address,
    /// The consumer's stored nonce, if there is one.
    pub nonce: Option<Nonce>,
    /// The fee with its signature.
    pub fee: ProviderFee,
    /// ocean-node echoes the consumer here.
    pub compute_address: Option<Address>,
}

/// The fee does not verify, or the answer has another shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InitializedError {
    /// The answer is not the documented JSON.
    #[error("the answer to initialize lacks `{0}`")]
    Shape(&'static str),
    /// The fee is not signed by the address it names.
    #[error("the provider fee does not verify")]
    Fee(#[source] ocean_crypto::Error),
}

impl Initialized {
    /// The answer's body.
    pub fn to_json(&self, dialect: Dialect) -> String {
        let value = match self {
            Self::ValidOrder(tx) => json!({"validOrder": tx.to_string()}),
            Self::Fee(answer) => {
                let InitializedFee { datatoken, nonce, fee, compute_address } = answer.as_ref();
                let fee = serde_json::to_value(fee).unwrap_or_default();
                let datatoken = datatoken.to_checksum(None);
                match dialect {
                    Dialect::OceanNode => json!({
                        "providerFee": fee,
                        "datatoken": datatoken,
                        "nonce": nonce.as_ref().map_or("0".to_owned(), Nonce::to_string),
                        "computeAddress": compute_address.map(|address| address.to_checksum(None)),
                    }),
                    _ => json!({
                        "datatoken": datatoken,
                        "nonce": nonce.as_ref().map(Nonce::to_string),
                        "providerFee": fee,
                    }),
                }
            }
        };
        json_text(dialect, &value)
    }

    /// Reads the answer of either dialect and verifies the fee's signature, before anybody pays it.
    ///
    /// # Errors
    /// Another shape, or a fee that the contract would refuse.
    pub fn parse(body: &[u8]) -> Result<Self, InitializedError> {
        let value: Value = serde_json::from_slice(body).map_err(|_| InitializedError::Shape("a json object"))?;
        let text = |field: &str| value.get(field).and_then(Value::as_str);
        if let Some(order) = text("validOrder") {
            return order.parse().map(Self::ValidOrder).map_err(|_| InitializedError::Shape("validOrder"));
        }
        let fee = value.get("providerFee").ok_or(InitializedError::Shape("providerFee"))?;
        let fee: ProviderFee =
            serde_json::from_value(fee.clone()).map_err(|_| InitializedError::Shape("providerFee"))?;
        fee.verify().map_err(InitializedError::Fee)?;
        let address = |field: &'static str| text(field).and_then(|text| text.parse::<Address>().ok());
        Ok(Self::Fee(Box::new(InitializedFee {
            datatoken: address("datatoken").ok_or(InitializedError::Shape("datatoken"))?,
            nonce: text("nonce").and_then(|nonce| nonce.parse().ok()),
            fee,
            compute_address: address("computeAddress"),
        })))
    }
}

/// The `providerData` of a fee for an access service: the JSON that ties the fee to a datatoken and a service.
///
/// The Provider's also names the compute environment (none here) and the time, which it compares with the block's when the
/// fee expires; ocean-node's holds the two ids only.
pub fn provider_data(dialect: Dialect, datatoken: Address, service_id: &str, now: Timestamp) -> Bytes {
    let (datatoken, id) = (datatoken.to_checksum(None), json!(service_id));
    let text = match dialect {
        Dialect::OceanNode => format!(r#"{{"dt":"{datatoken}","id":{id}}}"#),
        _ => {
            let (seconds, micros) = (now.as_second(), now.subsec_microsecond());
            format!(r#"{{"environment":null,"timestamp":{seconds}.{micros:06},"dt":"{datatoken}","id":{id}}}"#)
        }
    };
    Bytes::from(text.into_bytes())
}

/// Until when the fee of an access service is good, in unix seconds; 0 is for ever.
///
/// The Provider's never ends. ocean-node's ends with the service's timeout, or earlier where the request says so.
pub fn fee_valid_until(dialect: Dialect, timeout: u64, requested: Option<u64>, now: Timestamp) -> u64 {
    if dialect != Dialect::OceanNode {
        return 0;
    }
    let now = u64::try_from(now.as_second()).unwrap_or_default();
    let longest = if timeout == 0 { u64::MAX } else { now.saturating_add(timeout) };
    match requested.filter(|until| *until > now) {
        Some(until) => until.min(longest),
        None if timeout == 0 => 0,
        None => longest,
    }
}
