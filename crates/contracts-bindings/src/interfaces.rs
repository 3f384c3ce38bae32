//! What the `sol!` interfaces consist of, for comparing them with the ABI files of the installed package.

use alloy::json_abi::JsonAbi;

use crate::abi::{
    IAccessList, IAccessListFactory, IBatchPayments, IDfRewards, IDfStrategyV1, IDispenser, IEnterpriseFeeCollector,
    IErc20, IErc20Template, IErc20Template3, IErc20Template4, IErc20TemplateEnterprise, IErc20TemplatePools,
    IErc20TemplateSigned, IErc721Factory, IErc721Template, IEscrow, IEscrowClaims, IEscrowJobs, IEscrowPlain,
    IEscrowRouter, IEscrowSubsidized, IEscrowTimed, IFactoryRouter, IFixedRateExchange, IFixedRateExchangeEnterprise,
    IOpfCommunityFeeCollector, IOrderable, IPredictoorHelper, ISmartWalletChecker, IVeAllocate, IVeDelegation,
    IVeFeeDistributor, IVeFeeEstimate, IVeOcean,
};

/// The release of upstream's package that holds the contracts of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Release {
    /// npm `@oceanprotocol/contracts` 2.6.0, whose contracts 2.7.0 and 2.8.0 have, too.
    Pinned,
    /// PyPI `ocean-contracts` 2.10.0: the escrows of 2.9 and 2.10.
    V2_10,
    /// PyPI `ocean-contracts` 3.1.0: the escrows from 3.0 on.
    V3_1,
}

/// One interface of [`abi`](crate::abi) and the contracts that must answer to it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Interface {
    /// The interface's name here.
    pub name: &'static str,
    /// The upstream contracts whose ABI holds every function, event and error of this interface, with the same inputs,
    /// outputs and indexed fields.
    pub contracts: &'static [&'static str],
    /// The release in which they have it.
    pub release: Release,
    /// What the interface declares. Function selectors and event topics follow from it.
    pub abi: JsonAbi,
}

/// Every interface of this crate.
pub fn interfaces() -> Vec<Interface> {
    let interface = |name, contracts, abi| Interface { name, contracts, release: Release::Pinned, abi };
    let mut all = vec![
        interface("IErc721Factory", &["ERC721Factory"], IErc721Factory::abi::contract()),
        interface("IErc721Template", &["ERC721Template"], IErc721Template::abi::contract()),
        interface(
            "IErc20Template",
            &["ERC20Template", "ERC20TemplateEnterprise", "ERC20Template4"],
            IErc20Template::abi::contract(),
        ),
        interface(
            "IErc20TemplateSigned",
            &["ERC20Template", "ERC20TemplateEnterprise"],
            IErc20TemplateSigned::abi::contract(),
        ),
        interface("IErc20TemplatePools", &["ERC20Template"], IErc20TemplatePools::abi::contract()),
        interface("IErc20Template4", &["ERC20Template4"], IErc20Template4::abi::contract()),
        interface(
            "IErc20TemplateEnterprise",
            &["ERC20TemplateEnterprise", "ERC20Template4"],
            IErc20TemplateEnterprise::abi::contract(),
        ),
        // FixedRateExchangeEnterprise answers to it as well, but returns its quotes as a struct: the same words, another type.
        interface("IFixedRateExchange", &["FixedRateExchange"], IFixedRateExchange::abi::contract()),
        interface("IDispenser", &["Dispenser"], IDispenser::abi::contract()),
        interface("IFactoryRouter", &["FactoryRouter"], IFactoryRouter::abi::contract()),
        interface(
            "IOpfCommunityFeeCollector",
            &["OPFCommunityFeeCollector"],
            IOpfCommunityFeeCollector::abi::contract(),
        ),
        interface("IErc20", &["ERC20Template", "ERC20TemplateEnterprise", "OceanToken"], IErc20::abi::contract()),
        interface(
            "IOrderable",
            &["ERC20TemplateEnterprise", "ERC20Template3", "ERC20Template4"],
            IOrderable::abi::contract(),
        ),
        interface("IErc20Template3", &["ERC20Template3"], IErc20Template3::abi::contract()),
        interface("IPredictoorHelper", &["PredictoorHelper"], IPredictoorHelper::abi::contract()),
        interface("IEnterpriseFeeCollector", &["EnterpriseFeeCollector"], IEnterpriseFeeCollector::abi::contract()),
        interface(
            "IFixedRateExchangeEnterprise",
            &["FixedRateExchangeEnterprise"],
            IFixedRateExchangeEnterprise::abi::contract(),
        ),
        interface("IAccessListFactory", &["AccessListFactory"], IAccessListFactory::abi::contract()),
        interface("IAccessList", &["AccessList"], IAccessList::abi::contract()),
        interface("IBatchPayments", &["BatchPayments"], IBatchPayments::abi::contract()),
        interface("IVeOcean", &["veOCEAN"], IVeOcean::abi::contract()),
        interface("IVeAllocate", &["veAllocate"], IVeAllocate::abi::contract()),
        interface("IVeDelegation", &["veDelegation"], IVeDelegation::abi::contract()),
        interface("IVeFeeDistributor", &["veFeeDistributor"], IVeFeeDistributor::abi::contract()),
        interface("IVeFeeEstimate", &["veFeeEstimate"], IVeFeeEstimate::abi::contract()),
        interface("ISmartWalletChecker", &["SmartWalletChecker"], ISmartWalletChecker::abi::contract()),
        interface("IDfRewards", &["DFRewards"], IDfRewards::abi::contract()),
        interface("IDfStrategyV1", &["DFStrategyV1"], IDfStrategyV1::abi::contract()),
    ];
    all.extend(escrows());
    all
}

/// The escrows of every release: which parts of their interface each one has.
fn escrows() -> Vec<Interface> {
    const BOTH: &[&str] = &["Escrow", "EnterpriseEscrow"];
    let interface = |release, name, contracts, abi| Interface { name, contracts, release, abi };
    let mut all = Vec::new();
    for release in [Release::Pinned, Release::V2_10, Release::V3_1] {
        all.push(interface(release, "IEscrow", BOTH, IEscrow::abi::contract()));
        all.push(interface(release, "IEscrowRouter", &["Escrow"], IEscrowRouter::abi::contract()));
    }
    for release in [Release::Pinned, Release::V2_10] {
        all.push(interface(release, "IEscrowClaims", BOTH, IEscrowClaims::abi::contract()));
    }
    for release in [Release::V2_10, Release::V3_1] {
        all.push(interface(release, "IEscrowTimed", BOTH, IEscrowTimed::abi::contract()));
    }
    all.push(interface(Release::Pinned, "IEscrowPlain", BOTH, IEscrowPlain::abi::contract()));
    all.push(interface(Release::V2_10, "IEscrowJobs", BOTH, IEscrowJobs::abi::contract()));
    all.push(interface(Release::V3_1, "IEscrowSubsidized", BOTH, IEscrowSubsidized::abi::contract()));
    all
}
