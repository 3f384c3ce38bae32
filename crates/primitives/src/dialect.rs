use serde::{Deserialize, Serialize};

/// Which of the two protocol families a message, a path or an error text belongs to.
///
/// What peers do differently is a value of this type, decided in `ocean-crypto` and the `*-api` crates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Dialect {
    /// Python Provider and Aquarius with their clients: ocean.py, ocean.js up to 3.x.
    Provider,
    /// ocean-node with its clients: ocean.js from 4.x, ocean-cli.
    OceanNode,
}
