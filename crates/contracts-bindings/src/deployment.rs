use std::{collections::BTreeMap, path::Path, sync::LazyLock};

use ocean_primitives::{Address, ChainId};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// The public networks, from the pinned release's own address file.
static PUBLIC: LazyLock<Vec<Deployment>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the text is part of the build, and a test parses it")]
    let file = serde_json::from_str(include_str!("../data/addresses.json")).expect("data/addresses.json is valid");
    Deployment::all_from_address_json(&file)
});

/// Where the contracts of one network are.
///
/// It is read from and written to the `address.json` that every peer reads: an object by network name, each with the
/// contracts' names as keys (`contracts: addresses/address.json`).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Deployment {
    /// The chain of these contracts.
    pub chain_id: ChainId,
    /// The key in the address file: `development`, `mainnet`, …
    pub network: String,
    /// The block from which on there are events.
    pub start_block: u64,
    /// The OCEAN token; the zero address where a network has none.
    pub ocean: Address,
    /// FactoryRouter.
    pub router: Address,
    /// ERC721Factory.
    pub factory: Address,
    /// FixedRateExchange.
    pub fixed_price: Address,
    /// FixedRateExchangeEnterprise, where the network has it.
    pub fixed_price_enterprise: Option<Address>,
    /// Dispenser.
    pub dispenser: Address,
    /// Datatoken templates by the number that the factory gives them.
    pub erc20_templates: BTreeMap<u16, Address>,
    /// Data NFT templates by the number that the factory gives them.
    pub erc721_templates: BTreeMap<u16, Address>,
    /// OPFCommunityFeeCollector.
    pub opf_community_fee_collector: Option<Address>,
    /// EnterpriseFeeCollector.
    pub enterprise_fee_collector: Option<Address>,
    /// Escrow for compute payments.
    pub escrow: Option<Address>,
    /// AccessListFactory.
    pub access_list_factory: Option<Address>,
    /// Every other entry, untouched.
    pub extra: BTreeMap<String, Value>,
}

impl Deployment {
    /// A deployment of which only the contracts that every flow needs are known.
    pub fn new(
        chain_id: ChainId,
        ocean: Address,
        router: Address,
        factory: Address,
        fixed_price: Address,
        dispenser: Address,
    ) -> Self {
        Self {
            chain_id,
            network: "development".to_owned(),
            start_block: 0,
            ocean,
            router,
            factory,
            fixed_price,
            fixed_price_enterprise: None,
            dispenser,
            erc20_templates: BTreeMap::new(),
            erc721_templates: BTreeMap::new(),
            opf_community_fee_collector: None,
            enterprise_fee_collector: None,
            escrow: None,
            access_list_factory: None,
            extra: BTreeMap::new(),
        }
    }

    /// The public network with this chain id, as the pinned release of `@oceanprotocol/contracts` knows it. Nobody promises that
    /// it is still alive.
    pub fn public(chain_id: ChainId) -> Option<Self> {
        PUBLIC.iter().find(|deployment| deployment.chain_id == chain_id).cloned()
    }

    /// The public network with this name in the address file: `mainnet`, `polygon`, `oasis_sapphire`, ….
    pub fn public_named(network: &str) -> Option<Self> {
        PUBLIC.iter().find(|deployment| deployment.network == network).cloned()
    }

