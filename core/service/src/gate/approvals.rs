//! Approvals at the gate: which of them a rule depends on, what a refusal says of them, and their use.
//!
//! A request has used an approval once it was answered or has written something that a rule lets pass
//! because of it. A write uses it in its own transaction, so one that is rolled back has used nothing; a
//! read uses it before anything is shown. Everything that one request does is one use.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use garant_domain::problem::{ApprovalHint, ErrorCode, Problem, WantedApproval};
use garant_domain::reason::Reason;
use garant_domain::rule::{BindEnv, Cond, Rule, bind};
use garant_domain::value::Value;
use garant_store::{StoreError, WriteTx};

use super::request_facts::{self, RequestFacts};
use crate::approval::Ticket;
use crate::error::store_problem;
use crate::unit::Unit;

/// The most people whom a rule may ask for: more are looked for in vain.
const MOST_PEOPLE: i64 = 9;

/// How many approvals of a kind a rule asks for, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    kind: String,
    needed: i64,
    given: i64,
}

/// What the rules of an entity make of the operation's approvals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bearing {
    /// Approvals without which a rule would say something else.
    relied: BTreeSet<String>,
    /// Which rules, by reason, would not bite with more of them, and with how many.
    wanted: BTreeMap<usize, Vec<Wanted>>,
}

impl Bearing {
    /// Notes what an enforced rule, bound to `when`, makes of them.
    pub(super) fn note(&mut self, rule: &Rule, when: &Cond, reason: usize, env: &BindEnv<'_>, facts: &RequestFacts) {
        let calls = request_facts::approvals(rule);
        if calls.is_empty() {
            return;
        }
        let counted = |counts: &BTreeMap<&str, i64>| {
            let resolve = |name: &str| counts.get(name).map_or_else(|| (env.context)(name), |n| Value::Integer(*n));
            bind(&rule.when, &BindEnv { now: env.now, zone: env.zone, context: &resolve })
        };
        let all = |people: i64| calls.iter().map(|call| (call.as_str(), people)).collect::<BTreeMap<_, _>>();
        if counted(&all(0)) != *when {
            let given = calls.iter().filter_map(|call| facts.given(call));
            self.relied.extend(given.flat_map(|given| given.fresh.iter().cloned()));
        }
        let lifts = |counts: &BTreeMap<&str, i64>| counted(counts) == Cond::Const(Some(false));
        let enough = (1..=MOST_PEOPLE).find(|people| lifts(&all(*people)));
        let Some(enough) = enough.filter(|_| *when != Cond::Const(Some(false))) else { return };
        // Where a rule names several kinds, each may need less than all together.
        let mut counts = all(enough);
        for call in &calls {
            let least = (0..enough).find(|people| {
                let mut fewer = counts.clone();
                fewer.insert(call, *people);
                lifts(&fewer)
            });
            counts.insert(call, least.unwrap_or(enough));
        }
        let wanted = |(call, needed): (&str, i64)| {
            let given = facts.given(call)?;
            (needed > given.people).then(|| Wanted { kind: given.kind.clone(), needed, given: given.people })
        };
        self.wanted.insert(reason, counts.into_iter().filter_map(wanted).collect());
    }
}

/// Which approvals a unit of work has relied on, and which of them it has used.
#[derive(Default)]
pub(crate) struct Relied {
    ids: Mutex<BTreeSet<String>>,
    used: tokio::sync::Mutex<BTreeSet<String>>,
}

impl Relied {
    fn beyond(&self, used: &BTreeSet<String>) -> BTreeSet<String> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).difference(used).cloned().collect()
    }
}

impl Unit {
    /// Keeps what the rules relied on, until something is written or shown.
    pub(super) fn rely(&self, bearing: &Bearing) {
        let mut ids = self.relied.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.extend(bearing.relied.iter().cloned());
    }

