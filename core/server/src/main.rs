//! The `garant` binary.
fn main() {}
