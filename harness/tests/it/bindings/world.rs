//! A chain with a publisher, a buyer and a Provider, and how to check refusals.

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    providers::Provider as _,
};
use jiff::Timestamp;
use ocean_contracts_bindings::{
    Contracts, CreateAsset, CreatedAsset, Deployment, Error, Price, Reason, connect_with_key,
    order::{OrderCheck, OrderError, VerifiedOrder, reused_order_tx, verify_order},
};
use ocean_crypto::{PrivateKey, ProviderFee};
use ocean_pricing::order::Fee;
use ocean_primitives::{BaseUnits, FeeRate, ONE, Rate, ServiceId};
use ocean_testbed::LocalChain;

use crate::support::chain;

pub(super) const SERVICE: &str = "service-0";

pub(super) fn base(units: u64) -> BaseUnits {
    BaseUnits(U256::from(units))
}

pub(super) fn whole(tokens: u64) -> BaseUnits {
    BaseUnits(U256::from(tokens) * ONE)
}

/// A chain with a publisher, a buyer who has OCEAN, and a Provider's key.
pub(super) struct World {
    pub(super) chain: LocalChain,
    pub(super) publisher: Contracts,
    pub(super) buyer: Contracts,
    pub(super) provider: PrivateKey,
}

impl World {
    pub(super) async fn start() -> Self {
        let chain = chain().await;
        let [publisher, buyer] = [0, 2].map(|index| sender(&chain, index));
        publisher.transfer(publisher.deployment().ocean, account(&chain, 2), whole(1000)).await.unwrap();
        let provider = chain.accounts()[8].private_key();
        Self { chain, publisher, buyer, provider }
    }

    pub(super) fn deployment(&self) -> &Deployment {
        self.publisher.deployment()
    }

    pub(super) fn buyer_address(&self) -> Address {
        account(&self.chain, 2)
    }

    pub(super) async fn publish(&self, template: u16, price: Price) -> CreatedAsset {
        let mut asset = CreateAsset::new("Branin", "BRN", price);
        asset.template = template;
        asset.publish_market_fee = Some(self.market_fee());
        self.publisher.create_asset(&asset).await.unwrap()
    }

    pub(super) fn market_fee(&self) -> Fee {
        Fee { address: account(&self.chain, 5), token: self.deployment().ocean, amount: base(7) }
    }

    pub(super) fn price(&self) -> Price {
        Price::FixedRate {
            base_token: self.deployment().ocean,
            base_decimals: 18,
            rate: Rate::parse("2.5").unwrap(),
            market_fee: FeeRate::from_percent("1").unwrap(),
            market_fee_collector: account(&self.chain, 5),
            with_mint: true,
        }
    }

    pub(super) fn fee(&self, datatoken: Address, amount: u64) -> ProviderFee {
        let data = format!(r#"{{"environment":null,"timestamp":1.5,"dt":"{datatoken}","id":"{SERVICE}"}}"#);
        let data = Bytes::from(data.into_bytes());
        ProviderFee::signed(&self.provider, self.deployment().ocean, U256::from(amount), 0, data)
    }

    pub(super) async fn verify(
        &self,
        tx: B256,
        datatoken: Address,
        consumer: Address,
    ) -> Result<VerifiedOrder, OrderError> {
        let rpc = self.publisher.rpc();
        let receipt = rpc.get_transaction_receipt(tx).await.unwrap().unwrap();
        let original = match reused_order_tx(&receipt, datatoken) {
            Some(order) => rpc.get_transaction_receipt(order).await.unwrap(),
            None => None,
        };
        let check = OrderCheck {
            datatoken,
            service_index: 0,
            service_id: ServiceId::new(SERVICE).unwrap(),
            consumer,
            provider: self.provider.address(),
            timeout: 0,
            now: Timestamp::MAX,
            fee_expiry: true,
        };
        verify_order(&receipt, original.as_ref(), &check)
    }
}

pub(super) fn account(chain: &LocalChain, index: usize) -> Address {
    chain.accounts()[index].address
}

pub(super) fn sender(chain: &LocalChain, index: usize) -> Contracts {
    let account = &chain.accounts()[index];
    let rpc = connect_with_key(chain.rpc_url(), &account.private_key()).unwrap();
    Contracts::new(rpc, chain.deployment().clone()).with_sender(account.address)
}

#[track_caller]
pub(super) fn check_revert<T: std::fmt::Debug>(result: Result<T, Error>, expected: &str) {
    let error = result.unwrap_err();
    assert!(error.is_revert(), "{error}");
    assert_eq!(error.revert_reason().as_deref(), Some(expected));
}

/// The call was refused for this reason, and nothing was sent.
#[track_caller]
pub(super) fn check_reason<T: std::fmt::Debug>(result: Result<T, Error>, expected: Reason) {
    let error = result.unwrap_err();
    assert_eq!(error.reason(), Some(expected), "{error}");
    assert!(matches!(error, Error::Revert { tx: None, .. }), "{error}");
}
