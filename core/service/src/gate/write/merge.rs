//! The door through which records become one: all of them visible to the caller, the survivor filled with
//! what the others show, everything that led to them leading to it, and they in the trash with a pointer.
//! What is masked is neither read nor written; what protects a person goes with the person unseen.

use std::collections::{BTreeMap, BTreeSet};

use garant_domain::catalog::{Entity, MERGED_INTO, MergeRule, SubjectPath};
use garant_domain::context::Operation;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{FieldTest, Filter, Page, Query};
use garant_domain::role::Act;
use garant_domain::value::Value;
use garant_store::{Change, Merge, NewRecord, Record, StoreError, WriteTx};

use super::{Seen, not_found};
use crate::error::store_problem;
use crate::gate::door::Door;
use crate::gate::log::{Access, Outcome};
use crate::input::Input;
use crate::reviewed::ReviewedRow;
use crate::unit::Unit;

/// Records that one merge takes at most, besides the survivor.
pub const MAX_MERGE: usize = 20;

/// The evidence of what a person said.
const EVENTS: &str = "consent_event";

/// What becomes one.
#[derive(Clone, Debug, Default)]
pub struct MergeRequest {
    /// The record that stays.
    pub into: String,
    /// The records that go.
    pub ids: Vec<String>,
    /// The versions that some of them must have.
    pub versions: BTreeMap<String, i64>,
    /// Whether it is only tried.
    pub dry_run: bool,
}

/// What a merge did, or would have done.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The survivor; as it is when only tried.
    pub record: ReviewedRow,
    /// Its fields that changed, as far as the caller may see them.
    pub filled: Vec<String>,
    /// Visible records that led to those that go, by entity and field.
    pub moved: Vec<Moved>,
    /// The records that went.
    pub ids: Vec<String>,
    /// Whether it was only tried.
    pub dry_run: bool,
}

/// Records that lead to the survivor now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Their entity.
    pub entity: String,
    /// The reference.
    pub field: String,
    /// How many of them the caller sees.
    pub count: i64,
}

/// A record of the merge: as the caller sees it, and as it lies there.
struct Member {
    seen: Seen,
    raw: Record,
    masked: BTreeSet<String>,
}

impl Unit {
    /// Makes several records one: all of it or nothing.
    ///
    /// # Errors
    ///
    /// As [`Self::update`], of any of the records; `BAD_USER_INPUT` for a list that is none.
    pub async fn merge(&self, entity: &str, request: MergeRequest, fields: Vec<String>) -> Result<Merged, Problem> {
        let entity = self.writable(entity, Door::Merge).await?;
        check(entity, &request)?;
        let merge = Merge {
            entity: &entity.name,
            survivor: &request.into,
            losers: &request.ids,
            actor: &self.context.actor.id,
            purpose: self.context.purposes.first().map(|purpose| purpose.key.as_str()),
            now: self.context.now,
        };
        let mut tx = self.begin_write().await?;
        tx.wait_for_merges(&merge).await.map_err(store_problem)?;
        let members = self.members(&mut tx, entity, &request).await?;
        let Some((survivor, losers)) = members.split_first() else { return Err(not_found(entity, "into")) };
        let (filled, unseen) = joined(entity, survivor, losers);
        let written: Vec<String> = filled.keys().cloned().collect();
        let mut candidate: Input = survivor.raw.values.clone();
        candidate.extend(filled.clone());
        candidate.extend(unseen.clone());
        self.check_rules(&mut tx, entity, &request.into, &candidate, &written).await?;
        let moved = self.moving(&mut tx, entity, &request.ids).await?;

        let again = match entity.subject {
            SubjectPath::Itself => tx.said_again(&merge).await.map_err(store_problem)?,
            _ => vec![],
        };
        tx.turn_references(&merge).await.map_err(store_problem)?;
        tx.turn_external_ids(&merge).await.map_err(store_problem)?;
        for (key, state) in again {
            self.say_again(&mut tx, &request.into, &key.purpose, &key.channel, state).await?;
        }
        if entity.subject == SubjectPath::Itself {
            tx.refold(&merge).await.map_err(store_problem)?;
            let reference = |id: &String| self.service.sealer.record_reference(&self.context.tenant, &entity.name, id);
            let losers: Vec<String> = request.ids.iter().map(reference).collect();
            tx.turn_disclosures(&losers, &reference(&request.into)).await.map_err(store_problem)?;
        }
        let mut values = filled;
        values.extend(unseen);
        let change = Change { values, now: self.context.now };
        let version = tx.update(&entity.name, &request.into, survivor.raw.version, &change).await;
        let version = version.map_err(store_problem)?;
        let changed = change.values.keys().cloned().collect();
        self.history(&mut tx, entity, &request.into, Operation::Update, changed).await?;
        for (id, loser) in request.ids.iter().zip(losers) {
            tx.retire(&merge, id, loser.raw.version).await.map_err(store_problem)?;
            self.history(&mut tx, entity, id, Operation::Delete, vec![MERGED_INTO.to_owned()]).await?;
        }

        let record = if request.dry_run {
            // Nothing is left of it but the line that tells which records were looked at.
            drop(tx);
            self.use_for_reading().await?;
            self.log_tried(entity, &request).await?;
            let known = self.record(&entity.name, &request.into, fields).await?;
            known.unwrap_or_else(|| ReviewedRow::withheld(request.into.clone(), survivor.raw.version, vec![]))
        } else {
            self.log_write(&mut tx, Operation::Update, entity, std::slice::from_ref(&request.into)).await?;
            self.log_write(&mut tx, Operation::Delete, entity, &request.ids).await?;
            self.commit(tx).await?;
            self.one_back(entity, &request.into, version, fields).await?
        };
        Ok(Merged { record, filled: written, moved, ids: request.ids, dry_run: request.dry_run })
    }

