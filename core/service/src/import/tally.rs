//! What became of the rows, counted so that a row which completes what a reference to it has made counts as
//! new, also where the reference stood in another batch or was read by a process that is gone.

use garant_domain::problem::Problem;
use garant_store::WriteTx;

use crate::error::store_problem;
use crate::gate::Upserted;
use crate::job::{Claimed, JobProgress};
use crate::seal::Sealer;

/// The records that references to rows of the same file have made.
pub(super) struct Made<'a> {
    pub sealer: &'a Sealer,
    pub claimed: &'a Claimed,
    /// Whether the mapping makes any.
    pub completes: bool,
}

impl Made<'_> {
    fn digest(&self, key: &str) -> String {
        self.claimed.digest(self.sealer, "made", key)
    }

    /// Remembers what was made.
    pub async fn note(&self, tx: &mut WriteTx, keys: &[String]) -> Result<(), Problem> {
        let digests = keys.iter().map(|key| (self.digest(key), 0)).collect();
        tx.put_job_keys(self.claimed.id(), &digests).await.map_err(store_problem)
    }

    /// Counts what became of records by their keys.
    pub async fn count(
        &self,
        tx: &mut WriteTx,
        upserted: &[(String, Upserted)],
        progress: &mut JobProgress,
    ) -> Result<(), Problem> {
        let mut known = Vec::new();
        for (key, outcome) in upserted {
            match outcome {
                Upserted::Created(_) => progress.created += 1,
                Upserted::Updated(_) => progress.updated += 1,
                Upserted::Unchanged(_) => progress.unchanged += 1,
            }
            if self.completes && !matches!(outcome, Upserted::Created(_)) {
                known.push((self.digest(key), outcome));
            }
        }
        if known.is_empty() {
            return Ok(());
        }
        let digests: Vec<String> = known.iter().map(|(digest, _)| digest.clone()).collect();
        let made = tx.job_keys(self.claimed.id(), &digests).await.map_err(store_problem)?;
        for (_, outcome) in known.iter().filter(|(digest, _)| made.contains_key(digest)) {
            progress.created += 1;
            progress.references -= 1;
            match outcome {
                Upserted::Updated(_) => progress.updated -= 1,
                _ => progress.unchanged -= 1,
            }
        }
        tx.drop_job_keys(self.claimed.id(), &made.into_keys().collect::<Vec<_>>()).await.map_err(store_problem)
    }
}
