#![doc = include_str!("../README.md")]

mod asset;
mod consume;
mod create;
mod edit;
mod error;
mod ocean;
mod order;
mod publish;
mod quote;

pub use ocean_aquarius_client::{AquariusClient, SearchResponse};
pub use ocean_contracts_bindings::{Contracts, Deployment};
pub use ocean_crypto::{PrivateKey, ProviderFee};
pub use ocean_ddo::{AssetState, AssetType, Credentials, FileObject, RawDdo};
pub use ocean_did::Did;
pub use ocean_pricing::{
    fixed_rate::BuyQuote,
    order::{Fee, OrderFees, Part, Payment, Spending},
};
pub use ocean_primitives::{
    Address, B256, BaseUnits, ChainId, Dialect, ExchangeId, FeeRate, Rate, ServiceId, TokenAmount, U256,
};
pub use ocean_provider_client::ProviderClient;

pub use crate::{
    consume::Downloaded,
    edit::{Published, StateChange},
    error::{Error, Result},
    ocean::{ConsumeMarket, Ocean, OceanBuilder},
    order::Order,
    publish::{DocumentForm, MarketFee, Pricing, PublishAsset, PublishedAsset, Template},
    quote::{OrderQuote, Purchase},
};
