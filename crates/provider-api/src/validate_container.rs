//! `POST /api/services/validateContainer` (Provider)

use ocean_primitives::Dialect;
use serde_json::Value;

use crate::{
    error::{ApiError, ContainerFault},
    json::json_text,
    request::RequestData,
};

/// The answer to a container description: the description itself.
///
/// # Errors
/// Something is missing, or the checksum names no algorithm.
pub fn validate(dialect: Dialect, data: &RequestData) -> Result<String, ApiError> {
    if !["entrypoint", "image", "checksum"].iter().all(|field| data.is_filled(field)) {
        return Err(ApiError::Container(ContainerFault::Missing));
    }
    if !data.text("checksum").is_some_and(|checksum| checksum.starts_with("sha256:")) {
        return Err(ApiError::Container(ContainerFault::ChecksumPrefix));
    }
    Ok(json_text(dialect, &Value::Object(data.fields().clone())))
}
