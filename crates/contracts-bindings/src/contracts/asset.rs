use alloy::primitives::{Address, B256, U256};
use ocean_pricing::{fixed_rate::Exchange, order::Fee};
use ocean_primitives::{BaseUnits, ExchangeId, FeeRate, Rate};

use super::{Contracts, find_event};
use crate::{
    abi::{
        DispenserData, ErcCreateData, FixedData, IDispenser, IErc20, IErc721Factory, IFactoryRouter,
        IFixedRateExchange, NftCreateData,
    },
    error::{Error, Result},
};

/// The decimals of every datatoken.
const DATATOKEN_DECIMALS: u8 = 18;

/// What one datatoken costs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Price {
    /// A fixed rate in a base token, in the deployment's fixed-rate exchange.
    FixedRate {
        /// The token to pay with.
        base_token: Address,
        /// Its decimals; compared with what the token itself says.
        base_decimals: u8,
        /// Base tokens for one datatoken.
        rate: Rate,
        /// The publishing market's share of each purchase.
        market_fee: FeeRate,
        /// Who gets it; required where there is a fee.
        market_fee_collector: Address,
        /// Whether the exchange mints what it sells. Without it somebody must put datatokens there first.
        with_mint: bool,
    },
    /// For nothing, from a dispenser that mints.
    Free {
        /// The most that one call may ask for, in base units of the datatoken.
        max_tokens: BaseUnits,
        /// Who holds this much or more gets nothing, in base units of the datatoken.
        max_balance: BaseUnits,
    },
    /// No price: the publisher gives datatokens away by other means.
    None,
}

/// A data NFT with one datatoken and its price.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateAsset {
    /// Name of the data NFT.
    pub name: String,
    /// Symbol of the data NFT.
    pub symbol: String,
    /// Token URI of the data NFT.
    pub token_uri: String,
    /// Whether the data NFT can change hands.
    pub transferable: bool,
    /// The data NFT's owner; the sender unless set.
    pub owner: Option<Address>,
    /// Datatoken template: 1, or 2 for buying and ordering in one call and for burning what is spent.
    pub template: u16,
    /// Name of the datatoken.
    pub datatoken_name: String,
    /// Symbol of the datatoken.
    pub datatoken_symbol: String,
    /// The most datatokens that may exist, in base units. Template 1 ignores it, but it must not be zero.
    pub cap: BaseUnits,
    /// Who may mint by hand; the owner unless set.
    pub minter: Option<Address>,
    /// Who gets what is paid; the data NFT's owner of the day unless set.
    pub payment_collector: Option<Address>,
    /// What the publishing market asks for each order. Without an address here there can never be one.
    pub publish_market_fee: Option<Fee>,
    /// The price.
    pub price: Price,
}

impl CreateAsset {
    /// A transferable data NFT with a datatoken of template 1, without fees.
    pub fn new(name: impl Into<String>, symbol: impl Into<String>, price: Price) -> Self {
        let (name, symbol) = (name.into(), symbol.into());
        Self {
            datatoken_name: name.clone(),
            datatoken_symbol: symbol.clone(),
            name,
            symbol,
            token_uri: String::new(),
            transferable: true,
            owner: None,
            template: 1,
            cap: BaseUnits(U256::MAX),
            minter: None,
            payment_collector: None,
            publish_market_fee: None,
            price,
        }
    }
}

/// What [`Contracts::create_asset`] made, read from the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatedAsset {
    /// The data NFT's contract.
    pub nft: Address,
    /// The datatoken.
    pub datatoken: Address,
    /// The exchange, where there is a fixed rate.
    pub exchange: Option<ExchangeId>,
    /// The transaction.
    pub tx: B256,
    /// The number of its block.
    pub block: u64,
    /// What it used of its gas limit.
    pub gas_used: u64,
}

