//! Rules join in any order and any number to the same, and one more never shows more.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::catalog::Catalog;
use crate::rule::{CompareOp, FactCall, RowView, Selector, evaluate};
use crate::value::Value;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::standard().unwrap());

fn entity(name: &str) -> &'static Entity {
    CATALOG.entity(name).unwrap()
}

#[derive(Clone, Debug, Default)]
struct TestRow(HashMap<String, Value>);

impl RowView for TestRow {
    fn field(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_default()
    }

    fn related(&self, _: &str, _: &str) -> Value {
        Value::Null
    }

    fn fact(&self, call: &FactCall) -> Value {
        self.field(&call.name)
    }
}

fn row(values: &[(&str, Value)]) -> TestRow {
    TestRow(values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

const ALWAYS: Cond = Cond::Const(Some(true));

fn target(selectors: &[Selector]) -> Target {
    Target { selectors: selectors.to_vec(), complement: false }
}

fn rule(when: Cond, effect: Effect, target: Target, reason: usize) -> BoundRule {
    BoundRule { when, effect, target, reason, enforced: true }
}

fn on_row(when: Cond, effect: Effect) -> BoundRule {
    rule(when, effect, target(&[Selector::Row]), 0)
}

fn in_france() -> Cond {
    let (fact, country) = (FactCall { name: "subject.country".to_owned(), args: vec![] }, Value::text("FR"));
    Cond::Compare(CompareOp::Eq, Operand::Fact(fact), Operand::Literal(country))
}

fn masked(outcome: &Outcome) -> Vec<&str> {
    outcome.masks.keys().map(String::as_str).collect()
}

#[test]
fn targets_speak_the_language_of_the_catalogue() {
    let fields = |selector: Selector| resolve(&target(&[selector]), entity("contact")).fields;
    assert_eq!(fields(Selector::Field("city".to_owned())), ["city"]);
    assert_eq!(
        fields(Selector::Category("user.contact".to_owned())),
        ["email", "phone", "phone_2", "city", "country", "website"]
    );
    assert_eq!(fields(Selector::Category("user.contac".to_owned())), Vec::<String>::new());
    assert_eq!(
        fields(Selector::DirectIdentifiers),
        ["first_name", "last_name", "email", "phone", "phone_2", "national_id"]
    );
    assert_eq!(fields(Selector::Channel("phone".to_owned())), ["phone", "phone_2"]);
    assert_eq!(resolve(&target(&[Selector::FreeText]), entity("activity")).fields, ["subject_line", "body"]);
    assert_eq!(fields(Selector::Special("art9".to_owned())), ["health_note", "religious_belief"]);
    assert_eq!(resolve(&target(&[Selector::Special("art9".to_owned())]), entity("deal")).fields, Vec::<String>::new());
    assert_eq!(
        resolve(&target(&[Selector::Row]), entity("contact")),
        Resolved { row: true, fields: vec![] },
        "the row is not its fields"
    );
    let personal = fields(Selector::Personal);
    let rest = resolve(&Target { selectors: vec![Selector::Personal], complement: true }, entity("contact"));
    assert_eq!(
        rest,
        Resolved { row: false, fields: vec!["source".to_owned(), "merged_into_id".to_owned(), "owner_id".to_owned()] }
    );
    assert_eq!(personal.len() + 3, entity("contact").fields.len());
}

#[test]
fn a_target_that_means_nothing_is_refused() {
    let contact = entity("contact");
    let field = |name: &str| Selector::Field(name.to_owned());
    assert_eq!(check_target(&target(&[]), contact), Err(TargetError::Empty));
    let unknown = TargetError::UnknownField("amount".to_owned());
    assert_eq!(check_target(&target(&[Selector::Row, field("amount")]), contact), Err(unknown));
    let all_but_row = Target { selectors: vec![Selector::Row], complement: true };
    assert_eq!(check_target(&all_but_row, contact), Err(TargetError::ComplementOfRow));
    assert_eq!(check_target(&Target { selectors: vec![], complement: true }, contact), Ok(()));
    assert_eq!(check_target(&target(&[Selector::Special("art9".to_owned())]), contact), Ok(()));
}

#[test]
fn an_entity_about_nobody_is_left_alone() {
    let rules = [on_row(ALWAYS, Effect::Hide), on_row(ALWAYS, Effect::Refuse), on_row(ALWAYS, Effect::Reject)];
    assert_eq!(decide(&rules, entity("company"), &row(&[])), Ok(Outcome::default()));
}

#[test]
fn a_rule_bites_only_where_the_record_leads_to_a_person() {
    let rules = [on_row(in_france(), Effect::Hide)];
    let hidden = |values: &[(&str, Value)]| decide(&rules, entity("activity"), &row(values)).unwrap().hidden;
    let contact = ("contact_id", Value::text("c"));
    assert_eq!(hidden(&[contact.clone(), ("subject.country", Value::text("FR"))]), Some(0));
    assert_eq!(hidden(&[contact.clone(), ("subject.country", Value::text("DE"))]), None);
    assert_eq!(hidden(&[contact]), Some(0), "an unknown country restricts");
    assert_eq!(hidden(&[]), None, "no person, no effect");
}

#[test]
fn a_shared_deal_stays_and_forgets_the_person() {
    let french = row(&[("contact_id", Value::text("c")), ("subject.country", Value::text("FR"))]);
    for (when, effect) in [(in_france(), Effect::Hide), (ALWAYS, Effect::Refuse)] {
        let outcome = decide(&[on_row(when, effect)], entity("deal"), &french).unwrap();
        assert_eq!(outcome.hidden, None);
        assert!(outcome.refused.is_empty());
        assert_eq!(masked(&outcome), ["contact_id", "note"]);
        assert!(outcome.masks.values().all(|by| by.mask == Mask::None));
        let alone = decide(&[on_row(ALWAYS, effect)], entity("deal"), &row(&[])).unwrap();
        assert_eq!(alone, Outcome::default());
    }
}

#[test]
fn refusing_by_the_record_fails_closed() {
    for name in ["contact", "deal"] {
        let error = compose(entity(name), &[on_row(in_france(), Effect::Refuse)]).unwrap_err();
        assert_eq!(error, LatticeError::ConditionalRefuse { reason: 0 });
    }
    let refused = |when: Cond| compose(entity("contact"), &[on_row(when, Effect::Refuse)]).unwrap().refuse;
    assert_eq!(refused(ALWAYS), [0]);
    assert_eq!(refused(Cond::Const(None)), [0], "unknown refuses");
    assert_eq!(refused(Cond::Const(Some(false))), Vec::<usize>::new());
}

#[test]
fn refusing_a_field_refuses_the_request() {
    let email = target(&[Selector::Field("email".to_owned())]);
    let rules = [rule(ALWAYS, Effect::Refuse, email, 7)];
    assert_eq!(compose(entity("contact"), &rules).unwrap().refuse, [7]);
}

#[test]
fn unlike_masks_join_to_null_where_they_meet() {
    let phones = || target(&[Selector::Channel("phone".to_owned())]);
    let phone = || target(&[Selector::Field("phone".to_owned())]);
    let rules = [
        rule(ALWAYS, Effect::Mask(Mask::KeepLast(4)), phones(), 3),
        rule(in_france(), Effect::Mask(Mask::KeyedHash), phone(), 1),
        rule(ALWAYS, Effect::Mask(Mask::KeepLast(4)), phones(), 5),
    ];
    let composition = compose(entity("contact"), &rules).unwrap();
    let by = |mask: Mask, reason: usize| MaskedBy { mask, reason };
    let french = composition.decide(&row(&[("subject.country", Value::text("FR"))]));
    assert_eq!(french.masks["phone"], by(Mask::None, 1));
    assert_eq!(french.masks["phone_2"], by(Mask::KeepLast(4), 3));
    let german = composition.decide(&row(&[("subject.country", Value::text("DE"))]));
    assert_eq!(german.masks["phone"], by(Mask::KeepLast(4), 3));
}

#[test]
fn masks_that_always_meet_are_joined_before_the_row() {
    let phone =
        |mask, reason| rule(ALWAYS, Effect::Mask(mask), target(&[Selector::Channel("phone".to_owned())]), reason);
    let first = rule(ALWAYS, Effect::Mask(Mask::KeyedHash), target(&[Selector::Field("phone".to_owned())]), 2);
    let composition = compose(entity("contact"), &[phone(Mask::KeepLast(2), 1), first]).unwrap();
    let masks: Vec<(Vec<String>, Mask)> =
        composition.guard.masks.into_iter().map(|rule| (rule.fields, rule.mask)).collect();
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(
        masks,
        [(names(&["phone_2"]), Mask::KeepLast(2)), (names(&["phone"]), Mask::None), (names(&["phone"]), Mask::None)]
    );
}

#[test]
fn a_mask_or_a_hiding_without_rows_and_fields_takes_what_is_nearest() {
    let masked_row = decide(&[on_row(ALWAYS, Effect::Mask(Mask::None))], entity("contact"), &row(&[])).unwrap();
    assert_eq!(masked_row.masks.len(), entity("contact").fields.iter().filter(|field| field.is_personal()).count());
    let email = target(&[Selector::Field("email".to_owned())]);
    let hidden_field = decide(&[rule(ALWAYS, Effect::Hide, email, 0)], entity("contact"), &row(&[])).unwrap();
    assert_eq!((hidden_field.hidden, masked(&hidden_field)), (None, vec!["email"]));
}

#[test]
fn what_is_observed_changes_nothing() {
    let effects =
        [Effect::Hide, Effect::Refuse, Effect::Reject, Effect::Mask(Mask::None), Effect::MinGroup(5), Effect::Erase];
    let rules = effects.map(|effect| BoundRule { enforced: false, ..on_row(in_france(), effect) });
    let composition = compose(entity("contact"), &rules).unwrap();
    assert_eq!(composition.decide(&row(&[])), Outcome::default());
    assert_eq!(composition.observed.len(), effects.len());
}

#[test]
fn rejections_name_their_fields() {
    let phones = target(&[Selector::Channel("phone".to_owned())]);
    let rules = [rule(in_france(), Effect::Reject, phones, 4), on_row(ALWAYS, Effect::Reject)];
    let outcome = decide(&rules, entity("contact"), &row(&[])).unwrap();
    let fields = vec!["phone".to_owned(), "phone_2".to_owned()];
    assert_eq!(outcome.rejected, [Rejection { reason: 0, fields: vec![] }, Rejection { reason: 4, fields }]);
}

#[test]
fn destroying_needs_certainty_and_no_hold() {
    let at = |effect, when, reason| rule(when, effect, target(&[Selector::Row]), reason);
    let due = |rules: &[BoundRule], country: Value| {
        let outcome = decide(rules, entity("contact"), &row(&[("subject.country", country)])).unwrap();
        outcome.due.map(|due| (due.effect, due.reason))
    };
    let fr = || Value::text("FR");
    let rules =
        [at(Effect::MakeDormant, ALWAYS, 1), at(Effect::Erase, in_france(), 2), at(Effect::Anonymise, ALWAYS, 3)];
    assert_eq!(due(&rules, fr()), Some((Effect::Erase, 2)), "the strongest");
    assert_eq!(due(&rules, Value::text("DE")), Some((Effect::Anonymise, 3)));
    assert_eq!(due(&rules[1..2], Value::Null), None, "unknown destroys nothing");
    assert_eq!(due(&[at(Effect::Erase, Cond::Const(None), 1)], fr()), None);
    for hold in [ALWAYS, Cond::Const(None), in_france()] {
        let held = [&rules[..], &[at(Effect::Hold, hold, 9)]].concat();
        assert_eq!(due(&held, fr()), None, "held");
    }
    let elsewhere = [&rules[..], &[at(Effect::Hold, in_france(), 9)]].concat();
    assert_eq!(due(&elsewhere, Value::text("DE")), Some((Effect::Anonymise, 3)));
    assert_eq!(due(&elsewhere, Value::Null), None, "a hold that may be there holds");
}

fn conds() -> impl Strategy<Value = Cond> {
    let field = |name: &str| Operand::Field(name.to_owned());
    let fact = Operand::Fact(FactCall { name: "subject.restricted".to_owned(), args: vec![] });
    let constant = prop::option::of(prop::bool::ANY).prop_map(Cond::Const);
    let row = prop::sample::select(vec![
        in_france(),
        Cond::Is(fact),
        Cond::IsNull(field("contact_id")),
        Cond::Compare(CompareOp::Lt, field("version"), Operand::Literal(Value::Integer(2))),
    ]);
    prop_oneof![1 => constant, 3 => row]
        .prop_recursive(2, 4, 2, |inner| (inner.clone(), inner).prop_map(|(a, b)| Cond::Any(vec![a, negation(b)])))
}

fn masks() -> impl Strategy<Value = Mask> {
    prop::sample::select(vec![Mask::None, Mask::KeepLast(2), Mask::KeepLast(4), Mask::YearOnly, Mask::KeyedHash])
}

fn targets() -> impl Strategy<Value = Target> {
    let selector = prop::sample::select(vec![
        Selector::Row,
        Selector::Field("note".to_owned()),
        Selector::Field("email".to_owned()),
        Selector::Category("user.contact".to_owned()),
        Selector::DirectIdentifiers,
        Selector::FreeText,
        Selector::Channel("phone".to_owned()),
        Selector::Personal,
        Selector::Special("art9".to_owned()),
    ]);
    (prop::collection::vec(selector, 0..3), prop::bool::weighted(0.1))
        .prop_map(|(selectors, complement)| Target { selectors, complement })
}

fn rules() -> impl Strategy<Value = Vec<BoundRule>> {
    let effect = prop_oneof![
        1 => Just(Effect::Allow),
        1 => Just(Effect::Flag),
        6 => masks().prop_map(Effect::Mask),
        3 => Just(Effect::Hide),
        1 => Just(Effect::Refuse),
        1 => (1..9u32).prop_map(Effect::MinGroup),
        2 => Just(Effect::Reject),
        2 => prop::sample::select(vec![Effect::MakeDormant, Effect::Anonymise, Effect::Erase]),
        1 => Just(Effect::Hold),
    ];
    // Nested conditions are rarely constant by themselves.
    let when = prop_oneof![4 => conds(), 1 => Just(ALWAYS)];
    let one = (when, effect, targets(), 0..20usize, prop::bool::weighted(0.9)).prop_map(
        |(when, effect, target, reason, enforced)| {
            // A refusal that depends on the row has its own test.
            let when = if effect == Effect::Refuse && when.as_const().is_none() { ALWAYS } else { when };
            BoundRule { when, effect, target, reason, enforced }
        },
    );
    prop::collection::vec(one, 0..7)
}

fn rows() -> impl Strategy<Value = TestRow> {
    let text = |values: &[&str]| {
        prop::option::of(prop::sample::select(values.iter().map(|value| Value::text(*value)).collect::<Vec<_>>()))
    };
    let link = text(&["c"]);
    let country = text(&["FR", "DE"]);
    let restricted = prop::option::of(prop::bool::ANY.prop_map(Value::Boolean));
    let version = prop::option::of((0..4i64).prop_map(Value::Integer));
    (link, country, restricted, version).prop_map(|(link, country, restricted, version)| {
        let values = [
            ("contact_id", link),
            ("subject.country", country),
            ("subject.restricted", restricted),
            ("version", version),
        ];
        row(&values.map(|(name, value)| (name, value.unwrap_or_default())))
    })
}

fn entities() -> impl Strategy<Value = &'static Entity> {
    prop::sample::select(vec!["contact", "deal", "activity", "consent_event", "company"]).prop_map(entity)
}

/// The join of two outcomes, as the lattice has it.
fn joined(a: Outcome, b: Outcome) -> Outcome {
    let mut masks = a.masks;
    for (field, by) in b.masks {
        let own = masks.get(&field).copied();
        let mask = own.map_or(by.mask, |own| if own.mask == by.mask { by.mask } else { Mask::None });
        masks.insert(field, MaskedBy { mask, reason: own.map_or(by.reason, |own| own.reason.min(by.reason)) });
    }
    let rejected: BTreeSet<Rejection> = a.rejected.into_iter().chain(b.rejected).collect();
    let held = a.held || b.held;
    let strength = |due: &Due| match due.effect {
        Effect::Erase => 0,
        Effect::Anonymise => 1,
        _ => 2,
    };
    Outcome {
        hidden: a.hidden.into_iter().chain(b.hidden).min(),
        refused: &a.refused | &b.refused,
        rejected: rejected.into_iter().collect(),
        masks,
        flags: &a.flags | &b.flags,
        min_group: a.min_group.max(b.min_group),
        held,
        due: a.due.into_iter().chain(b.due).filter(|_| !held).min_by_key(|due| (strength(due), due.reason)),
    }
}

/// Whether `b` shows and does nothing that `a` does not.
fn narrows(a: &Outcome, b: &Outcome) -> bool {
    let masks = a
        .masks
        .iter()
        .all(|(field, by)| b.masks.get(field).is_some_and(|other| other.mask == by.mask || other.mask == Mask::None));
    masks
        && (a.hidden.is_none() || b.hidden.is_some())
        && a.refused.is_subset(&b.refused)
        && a.rejected.iter().all(|rejection| b.rejected.contains(rejection))
        && a.flags.is_subset(&b.flags)
        && a.min_group <= b.min_group
        && (!a.held || b.held)
}

/// One rule by itself, straight from the contract: does it touch this record?
fn touches(rule: &BoundRule, entity: &Entity, row: &TestRow) -> bool {
    let leads = match &entity.subject {
        SubjectPath::Itself => true,
        SubjectPath::Via(link) => !row.field(link).is_null(),
        SubjectPath::None => false,
    };
    rule.enforced && leads && evaluate(&rule.when, row) != Some(false)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6_000))]

    #[test]
    fn rules_join(a in rules(), b in rules(), entity in entities(), row in rows()) {
        let both = [a.clone(), b.clone()].concat();
        let turned = [b.clone(), a.clone()].concat();
        let decide = |rules: &[BoundRule]| decide(rules, entity, &row).unwrap();
        let whole = decide(&both);
        prop_assert_eq!(&whole, &decide(&turned), "commutative");
        prop_assert_eq!(&whole, &joined(decide(&a), decide(&b)), "the parts, joined: associative");
        prop_assert_eq!(&whole, &decide(&[both.clone(), both.clone()].concat()), "idempotent");
        prop_assert!(narrows(&decide(&a), &whole), "monotone: {:?} then {:?}", decide(&a), whole);
        prop_assert_eq!(decide(&[]), Outcome::default());
        for told in [both.clone(), [both.clone(), both].concat()] {
            let guard = compose(entity, &told).unwrap().guard;
            let passes = guard.hide.iter().all(|when| evaluate(when, &row) == Some(false));
            prop_assert_eq!(passes, whole.hidden.is_none(), "what the database is told");
            for field in &entity.fields {
                let always = guard.masks.iter().filter(|mask| mask.when == ALWAYS && mask.fields.contains(&field.name));
                let kinds: Vec<Mask> = always.map(|mask| mask.mask).collect();
                prop_assert!(kinds.windows(2).all(|pair| pair[0] == pair[1]), "{}: joined before the row", field.name);
            }
        }
    }

    #[test]
    fn the_outcome_is_what_each_rule_says(rules in rules(), entity in entities(), row in rows()) {
        let outcome = decide(&rules, entity, &row).unwrap();
        let unlinks = entity.row_rule == RowRule::Unlink;
        let biting: Vec<&BoundRule> = rules.iter().filter(|rule| touches(rule, entity, &row)).collect();
        let resolved = |rule: &BoundRule| resolve(&rule.target, entity);
        let hides = biting.iter().any(|rule| rule.effect == Effect::Hide && resolved(rule).row) && !unlinks;
        prop_assert_eq!(outcome.hidden.is_some(), hides);
        for field in &entity.fields {
            let mut shown: Vec<Mask> = Vec::new();
            for rule in &biting {
                let Resolved { row, fields } = resolved(rule);
                let whole_row = row && (field.is_personal() || entity.subject == SubjectPath::Via(field.name.clone()));
                let meant = whole_row || fields.contains(&field.name);
                match rule.effect {
                    Effect::Mask(mask) if meant => shown.push(mask),
                    Effect::Hide if meant && (unlinks || !row) => shown.push(Mask::None),
                    Effect::Refuse if meant && unlinks => shown.push(Mask::None),
                    _ => {}
                }
            }
            let expected = shown.first().map(|first| if shown.iter().all(|mask| mask == first) { *first } else { Mask::None });
            prop_assert_eq!(outcome.masks.get(&field.name).map(|by| by.mask), expected, "{}", field.name);
        }
        let rejects = biting.iter().any(|rule| {
            rule.effect == Effect::Reject && (resolved(rule).row || !resolved(rule).fields.is_empty())
        });
        prop_assert_eq!(!outcome.rejected.is_empty(), rejects);
        let flags = biting.iter().filter(|rule| {
            rule.effect == Effect::Flag && (resolved(rule).row || !resolved(rule).fields.is_empty())
        });
        prop_assert_eq!(outcome.flags, flags.map(|rule| rule.reason).collect::<BTreeSet<usize>>());
    }
}
