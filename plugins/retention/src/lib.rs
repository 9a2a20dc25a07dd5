//! Retention (GDPR 5(1)(e)). What is past its period cannot be read for that purpose from midnight on, sweep
//! or no sweep; at the hook of retention it sleeps, and then goes (`destroy`).
//!
//! Each kind of person has a trigger and an active period; purposes of the archive (accounting, law
//! suits) have periods of their own. A contact is what the person does, so our calls and opened
//! e-mails never enter here: the fact `subject.last_inbound_contact_at` does not know them.

mod category;
mod destroy;
mod manifest;
mod proof;
mod reasons;
mod statute;

use garant_plugin_sdk::prelude::*;

use category::CategoryPeriod;
use destroy::{Period, Trigger};

/// A purpose that may read longer than ordinary ones.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchivePurpose {
    /// Dotted key; all purposes below it too.
    purpose: String,
    /// Months after the end of the relation, or after collection where there was none.
    months: i32,
    /// The kind of record for which a statute sets the months instead; empty where none does.
    #[serde(default)]
    statute: String,
}

/// The settings, which are the policy.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Months for people who are no customers, from their last contact.
    prospect_months: i32,
    /// Months for customers, from the end of the relation.
    customer_months: i32,
    /// Months for people at clients and suppliers, from their last contact.
    business_months: i32,
    /// Purposes of the archive.
    archive: Vec<ArchivePurpose>,
    /// ISO 3166 country whose statutes set how long records are kept.
    statute_country: String,
    /// Periods of categories of data, shorter than the person's.
    categories: Vec<CategoryPeriod>,
    /// Purposes that may read what a legal hold keeps.
    hold_purposes: Vec<String>,
    /// Purposes whose events of consent serve proof only, once it is withdrawn.
    consent_purposes: Vec<String>,
    /// Purposes that may read such proof.
    proof_purposes: Vec<String>,
    /// When people of which kind sleep, and when they go.
    periods: Vec<Period>,
    /// Months for which proof of a consent is kept once its person is gone.
    proof_months: i32,
    /// Months after which what happened with a person goes, though the person stays.
    activity_months: Option<i32>,
    /// Months for which whoever was woken is not put to sleep again.
    woken_months: i32,
}

impl Default for Retention {
    fn default() -> Self {
        let archive = |purpose: &str, months, statute: &str| ArchivePurpose {
            purpose: purpose.to_owned(),
            months,
            statute: statute.to_owned(),
        };
        let owned = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        Self {
            prospect_months: 36,
            customer_months: 36,
            business_months: 36,
            archive: vec![archive("accounting", 120, "accounting"), archive("legal", 60, "")],
            statute_country: "FR".to_owned(),
            categories: vec![],
            hold_purposes: owned(&["legal"]),
            consent_purposes: owned(&["marketing", "marketing.communications.email"]),
            proof_purposes: owned(&["legal"]),
            // CNIL practice: prospects three years; customers three years after the relation, then the archive
            // until invoices are ten years old; contacts at firms until claims have lapsed (five years).
            periods: vec![
                Period::new("prospect", Trigger::LastContact, 36, 0),
                Period::new("visitor", Trigger::LastContact, 36, 0),
                Period::new("customer", Trigger::RelationEnd, 36, 84),
                Period::new("former_customer", Trigger::RelationEnd, 36, 84),
                Period::new("employee_of_client", Trigger::LastContact, 36, 24),
                Period::new("supplier_vendor", Trigger::LastContact, 36, 24),
            ],
            proof_months: 60,
            activity_months: None,
            woken_months: 12,
        }
    }
}

/// Kinds of people and the rule that holds for them.
const PROSPECTS: [&str; 2] = ["prospect", "visitor"];
const CUSTOMERS: [&str; 2] = ["customer", "former_customer"];
const BUSINESS: [&str; 2] = ["employee_of_client", "supplier_vendor"];

impl Policy for Retention {
    fn manifest() -> Manifest {
        manifest::manifest()
    }