    /// The same unit of work for what is read before a write: its transaction uses what that relied on.
    pub(super) fn reading_for_write(&self) -> Self {
        Self { reads_for_write: true, ..self.clone() }
    }

    /// Commits a write, and with it the use of what it relied on.
    pub(crate) async fn commit(&self, tx: WriteTx) -> Result<(), Problem> {
        self.commit_use(tx).await?;
        self.written.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn commit_use(&self, mut tx: WriteTx) -> Result<(), Problem> {
        // Parts of a request are read side by side: one of them uses, the others wait until it has.
        let mut used = self.relied.used.lock().await;
        let ids = self.relied.beyond(&used);
        if let Some(operation) = self.context.operation.as_ref().filter(|_| !ids.is_empty()) {
            tx.use_approvals(&ids, &operation.run, self.context.now).await.map_err(|error| match error {
                StoreError::Conflict => gone(),
                other => store_problem(other),
            })?;
            for id in &ids {
                tx.log(&self.approval_line(id)).await.map_err(store_problem)?;
            }
        }
        tx.commit().await.map_err(store_problem)?;
        used.extend(ids);
        Ok(())
    }

    /// Uses what was relied on before anything is shown. What is read for a write that is yet to come is
    /// left to its transaction.
    pub(super) async fn use_for_reading(&self) -> Result<(), Problem> {
        if self.reads_for_write || self.relied.beyond(&*self.relied.used.lock().await).is_empty() {
            return Ok(());
        }
        let tx = self.store().begin_write(&self.context.tenant).await.map_err(store_problem)?;
        self.commit_use(tx).await
    }

    /// What a refusal tells: the reasons, and which approvals would lift all of them.
    pub(super) fn refused(
        &self,
        entity: &str,
        refusing: &[usize],
        reasons: &[Arc<Reason>],
        bearing: &Bearing,
    ) -> Problem {
        let told: Vec<Reason> =
            refusing.iter().filter_map(|index| reasons.get(*index)).map(|reason| (**reason).clone()).collect();
        let code = told.first().map(Reason::full_code).unwrap_or_default();
        let message = told.first().map_or_else(String::new, |reason| reason.message.en.clone());
        let remedy = told.first().map(|reason| reason.remedy.en.clone());
        let mut problem = Problem::new(ErrorCode::PolicyRefused, message).at(entity).because(told);
        problem.remedy = remedy;
        problem.approval = self.hint(entity, refusing, &code, bearing).map(Box::new);
        problem
    }

    /// Nothing where one of the rules would refuse all the same, and where nobody could judge what they
    /// would approve.
    fn hint(&self, entity: &str, refusing: &[usize], code: &str, bearing: &Bearing) -> Option<ApprovalHint> {
        let operation = self.context.operation.as_ref()?;
        let outline = operation.outline.as_ref()?;
        let mut kinds: BTreeMap<&str, &Wanted> = BTreeMap::new();
        for index in refusing {
            for wanted in bearing.wanted.get(index)? {
                let most = kinds.entry(&wanted.kind).or_insert(wanted);
                if most.needed < wanted.needed {
                    *most = wanted;
                }
            }
        }
        let wanted = kinds.into_values().map(|wanted| {
            let ticket = Ticket {
                kind: wanted.kind.clone(),
                needed: wanted.needed,
                digest: operation.digest.clone(),
                entity: entity.to_owned(),
                outline: outline.clone(),
                purposes: self.context.purposes.iter().map(|purpose| purpose.key.clone()).collect(),
                channel: self.context.channel.clone(),
                recipient: self.context.recipient.as_ref().map(|recipient| recipient.id.clone()),
                code: code.to_owned(),
            };
            let request = ticket.seal(&self.service.sealer, &self.context.tenant, &self.context.actor.id);
            WantedApproval { kind: wanted.kind.clone(), needed: wanted.needed, given: wanted.given, request }
        });
        let wanted: Vec<WantedApproval> = wanted.collect();
        (!wanted.is_empty()).then(|| ApprovalHint { digest: operation.digest.clone(), wanted })
    }
}

/// Somebody else used it first, or it was taken back while the request ran.
fn gone() -> Problem {
    Problem::new(ErrorCode::Conflict, "The approval of this operation was used or taken back in the meantime")
        .mend("Send the request again; it is refused and says how another approval is asked for.")
}

#[cfg(test)]
mod tests {
    use garant_domain::rule::{CompareOp, Effect, Expr, FactCall, Selector, Target, Term};

