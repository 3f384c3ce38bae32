//! The `ocean-provider` server.

fn main() {}
