//! What the `sol!` interfaces consist of, for comparing them with the ABI files of the installed package.

use alloy::json_abi::JsonAbi;

use crate::abi::{
    IDispenser, IErc20, IErc20Template, IErc20Template4, IErc20TemplateEnterprise, IErc20TemplatePools,
    IErc20TemplateSigned, IErc721Factory, IErc721Template, IFactoryRouter, IFixedRateExchange,
    IOpfCommunityFeeCollector,
};

/// One interface of [`abi`](crate::abi) and the contracts that must answer to it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Interface {
    /// The interface's name here.
    pub name: &'static str,
    /// The upstream contracts whose ABI holds every function, event and error of this interface, with the same inputs,
    /// outputs and indexed fields.
    pub contracts: &'static [&'static str],
    /// What the interface declares. Function selectors and event topics follow from it.
    pub abi: JsonAbi,
}

/// Every interface of this crate.
pub fn interfaces() -> Vec<Interface> {
    let interface = |name, contracts, abi| Interface { name, contracts, abi };
    vec![
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
    ]
}
