//! `judge`: what a policy cannot say as rules. The columns that it asked for come with the rows, in
//! the same statement; it is called once per page or batch, after the connection has been given back.
//!
//! On a page a verdict only masks. So that neither pages nor counts tell of it, a field that a
//! verdict may mask is no operand in that context, exactly like one that is wholly masked; and a
//! policy that announces a verdict which hides records cannot be obeyed on a page, so pages fail
//! closed. On one record, and on a write, all announced verdicts count.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::try_join_all;
use garant_domain::catalog::{Entity, Field, SYSTEM_FIELDS, SubjectPath};
use garant_domain::lattice::{BoundRule, Composition, compose};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::Row;
use garant_domain::rule::{Cond, Effect, FactCall, Hook, Operand, RowView, evaluate};
use garant_domain::value::{Type, Value};
use garant_policy::{Column, ColumnData, Configured, JudgeCall, JudgeRequest, Plan, Plugin};

use super::decision::Decision;
use crate::error::plugin_problem;
use crate::published::ActivePolicy;

/// A record as it lies there.
pub(super) type View<'a> = &'a (dyn RowView + Sync);

/// The most rows of one call: the guest's memory and its deadline are limited.
const ROWS_PER_CALL: usize = 5_000;

/// A policy that wants to look at records, for one hook and purpose.
pub(crate) struct Judge {
    policy: String,
    plugin: Arc<Plugin>,
    configured: Arc<Configured>,
    hook: Hook,
    entity: String,
    attributes: Vec<(String, Value)>,
    /// Its plan, which has a request to judge.
    plan: Arc<Plan>,
    enforced: bool,
    verdicts: Vec<Verdict>,
}

/// A verdict that was announced, joined for its entity like a rule that always holds.
struct Verdict {
    effect: Effect,
    composition: Composition,
    reason: usize,
}

/// What the verdicts of all policies do to one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Judged {
    /// Why the record is absent.
    pub hidden: BTreeSet<usize>,
    /// Masked fields, each with its reason.
    pub masks: BTreeSet<(String, usize)>,
    /// Why it is noted.
    pub flags: BTreeSet<usize>,
    /// Why a write is rejected, with the fields concerned; none for the whole record.
    pub rejected: BTreeSet<(usize, Vec<String>)>,
    /// What observed policies would have done.
    pub observed: BTreeSet<usize>,
}

impl Judge {
    /// The judge of a plan that asks for one; its verdicts' reasons begin at `first_reason`.
    pub(super) fn of(
        policy: &ActivePolicy,
        plan: &Arc<Plan>,
        hook: Hook,
        entity: &Entity,
        attributes: Vec<(String, Value)>,
        first_reason: usize,
        enforced: bool,
    ) -> Result<Option<Self>, Problem> {
        let Some(request) = &plan.judge else { return Ok(None) };
        let mut verdicts = Vec::with_capacity(request.verdicts.len());
        for (index, verdict) in request.verdicts.iter().enumerate() {
            let reason = first_reason + index;
            let rule = BoundRule {
                when: Cond::Const(Some(true)),
                effect: verdict.effect,
                target: verdict.target.clone(),
                reason,
                enforced: true,
            };
            let composition = compose(entity, &[rule]).map_err(|error| {
                let message =
                    format!("Policy `{}` announces a verdict that cannot be applied: {error}", policy.entry.id);
                Problem::new(ErrorCode::PolicyUnavailable, message).at(policy.entry.id.as_str())
            })?;
            verdicts.push(Verdict { effect: verdict.effect, composition, reason });
        }
        Ok(Some(Self {
            policy: policy.entry.id.clone(),
            plugin: Arc::clone(&policy.plugin),
            configured: Arc::clone(&policy.configured),
            hook,
            entity: entity.name.clone(),
            attributes,
            plan: Arc::clone(plan),
            enforced,
            verdicts,
        }))
    }

    /// The columns that it wants, in the order in which it gets them.
    pub(super) fn operands(&self) -> impl Iterator<Item = Operand> {
        let request = self.plan.judge.iter();
        request.flat_map(|request| {
            let fields = request.fields.iter().cloned().map(Operand::Field);
            fields.chain(request.facts.iter().cloned().map(Operand::Fact))
        })
    }

    /// Reason, effect and fields of each verdict, for what is told of the rules in force.
    pub(crate) fn announced(&self) -> impl Iterator<Item = (usize, Effect, &Composition)> {
        self.verdicts.iter().map(|verdict| (verdict.reason, verdict.effect, &verdict.composition))
    }

