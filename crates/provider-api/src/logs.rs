//! `POST /logs` and `POST /log/{id}` (ocean-node)

use jiff::Timestamp;
use ocean_crypto::{Message, command};
use ocean_primitives::Dialect;
use serde_json::{Value, json};

use crate::{
    error::{ApiError, ErrorResponse},
    json::json_text,
    request::RequestData,
    signed::{AuthContext, Authorization, authorize},
    validation::Validation,
};

/// The most entries of one answer.
const MOST: usize = 1_000;

/// Asks for the node's log.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LogsRequest {
    /// Who asks; only administrators may.
    pub authorization: Authorization,
    /// How many entries.
    pub most: usize,
    /// Only entries of this level.
    pub level: Option<String>,
    /// Only entries of this module.
    pub module: Option<String>,
    /// Which page of that many entries, from 1.
    pub page: usize,
    /// Only entries from then on, in unix milliseconds.
    pub from: Option<i64>,
    /// Only entries until then.
    pub until: Option<i64>,
}

impl LogsRequest {
    /// Reads the filters of the query and authorises the body.
    ///
    /// # Errors
    /// Missing fields, or the signature.
    pub fn parse(data: &RequestData, auth: &AuthContext) -> Result<Self, ApiError> {
        let mut validation = Validation::new(command::GET_LOGS, &["signature", "nonce", "address"]);
        for field in ["signature", "nonce", "address"] {
            validation.require(data, field);
        }
        let text = |consumer: &str, nonce: &str| {
            let command = command::GET_LOGS;
            vec![Message::Command { consumer, nonce, command }.text(Dialect::OceanNode)]
        };
        let signed_only = AuthContext { token: None, ..auth.clone() };
        let authorization = match validation.errors.is_empty() {
            true => authorize(Dialect::OceanNode, data, &signed_only, "address", text, &mut validation),
            false => None,
        };
        validation.finish()?;
        let number = |field: &str| data.filled(field).and_then(|text| text.parse::<i64>().ok());
        let count = |field: &str, default: usize| {
            number(field).and_then(|number| usize::try_from(number).ok()).unwrap_or(default)
        };
        let word = |field: &str| data.filled(field).map(|text| text.to_lowercase());
        Ok(Self {
            authorization: authorization.ok_or(ApiError::Internal)?,
            most: count("maxLogs", 100).min(MOST),
            level: word("level"),
            module: word("moduleName"),
            page: count("page", 1).max(1),
            from: number("startTime"),
            until: number("endTime"),
        })
    }

    /// Whether an entry is one that was asked for.
    pub fn wants(&self, entry: &LogEntry) -> bool {
        let time = entry.time.as_millisecond();
        self.level.as_ref().is_none_or(|level| level == entry.level)
            && self.module.as_ref().is_none_or(|module| module == entry.module)
            && self.from.is_none_or(|from| from <= time)
            && self.until.is_none_or(|until| time <= until)
    }
}

/// An entry of the log. It never holds arguments of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its number.
    pub id: u64,
    /// When.
    pub time: Timestamp,
    /// How important, in lower case.
    pub level: &'static str,
    /// What the entry is about, in lower case.
    pub module: &'static str,
    /// What happened.
    pub message: String,
}

impl LogEntry {
    fn to_value(&self) -> Value {
        json!({
            "id": self.id.to_string(), "timestamp": self.time.as_millisecond(), "level": self.level,
            "moduleName": self.module, "message": self.message, "meta": "",
        })
    }
}

/// The answer: entries, newest first.
pub fn entries(entries: &[LogEntry]) -> String {
    json_text(Dialect::OceanNode, &entries.iter().map(LogEntry::to_value).collect())
}

/// The answer to the question for one entry.
pub fn entry(entry: &LogEntry) -> String {
    json_text(Dialect::OceanNode, &entry.to_value())
}

/// A refusal of these routes: JSON, where ocean-node's other refusals are text.
pub fn refusal(error: &ApiError) -> ErrorResponse {
    let ErrorResponse { status, body, .. } = error.response(Dialect::OceanNode);
    let body = json_text(Dialect::OceanNode, &json!({ "error": body }));
    ErrorResponse { status, content_type: "application/json; charset=utf-8", body }
}

/// The refusal of somebody who is no administrator.
pub fn not_an_admin() -> ApiError {
    ApiError::Policy { status: 403, text: "The address is not on the list of allowed admins".to_owned() }
}
