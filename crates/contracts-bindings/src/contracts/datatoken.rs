use alloy::primitives::{Address, B256, Bytes, U256};
use ocean_crypto::{Signature, contract::Permit};
use ocean_pricing::order::{Fee, OrderFees, Spending};
use ocean_primitives::BaseUnits;

use super::{Contracts, TxOutcome};
use crate::{
    abi::{IErc20, IErc20Template, IErc20TemplateSigned},
    error::{Error, Result},
};

impl Contracts {
    /// Pays somebody else from now on; the zero address is the data NFT's owner of the day.
    ///
    /// # Errors
    /// The sender does not manage payments.
    pub async fn set_payment_collector(
        &self,
        datatoken: Address,
        collector: Address,
    ) -> Result<TxOutcome<IErc20Template::NewPaymentCollector>> {
        let call = IErc20Template::setPaymentCollectorCall { _newPaymentCollector: collector };
        self.transact_for(datatoken, &call, datatoken, |event: &IErc20Template::NewPaymentCollector| {
            event._newPaymentCollector == collector
        })
        .await
    }

    /// Asks for another fee for each order from now on, which the publishing market of the datatoken may. Where the datatoken was
    /// made without one, nobody ever can.
    ///
    /// # Errors
    /// The sender is not the publishing market; the fee has no address or no token.
    pub async fn set_publish_market_fee(
        &self,
        datatoken: Address,
        fee: Fee,
    ) -> Result<TxOutcome<IErc20Template::PublishMarketFeeChanged>> {
        if fee.address.is_zero() || fee.token.is_zero() {
            return Err(Error::FeeWithoutAddress);
        }
        let call = IErc20Template::setPublishingMarketFeeCall {
            _publishMarketFeeAddress: fee.address,
            _publishMarketFeeToken: fee.token,
            _publishMarketFeeAmount: fee.amount.0,
        };
        self.transact_for(datatoken, &call, datatoken, |event: &IErc20Template::PublishMarketFeeChanged| {
            event.PublishMarketFeeAddress == fee.address
                && event.PublishMarketFeeToken == fee.token
                && event.PublishMarketFeeAmount == fee.amount.0
        })
        .await
    }

    /// Refuses where the publishing market asks for more than was quoted, or for another token or receiver. The contracts know no
    /// maximum: exactly approving what was quoted is what holds even if the fee rises after this look.
    ///
    /// # Errors
    /// [`Error::FeeAboveQuote`].
    pub async fn require_quoted_fee(&self, datatoken: Address, quoted: &OrderFees) -> Result<()> {
        let Some(actual) = self.publish_market_fee(datatoken).await? else {
            return Ok(());
        };
        let nothing = Fee { address: actual.address, token: actual.token, amount: BaseUnits::ZERO };
        let quoted = quoted.publish_market.unwrap_or(nothing);
        let same = (actual.address, actual.token) == (quoted.address, quoted.token);
        if same && actual.amount <= quoted.amount {
            return Ok(());
        }
        Err(Error::FeeAboveQuote { quoted: Box::new(quoted), actual: Box::new(actual) })
    }

    /// Approves exactly what is quoted to whom, no more, whatever was allowed before. Nothing is sent where that is so already.
    ///
    /// # Errors
    /// A token refuses.
    pub async fn approve_quoted(&self, spending: &Spending) -> Result<Vec<TxOutcome>> {
        let mut sent = Vec::new();
        for (&(token, spender), &amount) in spending {
            sent.extend(self.approve_exact(token, spender, amount).await?);
        }
        Ok(sent)
    }

    /// Destroys datatokens of the sender.
    ///
    /// # Errors
    /// The balance is too small.
    pub async fn burn(&self, datatoken: Address, amount: BaseUnits) -> Result<TxOutcome> {
        let from = self.required_sender()?;
        let call = IErc20Template::burnCall { amount: amount.0 };
        let outcome = self.transact_for(datatoken, &call, datatoken, |event: &IErc20::Transfer| {
            event.from == from && event.to.is_zero() && event.value == amount.0
        });
        Ok(outcome.await?.map(drop))
    }

