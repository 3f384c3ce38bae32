//! Who takes part in the main job, and the file that is sold.

use std::time::Duration;

use ocean_aquarius_client::AquariusClient;
use ocean_contracts_bindings::{Contracts, Deployment, connect_with_key};
use ocean_crypto::PrivateKey;
use ocean_primitives::{Address, BaseUnits, FeeRate, ONE, U256};
use ocean_protocol::{ConsumeMarket, FileObject, Ocean};
use ocean_provider_client::ProviderClient;
use tempfile::TempDir;

use super::report::{Doing as _, Result};
use crate::{BraninGrid, FileServer, Testbed, accounts, write_branin_csv};

/// Size and seed of the data that is sold.
const DATA_BYTES: u64 = 5 * 1024 * 1024;
const DATA_SEED: u64 = 8996;
/// Under this name the file server offers it.
pub(super) const DATA_NAME: &str = "branin.csv";
/// How long any indexer may take before a step fails; the step about speed has its own limit.
pub(super) const INDEX_DEADLINE: Duration = Duration::from_secs(10);

/// The accounts by what they do. 0 owns the contracts and 8 is the Provider.
pub(super) mod role {
    /// Publishes.
    pub(in crate::main_job) const PUBLISHER: usize = 1;
    /// Buy one asset each, so that what each is charged can be told apart.
    pub(in crate::main_job) const BUYERS: [usize; 3] = [2, 3, 4];
    /// The publishing market.
    pub(in crate::main_job) const PUBLISH_MARKET: usize = 5;
    /// The market through which all buy.
    pub(in crate::main_job) const CONSUME_MARKET: usize = 6;
    /// Tries what must fail.
    pub(in crate::main_job) const STRANGER: usize = 7;
    /// Buys through the node; has OCEAN as the others.
    pub(in crate::main_job) const NODE_BUYER: usize = 9;
    /// Is on the deny list.
    pub(in crate::main_job) const DENIED: usize = 10;
    /// A Provider that nobody asked.
    pub(in crate::main_job) const OTHER_PROVIDER: usize = 11;
    /// Has ether and nothing else.
    pub(in crate::main_job) const POOR: usize = 17;
    /// Buys while the asset is edited.
    pub(in crate::main_job) const LATE_BUYER: usize = 0;
}

/// Everything that the steps share.
pub(super) struct World<'a> {
    pub(super) testbed: &'a Testbed,
    pub(super) deployment: Deployment,
    pub(super) files: FileServer,
    pub(super) folder: TempDir,
    pub(super) data: BraninGrid,
    pub(super) data_url: String,
    pub(super) publisher: Ocean,
    /// Reads the chain; sends nothing.
    pub(super) chain: Contracts,
    pub(super) provider: ProviderClient,
    pub(super) aquarius: AquariusClient,
    pub(super) http: reqwest::Client,
}

impl<'a> World<'a> {
    pub(super) async fn new(testbed: &'a Testbed) -> Result<Self> {
        let deployment = testbed.deployment().clone();
        let folder = tempfile::Builder::new().prefix("ocean-e2e-").tempdir().doing("making a folder for the data")?;
        let path = folder.path().join(DATA_NAME);
        let write = {
            let path = path.clone();
            tokio::task::spawn_blocking(move || write_branin_csv(&path, DATA_SEED, DATA_BYTES))
        };
        let data = write.await.doing("writing the data")?.doing("writing the data")?;
        let files = FileServer::start().await.doing("starting the file server")?;
        let data_url = files.serve_file(DATA_NAME, path);
        let rpc = ocean_contracts_bindings::connect(testbed.rpc_url()).doing("connecting to the chain")?;
        Ok(Self {
            testbed,
            publisher: client(testbed, &deployment, role::PUBLISHER, None, false).await?,
            chain: Contracts::new(rpc, deployment.clone()),
            provider: ProviderClient::builder(testbed.provider_url()).build().doing("the Provider's client")?,
            aquarius: AquariusClient::builder(testbed.aquarius_url()).build().doing("the client of Aquarius")?,
            http: reqwest::Client::builder().timeout(Duration::from_secs(10)).build().doing("setting up HTTP")?,
            deployment,
            files,
            folder,
            data,
            data_url,
        })
    }

    /// The client of an account that buys through the consume market.
    pub(super) async fn buyer(&self, account: usize) -> Result<Ocean> {
        client(self.testbed, &self.deployment, account, Some(consume_market()?), false).await
    }

    /// The client of an account that buys through the consume market and uses the node as Provider and as Aquarius.
    pub(super) async fn node_buyer(&self, account: usize) -> Result<Ocean> {
        client(self.testbed, &self.deployment, account, Some(consume_market()?), true).await
    }

    /// Sends from an account without the facade's checks, as somebody would who wants to cheat.
    pub(super) fn contracts_of(&self, account: usize) -> Result<Contracts> {
        let rpc = connect_with_key(self.testbed.rpc_url(), &key(account)?).doing("connecting to the chain")?;
        Ok(Contracts::new(rpc, self.deployment.clone()).with_sender(address(account)))
    }

    /// The files of every asset.
    pub(super) fn file_objects(&self) -> Vec<FileObject> {
        vec![FileObject::url(&self.data_url)]
    }
}

pub(super) fn address(account: usize) -> Address {
    accounts()[account].address
}

pub(super) fn key(account: usize) -> Result<PrivateKey> {
    accounts()[account].private_key_hex().parse().doing("reading a development key")
}

/// A thousandth of a whole token, `units` times.
pub(super) fn milli(units: u64) -> BaseUnits {
    BaseUnits(ONE / U256::from(1000) * U256::from(units))
}

/// What the consume market takes of every price: 0.2 %.
pub(super) const SWAP_FEE: FeeRate = FeeRate(U256::from_limbs([2_000_000_000_000_000, 0, 0, 0]));

fn consume_market() -> Result<ConsumeMarket> {
    ConsumeMarket::new(address(role::CONSUME_MARKET), SWAP_FEE).doing("naming the market")
}

async fn client(
    testbed: &Testbed,
    deployment: &Deployment,
    account: usize,
    market: Option<ConsumeMarket>,
    through_node: bool,
) -> Result<Ocean> {
    let (provider, aquarius) = if through_node {
        (testbed.node_url(), testbed.node_url())
    } else {
        (testbed.provider_url(), testbed.aquarius_url())
    };
    let mut builder = Ocean::builder()
        .rpc(testbed.rpc_url())
        .key(key(account)?)
        .deployment(deployment.clone())
        .provider(provider)
        .aquarius(aquarius)
        .index_deadline(INDEX_DEADLINE);
    if let Some(market) = market {
        builder = builder.consume_market(market.order_fee(deployment.ocean, milli(50)));
    }
    builder.build().await.doing(format!("connecting account {account}"))
}
