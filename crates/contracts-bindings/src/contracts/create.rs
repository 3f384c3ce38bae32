use alloy::{
    primitives::{Address, B256, Bytes, U256},
    rpc::types::TransactionReceipt,
    sol_types::SolCall,
};
use ocean_pricing::{fixed_rate::Exchange, order::Fee};
use ocean_primitives::{BaseUnits, ExchangeId, FeeRate, Rate};

use super::{Contracts, SetMetadata, TxOutcome, find_event, price::require_receiver};
use crate::{
    abi::{
        DispenserData, ErcCreateData, FixedData, IDispenser, IErc20, IErc20Template, IErc721Factory, IErc721Template,
        IFixedRateExchange, MetadataCreateData, NftCreateData,
    },
    error::{Error, Result},
};

/// The decimals of every datatoken.
const DATATOKEN_DECIMALS: u8 = 18;

/// A data NFT to make.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewNft {
    /// Its name.
    pub name: String,
    /// Its symbol.
    pub symbol: String,
    /// Its token URI.
    pub token_uri: String,
    /// The number of its template.
    pub template: u16,
    /// Whether it can change hands.
    pub transferable: bool,
    /// Who owns it, with every role; the sender unless set.
    pub owner: Option<Address>,
    /// Who else may make datatokens. Only [`Contracts::create_nft`] looks at this.
    pub datatoken_deployer: Option<Address>,
    /// Who else may change the document. Only [`Contracts::create_nft`] looks at this.
    pub metadata_updater: Option<Address>,
}

impl NewNft {
    /// A data NFT of the sender that can change hands.
    pub fn new(name: impl Into<String>, symbol: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            symbol: symbol.into(),
            token_uri: String::new(),
            template: 1,
            transferable: true,
            owner: None,
            datatoken_deployer: None,
            metadata_updater: None,
        }
    }
}

/// What a datatoken can do beyond being a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DatatokenTemplate {
    /// Template 1: an order sends the datatoken to the payment collector, and a part of it to the community.
    #[default]
    Standard,
    /// Template 2: buying and ordering in one call; an order burns the datatoken.
    Enterprise,
    /// Template 4: as template 2, with the files object on chain, for Providers on its lists. Off Sapphire whatever a contract
    /// stores is public, the files object included.
    Files {
        /// The files object, encrypted or not.
        files_object: Bytes,
        /// The access list of Providers that may read it; everybody unless set.
        allow: Option<Address>,
        /// The access list of Providers that may not.
        deny: Option<Address>,
    },
}

impl DatatokenTemplate {
    /// The number that the factory gives it.
    pub fn index(&self) -> u16 {
        match self {
            Self::Standard => 1,
            Self::Enterprise => 2,
            Self::Files { .. } => 4,
        }
    }
}

/// A datatoken to make.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewDatatoken {
    /// Its name.
    pub name: String,
    /// Its symbol.
    pub symbol: String,
    /// What it can do.
    pub template: DatatokenTemplate,
    /// The most datatokens that may exist, in base units. Template 1 ignores it, but it must not be zero.
    pub cap: BaseUnits,
    /// Who may mint by hand; the data NFT's owner, or the sender where the data NFT exists already, unless set.
    pub minter: Option<Address>,
    /// Who gets what is paid; the data NFT's owner of the day unless set.
    pub payment_collector: Option<Address>,
    /// What the publishing market asks for each order. Without an address here there can never be one.
    pub publish_market_fee: Option<Fee>,
}

impl NewDatatoken {
    /// A datatoken of template 1 without fees and without a limit.
    pub fn new(name: impl Into<String>, symbol: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            symbol: symbol.into(),
            template: DatatokenTemplate::Standard,
            cap: BaseUnits(U256::MAX),
            minter: None,
            payment_collector: None,
            publish_market_fee: None,
        }
    }
}

