use std::collections::BTreeSet;

use alloy::{primitives::Address, rpc::types::Log};

use super::{Event, Source, decode};
use crate::{
    abi::{IAccessListFactory, IErc721Factory, IFactoryRouter},
    contracts::Contracts,
    deployment::Deployment,
    error::Result,
};

/// What a contract is that does not stand in the deployment, and whose events count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Origin {
    /// A data NFT that the factory made.
    Nft,
    /// A datatoken that the factory made.
    Datatoken,
    /// A fixed-rate exchange contract that the router approved.
    Exchange,
    /// A dispenser contract that the router approved.
    Dispenser,
    /// An access list that its factory made.
    AccessList,
}

/// The contracts whose events count: those of the deployment, and those that these made or approved in logs that were seen.
///
/// Anybody can emit a log that looks like one of the contracts'. What is accepted here comes from the factory, from a contract
/// that the factory made, from one that the router approved, or from another contract of the deployment.
#[derive(Debug, Clone)]
pub struct Origins {
    deployment: Deployment,
    known: BTreeSet<(Origin, Address)>,
}

impl Origins {
    /// Knows the deployment, with its exchange contracts and its dispenser.
    pub fn new(deployment: &Deployment) -> Self {
        let exchanges = [Some(deployment.fixed_price), deployment.fixed_price_enterprise];
        let mut known: BTreeSet<_> =
            exchanges.into_iter().flatten().map(|address| (Origin::Exchange, address)).collect();
        known.insert((Origin::Dispenser, deployment.dispenser));
        Self { deployment: deployment.clone(), known }
    }

    /// Knows another contract: from an earlier run, or because the chain was asked.
    pub fn add(&mut self, origin: Origin, address: Address) {
        self.known.insert((origin, address));
    }

    /// Every contract beyond the deployment that is known.
    pub fn known(&self) -> impl Iterator<Item = (Origin, Address)> + '_ {
        self.known.iter().copied()
    }

    /// Reads a log, and learns from it, where its emitter is a contract that may say so. Logs must come in their order.
    ///
    /// The factory tells of a datatoken after the datatoken's own first events, so take all logs of a transaction at once with
    /// [`Origins::accept_all`] where there are more.
    pub fn accept(&mut self, log: &Log) -> Option<Event> {
        let event = decode(log).filter(|event| self.counts(event.source(), log.address()))?;
        self.learn(&event);
        Some(event)
    }

    /// Reads the logs of whole transactions; each event comes with its place among them. What the factories and the router say
    /// in any of them counts for all of them.
    pub fn accept_all<'a>(&mut self, logs: impl IntoIterator<Item = &'a Log>) -> Vec<(usize, Event)> {
        let mut events = Vec::new();
        for (index, log) in logs.into_iter().enumerate() {
            if let Some(event) = decode(log) {
                if self.counts(event.source(), log.address()) {
                    self.learn(&event);
                }
                events.push((index, log.address(), event));
            }
        }
        events.retain(|(_, emitter, event)| self.counts(event.source(), *emitter));
        events.into_iter().map(|(index, _, event)| (index, event)).collect()
    }

    /// Whether an event of this source counts when this contract emitted it.
    pub fn counts(&self, source: Source, emitter: Address) -> bool {
        match fixed(&self.deployment, source) {
            Some(addresses) => addresses.contains(&emitter),
            None => match origins(source) {
                Some(origins) => {
                    origins.iter().any(|origin| self.known.contains(&(*origin, emitter)))
                        || shared(&self.deployment, source, emitter)
                }
                None => true,
            },
        }
    }

    fn learn(&mut self, event: &Event) {
        let (origin, address) = match event {
            Event::NftCreated(event) => (Origin::Nft, event.newTokenAddress),
            Event::TokenCreated(event) => (Origin::Datatoken, event.newTokenAddress),
            Event::FixedRateContractAdded(event) => (Origin::Exchange, event.contractAddress),
            Event::DispenserContractAdded(event) => (Origin::Dispenser, event.contractAddress),
            Event::NewAccessList(event) => (Origin::AccessList, event.contractAddress),
            Event::FixedRateContractRemoved(event) => {
                self.known.remove(&(Origin::Exchange, event.contractAddress));
                return;
            }
            Event::DispenserContractRemoved(event) => {
                self.known.remove(&(Origin::Dispenser, event.contractAddress));
                return;
            }
            _ => return,
        };
        self.known.insert((origin, address));
    }
}