    use super::*;

    fn fewer_than(kind: &str, people: i64) -> Expr {
        let call = FactCall { name: garant_domain::fact::APPROVALS.to_owned(), args: vec![kind.to_owned()] };
        Expr::Compare(CompareOp::Lt, Term::Fact(call), Term::Literal(Value::Integer(people)))
    }

    fn is_german() -> Expr {
        Expr::Compare(CompareOp::Eq, Term::Field("country".to_owned()), Term::Literal(Value::text("DE")))
    }

    /// What a rule makes of the approvals that there are.
    fn bearing(when: Expr, given: &[(&str, i64)]) -> Bearing {
        let facts = RequestFacts::given_in_a_test(given);
        let resolve = |name: &str| facts.get(name).unwrap_or_default();
        let env = BindEnv { now: 0, zone: chrono_tz::UTC, context: &resolve };
        let target = Target { selectors: vec![Selector::Row], complement: false };
        let rule = Rule { when, effect: Effect::Reject, target, code: "TST-01".to_owned(), duties: vec![] };
        let mut bearing = Bearing::default();
        bearing.note(&rule, &bind(&rule.when, &env), 0, &env, &facts);
        bearing
    }

    fn wanted(bearing: &Bearing) -> Option<Vec<(&str, i64, i64)>> {
        let wanted = bearing.wanted.get(&0)?;
        Some(wanted.iter().map(|wanted| (wanted.kind.as_str(), wanted.needed, wanted.given)).collect())
    }

    #[test]
    fn each_kind_is_wanted_as_often_as_it_is_needed() {
        let both = || Expr::Any(vec![fewer_than("four-eyes", 1), fewer_than("board", 3)]);
        let none = bearing(both(), &[("four-eyes", 0), ("board", 0)]);
        assert_eq!(wanted(&none), Some(vec![("board", 3, 0), ("four-eyes", 1, 0)]));
        assert!(none.relied.is_empty());
        let some = bearing(both(), &[("four-eyes", 1), ("board", 1)]);
        assert_eq!(wanted(&some), Some(vec![("board", 3, 1)]));
        let all = bearing(both(), &[("four-eyes", 1), ("board", 3)]);
        assert_eq!((wanted(&all), all.relied.len()), (None, 4));
    }

    #[test]
    fn what_approvals_would_not_lift_promises_nothing() {
        let never = Expr::Any(vec![fewer_than("four-eyes", 1), is_german()]);
        assert_eq!(wanted(&bearing(never, &[("four-eyes", 0)])), None);
        assert_eq!(wanted(&bearing(fewer_than("four-eyes", 10), &[("four-eyes", 0)])), None, "nobody asks ten people");
        assert_eq!(wanted(&bearing(is_german(), &[])), None);
        let of_row = Expr::All(vec![is_german(), fewer_than("four-eyes", 1)]);
        assert_eq!(wanted(&bearing(of_row, &[("four-eyes", 0)])), Some(vec![("four-eyes", 1, 0)]));
    }

    #[test]
    fn an_approval_that_changes_nothing_is_not_used() {
        let moot = Expr::All(vec![Expr::Any(vec![]), fewer_than("four-eyes", 1)]);
        assert!(bearing(moot, &[("four-eyes", 1)]).relied.is_empty());
        assert_eq!(bearing(fewer_than("four-eyes", 1), &[("four-eyes", 1)]).relied.len(), 1);
    }
}