    fn problems(&self) -> Vec<Problem> {
        let mut problems = vec![];
        for (index, archive) in self.archive.iter().enumerate() {
            if archive.purpose.trim().is_empty() {
                problems.push(Problem::new(
                    &format!("/archive/{index}/purpose"),
                    "the purpose is empty",
                    "name the key of a registered purpose, such as accounting",
                ));
            }
        }
        for (index, period) in self.categories.iter().enumerate() {
            if period.category.trim().is_empty() {
                problems.push(Problem::new(
                    &format!("/categories/{index}/category"),
                    "the category is empty",
                    "name a data category, such as user.behavior",
                ));
            }
        }
        for (index, period) in self.periods.iter().enumerate() {
            if self.periods.iter().take(index).any(|other| other.kind == period.kind) {
                problems.push(Problem::new(
                    &format!("/periods/{index}/kind"),
                    "there is a period for this kind already",
                    "keep one period for each kind of person",
                ));
            }
        }
        problems
    }

    fn plan(&self, ctx: &Context) -> Result<Plan, String> {
        if ctx.hook == Hook::Retention {
            return Ok(Plan::new().rules(destroy::rules(self, &ctx.entity)));
        }
        let Some(purpose) = ctx.text("purpose.key") else {
            return Ok(Plan::new().rule(Rule::hide(Cond::always()).code("RET-06")));
        };
        // Rights of the person and a notice of a breach know no period (GDPR 15, 17, 34).
        if matches!(ctx.text("purpose.nature"), Some("access_request" | "erasure" | "breach_notice")) {
            return Ok(Plan::new().rule(Rule::allow(Cond::always()).code("RET-04")));
        }
        // What sleeps has a door of its own, and periods of its own: the policy on dormancy says who opens it.
        if matches!(ctx.text("purpose.nature"), Some("supervision" | "legal_claim" | "archive")) {
            let awake = !fact("subject.dormant", []).is_true();
            return self.reading(ctx, purpose, &|cond| cond.and(awake.clone()));
        }
        // Nor has proof whose person is gone any period but its own.
        if ctx.entity == "consent_event" && self.is_for_proof(purpose) {
            let gone = all([kind().is_null(), fact("subject.collected_at", []).is_null()]);
            return self.reading(ctx, purpose, &|cond| cond.and(!gone.clone()));
        }
        self.reading(ctx, purpose, &|cond| cond)
    }
}

impl Retention {
    /// An e-mail was opened since, which would have kept the person if it were an act of theirs.
    fn opened_since(&self) -> Cond {
        let opened = || fact("subject.last_open_at", []);
        let kept = |kinds: &[&str], months| all([kind().one_of(kinds.iter().copied()), !older(opened(), months)]);
        let business = kept(&BUSINESS, self.business_months);
        all([!opened().is_null(), any([kept(&PROSPECTS, self.prospect_months), business])])
    }

    fn is_for_proof(&self, purpose: &str) -> bool {
        self.proof_purposes.iter().any(|proof| covers(proof, purpose))
    }

