//! Our `sol!` interfaces against the ABI files of the installed package, and against nothing else.

use std::{collections::BTreeMap, fs, path::Path};

use alloy::json_abi::{EventParam, JsonAbi, Param, StateMutability};
use ocean_contracts_bindings::{Release, interfaces};
use ocean_testbed::LaterRelease;
use serde_json::Value;

use crate::support::{later_contracts, tools};

#[tokio::test]
async fn every_selector_topic_error_and_struct_is_upstreams() {
    let pinned = installed(&tools().await.contracts_dir.join("artifacts/contracts"));
    let mut later = BTreeMap::new();
    for release in LaterRelease::ALL {
        if let Some(folder) = later_contracts(release).await {
            later.insert(release.version(), installed(&folder.join("artifacts")));
        }
    }
    let mut compared = 0;
    let mut differences = Vec::new();
    for interface in interfaces() {
        let installed = match interface.release {
            Release::Pinned => Some(&pinned),
            Release::V2_10 => later.get(LaterRelease::V2_10.version()),
            Release::V3_1 => later.get(LaterRelease::V3_1.version()),
            other => panic!("{other:?} is compared with nothing"),
        };
        let Some(installed) = installed else { continue };
        assert!(!interface.contracts.is_empty(), "{} is compared with something", interface.name);
        for contract in interface.contracts {
            let upstream = installed.get(*contract).unwrap_or_else(|| panic!("no artifact {contract}"));
            // Upstream's contracts do not agree on the names of parameters, which have no effect; the first one listed counts.
            let names = *contract == interface.contracts[0];
            compared += compare(
                &format!("{} in {contract}", interface.name),
                &interface.abi,
                upstream,
                names,
                &mut differences,
            );
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    // A comparison that compares nothing must not pass.
    assert!(compared > 400, "only {compared} items were compared");
}

/// Contracts of which everything is bound, each by the interfaces that name it.
const COMPLETE: [&str; 9] = [
    "ERC721Factory",
    "ERC721Template",
    "ERC20Template",
    "ERC20TemplateEnterprise",
    "ERC20Template4",
    "FixedRateExchange",
    "Dispenser",
    "FactoryRouter",
    "OPFCommunityFeeCollector",
];

#[tokio::test]
async fn nothing_of_the_core_contracts_is_left_out() {
    let pinned = installed(&tools().await.contracts_dir.join("artifacts/contracts"));
    let interfaces = interfaces();
    let mut missing = Vec::new();
    let mut covered = 0;
    for contract in COMPLETE {
        let ours: Vec<_> = interfaces
            .iter()
            .filter(|interface| interface.release == Release::Pinned && interface.contracts.contains(&contract))
            .map(|interface| &interface.abi)
            .collect();
        let upstream = &pinned[contract];
        for function in upstream.functions() {
            covered += 1;
            if !ours.iter().any(|abi| abi.functions().any(|our| our.selector() == function.selector())) {
                missing.push(format!("{contract}: {}", function.signature()));
            }
        }
        for event in upstream.events() {
            covered += 1;
            let same = |our: &alloy::json_abi::Event| event_params(&our.inputs) == event_params(&event.inputs);
            let found = |abi: &&JsonAbi| abi.events().any(|our| our.selector() == event.selector() && same(our));
            if !ours.iter().any(found) {
                missing.push(format!("{contract}: {}", event.signature()));
            }
        }
        for error in upstream.errors() {
            covered += 1;
            if !ours.iter().any(|abi| abi.errors().any(|our| our.selector() == error.selector())) {
                missing.push(format!("{contract}: {}", error.signature()));
            }
        }
    }
    assert!(missing.is_empty(), "{} are missing:\n{}", missing.len(), missing.join("\n"));
    assert!(covered > 450, "only {covered} items were looked for");
}

#[test]
fn the_comparison_finds_differences() {
    let parse = |items: &[&str]| JsonAbi::parse(items.iter().copied()).unwrap();
    let upstream = parse(&[
        "function pay(address to, uint256 amount) view returns (bool)",
        "event Paid(address indexed to, uint256 amount)",
        "error Broke(uint256 left)",
    ]);
    #[track_caller]
    fn check(upstream: &JsonAbi, item: &str, expected: usize) {
        let mut differences = Vec::new();
        compare("it", &JsonAbi::parse([item]).unwrap(), upstream, true, &mut differences);
        assert_eq!(differences.len(), expected, "{item}: {differences:?}");
    }
    check(&upstream, "function pay(address to, uint256 amount) view returns (bool)", 0);
    check(&upstream, "function pay(address to, uint128 amount) view returns (bool)", 1);
    check(&upstream, "function pay(address to, uint256 amount) view returns (uint256)", 1);
    check(&upstream, "function pay(address to, uint256 amount) returns (bool)", 1);
    check(&upstream, "function pay(address from, uint256 amount) view returns (bool)", 1);
    check(&upstream, "event Paid(address indexed to, uint256 amount)", 0);
    check(&upstream, "event Paid(address to, uint256 amount)", 1);
    check(&upstream, "event Paid(address indexed to, uint256 value)", 1);
    check(&upstream, "event Paid(address indexed to)", 1);
    check(&upstream, "error Broke(uint256 left)", 0);
    check(&upstream, "error Broken(uint256 left)", 1);
    check(&upstream, "error Broke(uint128 left)", 1);
}

/// The ABI of every artifact that has code; interfaces of the same name are left out.
fn installed(dir: &Path) -> BTreeMap<String, JsonAbi> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                let artifact: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                if artifact["bytecode"].as_str().is_some_and(|code| code.len() > 2) {
                    let abi = serde_json::from_value(artifact["abi"].clone()).unwrap();
                    found.insert(artifact["contractName"].as_str().unwrap().to_owned(), abi);
                }
            }
        }
    }
    found
}

