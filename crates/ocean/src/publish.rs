use std::time::Duration;

use jiff::Timestamp;
use ocean_ddo::{AssetState, AssetType, Credentials, FileObject, RawDdo};
use ocean_did::Did;
use ocean_pricing::fixed_rate::Exchange;
use ocean_primitives::{Address, B256, BaseUnits, ExchangeId, FeeRate, ONE, Rate, ServiceId, U256};

use crate::error::{Error, Result};

/// Which contract the asset's datatoken is made from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Template {
    /// Template 1: a tradable datatoken; an order pays it to the publisher.
    #[default]
    Standard,
    /// Template 2: an order buys and burns the datatoken in one transaction; nobody can buy it for stock.
    Enterprise,
}

impl Template {
    /// The template's index at the factory, and the datatoken's `getId()`.
    pub fn index(self) -> u16 {
        match self {
            Self::Standard => 1,
            Self::Enterprise => 2,
        }
    }
}

/// How the document is written into the metadata transaction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentForm {
    /// Readable by everybody on the chain.
    Plain,
    /// Encrypted by the Provider, which decrypts it for indexers as long as the asset's state allows it.
    #[default]
    Encrypted,
}

impl DocumentForm {
    /// The flags of the metadata transaction.
    pub(crate) fn flags(self) -> ocean_crypto::Flags {
        match self {
            Self::Plain => ocean_crypto::Flags::PLAIN,
            Self::Encrypted => ocean_crypto::Flags::ECIES,
        }
    }
}

/// How one gets the asset's datatoken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pricing {
    /// At a fixed price from the exchange, which mints on demand.
    FixedRate {
        /// The token that is paid.
        base_token: Address,
        /// The price of one datatoken in whole base tokens, scaled by 1e18.
        rate: Rate,
        /// What the publishing market gets on top of the price.
        market_fee: FeeRate,
        /// Who receives the market fee; needed where there is one.
        market_fee_collector: Option<Address>,
    },
    /// For nothing, from a dispenser that mints on demand.
    Free {
        /// The most that one call gives, in base units (1e18 is one datatoken).
        max_tokens: BaseUnits,
        /// Who holds this much already gets no more; not a quota for each user.
        max_balance: BaseUnits,
    },
    /// Not at all: the publisher hands datatokens out.
    None,
}

impl Pricing {
    /// A fixed price without a market fee.
    pub fn fixed_rate(base_token: Address, rate: Rate) -> Self {
        Self::FixedRate { base_token, rate, market_fee: FeeRate::ZERO, market_fee_collector: None }
    }

    /// A fixed price and a fee on top of it for the market where the asset is published.
    pub fn with_market_fee(base_token: Address, rate: Rate, market_fee: FeeRate, collector: Address) -> Self {
        Self::FixedRate { base_token, rate, market_fee, market_fee_collector: Some(collector) }
    }

    /// Free, one datatoken at a time.
    pub fn free() -> Self {
        Self::Free { max_tokens: BaseUnits(ONE), max_balance: BaseUnits(ONE) }
    }

    /// Refuses what the contracts would refuse, and what they would take although it is a mistake.
    ///
    /// `base_decimals` are the base token's own, from the chain.
    ///
    /// # Errors
    /// A price that rounds down to nothing, a fee outside 0.01 % to 50 %, a fee without a receiver.
    pub(crate) fn check(&self, base_decimals: u8) -> Result<()> {
        let Self::FixedRate { rate, market_fee, market_fee_collector, .. } = self else {
            return Ok(());
        };
        if *market_fee != FeeRate::ZERO && market_fee_collector.is_none_or(|collector| collector.is_zero()) {
            return Err(Error::FeeWithoutCollector);
        }
        // The ocean fee is the router's matter and cannot make a price impossible, so it is left out here.
        Exchange::new(*rate, base_decimals, *market_fee, FeeRate::ZERO).check(base_decimals, 18)?;
        Ok(())
    }
}

/// What the publishing market takes from everybody who orders the asset, besides the price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarketFee {
    /// Who receives it; may raise it later, up to what a buyer has approved.
    pub collector: Address,
    /// In which token.
    pub token: Address,
    /// How much for each order, in base units.
    pub amount: BaseUnits,
}