impl Contracts {
    /// Makes data NFT, datatoken and price in one transaction.
    ///
    /// # Errors
    /// A template other than 1 and 2, a base token with other decimals, a price that rounds to nothing, a fee without an
    /// address; then whatever the factory refuses.
    pub async fn create_asset(&self, asset: &CreateAsset) -> Result<CreatedAsset> {
        if !matches!(asset.template, 1 | 2) {
            return Err(Error::Template(asset.template));
        }
        let owner = asset.owner.or(self.sender).ok_or(Error::NoSender)?;
        let nft = NftCreateData {
            name: asset.name.clone(),
            symbol: asset.symbol.clone(),
            templateIndex: U256::ONE,
            tokenURI: asset.token_uri.clone(),
            transferable: asset.transferable,
            owner,
        };
        let fee = asset.publish_market_fee.unwrap_or(Fee {
            address: Address::ZERO,
            token: Address::ZERO,
            amount: BaseUnits::ZERO,
        });
        if !fee.amount.is_zero() && (fee.address.is_zero() || fee.token.is_zero()) {
            return Err(Error::FeeWithoutAddress);
        }
        let erc = ErcCreateData {
            templateIndex: U256::from(asset.template),
            strings: vec![asset.datatoken_name.clone(), asset.datatoken_symbol.clone()],
            addresses: vec![
                asset.minter.unwrap_or(owner),
                asset.payment_collector.unwrap_or_default(),
                fee.address,
                fee.token,
            ],
            uints: vec![asset.cap.0, fee.amount.0],
            bytess: Vec::new(),
        };
        let factory = self.deployment().factory;
        let receipt = match &asset.price {
            Price::FixedRate { .. } => {
                let fixed = self.fixed_data(&asset.price, owner).await?;
                let call = IErc721Factory::createNftWithErc20WithFixedRateCall {
                    _NftCreateData: nft,
                    _ErcCreateData: erc,
                    _FixedData: fixed,
                };
                self.transact(factory, &call).await?
            }
            Price::Free { max_tokens, max_balance } => {
                let call = IErc721Factory::createNftWithErc20WithDispenserCall {
                    _NftCreateData: nft,
                    _ErcCreateData: erc,
                    _DispenserData: DispenserData {
                        dispenserAddress: self.deployment().dispenser,
                        maxTokens: max_tokens.0,
                        maxBalance: max_balance.0,
                        withMint: true,
                        allowedSwapper: Address::ZERO,
                    },
                };
                self.transact(factory, &call).await?
            }
            Price::None => {
                let call = IErc721Factory::createNftWithErc20Call { _NftCreateData: nft, _ErcCreateData: erc };
                self.transact(factory, &call).await?
            }
        };

        let nft = find_event::<IErc721Factory::NFTCreated>(&receipt, factory, |_| true)?.newTokenAddress;
        let datatoken = find_event::<IErc721Factory::TokenCreated>(&receipt, factory, |_| true)?.newTokenAddress;
        let exchange = match asset.price {
            Price::FixedRate { base_token, .. } => {
                let created = find_event::<IFixedRateExchange::ExchangeCreated>(
                    &receipt,
                    self.deployment().fixed_price,
                    |event| event.datatoken == datatoken && event.baseToken == base_token,
                )?;
                Some(ExchangeId(created.exchangeId))
            }
            Price::Free { .. } => {
                find_event::<IDispenser::DispenserCreated>(&receipt, self.deployment().dispenser, |event| {
                    event.datatokenAddress == datatoken
                })?;
                None
            }
            Price::None => None,
        };
        Ok(CreatedAsset {
            nft,
            datatoken,
            exchange,
            tx: receipt.transaction_hash,
            block: receipt.block_number.unwrap_or_default(),
            gas_used: receipt.gas_used,
        })
    }

    async fn fixed_data(&self, price: &Price, owner: Address) -> Result<FixedData> {
        let Price::FixedRate { base_token, base_decimals, rate, market_fee, market_fee_collector, with_mint } = *price
        else {
            return Err(Error::Range("price"));
        };
        if market_fee != FeeRate::ZERO && market_fee_collector.is_zero() {
            return Err(Error::FeeWithoutAddress);
        }
        let router = IFactoryRouter::getOPCFeeCall { baseToken: base_token };
        let (decimals, ocean_fee) = tokio::try_join!(
            self.read(base_token, &IErc20::decimalsCall {}),
            self.read(self.deployment().router, &router)
        )?;
        Exchange::new(rate, base_decimals, market_fee, FeeRate(ocean_fee)).check(decimals, DATATOKEN_DECIMALS)?;
        Ok(FixedData {
            fixedPriceAddress: self.deployment().fixed_price,
            addresses: vec![base_token, owner, market_fee_collector, Address::ZERO],
            uints: vec![
                U256::from(base_decimals),
                U256::from(DATATOKEN_DECIMALS),
                rate.0,
                market_fee.0,
                U256::from(u8::from(with_mint)),
            ],
        })
    }
}
