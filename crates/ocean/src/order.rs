use ocean_contracts_bindings::{
    FreBuy,
    abi::{IErc20Template, IFactoryRouter},
};
use ocean_crypto::ProviderFee;
use ocean_ddo::{Access, AssetState, Ddo, Service};
use ocean_did::Did;
use ocean_pricing::{
    dispenser,
    order::{self, Community, ONE_DATATOKEN, Spending},
};
use ocean_primitives::{Address, B256, BaseUnits, FeeRate, ServiceId};
use ocean_provider_api::initialize::InitializedError;
use ocean_provider_client::{Error as ProviderError, InitializeQuery, Initialized};

use crate::{
    asset,
    error::{Error, Result},
    ocean::Ocean,
    quote::{Bill, OrderQuote, Purchase, Terms, bill, fee_of, purchase},
};

/// How often a Provider is asked again for a fee whose signature does not verify: ocean-node's own fails once in 256.
const FEE_ATTEMPTS: u32 = 3;

/// A paid order: what a download shows to the Provider.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Order {
    /// The asset.
    pub did: Did,
    /// The service.
    pub service_id: ServiceId,
    /// The datatoken that was spent.
    pub datatoken: Address,
    /// Who may download.
    pub consumer: Address,
    /// The transaction to show: the order's, or that of its last reuse.
    pub tx: B256,
    /// The order's own transaction, which a reuse names.
    pub original_tx: B256,
    /// The block of `tx`.
    pub block: u64,
    /// Gas of all transactions of this order or reuse, approvals included.
    pub gas_used: u64,
}

impl Order {
    /// An order that was made earlier, known by its transactions.
    pub fn known(did: Did, service_id: ServiceId, datatoken: Address, consumer: Address, tx: B256) -> Self {
        Self { did, service_id, datatoken, consumer, tx, original_tx: tx, block: 0, gas_used: 0 }
    }
}

impl Ocean {
    /// Computes what ordering a service costs, without paying anything; `service` may be left out where there is only one.
    ///
    /// Everything that decides about money is checked against the chain: datatoken and NFT by the factory, exchange and
    /// dispenser by the router, the exchange's decimals by the token, the fee by the Provider's signature.
    ///
    /// # Errors
    /// The asset is unknown, not for sale, not orderable in its state, closed to this account, or one of the checks fails.
    pub async fn quote(&self, did: &Did, service: Option<&ServiceId>) -> Result<OrderQuote> {
        let ddo = self.asset(did).await?.ddo().map_err(Error::document("reading the document"))?;
        let (service_index, service) = asset::service(&ddo, service)?;
        self.check_access(&ddo, service).await?;
        // All at once, but the first reason in this order is the one that is told, whichever answer comes first.
        let (origin, state, terms) = tokio::join!(
            self.check_origin(&ddo, service),
            self.check_state(&ddo),
            self.terms(service.datatoken_address),
        );
        origin?;
        state?;
        let terms = terms?;
        let provider_fee = self.provider_fee(did, service).await?;
        let Bill { fees, approvals, payments } = bill(&terms, self.inner.consume_market.as_ref(), &provider_fee)?;
        Ok(OrderQuote {
            did: did.clone(),
            service_id: service.id.clone(),
            service_index,
            datatoken: service.datatoken_address,
            template: terms.template,
            consumer: self.account(),
            purchase: terms.purchase,
            fees,
            provider_fee,
            approvals,
            payments,
        })
    }

