//! A contract that emits look-alike Ocean events, for tests that must refuse them.

use ocean_primitives::Address;

use crate::{LocalChain, Result};

/// The deployed fixture contract of `contracts/src/EventForger.sol`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct EventForger {
    /// Where it stands.
    pub address: Address,
}

impl EventForger {
    /// Compiles the contract unless the cache has it, and deploys it from account 9.
    ///
    /// # Errors
    /// When the compiler or the chain refuses.
    pub async fn deploy(chain: &LocalChain) -> Result<Self> {
        let _ = chain;
        todo!()
    }
}