    /// The policy's id.
    pub(crate) fn policy(&self) -> &str {
        &self.policy
    }

    /// Whether it takes effect; else it only watches.
    pub(crate) fn is_enforced(&self) -> bool {
        self.enforced
    }

    /// Whether a verdict of its may hide a record.
    pub(super) fn hides(&self) -> bool {
        self.enforced && self.verdicts.iter().any(|verdict| !verdict.composition.hide.is_empty())
    }

    fn masks(&self, field: &str) -> impl Iterator<Item = usize> {
        let enforced = self.enforced.then_some(&self.verdicts).into_iter().flatten();
        enforced
            .flat_map(|verdict| &verdict.composition.guard.masks)
            .filter_map(move |mask| mask.fields.iter().any(|masked| masked == field).then_some(mask.reason))
    }

    /// One byte per row; nothing when a policy under observation cannot judge.
    async fn ask(&self, request: &JudgeRequest, rows: &[View<'_>], entity: &Entity) -> Result<Vec<u8>, Problem> {
        let columns = |operand: Operand| column(&operand, entity, rows);
        let call = JudgeCall {
            hook: self.hook,
            entity: self.entity.clone(),
            attributes: self.attributes.clone(),
            columns: self.operands().map(columns).collect(),
            rows: rows.len(),
        };
        match self.plugin.judge(&self.configured, request, call).await {
            Ok(verdicts) => Ok(verdicts),
            Err(error) if !self.enforced => {
                tracing::warn!(plugin = self.policy, code = error.code(), "an observed policy could not judge");
                Ok(vec![0; rows.len()])
            }
            Err(error) => Err(plugin_problem(&self.policy, &error)),
        }
    }
}

/// Asks every judge about some records, all judges at once; what they say is joined by record.
pub(super) async fn judge(judges: &[Judge], entity: &Entity, rows: &[View<'_>]) -> Result<Vec<Judged>, Problem> {
    let mut judged = vec![Judged::default(); rows.len()];
    // A page without rows is judged too: that a policy fails must not depend on what is there.
    let batches: Vec<&[View<'_>]> = if rows.is_empty() { vec![rows] } else { rows.chunks(ROWS_PER_CALL).collect() };
    for (index, batch) in batches.into_iter().enumerate() {
        let answers = try_join_all(judges.iter().map(|judge| async {
            let Some(request) = &judge.plan.judge else { return Ok(vec![]) };
            judge.ask(request, batch, entity).await
        }))
        .await?;
        for (judge, verdicts) in judges.iter().zip(answers) {
            let places = judged.iter_mut().skip(index * ROWS_PER_CALL).zip(batch);
            for ((into, row), verdict) in places.zip(verdicts) {
                let announced = usize::from(verdict).checked_sub(1).and_then(|number| judge.verdicts.get(number));
                if let Some(verdict) = announced {
                    into.add(judge, verdict, *row);
                }
            }
        }
    }
    Ok(judged)
}

impl Judged {
    fn add(&mut self, judge: &Judge, verdict: &Verdict, row: &dyn RowView) {
        let joined = &verdict.composition;
        let bites = |when: &Cond| evaluate(when, row) != Some(false);
        if !judge.enforced {
            if verdict.effect != Effect::Allow {
                self.observed.insert(verdict.reason);
            }
            return;
        }
        self.hidden.extend(joined.hide.iter().filter(|hide| bites(&hide.when)).map(|hide| hide.reason));
        self.flags.extend(joined.flags.iter().filter(|flag| bites(&flag.when)).map(|flag| flag.reason));
        for mask in joined.guard.masks.iter().filter(|mask| bites(&mask.when)) {
            self.masks.extend(mask.fields.iter().map(|field| (field.clone(), mask.reason)));
        }
        for reject in joined.reject.iter().filter(|reject| bites(&reject.when)) {
            let fields = if reject.row { vec![] } else { reject.fields.clone() };
            self.rejected.insert((reject.reason, fields));
        }
    }

    /// Whether the verdict with this reason was given, enforced or observed.
    pub(super) fn gave(&self, reason: usize) -> bool {
        let rejected = self.rejected.iter().map(|(reason, _)| *reason);
        self.effective().chain(rejected).chain(self.observed.iter().copied()).any(|given| given == reason)
    }

    /// Every reason that took effect.
    pub(super) fn effective(&self) -> impl Iterator<Item = usize> {
        let masks = self.masks.iter().map(|(_, reason)| *reason);
        self.hidden.iter().copied().chain(masks).chain(self.flags.iter().copied())
    }
}

impl Decision {
    /// Reasons of the verdicts that may mask a field.
    pub(super) fn may_be_judged(&self, field: &str) -> Vec<usize> {
        self.judges.iter().flat_map(|judge| judge.masks(field)).collect()
    }

    /// Why no page can be shown: a policy would hide records after they have been counted.
    pub(super) fn check_page(&self) -> Result<(), Problem> {
        let Some(judge) = self.judges.iter().find(|judge| judge.hides()) else { return Ok(()) };
        let message = format!(
            "Policy `{}` judges record by record which ones are hidden, which no list can obey, so nothing is shown",
            judge.policy
        );
        Err(Problem::new(ErrorCode::PolicyUnavailable, message)
            .at(judge.policy.as_str())
            .mend("Read one record by id, or tell the DPO: the policy must hide by a rule and judge masks alone."))
    }

    /// Judges the rows of a page, or one record.
    pub(super) async fn judge(&self, entity: &Entity, rows: &[&Row]) -> Result<Vec<Judged>, Problem> {
        if self.judges.is_empty() {
            return Ok(vec![Judged::default(); rows.len()]);
        }
        let views: Vec<Raw<'_>> = rows.iter().map(|row| Raw { operands: &self.guard.judged, row }).collect();
        let views: Vec<View<'_>> = views.iter().map(|view| view as View<'_>).collect();
        judge(&self.judges, entity, &views).await
    }
}

/// The operands that judges want of an entity's rows, each once, and the link to the person, without
/// whom no verdict bites.
pub(super) fn operands(judges: &[Judge], entity: &Entity) -> Vec<Operand> {
    let mut operands: Vec<Operand> = Vec::new();
    let link = match &entity.subject {
        SubjectPath::Via(link) if !judges.is_empty() => Some(Operand::Field(link.clone())),
        _ => None,
    };
    for operand in judges.iter().flat_map(Judge::operands).chain(link) {
        if !operands.contains(&operand) {
            operands.push(operand);
        }
    }
    operands
}

/// The raw columns that came with a row.
struct Raw<'a> {
    operands: &'a [Operand],
    row: &'a Row,
}

impl Raw<'_> {
    fn value(&self, wanted: impl Fn(&Operand) -> bool) -> Value {
        let index = self.operands.iter().position(wanted);
        index.and_then(|index| self.row.judged.get(index)).cloned().unwrap_or_default()
    }
}

