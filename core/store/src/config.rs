//! What a store needs to know at start.

use crate::address::AddressKey;

/// How much a commit survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A kill of this process; for the log of reads only. Writes and the DPO's changes are always
    /// strict.
    #[default]
    Normal,
    /// A power cut.
    Strict,
}

/// Where the data is and how it is reached.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// `sqlite:path`, `sqlite::memory:` or `postgres://...`. An in-memory database is a file in the
    /// temporary folder that goes with the store: every connection must see the same data.
    pub url: String,
    /// Of the decision log.
    pub durability: Durability,
    /// Connections for reading (SQLite adds one for writing), at least one.
    pub max_connections: u32,
    /// Hashes addresses, so that those who share one are found and none is told.
    pub address_key: AddressKey,
}
