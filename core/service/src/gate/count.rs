//! The door of previews: how many records two guards show, and why they differ. Numbers leave, no record
//! does, and nothing is logged, since nobody is shown anything.

use std::time::Duration;

use garant_store::{Comparison, Store, StoreError, Tally};

use super::door::Door;

/// Counts the records of an entity by what two guards do to them.
///
/// # Errors
///
/// As [`garant_store::Store::compare`].
pub(crate) async fn compare(
    store: &Store,
    tenant: &str,
    entity: &str,
    comparison: &Comparison,
    within: Duration,
) -> Result<Vec<Tally>, StoreError> {
    tracing::debug!(door = ?Door::Preview, entity, "counting what two guards show");
    store.compare(tenant, entity, comparison, within).await
}
