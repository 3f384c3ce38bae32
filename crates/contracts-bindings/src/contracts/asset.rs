use alloy::primitives::{Address, U256};
use ocean_pricing::order::Fee;
use ocean_primitives::{BaseUnits, FeeRate, Rate};

use super::{
    Contracts,
    create::{CreatedAsset, DatatokenTemplate, NewDatatoken, NewDispenser, NewFixedRate, NewNft},
};
use crate::error::{Error, Result};

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

impl Contracts {
    /// Makes data NFT, datatoken and price in one transaction.
    ///
    /// # Errors
    /// A template other than 1 and 2, a base token with other decimals, a price that rounds to nothing, a fee without an
    /// address; then whatever the factory refuses.
    pub async fn create_asset(&self, asset: &CreateAsset) -> Result<CreatedAsset> {
        let nft = NewNft {
            token_uri: asset.token_uri.clone(),
            transferable: asset.transferable,
            owner: asset.owner,
            ..NewNft::new(&asset.name, &asset.symbol)
        };
        let datatoken = NewDatatoken {
            template: match asset.template {
                1 => DatatokenTemplate::Standard,
                2 => DatatokenTemplate::Enterprise,
                other => return Err(Error::Template(other)),
            },
            cap: asset.cap,
            minter: asset.minter,
            payment_collector: asset.payment_collector,
            publish_market_fee: asset.publish_market_fee,
            ..NewDatatoken::new(&asset.datatoken_name, &asset.datatoken_symbol)
        };
        match asset.price {
            Price::FixedRate { base_token, base_decimals, rate, market_fee, market_fee_collector, with_mint } => {
                let price = NewFixedRate {
                    market_fee,
                    market_fee_collector,
                    with_mint,
                    ..NewFixedRate::new(base_token, base_decimals, rate)
                };
                self.create_nft_with_datatoken_and_fixed_rate(&nft, &datatoken, &price).await
            }
            Price::Free { max_tokens, max_balance } => {
                let dispenser = NewDispenser::new(max_tokens, max_balance);
                self.create_nft_with_datatoken_and_dispenser(&nft, &datatoken, &dispenser).await
            }
            Price::None => self.create_nft_with_datatoken(&nft, &datatoken).await,
        }
    }
}