    /// Who may be read for a purpose; `where_it_counts` leaves out whom no period hides.
    fn reading(&self, ctx: &Context, purpose: &str, where_it_counts: &dyn Fn(Cond) -> Cond) -> Result<Plan, String> {
        let hide = |cond: Cond| Rule::hide(where_it_counts(cond));
        let archive = self.archive.iter().find(|archive| covers(&archive.purpose, purpose));
        let archived = archive.map(|archive| self.months_of(archive, ctx)).transpose()?;
        let expired = match &archived {
            Some(archived) => archived_too_long(archived.months),
            None => self.past_active_period(),
        };
        let may_read_held = self.hold_purposes.iter().any(|held| covers(held, purpose));
        let held = fact("subject.on_legal_hold", []).is_true();
        let past = if may_read_held { expired.clone().and(!held.clone()) } else { expired.clone() };
        let known = [PROSPECTS, CUSTOMERS, BUSINESS].concat();
        let is_customer = kind().one_of(CUSTOMERS);
        let mut plan =
            Plan::new().rule(hide(!kind().one_of(known)).code("RET-06")).rule(hide(bad_trigger()).code("SYS-02"));
        if !may_read_held {
            plan = plan.rule(hide(expired.clone().and(held.clone())).code("RET-05"));
        }
        if let (None, Some(longest)) = (archive, self.archive.iter().map(|archive| archive.months).max()) {
            let still_kept = all([is_customer, !archived_too_long(longest)]);
            plan = plan.rule(hide(past.clone().and(still_kept)).code("RET-04"));
        }
        if ctx.entity == "consent_event" {
            plan = plan.rules(proof::rules(self, purpose));
        }
        if archive.is_none() {
            plan = plan.rule(hide(past.clone().and(self.opened_since())).code("RET-03"));
        }
        plan = plan.rule(hide(past).code("RET-02"));
        if may_read_held {
            plan = plan.rule(Rule::allow(expired.clone().and(held)).code("RET-05"));
        }
        let allowed = if archive.is_some() { "RET-04" } else { "RET-01" };
        if archived.is_some_and(|archived| archived.unruled) {
            plan = plan.rule(Rule::flag(Cond::always()).code("RET-04").task("add-retention-law"));
        }
        plan = plan.rules(self.categories.iter().filter_map(|period| period.rule(purpose)));
        Ok(plan.rule(Rule::allow(!expired).code(allowed)))
    }
}

impl Retention {
    /// Past the period for which an ordinary purpose may read.
    fn past_active_period(&self) -> Cond {
        any([
            kind().one_of(PROSPECTS).and(since_last_contact(self.prospect_months)),
            kind().one_of(BUSINESS).and(since_last_contact(self.business_months)),
            // While the relation lasts there is no end to count from.
            kind()
                .one_of(CUSTOMERS)
                .and(relation_end())
                .and(older(fact("subject.relation_end_at", []), self.customer_months)),
        ])
    }
}

/// Past the period of an archive: counted from the end of the relation; a person who never was a
/// customer, from the last contact.
fn archived_too_long(months: i32) -> Cond {
    any([
        kind().one_of(CUSTOMERS).and(relation_end()).and(older(fact("subject.relation_end_at", []), months)),
        kind().one_of([PROSPECTS, BUSINESS].concat()).and(since_last_contact(months)),
    ])
}

/// The end of the relation is known.
fn relation_end() -> Cond {
    !fact("subject.relation_end_at", []).is_null()
}

/// Older than the months, counted from the last contact or, without one, from the collection. Where
/// there is neither, `bad_trigger` hides.
pub(crate) fn since_last_contact(months: i32) -> Cond {
    let last = || fact("subject.last_inbound_contact_at", []);
    let collected = || fact("subject.collected_at", []);
    any([
        all([!last().is_null(), older(last(), months)]),
        all([last().is_null(), !collected().is_null(), older(collected(), months)]),
    ])
}

/// The period is over from midnight after its last day, in the tenant's zone.
pub(crate) fn older(instant: Term, months: i32) -> Cond {
    instant.local_date().plus_months(months).lt(today())
}

/// A trigger that is missing or in the future is a bad fact: nothing can be counted from it.
fn bad_trigger() -> Cond {
    let future = |name: &str| all([!fact(name, []).is_null(), fact(name, []).gt(now())]);
    let nothing =
        all([fact("subject.last_inbound_contact_at", []).is_null(), fact("subject.collected_at", []).is_null()]);
    // Where the kind is unknown, RET-06 hides and says so.
    let former = || all([!kind().is_null(), kind().one_of(["former_customer"])]);
    any([
        nothing,
        future("subject.last_inbound_contact_at"),
        future("subject.collected_at"),
        // A relation may end on a day that is agreed on, but a former customer's has ended.
        all([former(), fact("subject.relation_end_at", []).is_null()]),
        all([former(), future("subject.relation_end_at")]),
    ])
}

pub(crate) fn kind() -> Term {
    fact("subject.kind", [])
}

export_policy!(Retention);