    /// Orders what was quoted: exact approvals, then one transaction (template 2) or purchase and order (template 1).
    ///
    /// Where the purchase of template 1 succeeds and the order after it does not, the datatoken stays with the account and the
    /// next quote finds it there ([`Purchase::Held`]).
    ///
    /// # Errors
    /// Too little money (before anything is sent), or a revert: a price or fee that has risen since the quote reverts too.
    pub async fn order(&self, quote: &OrderQuote) -> Result<Order> {
        self.check_funds(&quote.approvals).await?;
        let mut gas_used = self.approve(&quote.approvals).await?;
        let contracts = &self.inner.contracts;
        let (datatoken, consumer, index) = (quote.datatoken, quote.consumer, quote.service_index);
        let (fee, market) = (&quote.provider_fee, quote.fees.consume_market);
        let started = match (&quote.purchase, quote.template) {
            (Purchase::Held, _) => contracts.start_order(datatoken, consumer, index, fee, market).await,
            (Purchase::FixedRate { exchange, cost, swap_fee, swap_fee_collector, .. }, 1) => {
                let share = (!swap_fee_collector.is_zero()).then_some((*swap_fee_collector, *swap_fee));
                let bought = contracts
                    .buy_dt(*exchange, ONE_DATATOKEN, cost.total, share)
                    .await
                    .map_err(Error::chain("buying the datatoken"))?;
                gas_used += bought.outcome.gas_used;
                contracts.start_order(datatoken, consumer, index, fee, market).await
            }
            (Purchase::FixedRate { exchange, cost, swap_fee, swap_fee_collector, .. }, _) => {
                let buy = FreBuy {
                    exchange: *exchange,
                    max_base: cost.total,
                    swap_market_fee: *swap_fee,
                    market_fee_address: *swap_fee_collector,
                };
                contracts.buy_from_fre_and_order(datatoken, consumer, index, fee, market, buy).await
            }
            (Purchase::Dispenser { .. }, 1) => {
                let given = contracts
                    .dispense(datatoken, ONE_DATATOKEN, consumer)
                    .await
                    .map_err(Error::chain("asking the dispenser for a datatoken"))?;
                gas_used += given.gas_used;
                contracts.start_order(datatoken, consumer, index, fee, market).await
            }
            (Purchase::Dispenser { .. }, _) => {
                contracts.buy_from_dispenser_and_order(datatoken, consumer, index, fee, market).await
            }
        };
        let started = started.map_err(Error::chain("ordering"))?;
        Ok(Order {
            did: quote.did.clone(),
            service_id: quote.service_id.clone(),
            datatoken,
            consumer: quote.consumer,
            tx: started.tx,
            original_tx: started.tx,
            block: started.block,
            gas_used: gas_used + started.gas_used,
        })
    }

    /// Quotes and orders in one go.
    ///
    /// # Errors
    /// As [`quote`](Self::quote) and [`order`](Self::order).
    pub async fn buy(&self, did: &Did, service: Option<&ServiceId>) -> Result<Order> {
        let quote = Box::pin(self.quote(did, service)).await?;
        self.order(&quote).await
    }

    /// Renews an order: pays the Provider's fee again, but no datatoken.
    ///
    /// A Provider counts the time that the service allows anew from the reuse.
    ///
    /// # Errors
    /// As [`quote`](Self::quote), and a revert.
    pub async fn reuse(&self, order: &Order) -> Result<Order> {
        let ddo = self.asset(&order.did).await?.ddo().map_err(Error::document("reading the document"))?;
        let (_, service) = asset::service(&ddo, Some(&order.service_id))?;
        self.check_access(&ddo, service).await?;
        let (origin, state) = tokio::join!(self.check_origin(&ddo, service), self.check_state(&ddo));
        origin?;
        state?;
        let provider_fee = self.provider_fee(&order.did, service).await?;
        let approvals = order::reuse_order(order.datatoken, Some(fee_of(&provider_fee)))?;
        self.check_funds(&approvals).await?;
        let gas_used = self.approve(&approvals).await?;
        let reused = self
            .inner
            .contracts
            .reuse_order(order.datatoken, order.original_tx, &provider_fee)
            .await
            .map_err(Error::chain("reusing the order"))?;
        Ok(Order { tx: reused.tx, block: reused.block, gas_used: gas_used + reused.gas_used, ..order.clone() })
    }

