//! What a restored backup brought back: records that the ledger says were erased are erased again, unless
//! they are held. And what observed policies would destroy.

use std::collections::BTreeMap;
use std::sync::Arc;

use garant_domain::catalog::Entity;
use garant_domain::problem::Problem;
use garant_domain::rule::{Cond, Effect, Operand};
use garant_domain::value::Value;
use garant_store::{DueRecord, DueRules, LedgerEntry, WriteTx};

use super::count::Tallies;
use super::{BATCH, Run};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::gate::{Door, Due};
use crate::service::Service;
use crate::unit::Unit;

/// Why it is erased: not a policy's reason but the host's.
pub(super) const RESURRECTED: &str = "host/RET-09";

/// Ids that are looked at together.
const WALK: u64 = 1_000;

/// Records that came back.
struct Back {
    /// Those that may be erased, by what the ledger says of them.
    free: BTreeMap<&'static str, Vec<String>>,
    /// References of those that are held.
    held: Vec<String>,
}

impl Service {
    /// Takes entries of a ledger that was kept apart from a backup; the next sweep looks for what they name.
    /// Answers how many were new.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when the database fails.
    pub async fn replay_ledger(&self, entries: &[LedgerEntry]) -> Result<u64, Problem> {
        let mut tx = self.store.begin_write(&self.tenant).await.map_err(store_problem)?;
        let mut new = 0;
        for part in entries.chunks(500) {
            new += tx.enter_ledger(part, true).await.map_err(store_problem)?;
        }
        tx.commit().await.map_err(store_problem)?;
        Ok(new)
    }

    /// The erasure ledger, to be kept apart from the backups.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when the database fails.
    pub async fn erasure_ledger(&self) -> Result<Vec<LedgerEntry>, Problem> {
        self.store.ledger(&self.tenant).await.map_err(store_problem)
    }

    pub(super) async fn erase_restored(
        self: &Arc<Self>,
        caller: &Caller,
        run: &mut Run,
        name: &str,
        mut held: Vec<String>,
    ) -> Result<(), Problem> {
        let mut after = String::new();
        loop {
            let unit = self.sweep_unit(caller).await?;
            let due = unit.due(Door::Sweep).await?;
            let Some(due) = due.iter().find(|due| due.rules.entity == name) else { return Ok(()) };
            let mut tx = unit.store().begin_write(&caller.tenant).await.map_err(store_problem)?;
            let pending = pending(&mut tx, name).await?;
            if pending.is_empty() {
                return Ok(());
            }
            let ids = tx.ids_after(name, &after, WALK).await.map_err(store_problem)?;
            let entity = unit.entity(name)?;
            let Some(last) = ids.last().cloned() else {
                tx.settle_pending(name, &held).await.map_err(store_problem)?;
                return self.commit_batch(run, &unit, tx, &[]).await;
            };
            let back = back(&unit, &mut tx, entity, due, &pending, ids).await?;
            held.extend(back.held);
            let mut done = Vec::new();
            for (name, ids) in back.free {
                let effect = effect_of(name);
                for part in ids.chunks(usize::try_from(BATCH).unwrap_or(usize::MAX)) {
                    unit.destroy(&mut tx, entity, effect, part).await?;
                    let acted = unit.acted(entity, effect, RESURRECTED.to_owned(), false, part);
                    unit.log_swept(&mut tx, &acted).await?;
                    done.push(acted);
                }
            }
            self.commit_batch(run, &unit, tx, &done).await?;
            after = last;
        }
    }

    pub(super) async fn count_restored(&self, unit: &Unit, due: &Due, tallies: &mut Tallies) -> Result<(), Problem> {
        let name = &due.rules.entity;
        let entity = unit.entity(name)?;
        let mut tx = unit.store().begin_write(&unit.context.tenant).await.map_err(store_problem)?;
        let pending = pending(&mut tx, name).await?;
        let mut after = String::new();
        while !pending.is_empty() {
            let ids = tx.ids_after(name, &after, WALK).await.map_err(store_problem)?;
            let Some(last) = ids.last().cloned() else { break };
            let back = back(unit, &mut tx, entity, due, &pending, ids).await?;
            for (name, ids) in back.free {
                tallies.add(&entity.name, effect_of(name), RESURRECTED, false, false, ids.len() as u64);
            }
            after = last;
        }
        Ok(())
    }

    /// Counts what observed policies would destroy besides.
    pub(super) async fn count_observed(&self, unit: &Unit, due: &Due, tallies: &mut Tallies) -> Result<(), Problem> {
        let found = unit.store().due_counts(&unit.context.tenant, &due.observed).await.map_err(store_problem)?;
        for (index, records) in found {
            let Some(effect) = due.observed_effects.get(index) else { continue };
            tallies.add(&due.rules.entity, effect.effect, &due.code(effect), false, true, records);
        }
        Ok(())
    }

    /// The same in a run, with a line of the log, so that it stands beside what the policy would have done
    /// to reads.
    pub(super) async fn note_observed(
        self: &Arc<Self>,
        caller: &Caller,
        run: &mut Run,
        name: &str,
    ) -> Result<(), Problem> {
        let unit = self.sweep_unit(caller).await?;
        let due = unit.due(Door::Sweep).await?;
        let Some(due) = due.iter().find(|due| due.rules.entity == name) else { return Ok(()) };
        if due.observed.destroy.is_empty() && due.unavailable.is_empty() {
            return Ok(());
        }
        let mut tallies = Tallies::default();
        self.count_observed(&unit, due, &mut tallies).await?;
        let counts = tallies.counts();
        let codes = counts.iter().map(|count| (count.code.clone(), count.records));
        let observed = codes.chain(due.unavailable.iter().map(|code| (code.clone(), 0))).collect();
        unit.log_would_sweep(name, observed).await?;
        run.tallies.merge(tallies);
        Ok(())
    }
}

pub(super) async fn pending(tx: &mut WriteTx, entity: &str) -> Result<BTreeMap<String, String>, Problem> {
    Ok(tx.pending_erasures(entity).await.map_err(store_problem)?.into_iter().collect())
}

/// Which of some records the ledger knows, and whether they may be erased.
async fn back(
    unit: &Unit,
    tx: &mut WriteTx,
    entity: &Entity,
    due: &Due,
    pending: &BTreeMap<String, String>,
    ids: Vec<String>,
) -> Result<Back, Problem> {
    let mut known: BTreeMap<String, (String, &'static str)> = BTreeMap::new();
    for id in ids {
        let reference = unit.reference(entity, &id);
        if let Some(effect) = pending.get(&reference) {
            known.insert(id, (reference, if effect == "anonymise" { "anonymise" } else { "erase" }));
        }
    }
    let named: Vec<Value> = known.keys().map(|id| Value::text(id.as_str())).collect();
    let rules = DueRules { destroy: vec![Cond::OneOf(Operand::Field("id".to_owned()), named)], ..due.rules.clone() };
    let free: Vec<DueRecord> =
        if known.is_empty() { vec![] } else { tx.due(&rules, "", WALK).await.map_err(store_problem)? };
    let mut back = Back { free: BTreeMap::new(), held: vec![] };
    for (id, (reference, effect)) in known {
        if free.iter().any(|record| record.id == id) {
            back.free.entry(effect).or_default().push(id);
        } else {
            back.held.push(reference);
        }
    }
    Ok(back)
}

fn effect_of(name: &str) -> Effect {
    if name == "anonymise" { Effect::Anonymise } else { Effect::Erase }
}