    /// The records, the survivor first: each seen before anything else of it is looked at.
    async fn members(&self, tx: &mut WriteTx, entity: &Entity, request: &MergeRequest) -> Result<Vec<Member>, Problem> {
        let names: Vec<String> = entity.fields.iter().map(|field| field.name.clone()).collect();
        let places =
            std::iter::once("into".to_owned()).chain((0..request.ids.len()).map(|index| format!("ids.{index}")));
        let ids: Vec<&String> = std::iter::once(&request.into).chain(&request.ids).collect();
        let mut seen = Vec::with_capacity(ids.len());
        for (id, place) in ids.iter().zip(places) {
            let found = self.visible(tx, entity, id, names.clone(), false).await?;
            seen.push(found.ok_or_else(|| not_found(entity, &place))?);
        }
        // Whoever else writes several of them takes them in the same order, or waits in a circle.
        let mut order: Vec<usize> = (0..ids.len()).collect();
        order.sort_unstable_by_key(|place| ids.get(*place));
        let mut raws = BTreeMap::new();
        for place in order {
            let Some(id) = ids.get(place) else { continue };
            raws.insert(place, tx.get(&entity.name, id, true).await.map_err(store_problem)?);
        }
        let decision = self.decision(entity).await?;
        let mut members = Vec::with_capacity(ids.len());
        for (place, (id, seen)) in ids.into_iter().zip(seen).enumerate() {
            let raw = raws.remove(&place).flatten().ok_or_else(|| not_found(entity, "ids"))?;
            let expected = request.versions.get(id).copied().unwrap_or(seen.row.version);
            if raw.version != expected || raw.deleted {
                return Err(store_problem(StoreError::VersionConflict).at("versions"));
            }
            self.permit_on(entity, Act::Merge, &raw.values).await?;
            let bitten = decision.guard.masks.iter().zip(&seen.row.bitten).filter(|(_, bitten)| **bitten);
            let mut masked: BTreeSet<String> = bitten.flat_map(|(mask, _)| mask.fields.iter().cloned()).collect();
            masked.extend(seen.judged.masks.iter().map(|(field, _)| field.clone()));
            members.push(Member { seen, raw, masked });
        }
        Ok(members)
    }

    /// How many visible records lead to those that go. What this context may not count is not told.
    async fn moving(&self, tx: &mut WriteTx, entity: &Entity, ids: &[String]) -> Result<Vec<Moved>, Problem> {
        let mut moved = Vec::new();
        for other in &self.catalog().entities {
            let links = other.fields.iter().filter(|field| field.target() == Some(&entity.name) && !field.read_only);
            for link in links {
                if other.needs_purpose() && self.context.purposes.is_empty() {
                    continue;
                }
                let decision = self.decision(other).await?;
                if decision.check_page().is_err() || !decision.no_operand(&link.name).is_empty() {
                    continue;
                }
                let ids = ids.iter().map(|id| Value::text(id.as_str())).collect();
                let query = Query {
                    entity: other.name.clone(),
                    filter: Some(Filter::Field(link.name.clone(), FieldTest::In(ids))),
                    page: Page { limit: 0, ..Page::default() },
                    total: true,
                    ..Query::default()
                };
                let guards = self.guards(&query).await?;
                let count = tx.page(&query, &guards).await.map_err(store_problem)?.total.unwrap_or_default();
                if count > 0 && count >= i64::from(decision.min_group.unwrap_or(0)) {
                    moved.push(Moved { entity: other.name.clone(), field: link.name.clone(), count });
                }
            }
        }
        Ok(moved)
    }

