//! A consumer whom a document denies, and documents that are not what the chain says.

use std::time::Instant;

use ocean_contracts_bindings::{CreateAsset, Price, SetMetadata};
use ocean_crypto::Flags;
use ocean_ddo::Denial;
use ocean_did::Did;
use ocean_primitives::{B256, Bytes};
use ocean_protocol::Error;
use ocean_provider_client::InitializeQuery;
use serde_json::Value;

use super::{
    super::{
        publish::Assets,
        report::{Doing as _, Result, StepError, expect, expect_eq},
        world::{INDEX_DEADLINE, World, address, key, role},
    },
    Refused,
    requests::excerpt,
};

/// Publishes what must not be served; nobody else uses it.
const TAMPERER: usize = 15;

pub(super) async fn run(world: &World<'_>, assets: &Assets) -> Result<Vec<Refused>> {
    let (denied, plain, encrypted) = tokio::try_join!(
        denied(world, assets),
        tampered(world, assets, "tampered document, plain", false),
        tampered(world, assets, "tampered document, encrypted", true),
    )?;
    Ok(vec![denied, plain, encrypted])
}

/// The facade refuses by itself, and so does the Provider when it is asked directly.
async fn denied(world: &World<'_>, assets: &Assets) -> Result<Refused> {
    let did = &assets.standard.published.did;
    let buyer = world.buyer(role::DENIED).await?;
    match buyer.quote(did, None).await {
        Err(Error::AccessDenied { denial: Denial::InDenyList, .. }) => {}
        other => {
            return Err(StepError::Unexpected {
                expected: "a quote for a denied account to fail".to_owned(),
                seen: format!("{other:?}"),
            });
        }
    }
    let query = InitializeQuery::new(did.clone(), assets.standard.service_id()?, address(role::DENIED));
    let refusal = world.provider.initialize(&query, world.deployment.chain_id).await.err();
    let body = refusal.as_ref().and_then(|error| error.peer()).map(ToString::to_string).unwrap_or_default();
    let text = format!(
        "Provider Ganache: Error: Access to asset {did} was denied with code: ConsumableCodes.CREDENTIAL_IN_DENY_LIST."
    );
    expect_eq("status for a denied consumer", Some(400), refusal.and_then(|error| error.status()))?;
    expect(&format!("a denied consumer refused with `{text}`"), body.contains(&text), || excerpt(body.as_bytes()))?;
    Ok(("consumer on the deny list", text))
}

/// A valid document under another document's hash: it is never served, and the indexer says why.
async fn tampered(world: &World<'_>, assets: &Assets, case: &'static str, encrypted: bool) -> Result<Refused> {
    let contracts = world.contracts_of(TAMPERER + usize::from(encrypted))?;
    let nft =
        contracts.create_asset(&CreateAsset::new("Tampered", "TAMP", Price::None)).await.doing("making an NFT")?.nft;
    let did = Did::op(nft, world.deployment.chain_id);
    let document = assets
        .standard
        .published
        .document
        .set("/id", &Value::String(did.to_string()))
        .and_then(|document| document.set("/nftAddress", &Value::String(nft.to_checksum(None))))
        .doing("copying a document")?;
    let data = if encrypted {
        let key = key(TAMPERER)?;
        let chain = world.deployment.chain_id;
        world.provider.encrypt(document.as_bytes().to_vec(), chain, &key).await.doing("encrypting a document")?
    } else {
        Bytes::copy_from_slice(document.as_bytes())
    };
    let flags = if encrypted { Flags::ECIES } else { Flags::PLAIN };
    let metadata = SetMetadata {
        decryptor_url: world.testbed.provider_url().to_owned(),
        flags: Bytes::copy_from_slice(&flags.to_bytes()),
        data,
        // One bit away from the document's own.
        hash: document.checksum() ^ B256::with_last_byte(1),
        ..SetMetadata::default()
    };
    contracts.set_metadata(nft, &metadata).await.doing("publishing a tampered document")?;

    let reason = state_error(world, &did).await?;
    let served = world.aquarius.ddo(&did).await.doing("asking Aquarius for a tampered document")?;
    expect(&format!("{case}: never served"), served.is_none(), || "it is served".to_owned())?;
    let lower = reason.to_lowercase();
    let says_why = ["hash", "checksum"].iter().any(|word| lower.contains(word));
    expect(&format!("{case}: a reason that names the hash or checksum"), says_why, || reason.clone())?;
    Ok((case, reason))
}

/// Waits until `state/ddo` says that an asset is not valid, and why.
async fn state_error(world: &World<'_>, did: &Did) -> Result<String> {
    let deadline = Instant::now() + INDEX_DEADLINE;
    let url = format!("{}/api/aquarius/state/ddo", world.testbed.aquarius_url().trim_end_matches('/'));
    loop {
        let response =
            world.http.get(&url).query(&[("did", did.as_str())]).send().await.doing("asking for the state")?;
        let (status, body) = (response.status().as_u16(), response.bytes().await.doing("reading the state")?);
        let state: Value = serde_json::from_slice(&body).unwrap_or_default();
        let valid = state.get("valid").and_then(Value::as_bool);
        let error = state.get("error").and_then(Value::as_str).unwrap_or_default().trim();
        if valid == Some(false) && !error.is_empty() {
            return Ok(error.to_owned());
        }
        if Instant::now() > deadline {
            return Err(StepError::Unexpected {
                expected: format!("state/ddo to say why {did} is not served"),
                seen: format!("{status} {}", excerpt(&body)),
            });
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
