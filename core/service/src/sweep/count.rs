//! What a sweep did or would do, counted by entity, effect and code; and the receipt of a run.

use std::collections::BTreeMap;

use garant_domain::rule::Effect;
use garant_store::{LogDetail, LogLine, SweepRun};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::auth::Caller;
use crate::gate::{Acted, effect_name};

/// Records that were, or would be, treated alike for one reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SweepCount {
    /// Entity name.
    pub entity: String,
    /// `make-dormant`, `anonymise`, `erase`.
    pub effect: String,
    /// The reason, `plugin/CODE`; `host/RET-09` for what came back with a backup, `host/RET-11` for references of the log,
    /// `host/TRASH` for what lay in the trash.
    pub code: String,
    /// Whether they slept already.
    pub archived: bool,
    /// Whether the policy is only observed, so that nothing happens to them.
    pub observed: bool,
    /// How many.
    pub records: u64,
}

/// What a sweep would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepPreview {
    /// The policy set that was asked.
    pub set_version: i64,
    /// What would happen.
    pub counts: Vec<SweepCount>,
}

/// A run with its receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepView {
    /// The run as it is kept.
    pub run: SweepRun,
    /// What it did.
    pub counts: Vec<SweepCount>,
}

impl SweepView {
    pub(super) fn of(run: SweepRun) -> Self {
        let counts = serde_json::from_str(&run.counts).unwrap_or_default();
        Self { run, counts }
    }
}

/// Sums under way.
#[derive(Default)]
pub(super) struct Tallies(BTreeMap<(String, String, String, bool, bool), u64>);

impl Tallies {
    pub(super) fn add(
        &mut self,
        entity: &str,
        effect: Effect,
        code: &str,
        archived: bool,
        observed: bool,
        records: u64,
    ) {
        if records > 0 {
            let key = (entity.to_owned(), effect_name(effect).to_owned(), code.to_owned(), archived, observed);
            *self.0.entry(key).or_default() += records;
        }
    }

    pub(super) fn note(&mut self, acted: &Acted) {
        let records = acted.references.len() as u64;
        self.add(&acted.entity, acted.effect, &acted.code, acted.archived, false, records);
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (key, records) in other.0 {
            *self.0.entry(key).or_default() += records;
        }
    }

    pub(super) fn counts(&self) -> Vec<SweepCount> {
        let count =
            |((entity, effect, code, archived, observed), records): (&(String, String, String, bool, bool), &u64)| {
                SweepCount {
                    entity: entity.clone(),
                    effect: effect.clone(),
                    code: code.clone(),
                    archived: *archived,
                    observed: *observed,
                    records: *records,
                }
            };
        self.0.iter().map(count).collect()
    }

    pub(super) fn json(&self) -> String {
        serde_json::to_string(&self.counts()).unwrap_or_else(|_| "[]".to_owned())
    }
}

/// The receipt after a batch: a digest over the one before and what was done, reference by reference.
pub(super) fn receipt(before: &str, acted: &Acted) -> String {
    let mut hash = Sha256::new();
    let parts = [before, &acted.entity, effect_name(acted.effect), &acted.code];
    for part in parts.into_iter().chain(acted.references.iter().map(String::as_str)) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// The line of a sweep that did nothing, since a policy could not decide.
pub(super) fn unavailable(caller: &Caller, run: &SweepRun) -> LogLine {
    let code = match &run.culprit {
        Some(plugin) => format!("{plugin}/POLICY_UNAVAILABLE"),
        None => "POLICY_UNAVAILABLE".to_owned(),
    };
    LogLine {
        tenant: caller.tenant.clone(),
        at: run.ended_at.unwrap_or(run.started_at),
        actor: caller.actor.id.clone(),
        role: caller.actor.role.clone(),
        operation: "sweep".to_owned(),
        entity: String::new(),
        purposes: vec![],
        channel: None,
        recipient: None,
        set_version: run.set_version,
        outcome: "unavailable".to_owned(),
        fields: vec![],
        codes: vec![code],
        observed: vec![],
        observed_rows: vec![],
        break_glass: None,
        approval: None,
        detail: LogDetail::default(),
    }
}
