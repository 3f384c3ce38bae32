//! The `ocean-aquarius` server.

fn main() {}
