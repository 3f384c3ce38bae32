use ocean_primitives::Dialect;
use serde_json::json;

use crate::{
    error::{ApiError, ErrorResponse},
    json::json_text,
};

/// Why a request about compute is refused.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ComputeFault {
    /// As every other endpoint refuses.
    Api(ApiError),
    /// A part of the request is wrong in one of the ways that have a code.
    Code {
        /// The part.
        resource: String,
        /// The code (provider: ocean_provider/validation/algo.py).
        code: &'static str,
        /// The reason in words, which ocean-node answers with.
        reason: String,
    },
    /// Refused with this text.
    Refused(String),
    /// What was asked for does not exist.
    Unfound(String),
    /// The caller may not use it.
    Forbidden(String),
    /// There is no room now.
    Busy(String),
}

impl From<ApiError> for ComputeFault {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl ComputeFault {
    /// A fault with a code.
    pub fn code(resource: impl Into<String>, code: &'static str, reason: impl Into<String>) -> Self {
        Self::Code { resource: resource.into(), code, reason: reason.into() }
    }

    /// Whether nothing is wrong with the request, but a neighbour does not answer.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Api(ApiError::Unavailable(_)))
    }

    /// The answer in the words of `dialect`.
    pub fn response(&self, dialect: Dialect) -> ErrorResponse {
        let node = dialect == Dialect::OceanNode;
        let (status, text) = match self {
            Self::Api(error) => return error.response(dialect),
            Self::Code { resource, code, .. } if !node => {
                let body = json_text(dialect, &json!({"error": {resource.as_str(): code}}));
                return ErrorResponse { status: 400, content_type: "application/json", body };
            }
            Self::Code { reason, .. } => (400, reason),
            Self::Refused(text) => (400, text),
            Self::Unfound(text) => (404, text),
            Self::Forbidden(text) => (403, text),
            Self::Busy(text) => (429, text),
        };
        if node {
            ErrorResponse { status, content_type: "text/html; charset=utf-8", body: text.clone() }
        } else {
            let body = json_text(dialect, &json!({"error": crate::error::strip_urls(text)}));
            ErrorResponse { status, content_type: "application/json", body }
        }
    }
}
