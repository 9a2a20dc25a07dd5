//! The facts that policies can see: one list that drives the type checker, the SQL, the native
//! evaluator and the documentation. Facts are about the data subject of a record, but for the few that are
//! about the request.

use crate::value::Type;

/// A registered fact.
#[derive(Clone, Copy, Debug)]
pub struct FactDef {
    /// Dotted name.
    pub name: &'static str,
    /// Names of the arguments; all are text literals.
    pub args: &'static [&'static str],
    /// Type of the result.
    pub ty: Type,
    /// Whether it can be null; a restricting condition over null restricts.
    pub nullable: bool,
    /// What it says, in one sentence.
    pub doc: &'static str,
}

const fn fact(
    name: &'static str,
    args: &'static [&'static str],
    ty: Type,
    nullable: bool,
    doc: &'static str,
) -> FactDef {
    FactDef { name, args, ty, nullable, doc }
}

/// How many approvals an operation has.
pub const APPROVALS: &str = "approval.count";

/// Facts about the request rather than the person: worked out once for each request and bound into the
/// rules like context attributes, so SQL never sees them and a rule may refuse by them.
pub const REQUEST_FACTS: &[FactDef] = &[
    fact(
        "actor.reads",
        &["hours"],
        Type::Integer,
        true,
        "How many records about people the actor was shown in the last hours, a whole number from 1 to 744; null for any other text.",
    ),
    fact(
        APPROVALS,
        &["kind"],
        Type::Integer,
        true,
        "How many other people have approved this very operation, once, in a kind that the policy names (1 to 64 letters, digits, hyphens, dots, underscores; null for any other text).",
    ),
];

/// Whether a fact is about the request.
#[must_use]
pub fn is_of_request(name: &str) -> bool {
    REQUEST_FACTS.iter().any(|fact| fact.name == name)
}

/// Every fact about people. `subject.*` facts come from the catalogue field that names them (`fact = "..."`).
pub const FACTS: &[FactDef] = &[
    fact("subject.country", &[], Type::Text, true, "ISO 3166 country of residence."),
    fact("subject.birth_date", &[], Type::Date, true, "Date of birth."),
    fact("subject.kind", &[], Type::Text, true, "prospect, customer, former_customer, ..."),
    fact("subject.audience", &[], Type::Text, true, "consumer, professional or generic."),
    fact("subject.collected_at", &[], Type::Instant, true, "When the data was collected."),
    fact("subject.collected_for", &[], Type::Text, true, "Purpose of collection."),
    fact("subject.last_inbound_contact_at", &[], Type::Instant, true, "Last act of the person, not ours."),
    fact("subject.relation_end_at", &[], Type::Instant, true, "When the customer relation ended."),
    fact("subject.own_customer", &[], Type::Boolean, false, "Bought from us."),
    fact(
        "subject.special_source",
        &[],
        Type::Text,
        true,
        "Where special categories come from: person, public_by_person, public_by_third_party, professional, inferred.",
    ),
    fact("subject.restricted", &[], Type::Boolean, false, "Processing is restricted (Art. 18)."),
    fact("subject.restricted_at", &[], Type::Instant, true, "Since when processing is restricted."),
    fact(
        "subject.dormant",
        &[],
        Type::Boolean,
        false,
        "The record was read from the archive of dormant data; never true in the active tables.",
    ),
    fact(
        "subject.on_legal_hold",
        &[],
        Type::Boolean,
        false,
        "Under a legal hold: in the scope of one of the register, or marked on the person's record.",
    ),
    fact(
        "subject.woken_at",
        &[],
        Type::Instant,
        true,
        "When the data last came back from the archive, by an act of the person or a decision of the DPO.",
    ),
    fact(
        "subject.erased_at",
        &[],
        Type::Instant,
        true,
        "When somebody who had one of the person's addresses or numbers was last erased; null where nobody was, and of who sleeps.",
    ),
    fact(
        "subject.last_open_at",
        &[],
        Type::Instant,
        true,
        "When an e-mail to the person was last opened: a pixel was loaded, which is no act of the person.",
    ),
    fact(
        "consent.status",
        &["purpose", "channel"],
        Type::Text,
        false,
        "State of the latest consent event for the purpose or an ancestor of it: none, requested, given, renewed, deferred, refused, withdrawn, expired, terminated, invalidated.",
    ),
    fact("consent.given_at", &["purpose", "channel"], Type::Instant, true, "When that state began."),
    fact(
        "consent.proven",
        &["purpose", "channel"],
        Type::Boolean,
        false,
        "Wording, time and notice version are on file.",
    ),
    fact("consent.confirmed", &["purpose", "channel"], Type::Boolean, false, "Confirmed by double opt-in."),
    fact("consent.explicit", &["purpose", "channel"], Type::Boolean, false, "Given explicitly (Art. 9(2)(a))."),
    fact(
        "consent.method",
        &["purpose", "channel"],
        Type::Text,
        false,
        "How it was captured: checkbox, pre_ticked, silence, paper, call, ...; empty when there is none.",
    ),
    fact(
        "consent.notice",
        &["purpose", "channel"],
        Type::Text,
        false,
        "Version of the notice that the person saw; empty when there is none.",
    ),
    fact(
        "consent.given_by",
        &["purpose", "channel"],
        Type::Text,
        false,
        "Who gave it: person, guardian or both; empty when that is not known.",
    ),
    fact(
        "consent.conditional",
        &["purpose", "channel"],
        Type::Boolean,
        false,
        "A service that did not need it was refused without it (Art. 7(4)), and no reason to take it for free is on file.",
    ),
    fact(
        "consent.other_channel",
        &["purpose", "channel"],
        Type::Boolean,
        false,
        "Valid for the purpose through another channel only.",
    ),
    fact(
        "objection.active",
        &["purpose"],
        Type::Boolean,
        false,
        "An objection to the purpose, an ancestor or a descendant of it stands (Art. 21).",
    ),
    fact(
        "objection.overridden",
        &["purpose"],
        Type::Boolean,
        false,
        "Such objections stand, and compelling grounds are on file against each of them (Art. 21(1)).",
    ),
];

/// The definition of a fact.
#[must_use]
pub fn find(name: &str) -> Option<&'static FactDef> {
    FACTS.iter().chain(REQUEST_FACTS).find(|fact| fact.name == name)
}
