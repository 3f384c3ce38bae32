//! Compute payments against the real escrows: those of the pinned release, and those of 2.10.0 and 3.1.0 where they are installed.

mod enterprise;
mod flow;
mod later;
mod refused;

use std::time::Duration;

use alloy::primitives::{Address, U256};
use ocean_contracts_bindings::{
    Contracts, Error,
    escrow::{Authorize, Escrow, EscrowAbi, LockRequest},
};
use ocean_primitives::BaseUnits;
use ocean_testbed::{LaterRelease, LocalChain, Plan};
use serde_json::{Map, Value};

use crate::support::{chain, contracts, later_contracts, whole};

const PAYER: usize = 2;
const PAYEE: usize = 4;
const OTHER: usize = 5;

/// One escrow with a payer and a payee.
struct World {
    chain: LocalChain,
    payer: Escrow,
    payee: Escrow,
    ocean: Address,
    /// Every address of the chain, with the escrow of this world in it.
    addresses: Map<String, Value>,
}

/// Which contract of which release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Enterprise,
}

impl World {
    async fn start(release: Option<LaterRelease>, form: Form) -> Option<Self> {
        let folder = match release {
            Some(release) => Some(later_contracts(release).await?),
            None => None,
        };
        let chain = chain().await;
        let addresses = match &folder {
            Some(folder) => chain.deploy(Plan::escrows(), folder, &Map::new()).await.unwrap(),
            None => chain.addresses().clone(),
        };
        let key = if form == Form::Plain { "Escrow" } else { "EnterpriseEscrow" };
        let address = addresses[key].as_str().unwrap().parse().unwrap();
        let at = async |index| Escrow::at(&contracts(&chain, index), address).await.unwrap();
        let (payer, payee) = (at(PAYER).await, at(PAYEE).await);
        assert_eq!(payer.address(), address);
        assert_eq!(payer.is_enterprise(), form == Form::Enterprise);
        let abi = match release {
            None => EscrowAbi::Plain,
            Some(LaterRelease::V2_10) => EscrowAbi::Timed,
            Some(_) => EscrowAbi::Subsidized,
        };
        assert_eq!(payer.abi(), abi);
        let ocean = chain.deployment().ocean;
        Some(Self { chain, payer, payee, ocean, addresses })
    }

    fn account(&self, index: usize) -> Address {
        self.chain.accounts()[index].address
    }

    fn contracts(&self, index: usize) -> Contracts {
        contracts(&self.chain, index)
    }

    /// The payer deposits and lets the payee lock.
    async fn prepare(&self, deposit: u64, max_locked: u64, max_locks: u64) {
        self.payer.deposit(self.ocean, whole(deposit)).await.unwrap();
        self.payer.authorize(&self.authorize(whole(max_locked), max_locks)).await.unwrap();
    }

    fn authorize(&self, max_locked_amount: BaseUnits, max_locks: u64) -> Authorize {
        Authorize {
            token: self.ocean,
            payee: self.account(PAYEE),
            max_locked_amount,
            max_lock: Duration::from_secs(3600),
            max_locks: U256::from(max_locks),
        }
    }

    fn lock(&self, job: u64, amount: BaseUnits, seconds: u64) -> LockRequest {
        LockRequest {
            job_id: U256::from(job),
            token: self.ocean,
            payer: self.account(PAYER),
            amount,
            duration: Duration::from_secs(seconds),
        }
    }

    /// What payer and payee have in the escrow.
    async fn funds(&self) -> [[BaseUnits; 2]; 2] {
        let of = async |index| {
            let funds = self.payer.funds(self.account(index), self.ocean).await.unwrap();
            [funds.available, funds.locked]
        };
        [of(PAYER).await, of(PAYEE).await]
    }
}

/// Every release, as far as they are installed: the pinned one always is.
const RELEASES: [Option<LaterRelease>; 3] = [None, Some(LaterRelease::V2_10), Some(LaterRelease::V3_1)];

#[tokio::test]
async fn what_is_no_escrow_is_not_taken_for_one() {
    let chain = chain().await;
    let contracts = contracts(&chain, 0);
    let deployment = chain.deployment();
    let list = deployment.access_list_factory.unwrap();
    for address in [deployment.ocean, deployment.router, list, chain.accounts()[0].address, Address::ZERO] {
        let result = Escrow::at(&contracts, address).await;
        assert!(matches!(result, Err(Error::NotAnEscrow(found)) if found == address), "{address}: {result:?}");
    }
    let escrow = Escrow::of_deployment(&contracts).await.unwrap();
    assert_eq!((escrow.abi(), escrow.is_enterprise()), (EscrowAbi::Plain, false));
    let enterprise = Escrow::enterprise_of_deployment(&contracts).await.unwrap();
    assert_eq!((enterprise.abi(), enterprise.is_enterprise()), (EscrowAbi::Plain, true));
}

#[test]
fn jobs_have_the_numbers_that_nodes_give_them() {
    let rule = recorded()["jobIdRule"].clone();
    for job in ["job-1", ""] {
        assert_eq!(Escrow::job_id(job).to_string(), rule[job].as_str().unwrap(), "{job:?}");
    }
}

/// The recorded behaviour of the pinned release's escrow.
fn recorded() -> Value {
    serde_json::from_str(include_str!("../fixtures/escrow.json")).unwrap()
}
