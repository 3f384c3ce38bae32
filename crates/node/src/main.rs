//! The `ocean-node` server.

fn main() {}
