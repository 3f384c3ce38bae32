//! `POST /api/services/encrypt`

use ocean_crypto::{Message, command};
use ocean_primitives::{ChainId, Dialect};

use crate::{
    error::ApiError,
    request::RequestData,
    signed::{AuthContext, Authorization, authorize, bearer},
    validation::Validation,
};

/// Asks to encrypt the body for this Provider.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncryptRequest {
    /// Whose key, where the request says.
    pub chain: Option<ChainId>,
    /// Who asks; ocean-node demands it, unless a token says so alone, and the Provider knows no such thing.
    pub authorization: Option<Authorization>,
}

impl EncryptRequest {
    /// Reads the query; the body is the data itself.
    ///
    /// # Errors
    /// Provider: the content type must be exactly `application/octet-stream`, and a chain id is needed.
    /// ocean-node: an empty body, or no valid signature or token.
    pub fn parse(
        dialect: Dialect,
        query: &RequestData,
        content_type: Option<&str>,
        body: &[u8],
        auth: &AuthContext,
    ) -> Result<Self, ApiError> {
        let chain =
            query.filled("chainId").map(|text| text.parse::<ChainId>().map_err(|_| ApiError::EncryptUnknownChain));
        if dialect == Dialect::OceanNode {
            if body.is_empty() {
                return Err(ApiError::MissingBody);
            }
            if bearer(dialect, query, auth, "consumerAddress").is_some() {
                return Ok(Self { chain: chain.transpose()?, authorization: None });
            }
            let mut validation = Validation::new(command::ENCRYPT, &["consumerAddress", "nonce", "signature"]);
            let message = |consumer: &str, nonce: &str| {
                vec![Message::Command { consumer, nonce, command: command::ENCRYPT }.text(dialect)]
            };
            let authorization = authorize(dialect, query, auth, "consumerAddress", message, &mut validation);
            if authorization.is_none() {
                validation.require(query, "consumerAddress");
                validation.require(query, "nonce");
            }
            validation.finish()?;
            return Ok(Self { chain: chain.transpose()?, authorization });
        }
        if content_type != Some("application/octet-stream") {
            return Err(ApiError::ContentType);
        }
        let chain = chain.ok_or(ApiError::MissingChainId)??;
        Ok(Self { chain: Some(chain), authorization: None })
    }
}

/// Status and content type of the answer; its body is `0x` and the ciphertext in hex.
pub fn response_head(dialect: Dialect) -> (u16, &'static str) {
    match dialect {
        Dialect::OceanNode => (200, "application/octet-stream"),
        _ => (201, "text/plain"),
    }
}