/// An asset to publish: [`PublishAsset::new`] fills everything but its three arguments with a sensible default.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublishAsset {
    /// Name of the asset, its data NFT and its service.
    pub name: String,
    /// What the data is.
    pub description: String,
    /// Who made the data.
    pub author: String,
    /// Under which licence it may be used.
    pub license: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Dataset or algorithm.
    pub kind: AssetType,
    /// The files; they are encrypted by the Provider and never written anywhere in clear.
    pub files: Vec<FileObject>,
    /// What an order costs.
    pub pricing: Pricing,
    /// Which datatoken template to use.
    pub template: Template,
    /// How the document is written on chain.
    pub form: DocumentForm,
    /// The state the asset begins with.
    pub state: AssetState,
    /// How long an order gives access; zero is for ever.
    pub timeout: Duration,
    /// Who may use the asset at all.
    pub credentials: Option<Credentials>,
    /// What the publishing market takes for each order.
    pub market_fee: Option<MarketFee>,
    /// The most datatokens there can be, in base units (template 2 enforces it, template 1 does not).
    pub cap: BaseUnits,
    /// Name of the datatoken.
    pub datatoken_name: String,
    /// Symbol of the datatoken and of the data NFT.
    pub symbol: String,
    /// The id of the only service.
    pub service_id: ServiceId,
    /// Whether the data NFT, and with it the asset, can be given to somebody else.
    pub transferable: bool,
    /// Further members of `metadata`.
    pub additional_information: Option<serde_json::Value>,
    /// The time of publication written into the document; now, if not given.
    pub created: Option<Timestamp>,
    /// Whether to return only when Aquarius serves the document.
    pub wait: bool,
}

impl PublishAsset {
    /// A dataset with one access service: template 1, encrypted document, access for ever, open to everybody.
    pub fn new(name: impl Into<String>, files: Vec<FileObject>, pricing: Pricing) -> Self {
        let name = name.into();
        Self {
            description: format!("{name}, published with ocean-protocol"),
            author: "unknown".to_owned(),
            license: "https://spdx.org/licenses/CC-BY-4.0.html".to_owned(),
            tags: Vec::new(),
            kind: AssetType::Dataset,
            files,
            pricing,
            template: Template::default(),
            form: DocumentForm::default(),
            state: AssetState::Active,
            timeout: Duration::ZERO,
            credentials: None,
            market_fee: None,
            cap: BaseUnits(ONE * U256::from(100_000)),
            datatoken_name: format!("{name} access"),
            symbol: "DATA".to_owned(),
            service_id: default_service(),
            transferable: true,
            additional_information: None,
            created: None,
            wait: true,
            name,
        }
    }

    /// Uses another datatoken template.
    #[must_use]
    pub fn template(mut self, template: Template) -> Self {
        self.template = template;
        self
    }

    /// Writes the document in another form.
    #[must_use]
    pub fn form(mut self, form: DocumentForm) -> Self {
        self.form = form;
        self
    }

    /// Limits how long an order gives access.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Limits who may use the asset.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Returns as soon as the metadata transaction is mined, without waiting for Aquarius.
    #[must_use]
    pub fn without_waiting(mut self) -> Self {
        self.wait = false;
        self
    }
}

/// A published asset.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublishedAsset {
    /// Its identifier.
    pub did: Did,
    /// Its data NFT.
    pub nft: Address,
    /// The datatoken of its service.
    pub datatoken: Address,
    /// Its exchange, where it has a fixed price.
    pub exchange: Option<ExchangeId>,
    /// The transaction that made NFT, datatoken and price.
    pub creation_tx: B256,
    /// The transaction that published the document.
    pub metadata_tx: B256,
    /// The block of the document.
    pub metadata_block: u64,
    /// The document, exactly the bytes that were published.
    pub document: RawDdo,
    /// SHA-256 of these bytes, as written on chain.
    pub checksum: B256,
    /// Gas of both transactions.
    pub gas_used: u64,
}

fn default_service() -> ServiceId {
    #[expect(clippy::expect_used, reason = "the constant is not empty, and nothing else can fail")]
    ServiceId::new("0").expect("a non-empty constant")
}

#[cfg(test)]
mod tests;
