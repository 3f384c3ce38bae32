//! The deployment of the contracts: 52 transactions, as data.

use std::collections::BTreeMap;

use serde_json::Value;

/// The contracts that the plan deployed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Deployed {
    /// What stands under `development` in `address.json`, in its order.
    pub addresses: serde_json::Map<String, Value>,
    /// The gas of every step, by the step's label.
    pub gas: BTreeMap<String, u64>,
}
