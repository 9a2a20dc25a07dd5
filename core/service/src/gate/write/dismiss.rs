//! A steward says of two records that they look like one and are not: they come up no more.

use garant_domain::context::Operation;
use garant_domain::problem::Problem;

use super::not_found;
use crate::error::store_problem;
use crate::gate::door::Door;
use crate::unit::Unit;

impl Unit {
    /// Takes a pair out of the queue of duplicates, or puts it back. Both records must be there for the
    /// caller.
    ///
    /// # Errors
    ///
    /// As [`Self::update`]; `BAD_USER_INPUT` for anything but two records.
    pub async fn dismiss_duplicate(&self, entity: &str, ids: &[String], dismissed: bool) -> Result<(), Problem> {
        let entity = self.writable(entity, Door::Merge).await?;
        let [one, other] = ids else { return Err(two()) };
        if one == other {
            return Err(two());
        }
        let mut tx = self.begin_write().await?;
        for id in [one, other] {
            self.visible(&mut tx, entity, id, vec![], false).await?.ok_or_else(|| not_found(entity, "ids"))?;
        }
        let (actor, now) = (&self.context.actor.id, self.context.now);
        tx.dismiss_duplicate(&entity.name, [one, other], dismissed, actor, now).await.map_err(store_problem)?;
        self.log_write(&mut tx, Operation::Update, entity, ids).await?;
        self.commit(tx).await
    }
}

fn two() -> Problem {
    Problem::input("ids", "A pair has two records").mend("Give the `ids` of one pair of the queue.")
}