/// A fixed-rate exchange to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewFixedRate {
    /// The token to pay with.
    pub base_token: Address,
    /// Its decimals; compared with what the token itself says.
    pub base_decimals: u8,
    /// Base tokens for one datatoken.
    pub rate: Rate,
    /// The publishing market's share of each purchase.
    pub market_fee: FeeRate,
    /// Who gets it; required where there is a fee.
    pub market_fee_collector: Address,
    /// Whether the exchange mints what it sells. Without it somebody must put datatokens there first.
    pub with_mint: bool,
    /// Who is told as the owner; the data NFT's owner, or the sender where the data NFT exists already, unless set. The exchange
    /// obeys the data NFT's owner of the day and its datatoken deployers, whoever stands here.
    pub owner: Option<Address>,
    /// The only address that may swap; zero is everybody. Templates 2 and 4 put their own address here.
    pub allowed_swapper: Address,
    /// The exchange contract; the deployment's FixedRateExchange unless set.
    pub contract: Option<Address>,
}

impl NewFixedRate {
    /// A minting exchange without a market fee.
    pub fn new(base_token: Address, base_decimals: u8, rate: Rate) -> Self {
        Self {
            base_token,
            base_decimals,
            rate,
            market_fee: FeeRate::ZERO,
            market_fee_collector: Address::ZERO,
            with_mint: true,
            owner: None,
            allowed_swapper: Address::ZERO,
            contract: None,
        }
    }
}

/// A dispenser to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewDispenser {
    /// The most that one call may ask for, in base units of the datatoken.
    pub max_tokens: BaseUnits,
    /// Who holds this much or more gets nothing, in base units of the datatoken. It is no quota: the end balance may be above it.
    pub max_balance: BaseUnits,
    /// Whether the dispenser mints what it gives. Without it somebody must put datatokens there first.
    pub with_mint: bool,
    /// The only address that may ask; zero is everybody. Templates 2 and 4 put their own address here.
    pub allowed_swapper: Address,
}

impl NewDispenser {
    /// A minting dispenser for everybody.
    pub fn new(max_tokens: BaseUnits, max_balance: BaseUnits) -> Self {
        Self { max_tokens, max_balance, with_mint: true, allowed_swapper: Address::ZERO }
    }
}