    /// Adds the evidence that the person said no, dated now: on the joined history it counts last.
    async fn say_again(
        &self,
        tx: &mut WriteTx,
        person: &str,
        purpose: &str,
        channel: &str,
        state: &str,
    ) -> Result<(), Problem> {
        let events = self.entity(EVENTS)?;
        let values = [
            ("contact_id", Value::text(person)),
            ("purpose", Value::text(purpose)),
            ("channel", Value::text(channel)),
            ("state", Value::text(state)),
            ("happened_at", Value::Instant(self.context.now)),
            ("wording", Value::text("Upheld when records of the person became one")),
        ];
        let values: Input = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let id = garant_domain::clock::new_id();
        let fields = values.keys().cloned().collect();
        let record =
            NewRecord { id: id.clone(), values, now: self.context.now, collected_at: None, collected_for: None };
        tx.insert(EVENTS, &record).await.map_err(store_problem)?;
        self.history(tx, events, &id, Operation::Create, fields).await
    }

    async fn log_tried(&self, entity: &Entity, request: &MergeRequest) -> Result<(), Problem> {
        let tenant = &self.context.tenant;
        let reference = |id: &String| self.service.sealer.record_reference(tenant, &entity.name, id);
        self.log(Access {
            operation: Operation::Update,
            entity: &entity.name,
            outcome: Outcome::Shown,
            fields: vec![],
            codes: vec![],
            observed: self.guards.take_noted(),
            references: std::iter::once(&request.into).chain(&request.ids).map(reference).collect(),
        })
        .await
    }
}

fn check(entity: &Entity, request: &MergeRequest) -> Result<(), Problem> {
    if !entity.is_mergeable() {
        return Err(Problem::new(ErrorCode::Forbidden, format!("Records of `{}` never become one", entity.name)));
    }
    if request.ids.is_empty() || request.ids.len() > MAX_MERGE {
        return Err(Problem::input("ids", format!("A merge takes 1 to {MAX_MERGE} records besides the survivor"))
            .mend("Name the records that shall go."));
    }
    let mut known = BTreeSet::from([&request.into]);
    for (index, id) in request.ids.iter().enumerate() {
        if !known.insert(id) {
            return Err(Problem::input(format!("ids.{index}"), "The record is named twice")
                .mend("Name each record once; the survivor in `into` alone."));
        }
    }
    match request.versions.keys().find(|id| !known.contains(id)) {
        Some(_) => {
            Err(Problem::input("versions", "A version is given for a record that is not merged").mend("Leave it out."))
        }
        None => Ok(()),
    }
}

/// The survivor's new values: those that the caller sees, and those that protect the person unseen.
fn joined(entity: &Entity, survivor: &Member, losers: &[Member]) -> (Input, Input) {
    let (mut filled, mut unseen) = (Input::new(), Input::new());
    let members = || std::iter::once(survivor).chain(losers);
    let inside = |value: &Value| value.as_text().is_some_and(|id| members().any(|member| member.raw.id == id));
    for (place, field) in entity.fields.iter().enumerate().filter(|(_, field)| !field.read_only) {
        let raw = |member: &Member| member.raw.values.get(&field.name).cloned().unwrap_or_default();
        if field.merge == Some(MergeRule::Any) {
            let holds = |member: &Member| raw(member) == Value::Boolean(true);
            if !holds(survivor) && losers.iter().any(holds) {
                let masked = members().any(|member| member.masked.contains(&field.name));
                let into = if masked { &mut unseen } else { &mut filled };
                into.insert(field.name.clone(), Value::Boolean(true));
            }
            continue;
        }
        if survivor.masked.contains(&field.name) {
            continue;
        }
        // A record of the merge does not lead to itself afterwards.
        let shown = |member: &Member| {
            let value = member.seen.row.values.get(place).cloned().unwrap_or_default();
            let loops = field.target() == Some(entity.name.as_str()) && inside(&value);
            if loops || member.masked.contains(&field.name) { Value::Null } else { value }
        };
        let own = shown(survivor);
        let mut others = losers.iter().map(shown).filter(|value| !value.is_null());
        let value = match field.merge {
            Some(MergeRule::Latest) => others.fold(own.clone(), |latest, other| {
                let later = latest.is_null() || other.compare(&latest) == Some(std::cmp::Ordering::Greater);
                if later { other } else { latest }
            }),
            _ if own.is_null() => others.next().unwrap_or_default(),
            _ => own.clone(),
        };
        let leads_inside = own.is_null() && inside(&raw(survivor));
        if value != own || leads_inside {
            filled.insert(field.name.clone(), value);
        }
    }
    (filled, unseen)
}
