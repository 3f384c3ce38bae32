use alloy::primitives::Address;
use ocean_pricing::order::Fee;
use ocean_primitives::BaseUnits;

use super::{Contracts, TxOutcome, find_event};
use crate::{
    abi::{IErc20, IErc20Template, IErc721Factory},
    error::{Error, Result},
};

impl Contracts {
    /// Allows `spender` to take exactly `amount` base units of `token`, no more than that, whatever was allowed before.
    /// Nothing is sent where that is so already.
    ///
    /// # Errors
    /// The token refuses.
    pub async fn approve_exact(
        &self,
        token: Address,
        spender: Address,
        amount: BaseUnits,
    ) -> Result<Option<TxOutcome>> {
        let owner = self.sender.ok_or(Error::NoSender)?;
        if self.allowance(token, owner, spender).await? == amount {
            return Ok(None);
        }
        let receipt = self.transact(token, &IErc20::approveCall { spender, amount: amount.0 }).await?;
        find_event::<IErc20::Approval>(&receipt, token, |event| {
            event.owner == owner && event.spender == spender && event.value == amount.0
        })?;
        Ok(Some(TxOutcome::of(&receipt)))
    }

    /// What `spender` may still take from `owner`.
    ///
    /// # Errors
    /// There is no token at that address.
    pub async fn allowance(&self, token: Address, owner: Address, spender: Address) -> Result<BaseUnits> {
        self.read(token, &IErc20::allowanceCall { owner, spender }).await.map(BaseUnits)
    }

    /// What `account` has.
    ///
    /// # Errors
    /// There is no token at that address.
    pub async fn balance_of(&self, token: Address, account: Address) -> Result<BaseUnits> {
        self.read(token, &IErc20::balanceOfCall { account }).await.map(BaseUnits)
    }

    /// Sends tokens to somebody.
    ///
    /// # Errors
    /// The balance is too small.
    pub async fn transfer(&self, token: Address, to: Address, amount: BaseUnits) -> Result<TxOutcome> {
        let receipt = self.transact(token, &IErc20::transferCall { to, amount: amount.0 }).await?;
        find_event::<IErc20::Transfer>(&receipt, token, |event| event.to == to && event.value == amount.0)?;
        Ok(TxOutcome::of(&receipt))
    }

    /// Makes new tokens, where the sender is a minter.
    ///
    /// # Errors
    /// The sender is not a minter, or the cap is reached.
    pub async fn mint(&self, token: Address, to: Address, amount: BaseUnits) -> Result<TxOutcome> {
        let receipt = self.transact(token, &IErc20::mintCall { account: to, value: amount.0 }).await?;
        find_event::<IErc20::Transfer>(&receipt, token, |event| {
            event.from.is_zero() && event.to == to && event.value == amount.0
        })?;
        Ok(TxOutcome::of(&receipt))
    }

    /// The name of a token or of a data NFT.
    ///
    /// # Errors
    /// There is no such contract.
    pub async fn token_name(&self, token: Address) -> Result<String> {
        self.read(token, &IErc20::nameCall {}).await
    }

    /// The symbol of a token or of a data NFT.
    ///
    /// # Errors
    /// There is no such contract.
    pub async fn token_symbol(&self, token: Address) -> Result<String> {
        self.read(token, &IErc20::symbolCall {}).await
    }

    /// The decimals of a token.
    ///
    /// # Errors
    /// There is no token at that address.
    pub async fn token_decimals(&self, token: Address) -> Result<u8> {
        self.read(token, &IErc20::decimalsCall {}).await
    }

    /// Which template a datatoken was made from: 1, 2, 3 or 4. It is asked, since a clone answers any call with success.
    ///
    /// # Errors
    /// There is no datatoken at that address.
    pub async fn template_id(&self, datatoken: Address) -> Result<u16> {
        self.read(datatoken, &IErc20Template::getIdCall {}).await.map(u16::from)
    }

    /// The data NFT that a datatoken says it belongs to. The proof is [`Contracts::is_deployed`] of a data NFT that the
    /// factory made.
    ///
    /// # Errors
    /// There is no datatoken at that address.
    pub async fn nft_of(&self, datatoken: Address) -> Result<Address> {
        self.read(datatoken, &IErc20Template::getERC721AddressCall {}).await
    }

    /// What the publishing market asks for an order of this datatoken; none where nothing would be pulled.
    ///
    /// # Errors
    /// There is no datatoken at that address.
    pub async fn publish_market_fee(&self, datatoken: Address) -> Result<Option<Fee>> {
        let fee = self.read(datatoken, &IErc20Template::getPublishingMarketFeeCall {}).await?;
        let fee =
            Fee { address: fee.marketFeeAddress, token: fee.marketFeeToken, amount: BaseUnits(fee.marketFeeAmount) };
        Ok(fee.is_due().then_some(fee))
    }

    /// Who is paid for this datatoken.
    ///
    /// # Errors
    /// There is no datatoken at that address.
    pub async fn payment_collector(&self, datatoken: Address) -> Result<Address> {
        self.read(datatoken, &IErc20Template::getPaymentCollectorCall {}).await
    }

    /// Whether the factory made this data NFT.
    ///
    /// # Errors
    /// The node fails.
    pub async fn is_factory_nft(&self, nft: Address) -> Result<bool> {
        let listed = self.read(self.deployment().factory, &IErc721Factory::erc721ListCall { nft }).await?;
        Ok(listed == nft && !nft.is_zero())
    }

    /// Whether the factory made this datatoken.
    ///
    /// # Errors
    /// The node fails.
    pub async fn is_factory_datatoken(&self, datatoken: Address) -> Result<bool> {
        self.read(self.deployment().factory, &IErc721Factory::erc20ListCall { datatoken }).await
    }
}
