use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::{
    Hkdf,
    hmac::{Hmac, Mac as _},
};
use ocean_primitives::Address;
use ocean_provider_api::{
    ApiError, TokenFault,
    auth_token::{CreateAuthTokenRequest, claims_text, parse_claims},
};
use sha2::{Digest as _, Sha256};

use crate::state::ProviderState;

pub use ocean_service::{TokenError, TokenStore};

const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

/// The longest token that is looked at, in bytes.
const LONGEST: usize = 2048;

fn failed(error: TokenError) -> ApiError {
    tracing::error!(?error, "auth tokens");
    ApiError::Unavailable("the token store")
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

impl ProviderState {
    /// The key of the tokens' signatures: derived from the first chain's key for this one purpose (R15).
    fn token_mac(&self) -> Result<Hmac<Sha256>, ApiError> {
        let chain = self.chain_or_first(None).ok_or(ApiError::Internal)?;
        let mut key = [0; 32];
        let derived = Hkdf::<Sha256>::new(None, chain.key.to_bytes().as_slice()).expand(b"ocean auth token", &mut key);
        derived.map_err(|_| ApiError::Internal)?;
        <Hmac<Sha256> as hkdf::hmac::Mac>::new_from_slice(&key).map_err(|_| ApiError::Internal)
    }

    /// A signed token for what was asked.
    pub(crate) fn issue_token(&self, asked: &CreateAuthTokenRequest) -> Result<String, ApiError> {
        let claims = claims_text(self.dialect(), asked, self.now());
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.token_mac()?.chain_update(&signed).finalize().into_bytes();
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// Whom a token was issued for, if it is ours, alive and not revoked.
    pub(crate) async fn check_token(&self, token: &str) -> Result<Address, TokenFault> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenFault::Invalid)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenFault::Invalid)?;
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenFault::Invalid);
        if token.len() > LONGEST || decode(header)? != HEADER.as_bytes() {
            return Err(TokenFault::Invalid);
        }
        let mac = self.token_mac().map_err(|_| TokenFault::Invalid)?.chain_update(signed);
        mac.verify_slice(&decode(signature)?).map_err(|_| TokenFault::Invalid)?;
        let claims = parse_claims(&decode(claims)?).ok_or(TokenFault::Invalid)?;
        if claims.expires <= u64::try_from(self.now().as_second()).unwrap_or_default() {
            return Err(TokenFault::Expired);
        }
        match self.parts().tokens.is_revoked(hash(token)).await {
            Ok(false) => Ok(claims.address),
            Ok(true) => Err(TokenFault::Deleted),
            Err(error) => {
                failed(error);
                Err(TokenFault::Invalid)
            }
        }
    }

    /// Makes a token void; on disk before this returns.
    pub(crate) async fn revoke_token(&self, token: &str) -> Result<(), ApiError> {
        let now = self.now().as_second();
        let expires =
            now.saturating_add(i64::try_from(ocean_provider_api::auth_token::MAX_LIFETIME).unwrap_or(i64::MAX));
        self.parts().tokens.revoke(hash(token), expires, now).await.map_err(failed)
    }

    /// Issuing a revoked token again makes it valid again.
    pub(crate) async fn restore_token(&self, token: &str) -> Result<(), ApiError> {
        self.parts().tokens.restore(hash(token)).await.map_err(failed)
    }
}
