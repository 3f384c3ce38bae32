//! `POST /api/services/decrypt`

use std::{sync::Arc, time::Duration};

use alloy::sol_types::SolEvent as _;
use axum::response::Response;
use ocean_contracts_bindings::{abi::IErc721Template, wait_for_receipt};
use ocean_crypto::{Error as CryptoError, Flags, payload};
use ocean_ddo::{AssetState, RawDdo};
use ocean_primitives::{Address, B256, Bytes};
use ocean_provider_api::{
    ApiError,
    decrypt::{DecryptRequest, DecryptSource, response_head},
};
use ocean_service::Chain;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::{
    router::{Incoming, text},
    state::ProviderState,
};

/// How long a transaction may stay unknown: an indexer may ask before this node's chain client has seen it.
const RECEIPT: Duration = Duration::from_secs(5);

/// Decrypts a published document. Every check comes before the nonce is used up, and nothing before it has an effect.
pub(crate) async fn post(state: &ProviderState, request: &Incoming) -> Result<Response, ApiError> {
    let asked = DecryptRequest::parse(state.dialect(), &request.data, &request.auth)?;
    let chain = asked.chain.and_then(|id| state.chain(id)).ok_or(ApiError::UnknownChain)?;
    if state.limits().decrypters.as_ref().is_some_and(|allowed| !allowed.contains(&asked.authorization.address)) {
        return Err(ApiError::DecrypterNotAuthorized);
    }
    let unavailable = |error| {
        tracing::warn!(%error, chain = %chain.id, "the chain did not answer");
        ApiError::Unavailable("the chain")
    };
    if !chain.is_factory_nft(asked.data_nft).await.map_err(unavailable)? {
        return Err(ApiError::NotFromFactory);
    }
    let decrypter = asked.decrypter;
    let command = || {
        json!({
            "action": "decrypt", "decrypterAddress": decrypter, "chainId": chain.id.get(),
            "transactionId": request.data.text("transactionId"), "dataNftAddress": asked.data_nft.to_checksum(None),
            "policyServer": request.data.user_data("policyServer"),
        })
    };
    state.ask_policy(command).await?;
    let document = match asked.source {
        DecryptSource::Transaction(tx) => published(chain, asked.data_nft, tx).await?,
        DecryptSource::Document { payload, flags, hash } => Published { payload, flags: Flags(flags), hash },
        _ => return Err(ApiError::Internal),
    };
    let number = chain.contracts().nft_state(asked.data_nft).await.map_err(unavailable)?;
    let decryptable = AssetState::try_from(number).is_ok_and(AssetState::decryptable);
    if !decryptable {
        return Err(ApiError::MetadataState(number));
    }
    let (key, limit) = (chain.key.clone(), state.limits().document);
    let clear = tokio::task::spawn_blocking(move || document.open(&key, limit)).await.map_err(|error| {
        tracing::error!(%error, "decryption failed");
        ApiError::Internal
    })??;
    state.use_nonce(&asked.authorization).await?;
    let (status, content_type) = response_head(state.dialect());
    Ok(text(status, content_type, clear))
}

/// A document as it was published.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) payload: Bytes,
    pub(crate) flags: Flags,
    pub(crate) hash: B256,
}

impl Published {
    /// The clear document; its hash is checked.
    pub(crate) fn open(&self, key: &ocean_crypto::PrivateKey, limit: usize) -> Result<Vec<u8>, ApiError> {
        let clear = payload::decode(&self.payload, self.flags, Some(key), limit).map_err(|error| match error {
            CryptoError::Decompress(_) | CryptoError::TooLong { .. } => ApiError::Decompress,
            _ => ApiError::Decrypt,
        })?;
        let matches = B256::from_slice(&Sha256::digest(&clear)) == self.hash
            // ocean.js publishes plain documents under the hash of their hex text.
            || self.flags == Flags::PLAIN && hex_text_hash(&clear) == Some(self.hash);
        if matches { Ok(clear) } else { Err(ApiError::Checksum) }
    }
}

fn hex_text_hash(document: &[u8]) -> Option<B256> {
    RawDdo::parse(document).ok().map(|document| document.hex_text_checksum())
}

/// What the first metadata event of `nft` in that transaction holds: created before updated, as in the peer.
async fn published(chain: &Arc<Chain>, nft: Address, tx: B256) -> Result<Published, ApiError> {
    use IErc721Template::{MetadataCreated, MetadataUpdated};
    let receipt = wait_for_receipt(&chain.rpc, tx, RECEIPT).await.map_err(|error| {
        tracing::debug!(%error, %tx, "no receipt");
        ApiError::TransactionId
    })?;
    // Only what that NFT itself has emitted: anybody can emit an event that looks the same.
    let logs = || receipt.inner.logs().iter().filter(|log| log.address() == nft);
    let created = logs().find_map(|log| MetadataCreated::decode_log(&log.inner).ok()).map(|event| {
        let event = event.data;
        (event.data, event.flags, event.metaDataHash)
    });
    let updated = || {
        logs().find_map(|log| MetadataUpdated::decode_log(&log.inner).ok()).map(|event| {
            let event = event.data;
            (event.data, event.flags, event.metaDataHash)
        })
    };
    let (payload, flags, hash) = created.or_else(updated).ok_or(ApiError::TransactionId)?;
    let flags = Flags::from_bytes(&flags).map_err(|_| ApiError::TransactionId)?;
    Ok(Published { payload, flags, hash })
}