    /// The permit that allows `spender` to take `amount` of `owner`'s datatokens (templates 1 and 2) for the next `blocks` blocks:
    /// sign its digest with the owner's key, and have anybody send it with [`Contracts::permit`].
    ///
    /// # Errors
    /// There is no datatoken at that address, or its template knows no permits.
    pub async fn new_permit(
        &self,
        datatoken: Address,
        owner: Address,
        spender: Address,
        amount: BaseUnits,
        blocks: u64,
    ) -> Result<Permit> {
        let (name, nonce, deadline_block) = tokio::try_join!(
            self.token_name(datatoken),
            self.read(datatoken, &IErc20TemplateSigned::noncesCall(owner)),
            self.permit_deadline(blocks),
        )?;
        let chain_id = self.deployment().chain_id.get();
        Ok(Permit { name, chain_id, datatoken, owner, spender, value: amount.0, nonce, deadline_block })
    }

    /// Sends a permit that the owner of the tokens signed.
    ///
    /// # Errors
    /// The signature is not the owner's, the permit was used or its block has passed.
    pub async fn permit(&self, permit: &Permit, signature: &Signature) -> Result<TxOutcome<IErc20Template::Approval>> {
        let call = IErc20TemplateSigned::permitCall {
            owner: permit.owner,
            spender: permit.spender,
            value: permit.value,
            deadline: permit.deadline_block,
            v: signature.v,
            r: signature.r,
            s: signature.s,
        };
        let token = permit.datatoken;
        self.transact_for(token, &call, token, |event: &IErc20Template::Approval| {
            event.owner == permit.owner && event.spender == permit.spender && event.value == permit.value
        })
        .await
    }

    /// Puts on chain that an order was served, which Provider and consumer both signed (`ocean_crypto::contract`). The Provider
    /// sends it.
    ///
    /// # Errors
    /// A signature is somebody else's, the Provider is the consumer, or the template has no such method (4 has not).
    pub async fn order_executed(
        &self,
        datatoken: Address,
        order_tx: B256,
        provider: (Bytes, &Signature),
        consumer: (Bytes, &Signature, Address),
    ) -> Result<TxOutcome<IErc20Template::OrderExecuted>> {
        let call = IErc20TemplateSigned::orderExecutedCall {
            orderTxId: order_tx,
            providerData: provider.0,
            providerSignature: provider.1.to_bytes().into(),
            consumerData: consumer.0,
            consumerSignature: consumer.1.to_bytes().into(),
            consumerAddress: consumer.2,
        };
        self.transact_for(datatoken, &call, datatoken, |event: &IErc20Template::OrderExecuted| {
            event.orderTxId == order_tx && event.consumerAddress == consumer.2
        })
        .await
    }

    /// The most datatokens that may exist, in base units: without a limit for template 1, whatever was asked for.
    ///
    /// # Errors
    /// There is no datatoken at that address.
    pub async fn cap(&self, datatoken: Address) -> Result<BaseUnits> {
        self.read(datatoken, &IErc20Template::capCall {}).await.map(BaseUnits)
    }

    /// How many datatokens exist, in base units.
    ///
    /// # Errors
    /// There is no token at that address.
    pub async fn total_supply(&self, token: Address) -> Result<BaseUnits> {
        self.read(token, &IErc20::totalSupplyCall {}).await.map(BaseUnits)
    }
}

/// What a Provider shows to read a files object of template 4. Both signatures together open it to anybody who sees them: the
/// contract does not look at who calls.
#[derive(Clone)]
#[non_exhaustive]
pub struct FilesRequest {
    /// The service that was ordered, by its index.
    pub service_index: u64,
    /// The Provider.
    pub provider: Address,
    /// The Provider's signature: `ocean_crypto::contract::files_object_provider`.
    pub provider_signature: Signature,
    /// What the consumer signed.
    pub consumer_data: Bytes,
    /// The consumer's signature: `ocean_crypto::contract::consumer_data`.
    pub consumer_signature: Signature,
    /// The consumer, who has ordered the service.
    pub consumer: Address,
}

impl FilesRequest {
    /// A request of two accounts that signed it.
    pub fn new(
        service_index: u64,
        (provider, provider_signature): (Address, Signature),
        consumer: Address,
        consumer_data: Bytes,
        consumer_signature: Signature,
    ) -> Self {
        Self { service_index, provider, provider_signature, consumer_data, consumer_signature, consumer }
    }
}

impl std::fmt::Debug for FilesRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FilesRequest")
            .field("service_index", &self.service_index)
            .field("provider", &self.provider)
            .field("consumer", &self.consumer)
            .finish_non_exhaustive()
    }
}

/// A number of a service as the contracts take it.
pub(super) fn service(index: u64) -> U256 {
    U256::from(index)
}
