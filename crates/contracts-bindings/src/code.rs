//! What stands at an address: the code of a contract that is known, or a clone of one.
//!
//! Known are the contracts of the release of `@oceanprotocol/contracts` that this workspace pins. The compiler's metadata at the
//! end of the code does not count, and neither do the places of immutable values, which differ with every deployment.

use std::{collections::BTreeMap, sync::LazyLock};

use alloy::{
    primitives::{Address, B256, keccak256},
    providers::Provider as _,
};
use serde::{Deserialize, Serialize};

use crate::{
    contracts::Contracts,
    error::{Error, Result},
};

/// What stands before and after the address in an EIP-1167 clone.
const CLONE: (&[u8], &[u8]) = (
    &[0x36, 0x3d, 0x3d, 0x37, 0x3d, 0x3d, 0x3d, 0x36, 0x3d, 0x73],
    &[0x5a, 0xf4, 0x3d, 0x82, 0x80, 0x3e, 0x90, 0x3d, 0x91, 0x60, 0x2b, 0x57, 0xfd, 0x5b, 0xf3],
);
/// The most bytes of immutable values behind the code of a contract.
const MOST_APPENDED: usize = 8 * 32;
/// Pushes the 32 bytes that follow. In the code of a package an immutable value is 32 zeros there; any other zero is pushed shorter.
const PUSH32: u8 = 0x7f;

/// The contract that an EIP-1167 clone passes every call on to; none for any other code. Data NFTs, datatokens and access lists
/// are such clones.
pub fn clone_of(code: &[u8]) -> Option<Address> {
    let address = code.strip_prefix(CLONE.0)?.strip_suffix(CLONE.1)?;
    Address::try_from(address).ok()
}

/// What identifies the code of a contract wherever it is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fingerprint {
    /// The number of bytes without the compiler's metadata.
    pub length: usize,
    /// Where immutable values of 32 bytes begin.
    pub immutables: Vec<usize>,
    /// keccak256 of the code without the compiler's metadata, with zeros for immutable values.
    pub hash: B256,
    /// Whether immutable values stand behind the code instead of in it, as Vyper has it, which writes no metadata either.
    pub appended: bool,
}

impl Fingerprint {
    /// Of the runtime code in an artifact of a package (`deployedBytecode`).
    pub fn of_artifact(runtime: &[u8]) -> Self {
        let code = without_metadata(runtime);
        let mut immutables = Vec::new();
        let mut at = 0;
        while at + 33 <= code.len() {
            if code[at] == PUSH32 && code[at + 1..at + 33].iter().all(|byte| *byte == 0) {
                immutables.push(at + 1);
                at += 33;
            } else {
                at += 1;
            }
        }
        let appended = code.len() == runtime.len();
        Self { length: code.len(), immutables, hash: keccak256(code), appended }
    }

    /// Whether this is the code that a node has at an address.
    pub fn fits(&self, deployed: &[u8]) -> bool {
        let code = match self.appended {
            true => match deployed.split_at_checked(self.length) {
                Some((code, values)) if values.len() <= MOST_APPENDED && values.len() % 32 == 0 => code,
                _ => return false,
            },
            false => without_metadata(deployed),
        };
        if code.len() != self.length {
            return false;
        }
        if self.immutables.is_empty() {
            return keccak256(code) == self.hash;
        }
        let mut code = code.to_vec();
        for &start in &self.immutables {
            match code.get_mut(start..start + 32) {
                Some(value) => value.fill(0),
                None => return false,
            }
        }
        keccak256(code) == self.hash
    }
}

/// The compiler's metadata is CBOR with its own length behind it in two bytes. Vyper and old compilers write none.
fn without_metadata(code: &[u8]) -> &[u8] {
    let Some((rest, [high, low])) = code.split_last_chunk() else {
        return code;
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    match rest.len().checked_sub(length) {
        // A map of one to three entries, whose first key is a text.
        Some(start) if matches!(rest[start..], [0xa1..=0xa3, 0x60..=0x6f, ..]) => &rest[..start],
        _ => code,
    }
}

/// The contracts of one release by their keys in the address file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The version of the package.
    pub release: String,
    /// Contract and code by key; templates are `ERC20Template.1`.
    pub contracts: BTreeMap<String, KnownContract>,
}

/// A contract of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownContract {
    /// The contract's name in the package.
    pub contract: String,
    /// Its code.
    #[serde(flatten)]
    pub code: Fingerprint,
}

/// The contracts of the pinned release.
pub fn pinned() -> &'static Release {
    #[expect(clippy::expect_used, reason = "the text is part of the build, and a test parses it")]
    static PINNED: LazyLock<Release> =
        LazyLock::new(|| serde_json::from_str(include_str!("../data/code.json")).expect("data/code.json is valid"));
    &PINNED
}

/// What stands at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// Nothing: an account, or an address that nobody used.
    None,
    /// A contract of the pinned release, by its name.
    Known(&'static str),
    /// A clone: data NFT, datatoken or access list.
    Clone {
        /// The contract that it passes every call on to.
        template: Address,
        /// The template's name, where its code is of the pinned release.
        contract: Option<&'static str>,
    },
    /// Code of another release, or of somebody else.
    Unknown {
        /// keccak256 of all of it.
        hash: B256,
    },
}

impl Code {
    /// The name of the contract, or of the template of a clone.
    pub fn contract(&self) -> Option<&'static str> {
        match self {
            Self::Known(contract) => Some(contract),
            Self::Clone { contract, .. } => *contract,
            _ => None,
        }
    }
}

/// A contract of an address file that is not the one of the pinned release.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// The key in the address file.
    pub key: String,
    /// The address.
    pub address: Address,
    /// The name of the contract that should stand there.
    pub expected: &'static str,
    /// What stands there. Networks that were deployed from an earlier release have other code for some contracts.
    pub found: Code,
}

/// The name of the contract of the pinned release with this code.
fn known(code: &[u8]) -> Option<&'static str> {
    let contract = pinned().contracts.values().find(|known| known.code.fits(code))?;
    Some(contract.contract.as_str())
}

impl Contracts {
    /// What stands at an address.
    ///
    /// # Errors
    /// The node fails.
    pub async fn code_at(&self, address: Address) -> Result<Code> {
        let code = self.raw_code(address).await?;
        if code.is_empty() {
            return Ok(Code::None);
        }
        if let Some(template) = clone_of(&code) {
            let contract = known(&self.raw_code(template).await?);
            return Ok(Code::Clone { template, contract });
        }
        Ok(known(&code).map_or_else(|| Code::Unknown { hash: keccak256(&code) }, Code::Known))
    }

    /// Compares the code at every address of the deployment with the pinned release; what differs is the answer. Addresses under
    /// keys that the release does not have are not looked at.
    ///
    /// # Errors
    /// The node fails.
    pub async fn check_code(&self) -> Result<Vec<Mismatch>> {
        let mut mismatches = Vec::new();
        for (key, address) in self.deployment().addresses() {
            let Some(expected) = pinned().contracts.get(&key) else {
                continue;
            };
            let found = self.code_at(address).await?;
            let same = matches!(&found, Code::Known(_)) && expected.code.fits(&self.raw_code(address).await?);
            if !same {
                mismatches.push(Mismatch { key, address, expected: &expected.contract, found });
            }
        }
        Ok(mismatches)
    }

    async fn raw_code(&self, address: Address) -> Result<alloy::primitives::Bytes> {
        const CALL: &str = "eth_getCode";
        let code = async { self.rpc().get_code_at(address).await.map_err(|error| Error::from_rpc(CALL, error)) };
        self.within(CALL, code).await
    }
}
