//! `POST /api/services/encryptFile` (ocean-node)

use ocean_crypto::command;
use serde_json::Value;

use crate::{
    command::{Caller, authorize_command},
    error::ApiError,
    request::RequestData,
    signed::AuthContext,
};

/// How a file is encrypted for the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncryptMethod {
    /// With a symmetric key of the node's.
    Aes,
    /// To the node's public key.
    Ecies,
}

impl EncryptMethod {
    /// As the answer's header names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Aes => "AES",
            Self::Ecies => "ECIES",
        }
    }
}

/// What is to be encrypted.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum EncryptSubject {
    /// The body itself.
    Body,
    /// The file that this object names. It can hold secrets: it is not printed.
    File(Value),
}

impl std::fmt::Debug for EncryptSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Body => "Body",
            Self::File(_) => "File",
        })
    }
}

/// Asks to encrypt a file for this node.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EncryptFileRequest {
    /// Who asks.
    pub caller: Caller,
    /// How.
    pub method: EncryptMethod,
    /// What.
    pub subject: EncryptSubject,
}

impl EncryptFileRequest {
    /// Reads the query; the body is a file object where it is JSON, else the data itself.
    ///
    /// # Errors
    /// An unknown method, no body, or the signature.
    pub fn parse(
        query: &RequestData,
        content_type: Option<&str>,
        body: &[u8],
        auth: &AuthContext,
    ) -> Result<Self, ApiError> {
        let method = match query.filled("encryptMethod").map(|method| method.to_ascii_uppercase()).as_deref() {
            None | Some("AES") => EncryptMethod::Aes,
            Some("ECIES") => EncryptMethod::Ecies,
            Some(_) => {
                let text = r#"Invalid parameter: "encryptionType" must be one of: ["AES","ECIES"]"#;
                return Err(ApiError::Invalid(text.to_owned()));
            }
        };
        if body.is_empty() {
            return Err(ApiError::MissingBody);
        }
        let json = content_type.is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with("application/json"));
        let subject = if json {
            let object: Value = serde_json::from_slice(body).unwrap_or_default();
            if !object.is_object() {
                let text = r#"Invalid request: Missing data to encrypt, use one of ["files","rawData"]"#;
                return Err(ApiError::Invalid(text.to_owned()));
            }
            EncryptSubject::File(object)
        } else {
            EncryptSubject::Body
        };
        Ok(Self { caller: authorize_command(query, auth, command::ENCRYPT_FILE)?, method, subject })
    }
}