    /// Every public network of the pinned release, in the order of its address file.
    pub fn all_public() -> &'static [Self] {
        &PUBLIC
    }

    /// The network with this chain id from a file, or else from the public networks.
    ///
    /// # Errors
    /// The file cannot be read; no network has that chain id.
    pub fn find(address_file: Option<&Path>, chain_id: ChainId) -> Result<Self> {
        if let Some(path) = address_file {
            match Self::from_address_file(path, chain_id) {
                Err(Error::UnknownNetwork(_)) => {}
                other => return other,
            }
        }
        Self::public(chain_id).ok_or(Error::UnknownNetwork(chain_id))
    }

    /// Reads the network with this name from an address file that is already parsed.
    ///
    /// # Errors
    /// There is no such network, and as [`Deployment::from_address_json`].
    pub fn from_address_json_named(file: &Value, network: &str) -> Result<Self> {
        let entries = file.get(network).and_then(Value::as_object);
        let entries = entries.ok_or_else(|| wrong(format!("there is no network `{network}`")))?;
        let chain_id = entries.get("chainId").and_then(Value::as_u64).and_then(|id| ChainId::new(id).ok());
        let chain_id = chain_id.ok_or_else(|| wrong(format!("`{network}` has no chain id")))?;
        Self::from_entries(network, chain_id, entries.clone())
    }

    /// Reads the network with this chain id from an address file that is already parsed.
    ///
    /// # Errors
    /// No network has that chain id, or its entry lacks a contract that every flow needs, or has one that is not an address.
    pub fn from_address_json(file: &Value, chain_id: ChainId) -> Result<Self> {
        let networks = file.as_object().ok_or_else(|| wrong("not an object"))?;
        // A file that was made by several releases can hold a chain twice: the development network, which is made last, wins.
        let mut found = networks
            .iter()
            .filter(|(_, network)| network.get("chainId").and_then(Value::as_u64) == Some(chain_id.get()));
        let (name, network) = found.next_back().ok_or(Error::UnknownNetwork(chain_id))?;
        Self::from_entries(name, chain_id, network.as_object().cloned().unwrap_or_default())
    }

    /// Reads every network of an address file that has the contracts which every flow needs; others are left out.
    pub fn all_from_address_json(file: &Value) -> Vec<Self> {
        let networks = file.as_object().into_iter().flatten();
        networks
            .filter_map(|(name, network)| {
                let chain_id = ChainId::new(network.get("chainId")?.as_u64()?).ok()?;
                Self::from_entries(name, chain_id, network.as_object()?.clone()).ok()
            })
            .collect()
    }

    /// Reads the network with this chain id from an address file.
    ///
    /// # Errors
    /// The file cannot be read or is not JSON, and as [`Deployment::from_address_json`].
    pub fn from_address_file(path: &Path, chain_id: ChainId) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::AddressFileRead { path: path.display().to_string(), source })?;
        let file = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        Self::from_address_json(&file, chain_id)
    }

    fn from_entries(name: &str, chain_id: ChainId, mut entries: Map<String, Value>) -> Result<Self> {
        let ocean = optional(&mut entries, "Ocean")?.unwrap_or_default();
        let deployment = Self {
            chain_id,
            network: name.to_owned(),
            start_block: entries.remove("startBlock").and_then(|block| block.as_u64()).unwrap_or(0),
            ocean,
            router: required(&mut entries, "Router")?,
            factory: required(&mut entries, "ERC721Factory")?,
            fixed_price: required(&mut entries, "FixedPrice")?,
            fixed_price_enterprise: optional(&mut entries, "FixedPriceEnterprise")?,
            dispenser: required(&mut entries, "Dispenser")?,
            erc20_templates: templates(&mut entries, "ERC20Template")?,
            erc721_templates: templates(&mut entries, "ERC721Template")?,
            opf_community_fee_collector: optional(&mut entries, "OPFCommunityFeeCollector")?,
            enterprise_fee_collector: optional(&mut entries, "EnterpriseFeeCollector")?,
            escrow: optional(&mut entries, "Escrow")?,
            access_list_factory: optional(&mut entries, "AccessListFactory")?,
            extra: BTreeMap::new(),
        };
        entries.remove("chainId");
        Ok(Self { extra: entries.into_iter().collect(), ..deployment })
    }

    /// The address file of this one network under the key `name`, which peers expect to be `development` on a local chain.
    pub fn to_address_json(&self, name: &str) -> Value {
        let mut entries = Map::new();
        entries.insert("chainId".to_owned(), self.chain_id.get().into());
        entries.insert("startBlock".to_owned(), self.start_block.into());
        let addresses = [
            ("Ocean", Some(self.ocean)),
            ("OPFCommunityFeeCollector", self.opf_community_fee_collector),
            ("EnterpriseFeeCollector", self.enterprise_fee_collector),
            ("Router", Some(self.router)),
            ("FixedPrice", Some(self.fixed_price)),
            ("FixedPriceEnterprise", self.fixed_price_enterprise),
            ("ERC721Factory", Some(self.factory)),
            ("Dispenser", Some(self.dispenser)),
            ("Escrow", self.escrow),
            ("AccessListFactory", self.access_list_factory),
        ];
        for (key, address) in addresses {
            if let Some(address) = address {
                entries.insert(key.to_owned(), address.to_checksum(None).into());
            }
        }
        for (key, templates) in [("ERC20Template", &self.erc20_templates), ("ERC721Template", &self.erc721_templates)] {
            let templates = templates.iter().map(|(id, address)| (id.to_string(), address.to_checksum(None).into()));
            entries.insert(key.to_owned(), Value::Object(templates.collect()));
        }
        entries.extend(self.extra.iter().map(|(key, value)| (key.clone(), value.clone())));
        Value::Object(Map::from_iter([(name.to_owned(), Value::Object(entries))]))
    }

    /// An address by its key in the address file, such as `Router` or `veOCEAN`; a template by `ERC20Template.1`.
    pub fn address_of(&self, key: &str) -> Option<Address> {
        match key {
            "Ocean" => Some(self.ocean).filter(|address| !address.is_zero()),
            "Router" => Some(self.router),
            "ERC721Factory" => Some(self.factory),
            "FixedPrice" => Some(self.fixed_price),
            "FixedPriceEnterprise" => self.fixed_price_enterprise,
            "Dispenser" => Some(self.dispenser),
            "OPFCommunityFeeCollector" => self.opf_community_fee_collector,
            "EnterpriseFeeCollector" => self.enterprise_fee_collector,
            "Escrow" => self.escrow,
            "AccessListFactory" => self.access_list_factory,
            _ => match key.split_once('.') {
                Some(("ERC20Template", id)) => self.erc20_templates.get(&id.parse().ok()?).copied(),
                Some(("ERC721Template", id)) => self.erc721_templates.get(&id.parse().ok()?).copied(),
                _ => self.extra_address(key),
            },
        }
    }

    /// Every address with its key as [`Deployment::address_of`] takes it, sorted by key.
    pub fn addresses(&self) -> BTreeMap<String, Address> {
        let named = [
            "Ocean",
            "Router",
            "ERC721Factory",
            "FixedPrice",
            "FixedPriceEnterprise",
            "Dispenser",
            "OPFCommunityFeeCollector",
            "EnterpriseFeeCollector",
            "Escrow",
            "AccessListFactory",
        ];
        let mut keys: Vec<String> = named.iter().map(|key| (*key).to_owned()).collect();
        keys.extend(self.erc20_templates.keys().map(|id| format!("ERC20Template.{id}")));
        keys.extend(self.erc721_templates.keys().map(|id| format!("ERC721Template.{id}")));
        keys.extend(self.extra.keys().cloned());
        keys.into_iter().filter_map(|key| self.address_of(&key).map(|address| (key, address))).collect()
    }

    /// Whether a contract of this network stands at that address.
    pub fn contains(&self, address: Address) -> bool {
        self.addresses().values().any(|known| *known == address)
    }

    /// An address that is only in [`extra`](Self::extra), such as `MockUSDC` of a local network.
    pub fn extra_address(&self, key: &str) -> Option<Address> {
        self.extra.get(key)?.as_str()?.parse().ok()
    }
}