/// The contracts of the deployment that emit events of this source; none where others do.
fn fixed(deployment: &Deployment, source: Source) -> Option<Vec<Address>> {
    let extra = |keys: &[&str]| keys.iter().filter_map(|key| deployment.address_of(key)).collect();
    Some(match source {
        Source::Factory => vec![deployment.factory],
        Source::AnyFactory => deployment.access_list_factory.into_iter().chain([deployment.factory]).collect(),
        Source::Router => vec![deployment.router],
        Source::Escrow => extra(&["Escrow", "EnterpriseEscrow"]),
        Source::EnterpriseFeeCollector => extra(&["EnterpriseFeeCollector"]),
        Source::AccessListFactory => extra(&["AccessListFactory"]),
        Source::VeOcean => extra(&["veOCEAN"]),
        Source::VeAllocate => extra(&["veAllocate"]),
        Source::VeDelegation => extra(&["veDelegation"]),
        Source::VeFeeDistributor => extra(&["veFeeDistributor"]),
        Source::DfRewards => extra(&["DFRewards"]),
        _ => return None,
    })
}

/// Whether a contract of the deployment emits events of a source beside the clones that do.
fn shared(deployment: &Deployment, source: Source, emitter: Address) -> bool {
    match source {
        Source::Ownable => deployment.contains(emitter),
        Source::AnyNft => deployment.address_of("veDelegation") == Some(emitter),
        _ => false,
    }
}

/// What emits events of this source; none where anybody may.
fn origins(source: Source) -> Option<&'static [Origin]> {
    Some(match source {
        Source::Nft => &[Origin::Nft],
        Source::AnyNft => &[Origin::Nft, Origin::AccessList],
        Source::Datatoken | Source::Feed => &[Origin::Datatoken],
        Source::NftOrDatatoken => &[Origin::Nft, Origin::Datatoken],
        Source::Exchange => &[Origin::Exchange],
        Source::Dispenser => &[Origin::Dispenser],
        Source::AccessList | Source::Ownable => &[Origin::AccessList],
        _ => return None,
    })
}

impl Contracts {
    /// Reads a log where the chain says that its emitter is a contract that may say so: asks the factory, the router, or the
    /// factory of access lists. [`Origins`] does the same without asking.
    ///
    /// # Errors
    /// The node fails.
    pub async fn genuine_event(&self, log: &Log) -> Result<Option<Event>> {
        let Some(event) = decode(log) else {
            return Ok(None);
        };
        let genuine = self.is_genuine(event.source(), log.address()).await?;
        Ok(genuine.then_some(event))
    }

    /// Whether an event of this source counts when this contract emitted it, as the chain has it now.
    ///
    /// # Errors
    /// The node fails.
    pub async fn is_genuine(&self, source: Source, emitter: Address) -> Result<bool> {
        if let Some(addresses) = fixed(self.deployment(), source) {
            return Ok(addresses.contains(&emitter));
        }
        let Some(origins) = origins(source) else {
            return Ok(true);
        };
        for origin in origins {
            if self.has_origin(*origin, emitter).await? {
                return Ok(true);
            }
        }
        Ok(shared(self.deployment(), source, emitter))
    }

    async fn has_origin(&self, origin: Origin, address: Address) -> Result<bool> {
        let deployment = self.deployment();
        match origin {
            Origin::Nft => {
                let listed = self.read(deployment.factory, &IErc721Factory::erc721ListCall { nft: address }).await?;
                Ok(listed == address && !address.is_zero())
            }
            Origin::Datatoken => {
                self.read(deployment.factory, &IErc721Factory::erc20ListCall { datatoken: address }).await
            }
            Origin::Exchange => {
                let call = IFactoryRouter::isFixedRateContractCall { _fixedRate: address };
                self.read(deployment.router, &call).await
            }
            Origin::Dispenser => {
                let call = IFactoryRouter::isDispenserContractCall { _dispenser: address };
                self.read(deployment.router, &call).await
            }
            Origin::AccessList => match deployment.access_list_factory {
                Some(factory) => {
                    self.read(factory, &IAccessListFactory::isDeployedCall { contractAddress: address }).await
                }
                None => Ok(false),
            },
        }
    }
}