    /// Allow and deny lists of asset and service; a denial wins.
    async fn check_access(&self, ddo: &Ddo, service: &Service) -> Result<()> {
        let dialect = self.inner.provider.dialect().await.map_err(Error::provider("asking the Provider what it is"))?;
        match ddo.check_access(service, self.account(), dialect) {
            Access::Allowed => Ok(()),
            Access::Denied(denial) => {
                Err(Error::AccessDenied { did: ddo.id.clone(), consumer: self.account(), denial })
            }
        }
    }

    async fn check_state(&self, ddo: &Ddo) -> Result<()> {
        let state =
            self.inner.contracts.nft_state(ddo.nft_address).await.map_err(Error::chain("reading the asset's state"))?;
        let state = AssetState::try_from(state).map_err(Error::document("reading the asset's state"))?;
        if state.orderable() { Ok(()) } else { Err(Error::NotOrderable { did: ddo.id.clone(), state }) }
    }

    /// Whether NFT and datatoken come from the factory and belong together; a document may name any address.
    async fn check_origin(&self, ddo: &Ddo, service: &Service) -> Result<()> {
        let (nft, datatoken) = (ddo.nft_address, service.datatoken_address);
        if !ddo.id.belongs_to(nft, self.inner.chain_id) {
            return Err(Error::OtherAsset {
                expected: format!("data NFT {nft} on chain {}", self.inner.chain_id),
                found: ddo.id.to_string(),
            });
        }
        let contracts = &self.inner.contracts;
        // A foreign contract may answer the third question as it likes, or not at all, so the factory's answers come first.
        let (known_nft, known_datatoken) =
            tokio::try_join!(contracts.is_factory_nft(nft), contracts.is_factory_datatoken(datatoken))
                .map_err(Error::chain("asking the factory for the asset's contracts"))?;
        if !known_nft {
            return Err(Error::Foreign { what: "data NFT", address: nft });
        }
        let foreign = Error::Foreign { what: "datatoken", address: datatoken };
        if !known_datatoken {
            return Err(foreign);
        }
        let belongs = contracts.is_deployed(nft, datatoken).await;
        if belongs.map_err(Error::chain("asking the data NFT for its datatoken"))? { Ok(()) } else { Err(foreign) }
    }

    /// What the datatoken costs this account: nothing where it holds one, else a dispenser that serves it, else the exchange.
    ///
    /// Only the deployment's own dispenser and exchange contract count: templates 2 and 4 let a publisher name any other.
    async fn terms(&self, datatoken: Address) -> Result<Terms> {
        let contracts = &self.inner.contracts;
        let account = self.account();
        let router = contracts.deployment().router;
        let (template, held, publish_market, payment_collector, collector, order_fee, provider_fee) = tokio::try_join!(
            contracts.template_id(datatoken),
            contracts.balance_of(datatoken, account),
            contracts.publish_market_fee(datatoken),
            contracts.read(datatoken, &IErc20Template::getPaymentCollectorCall {}),
            contracts.read(router, &IFactoryRouter::getOPCCollectorCall {}),
            contracts.read(router, &IFactoryRouter::getOPCConsumeFeeCall {}),
            contracts.read(router, &IFactoryRouter::getOPCProviderFeeCall {}),
        )
        .map_err(Error::chain("reading the datatoken's terms"))?;
        let community = Community { collector, order_fee: FeeRate(order_fee), provider_fee: FeeRate(provider_fee) };
        if !matches!(template, 1 | 2) {
            return Err(Error::Template { datatoken, template });
        }
        let purchase =
            if held >= ONE_DATATOKEN { Purchase::Held } else { self.find_purchase(datatoken, template, held).await? };
        Ok(Terms { datatoken, template, purchase, publish_market, payment_collector, community })
    }