impl RowView for Raw<'_> {
    fn field(&self, name: &str) -> Value {
        self.value(|operand| matches!(operand, Operand::Field(field) if field == name))
    }

    fn related(&self, _via: &str, _field: &str) -> Value {
        Value::Null
    }

    fn fact(&self, call: &FactCall) -> Value {
        self.value(|operand| matches!(operand, Operand::Fact(fact) if fact == call))
    }
}

fn column(operand: &Operand, entity: &Entity, rows: &[View<'_>]) -> Column {
    let (name, ty) = match operand {
        Operand::Field(name) => {
            let system = || SYSTEM_FIELDS.iter().find(|(system, _)| system == name).map(|(_, ty)| *ty);
            (name.clone(), entity.field(name).map(Field::value_type).or_else(system))
        }
        Operand::Fact(call) => (call.to_string(), garant_domain::fact::find(&call.name).map(|fact| fact.ty)),
        Operand::Related { .. } | Operand::Literal(_) => (String::new(), None),
    };
    let values = rows.iter().map(|row| match operand {
        Operand::Field(name) => row.field(name),
        Operand::Fact(call) => row.fact(call),
        Operand::Related { .. } | Operand::Literal(_) => Value::Null,
    });
    let values: Vec<Value> = values.collect();
    let present = values.iter().map(|value| !value.is_null()).collect();
    let data = if ty == Some(Type::Text) {
        let text = |value: Value| if let Value::Text(text) = value { text } else { String::new() };
        ColumnData::Texts(values.into_iter().map(text).collect())
    } else {
        ColumnData::Integers(values.into_iter().map(integer).collect())
    };
    Column { name, present, data }
}

/// Every type but text as a number; what is absent is passed on as absent, whatever stands here.
fn integer(value: Value) -> i64 {
    match value {
        Value::Boolean(flag) => i64::from(flag),
        Value::Integer(number) | Value::Decimal(number) | Value::Instant(number) => number,
        Value::Date(days) => i64::from(days),
        Value::Null | Value::Text(_) => 0,
    }
}