fn wrong(text: impl Into<String>) -> Error {
    Error::AddressFile(text.into())
}

fn address(key: &str, value: &Value) -> Result<Address> {
    let text = value.as_str().ok_or_else(|| wrong(format!("`{key}` is not a text")))?;
    text.parse().map_err(|_| wrong(format!("`{key}` is not an address")))
}

fn required(entries: &mut Map<String, Value>, key: &str) -> Result<Address> {
    optional(entries, key)?.ok_or_else(|| wrong(format!("`{key}` is missing")))
}

fn optional(entries: &mut Map<String, Value>, key: &str) -> Result<Option<Address>> {
    match entries.remove(key) {
        None | Some(Value::Null) => Ok(None),
        // Older files carry empty texts for contracts that a network does not have.
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(value) => address(key, &value).map(Some),
    }
}

fn templates(entries: &mut Map<String, Value>, key: &str) -> Result<BTreeMap<u16, Address>> {
    let Some(Value::Object(templates)) = entries.remove(key) else {
        return Ok(BTreeMap::new());
    };
    let parse = |(id, value): (&String, &Value)| {
        // Upstream's own file has the template `1:` for a network.
        let number = id
            .trim_end_matches(':')
            .parse()
            .map_err(|_| wrong(format!("`{key}` has the template `{id}`, which is not a number")))?;
        Ok((number, address(key, value)?))
    };
    templates.iter().map(parse).collect()
}