/// What a bundle call made, read from the events.
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
    /// Makes a data NFT.
    ///
    /// # Errors
    /// There is no such template, or it is switched off.
    pub async fn create_nft(&self, nft: &NewNft) -> Result<TxOutcome<IErc721Factory::NFTCreated>> {
        let owner = self.owner(nft)?;
        let call = IErc721Factory::deployERC721ContractCall {
            name: nft.name.clone(),
            symbol: nft.symbol.clone(),
            _templateIndex: U256::from(nft.template),
            additionalERC20Deployer: nft.datatoken_deployer.unwrap_or_default(),
            additionalMetaDataUpdater: nft.metadata_updater.unwrap_or_default(),
            tokenURI: nft.token_uri.clone(),
            transferable: nft.transferable,
            owner,
        };
        self.transact_for(self.deployment().factory, &call, self.deployment().factory, |event| made(event, nft, owner))
            .await
    }

    /// Makes a datatoken of a data NFT that exists.
    ///
    /// # Errors
    /// The sender may not make datatokens there; a fee without an address; then whatever the factory refuses.
    pub async fn create_token(
        &self,
        nft: Address,
        datatoken: &NewDatatoken,
    ) -> Result<TxOutcome<IErc721Factory::TokenCreated>> {
        let data = self.erc_data(datatoken, self.sender.ok_or(Error::NoSender)?)?;
        let call = IErc721Template::createERC20Call {
            _templateIndex: data.templateIndex,
            strings: data.strings,
            addresses: data.addresses,
            uints: data.uints,
            bytess: data.bytess,
        };
        self.transact_for(nft, &call, self.deployment().factory, |event: &IErc721Factory::TokenCreated| {
            event.name == datatoken.name && event.symbol == datatoken.symbol
        })
        .await
    }

    /// Makes a data NFT and a datatoken in one transaction.
    ///
    /// # Errors
    /// A fee without an address; then whatever the factory refuses.
    pub async fn create_nft_with_datatoken(&self, nft: &NewNft, datatoken: &NewDatatoken) -> Result<CreatedAsset> {
        let owner = self.owner(nft)?;
        let call = IErc721Factory::createNftWithErc20Call {
            _NftCreateData: nft_data(nft, owner),
            _ErcCreateData: self.erc_data(datatoken, owner)?,
        };
        let (receipt, nft, datatoken) = self.bundle(&call, nft, owner).await?;
        Ok(CreatedAsset::of(&receipt, nft, datatoken, None))
    }

    /// Makes a data NFT, a datatoken and its price in one transaction.
    ///
    /// # Errors
    /// A base token with other decimals, a price that rounds to nothing, a fee without an address; then whatever the factory
    /// refuses.
    pub async fn create_nft_with_datatoken_and_fixed_rate(
        &self,
        nft: &NewNft,
        datatoken: &NewDatatoken,
        price: &NewFixedRate,
    ) -> Result<CreatedAsset> {
        let owner = self.owner(nft)?;
        let exchange = self.exchange_contract(price).await?;
        let call = IErc721Factory::createNftWithErc20WithFixedRateCall {
            _NftCreateData: nft_data(nft, owner),
            _ErcCreateData: self.erc_data(datatoken, owner)?,
            _FixedData: self.fixed_data(price, exchange, owner).await?,
        };
        let (receipt, nft, datatoken) = self.bundle(&call, nft, owner).await?;
        let created = find_event::<IFixedRateExchange::ExchangeCreated>(&receipt, exchange, |event| {
            event.datatoken == datatoken && event.baseToken == price.base_token
        })?;
        Ok(CreatedAsset::of(&receipt, nft, datatoken, Some(ExchangeId(created.exchangeId))))
    }

    /// Makes a data NFT and a datatoken that is given away in one transaction.
    ///
    /// # Errors
    /// A fee without an address; then whatever the factory refuses.
    pub async fn create_nft_with_datatoken_and_dispenser(
        &self,
        nft: &NewNft,
        datatoken: &NewDatatoken,
        dispenser: &NewDispenser,
    ) -> Result<CreatedAsset> {
        let owner = self.owner(nft)?;
        let contract = self.deployment().dispenser;
        let call = IErc721Factory::createNftWithErc20WithDispenserCall {
            _NftCreateData: nft_data(nft, owner),
            _ErcCreateData: self.erc_data(datatoken, owner)?,
            _DispenserData: DispenserData {
                dispenserAddress: contract,
                maxTokens: dispenser.max_tokens.0,
                maxBalance: dispenser.max_balance.0,
                withMint: dispenser.with_mint,
                allowedSwapper: dispenser.allowed_swapper,
            },
        };
        let (receipt, nft, datatoken) = self.bundle(&call, nft, owner).await?;
        find_event::<IDispenser::DispenserCreated>(&receipt, contract, |event| event.datatokenAddress == datatoken)?;
        Ok(CreatedAsset::of(&receipt, nft, datatoken, None))
    }

    /// Makes a data NFT with its first document in one transaction. The event of the document names the factory as its author.
    ///
    /// # Errors
    /// There is no such template, or a proof is not by its validator.
    pub async fn create_nft_with_metadata(
        &self,
        nft: &NewNft,
        metadata: &SetMetadata,
    ) -> Result<TxOutcome<IErc721Factory::NFTCreated>> {
        let owner = self.owner(nft)?;
        let call = IErc721Factory::createNftWithMetaDataCall {
            _NftCreateData: nft_data(nft, owner),
            _MetaData: MetadataCreateData {
                _metaDataState: metadata.state,
                _metaDataDecryptorUrl: metadata.decryptor_url.clone(),
                _metaDataDecryptorAddress: metadata.decryptor_address.clone(),
                flags: metadata.flags.clone(),
                data: metadata.data.clone(),
                _metaDataHash: metadata.hash,
                _metadataProofs: metadata.proofs.clone(),
            },
        };
        let factory = self.deployment().factory;
        let receipt = self.transact(factory, &call).await?;
        let created = find_event::<IErc721Factory::NFTCreated>(&receipt, factory, |event| made(event, nft, owner))?;
        find_event::<IErc721Template::MetadataCreated>(&receipt, created.newTokenAddress, |event| {
            event.metaDataHash == metadata.hash && event.state == metadata.state
        })?;
        Ok(TxOutcome::with(&receipt, created))
    }

    /// Gives a datatoken that exists a price.
    ///
    /// # Errors
    /// The datatoken has an exchange in the same contract that mints, and this one would as well; what
    /// [`create_nft_with_datatoken_and_fixed_rate`](Self::create_nft_with_datatoken_and_fixed_rate) refuses; the sender may not.
    pub async fn create_fixed_rate(
        &self,
        datatoken: Address,
        price: &NewFixedRate,
    ) -> Result<TxOutcome<IFixedRateExchange::ExchangeCreated>> {
        let owner = self.sender.ok_or(Error::NoSender)?;
        let exchange = self.exchange_contract(price).await?;
        if price.with_mint {
            self.no_other_minter(datatoken, exchange).await?;
        }
        let data = self.fixed_data(price, exchange, owner).await?;
        let call = IErc20Template::createFixedRateCall {
            fixedPriceAddress: data.fixedPriceAddress,
            addresses: data.addresses,
            uints: data.uints,
        };
        self.transact_for(datatoken, &call, exchange, |event: &IFixedRateExchange::ExchangeCreated| {
            event.datatoken == datatoken && event.baseToken == price.base_token
        })
        .await
    }

    /// Has a datatoken that exists given away.
    ///
    /// # Errors
    /// The datatoken has a dispenser already; the sender may not.
    pub async fn create_dispenser(
        &self,
        datatoken: Address,
        dispenser: &NewDispenser,
    ) -> Result<TxOutcome<IDispenser::DispenserCreated>> {
        let contract = self.deployment().dispenser;
        if self.dispensers_of(datatoken).await?.contains(&contract) {
            return Err(Error::SecondMinter { datatoken, minter: contract });
        }
        let call = IErc20Template::createDispenserCall {
            _dispenser: contract,
            maxTokens: dispenser.max_tokens.0,
            maxBalance: dispenser.max_balance.0,
            withMint: dispenser.with_mint,
            allowedSwapper: dispenser.allowed_swapper,
        };
        self.transact_for(datatoken, &call, contract, |event: &IDispenser::DispenserCreated| {
            event.datatokenAddress == datatoken
        })
        .await
    }

    /// Refuses a second exchange of one contract that mints the same datatoken: the contracts accept it, and then the data NFT
    /// can neither change hands nor have its permissions cleaned.
    pub(super) async fn no_other_minter(&self, datatoken: Address, exchange: Address) -> Result<()> {
        for (contract, id) in self.fixed_rates_of(datatoken).await? {
            if contract == exchange {
                let call = IFixedRateExchange::getExchangeCall { exchangeId: id.0 };
                if self.read(exchange, &call).await?.withMint {
                    return Err(Error::SecondMinter { datatoken, minter: exchange });
                }
            }
        }
        Ok(())
    }

    async fn bundle<C: SolCall>(
        &self,
        call: &C,
        nft: &NewNft,
        owner: Address,
    ) -> Result<(TransactionReceipt, Address, Address)> {
        let factory = self.deployment().factory;
        let receipt = self.transact(factory, call).await?;
        let nft = find_event::<IErc721Factory::NFTCreated>(&receipt, factory, |event| made(event, nft, owner))?;
        let datatoken = find_event::<IErc721Factory::TokenCreated>(&receipt, factory, |_| true)?;
        Ok((receipt, nft.newTokenAddress, datatoken.newTokenAddress))
    }

    fn owner(&self, nft: &NewNft) -> Result<Address> {
        nft.owner.or(self.sender).ok_or(Error::NoSender)
    }

    fn erc_data(&self, datatoken: &NewDatatoken, owner: Address) -> Result<ErcCreateData> {
        let nobody = Fee { address: Address::ZERO, token: Address::ZERO, amount: BaseUnits::ZERO };
        let fee = datatoken.publish_market_fee.unwrap_or(nobody);
        if !fee.amount.is_zero() && (fee.address.is_zero() || fee.token.is_zero()) {
            return Err(Error::FeeWithoutAddress);
        }
        let mut addresses = vec![
            datatoken.minter.unwrap_or(owner),
            datatoken.payment_collector.unwrap_or_default(),
            fee.address,
            fee.token,
        ];
        let mut bytess = Vec::new();
        if let DatatokenTemplate::Files { files_object, allow, deny } = &datatoken.template {
            let factory = self.deployment().access_list_factory.ok_or(Error::NotDeployed("AccessListFactory"))?;
            addresses.extend([factory, allow.unwrap_or_default(), deny.unwrap_or_default()]);
            bytess.push(files_object.clone());
        }
        Ok(ErcCreateData {
            templateIndex: U256::from(datatoken.template.index()),
            strings: vec![datatoken.name.clone(), datatoken.symbol.clone()],
            addresses,
            uints: vec![datatoken.cap.0, fee.amount.0],
            bytess,
        })
    }

    /// The contract that the exchange is made in: one that the router approved.
    async fn exchange_contract(&self, price: &NewFixedRate) -> Result<Address> {
        match price.contract {
            None => Ok(self.deployment().fixed_price),
            Some(contract) if self.is_approved_exchange(contract).await? => Ok(contract),
            Some(contract) => Err(Error::NotApproved(contract)),
        }
    }

    async fn fixed_data(&self, price: &NewFixedRate, exchange: Address, owner: Address) -> Result<FixedData> {
        require_receiver(price.market_fee_collector, price.market_fee)?;
        let (decimals, ocean_fee) =
            tokio::try_join!(self.read(price.base_token, &IErc20::decimalsCall {}), self.swap_fee(price.base_token))?;
        let terms = Exchange::new(price.rate, price.base_decimals, price.market_fee, ocean_fee);
        terms.check(decimals, DATATOKEN_DECIMALS)?;
        Ok(FixedData {
            fixedPriceAddress: exchange,
            addresses: vec![
                price.base_token,
                price.owner.unwrap_or(owner),
                price.market_fee_collector,
                price.allowed_swapper,
            ],
            uints: vec![
                U256::from(price.base_decimals),
                U256::from(DATATOKEN_DECIMALS),
                price.rate.0,
                price.market_fee.0,
                U256::from(u8::from(price.with_mint)),
            ],
        })
    }
}

impl CreatedAsset {
    fn of(receipt: &TransactionReceipt, nft: Address, datatoken: Address, exchange: Option<ExchangeId>) -> Self {
        let TxOutcome { tx, block, gas_used, .. } = TxOutcome::of(receipt);
        Self { nft, datatoken, exchange, tx, block, gas_used }
    }
}

fn nft_data(nft: &NewNft, owner: Address) -> NftCreateData {
    NftCreateData {
        name: nft.name.clone(),
        symbol: nft.symbol.clone(),
        templateIndex: U256::from(nft.template),
        tokenURI: nft.token_uri.clone(),
        transferable: nft.transferable,
        owner,
    }
}

fn made(event: &IErc721Factory::NFTCreated, nft: &NewNft, owner: Address) -> bool {
    event.admin == owner && event.tokenName == nft.name && event.symbol == nft.symbol
}