    async fn find_purchase(&self, datatoken: Address, template: u16, held: BaseUnits) -> Result<Purchase> {
        let contracts = &self.inner.contracts;
        let account = self.account();
        // Template 2 goes to dispenser and exchange itself, so it must be the allowed one; the datatoken is still for the buyer,
        // whose balance counts.
        let caller = if template == 1 { account } else { datatoken };
        let (dispenser_contract, exchange_contract) =
            (contracts.deployment().dispenser, contracts.deployment().fixed_price);
        let (dispensers, exchanges) =
            tokio::try_join!(contracts.dispensers_of(datatoken), contracts.fixed_rates_of(datatoken))
                .map_err(Error::chain("reading where the datatoken is sold"))?;
        let mut refusal = None;
        let mut foreign = None;
        for address in dispensers {
            if address != dispenser_contract {
                foreign = Some(Error::Foreign { what: "dispenser", address });
                continue;
            }
            let state = contracts.dispenser(datatoken).await.map_err(Error::chain("reading the dispenser"))?;
            let Some(state) = state else { continue };
            match dispenser::check(&state.terms, ONE_DATATOKEN, held, caller) {
                Ok(()) => return Ok(Purchase::Dispenser { contract: address }),
                Err(error) => refusal = Some(error),
            }
        }
        for (address, id) in exchanges {
            if address != exchange_contract {
                foreign = Some(Error::Foreign { what: "exchange", address });
                continue;
            }
            let state = contracts.exchange(id).await.map_err(Error::chain("reading the exchange"))?;
            let open = state.allowed_swapper.is_zero() || state.allowed_swapper == caller;
            if !state.active || !open || state.supply < ONE_DATATOKEN || state.datatoken != datatoken {
                continue;
            }
            let decimals = contracts.token_decimals(state.base_token).await;
            let decimals = decimals.map_err(Error::chain("reading the base token's decimals"))?;
            state.pricing.check(decimals, 18)?;
            let market = self.inner.consume_market.as_ref();
            let collector = state.market_fee_collector;
            return purchase(id, address, state.base_token, &state.pricing, collector, market);
        }
        Err(match (refusal, foreign) {
            (Some(refusal), _) => refusal.into(),
            (None, Some(foreign)) => foreign,
            (None, None) => Error::NotForSale { datatoken, holder: account },
        })
    }

    /// The Provider's fee for this account, asked for again while its signature does not verify.
    async fn provider_fee(&self, did: &Did, service: &Service) -> Result<ProviderFee> {
        let query = InitializeQuery::new(did.clone(), service.id.clone(), self.account());
        let mut attempts = 1;
        let answer = loop {
            match self.inner.provider.initialize(&query, self.inner.chain_id).await {
                Err(ProviderError::Initialize(InitializedError::Fee(_))) if attempts < FEE_ATTEMPTS => attempts += 1,
                answer => break answer.map_err(Error::provider("asking the Provider for its fee"))?,
            }
        };
        let Initialized::Fee(answer) = answer else {
            return Err(Error::NoFee);
        };
        if answer.datatoken != service.datatoken_address {
            return Err(Error::OtherDatatoken { expected: service.datatoken_address, answered: answer.datatoken });
        }
        // The contract takes a fee of the zero address without a look at the signature; the client verified all others.
        Ok(answer.fee)
    }

    async fn check_funds(&self, approvals: &Spending) -> Result<()> {
        for (token, needed) in order::total_by_token(approvals)? {
            let holder = self.account();
            let available =
                self.inner.contracts.balance_of(token, holder).await.map_err(Error::chain("reading a balance"))?;
            if available < needed {
                return Err(Error::InsufficientFunds { token, holder, needed, available });
            }
        }
        Ok(())
    }

    async fn approve(&self, approvals: &Spending) -> Result<u64> {
        let mut gas_used = 0;
        for ((token, spender), amount) in approvals {
            let approved = self
                .inner
                .contracts
                .approve_exact(*token, *spender, *amount)
                .await
                .map_err(Error::chain("approving exactly what was quoted"))?;
            gas_used += approved.map_or(0, |approved| approved.gas_used);
        }
        Ok(gas_used)
    }
}
