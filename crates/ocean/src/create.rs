//! Publishing: one transaction for data NFT, datatoken and price, one for the document.

use jiff::Timestamp;
use ocean_contracts_bindings::{CreateAsset, CreatedAsset, Price};
use ocean_ddo::{Ddo, FilesObject, Metadata, RawDdo, Service, ServiceType};
use ocean_did::Did;
use ocean_pricing::order::Fee;
use ocean_primitives::Address;

use crate::{
    error::{Error, Result},
    ocean::Ocean,
    publish::{Pricing, PublishAsset, PublishedAsset},
};

impl Ocean {
    /// Publishes an asset: creates data NFT, datatoken and price in one transaction, encrypts the files, builds and validates
    /// the document, writes it to the NFT and waits until Aquarius serves it.
    ///
    /// # Errors
    /// A price or fee that is a mistake and a document that breaks the strict rules are refused before the transaction that
    /// they belong to. A failure after the first transaction leaves an NFT without a document, named in the log.
    pub async fn publish(&self, asset: PublishAsset) -> Result<PublishedAsset> {
        let base_decimals = self.check_pricing(&asset).await?;
        // A document that cannot be published must not leave an NFT behind, so it is built once with addresses of the same form.
        self.build(&asset, Address::repeat_byte(1), Address::repeat_byte(2), "0x00".to_owned())?;
        let created = self
            .inner
            .contracts
            .create_asset(&create(&asset, self.account(), base_decimals))
            .await
            .map_err(Error::chain("creating data NFT, datatoken and price"))?;
        tracing::debug!(nft = %created.nft, datatoken = %created.datatoken, tx = %created.tx, "created data NFT, datatoken and price");
        let did = Did::op(created.nft, self.inner.chain_id);
        let document = self.document(&asset, &created).await?;
        let published = self.publish_document(&did, created.nft, &document, asset.form, asset.state).await?;
        if asset.wait {
            self.wait_for(&did, published.tx).await?;
        }
        Ok(PublishedAsset {
            did,
            nft: created.nft,
            datatoken: created.datatoken,
            exchange: created.exchange,
            creation_tx: created.tx,
            metadata_tx: published.tx,
            metadata_block: published.block,
            document,
            checksum: published.checksum,
            gas_used: created.gas_used + published.gas_used,
        })
    }

    /// The base token's decimals, read from the token; 18 where nothing is paid.
    async fn check_pricing(&self, asset: &PublishAsset) -> Result<u8> {
        let decimals = match &asset.pricing {
            Pricing::FixedRate { base_token, .. } => self
                .inner
                .contracts
                .token_decimals(*base_token)
                .await
                .map_err(Error::chain("reading the base token's decimals"))?,
            Pricing::Free { .. } | Pricing::None => 18,
        };
        asset.pricing.check(decimals)?;
        if asset.market_fee.is_some_and(|fee| fee.collector.is_zero() || fee.token.is_zero()) {
            return Err(Error::FeeWithoutCollector);
        }
        Ok(decimals)
    }

    /// Encrypts the files and builds the document that names NFT and datatoken.
    async fn document(&self, asset: &PublishAsset, created: &CreatedAsset) -> Result<RawDdo> {
        let files = FilesObject::new(created.nft, created.datatoken, asset.files.clone());
        let encrypted = self.encrypt(files.to_json().as_bytes(), "encrypting the files").await?;
        self.build(asset, created.nft, created.datatoken, encrypted.to_string())
    }

    /// The document with these addresses; it is valid, or an error says which rules it breaks.
    fn build(&self, asset: &PublishAsset, nft: Address, datatoken: Address, files: String) -> Result<RawDdo> {
        let at = asset.created.unwrap_or_else(Timestamp::now);
        let (name, description) = (&asset.name, &asset.description);
        let mut metadata = Metadata::new(asset.kind.clone(), name, description, &asset.author, &asset.license, at);
        metadata.tags.clone_from(&asset.tags);
        metadata.additional_information.clone_from(&asset.additional_information);
        let (endpoint, timeout) = (self.provider_url(), asset.timeout.as_secs());
        let mut service =
            Service::new(asset.service_id.clone(), ServiceType::Access, files, datatoken, endpoint, timeout);
        service.name = Some(name.clone());
        service.description = Some(description.clone());
        let mut builder = Ddo::builder(nft, self.inner.chain_id, metadata).service(service);
        if let Some(credentials) = &asset.credentials {
            builder = builder.credentials(credentials.clone());
        }
        let document = builder.build().and_then(|ddo| ddo.to_raw());
        document.map_err(Error::document("building the document"))
    }
}

fn create(asset: &PublishAsset, owner: Address, base_decimals: u8) -> CreateAsset {
    let price = match &asset.pricing {
        Pricing::FixedRate { base_token, rate, market_fee, market_fee_collector } => Price::FixedRate {
            base_token: *base_token,
            base_decimals,
            rate: *rate,
            market_fee: *market_fee,
            market_fee_collector: market_fee_collector.unwrap_or(owner),
            with_mint: true,
        },
        Pricing::Free { max_tokens, max_balance } => Price::Free { max_tokens: *max_tokens, max_balance: *max_balance },
        Pricing::None => Price::None,
    };
    let mut create = CreateAsset::new(&asset.name, &asset.symbol, price);
    create.owner = Some(owner);
    create.template = asset.template.index();
    create.datatoken_name.clone_from(&asset.datatoken_name);
    create.transferable = asset.transferable;
    create.cap = asset.cap;
    create.publish_market_fee =
        asset.market_fee.map(|fee| Fee { address: fee.collector, token: fee.token, amount: fee.amount });
    create
}