/// Compares every item of `ours` with `upstream` and returns how many there were.
/// `names` says whether the names of a function's parameters count; those of struct and event fields always do.
fn compare(what: &str, ours: &JsonAbi, upstream: &JsonAbi, names: bool, differences: &mut Vec<String>) -> usize {
    let mut compared = 0;
    let mut differs = |item: String, reason: String| differences.push(format!("{what}: {item}: {reason}"));
    for function in ours.functions() {
        compared += 1;
        let item = function.signature();
        match upstream.functions().find(|theirs| theirs.selector() == function.selector()) {
            None => differs(item, "upstream has no such selector".to_owned()),
            Some(theirs) => {
                let own = |list: &[Param]| if names { params(list) } else { nameless(list) };
                let inputs = difference(&own(&function.inputs), &own(&theirs.inputs));
                let outputs = || difference(&own(&function.outputs), &own(&theirs.outputs));
                if let Some(reason) = inputs.or_else(outputs) {
                    differs(item, reason);
                } else if reads(function.state_mutability) != reads(theirs.state_mutability)
                    || (function.state_mutability == StateMutability::Payable)
                        != (theirs.state_mutability == StateMutability::Payable)
                {
                    differs(item, format!("{:?}, upstream {:?}", function.state_mutability, theirs.state_mutability));
                }
            }
        }
    }
    for event in ours.events() {
        compared += 1;
        let item = event.signature();
        match upstream.events().find(|theirs| theirs.selector() == event.selector()) {
            None => differs(item, "upstream has no such topic".to_owned()),
            Some(theirs) => {
                if let Some(reason) = difference(&event_params(&event.inputs), &event_params(&theirs.inputs)) {
                    differs(item, reason);
                } else if event.anonymous != theirs.anonymous {
                    differs(item, "one of the two is anonymous".to_owned());
                }
            }
        }
    }
    for error in ours.errors() {
        compared += 1;
        match upstream.errors().find(|theirs| theirs.selector() == error.selector()) {
            None => differs(error.signature(), "upstream has no such error".to_owned()),
            Some(theirs) => {
                if let Some(reason) = difference(&params(&error.inputs), &params(&theirs.inputs)) {
                    differs(error.signature(), reason);
                }
            }
        }
    }
    compared
}

/// A parameter or struct field: type, name, and whether an event indexes it.
type Field = (String, String, bool);

/// Structs are followed into their fields, so that a field in the wrong place is found by its name.
fn params(params: &[Param]) -> Vec<Field> {
    params
        .iter()
        .flat_map(|param| {
            let own = (param.ty.clone(), plain(&param.name), false);
            std::iter::once(own).chain(self::params(&param.components))
        })
        .collect()
}

/// As [`params`], without the names of the parameters themselves.
fn nameless(list: &[Param]) -> Vec<Field> {
    list.iter()
        .flat_map(|param| {
            let own = (param.ty.clone(), String::new(), false);
            std::iter::once(own).chain(params(&param.components))
        })
        .collect()
}

/// `view` and `pure` are called in the same way.
fn reads(mutability: StateMutability) -> bool {
    matches!(mutability, StateMutability::View | StateMutability::Pure)
}

fn event_params(inputs: &[EventParam]) -> Vec<Field> {
    inputs
        .iter()
        .flat_map(|param| {
            let own = (param.ty.clone(), plain(&param.name), param.indexed);
            std::iter::once(own).chain(params(&param.components))
        })
        .collect()
}

/// Upstream writes `_name` and `name_` where ours writes `name`.
fn plain(name: &str) -> String {
    name.trim_matches('_').to_owned()
}

fn difference(ours: &[Field], theirs: &[Field]) -> Option<String> {
    if ours.len() != theirs.len() {
        return Some(format!("{ours:?}, upstream {theirs:?}"));
    }
    ours.iter().zip(theirs).find_map(|(ours, theirs)| {
        let (same_type, same_index) = (ours.0 == theirs.0, ours.2 == theirs.2);
        let same_name = ours.1 == theirs.1 || ours.1.is_empty() || theirs.1.is_empty();
        (!(same_type && same_index && same_name)).then(|| format!("{ours:?}, upstream {theirs:?}"))
    })
}
