//! What the conformance suite needs of a network: a published asset with an order, and files.

use std::time::Duration;

use ocean_conformance::{Asset, Files, Keys, Target};
use ocean_contracts_bindings::Deployment;
use ocean_crypto::PrivateKey;
use ocean_primitives::{Dialect, ServiceId};
use ocean_protocol::{DocumentForm, FileObject, Ocean, Pricing, PublishAsset};

use crate::{Error, FileServer, Result, Testbed};

const SERVICE: &str = "access";
const FILE: &str = "conformance.txt";

/// A published asset with an order, for servers of any dialect that know its chain. The files are gone when it is dropped.
#[derive(Debug)]
pub struct Conformance {
    rpc: String,
    deployment: Deployment,
    keys: Keys,
    files: Files,
    _server: FileServer,
}

impl Conformance {
    /// Publishes and orders with these accounts, through `provider` and the index at `aquarius`: the servers under test, or
    /// others that use the same key.
    ///
    /// # Errors
    /// The chain or a server does not answer.
    pub async fn prepare(
        rpc: &str,
        deployment: &Deployment,
        keys: Keys,
        provider: &str,
        aquarius: &str,
    ) -> Result<Self> {
        let ocean = |key: &PrivateKey| {
            let builder = Ocean::builder().rpc(rpc).key(key.clone()).deployment(deployment.clone());
            builder.provider(provider).aquarius(aquarius).build()
        };
        let failed = || Error::component("publishing for the conformance suite");
        let server = FileServer::start().await?;
        // Long enough for ranges, short enough to be shown.
        let content: Vec<u8> = (0..400).flat_map(|line| format!("line {line} of the file\n").into_bytes()).collect();
        let url = server.serve_bytes(FILE, content.clone());
        let missing = format!("{}/missing.txt", server.url());
        let publisher = ocean(&keys.publisher).await.map_err(failed())?;
        let objects = vec![FileObject::url(&url), FileObject::url(&missing)];
        let mut asset = PublishAsset::new("Conformance", objects, Pricing::free())
            .form(DocumentForm::Plain)
            .timeout(Duration::from_secs(24 * 3_600));
        asset.service_id = ServiceId::new(SERVICE).map_err(Error::component("naming a service"))?;
        let published = publisher.publish(asset).await.map_err(failed())?;
        let consumer = ocean(&keys.consumer).await.map_err(failed())?;
        let order = consumer.buy(&published.did, None).await.map_err(failed())?;
        let asset = Asset {
            did: published.did.clone(),
            chain: deployment.chain_id,
            nft: published.nft,
            datatoken: published.datatoken,
            service: order.service_id.clone(),
            order: order.tx,
            published: published.metadata_tx,
            document: published.document.as_bytes().to_vec(),
        };
        let files = Files { url, missing, content, asset };
        Ok(Self { rpc: rpc.to_owned(), deployment: deployment.clone(), keys, files, _server: server })
    }

    /// An asset on a network of ours.
    ///
    /// # Errors
    /// As [`Conformance::prepare`].
    pub async fn on(testbed: &Testbed) -> Result<Self> {
        let keys = Keys {
            publisher: testbed.key(1),
            consumer: testbed.key(2),
            stranger: testbed.key(3),
            server: Some(testbed.provider_key()),
        };
        let (provider, aquarius) = (testbed.provider_url(), testbed.aquarius_url());
        Self::prepare(testbed.rpc_url(), testbed.deployment(), keys, provider, aquarius).await
    }

    /// The suite's view of a server.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn target(&self, url: &str, dialect: Dialect) -> Result<Target> {
        let (rpc, deployment) = (self.rpc.as_str(), self.deployment.clone());
        Target::new(url, dialect, rpc, deployment, self.keys.clone(), self.files.clone())
            .map_err(Error::component("making the target of the conformance suite"))
    }
}
