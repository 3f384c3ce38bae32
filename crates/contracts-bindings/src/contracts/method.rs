use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use alloy::{
    primitives::{Address, Bytes},
    providers::Provider as _,
};

use crate::{
    code::clone_of,
    connect::Rpc,
    error::{Error, Result},
};

/// How many addresses are remembered before everything is forgotten.
const MOST: usize = 1024;

/// Which templates the clones at known addresses were made from, and the templates' code.
#[derive(Debug, Default)]
pub(super) struct Methods {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    clones: BTreeMap<Address, Address>,
    templates: BTreeMap<Address, Bytes>,
}

impl Methods {
    /// Refuses a call that nothing at `to` would carry out although it succeeds: addresses without code answer everything with
    /// success, and so do the clones of data NFT and datatoken templates, whose fallback takes any method.
    ///
    /// Contracts that are no clones say themselves that they do not know a method; proxies of other kinds are among them.
    pub(super) async fn require(&self, rpc: &Rpc, to: Address, selector: [u8; 4], call: &'static str) -> Result<()> {
        let failed = |error| Error::from_rpc(call, error);
        if let Some(code) = self.remembered(to)
            && knows(&code, selector)
        {
            return Ok(());
        }
        // What was remembered may be of a chain that was set back since.
        let code = rpc.get_code_at(to).await.map_err(failed)?;
        if code.is_empty() {
            return Err(Error::NoContract { call, address: to });
        }
        let Some(template) = clone_of(&code) else {
            return Ok(());
        };
        let code = rpc.get_code_at(template).await.map_err(failed)?;
        let knows = knows(&code, selector);
        self.remember(to, template, code);
        if knows { Ok(()) } else { Err(Error::NoMethod { call, address: to }) }
    }

    fn remembered(&self, to: Address) -> Option<Bytes> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.templates.get(known.clones.get(&to)?).cloned()
    }

    fn remember(&self, to: Address, template: Address, code: Bytes) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.clones.len() >= MOST {
            *known = Known::default();
        }
        known.clones.insert(to, template);
        known.templates.insert(template, code);
    }
}

/// Whether the code compares something with this selector; the compiler drops leading zeros.
fn knows(code: &[u8], selector: [u8; 4]) -> bool {
    let start = selector.iter().position(|byte| *byte != 0).unwrap_or(3);
    let wanted = &selector[start..];
    code.windows(wanted.len()).any(|window| window == wanted)
}
