//! The sweep of what sleeps: opened, judged natively, and erased with the key of its person once its time
//! in the archive is over.

use std::collections::BTreeMap;
use std::sync::Arc;

use garant_domain::problem::Problem;
use garant_domain::rule::Effect;
use garant_store::WriteTx;

use super::Run;
use super::count::Tallies;
use super::restored::{RESURRECTED, pending};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::gate::{Door, Due, DueAsleep, Sleeper};
use crate::service::Service;
use crate::unit::Unit;

/// People in one transaction.
const PEOPLE: u64 = 50;

/// What the ledger says was erased, by entity: reference and effect.
type Pending = BTreeMap<String, BTreeMap<String, String>>;

/// References of records that came back and are held, by entity: they stay to be looked for.
pub(super) type Held = BTreeMap<String, Vec<String>>;

impl Service {
    pub(super) async fn sweep_archive(self: &Arc<Self>, caller: &Caller, run: &mut Run) -> Result<Held, Problem> {
        let (mut after, mut held) = (String::new(), Held::new());
        loop {
            let unit = self.sweep_unit(caller).await?;
            let all = unit.due(Door::Sweep).await?;
            let mut tx = unit.store().begin_write(&caller.tenant).await.map_err(store_problem)?;
            let pending = all_pending(&mut tx, &all).await?;
            let people = tx.sleepers(&after, PEOPLE).await.map_err(store_problem)?;
            let Some(last) = people.last().cloned() else { return Ok(held) };
            let mut done = Vec::new();
            for person in people {
                let sleeper = unit.sleeper(&mut tx, &person).await?;
                let due = due_of(&unit, &all, &pending, &sleeper, &mut held)?;
                if !due.is_empty() {
                    done.extend(unit.erase_asleep(&mut tx, &sleeper, &due).await?);
                }
            }
            self.commit_batch(run, &unit, tx, &done).await?;
            after = last;
        }
    }

    pub(super) async fn count_archive(&self, unit: &Unit, all: &[Due], tallies: &mut Tallies) -> Result<(), Problem> {
        let (mut after, mut held) = (String::new(), Held::new());
        loop {
            let mut tx = unit.store().begin_write(&unit.context.tenant).await.map_err(store_problem)?;
            let pending = all_pending(&mut tx, all).await?;
            let people = tx.sleepers(&after, PEOPLE).await.map_err(store_problem)?;
            let Some(last) = people.last().cloned() else { return Ok(()) };
            for person in people {
                let sleeper = unit.sleeper(&mut tx, &person).await?;
                for due in due_of(unit, all, &pending, &sleeper, &mut held)? {
                    tallies.add(&due.entity, Effect::Erase, &due.code, true, false, 1);
                }
            }
            after = last;
        }
    }
}

async fn all_pending(tx: &mut WriteTx, all: &[Due]) -> Result<Pending, Problem> {
    let mut found = Pending::new();
    for due in all {
        found.insert(due.rules.entity.clone(), pending(tx, &due.rules.entity).await?);
    }
    Ok(found)
}

/// What is due by the policies, and what a restore brought back into the archive.
fn due_of(
    unit: &Unit,
    all: &[Due],
    pending: &Pending,
    sleeper: &Sleeper,
    held: &mut Held,
) -> Result<Vec<DueAsleep>, Problem> {
    let mut due = unit.due_asleep(all, sleeper)?;
    for asleep in sleeper.records.iter().filter(|asleep| !asleep.row.part) {
        let (name, id) = (&asleep.row.entity, &asleep.row.record_id);
        let entity = unit.entity(name)?;
        let reference = unit.reference(entity, id);
        let is_back = pending.get(name).is_some_and(|pending| pending.contains_key(&reference));
        if !is_back || due.iter().any(|due| due.entity == *name && due.id == *id) {
            continue;
        }
        if unit.may_go(all, sleeper, entity, asleep)? {
            due.push(DueAsleep { entity: name.clone(), id: id.clone(), code: RESURRECTED.to_owned() });
        } else {
            held.entry(name.clone()).or_default().push(reference);
        }
    }
    Ok(due)
}
