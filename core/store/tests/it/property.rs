//! Two evaluators, one answer: generated conditions over generated records, natively and in SQL.
//! The conditions travel as masks, whose "bitten" flags say where each is not false; with each goes
//! its negation, so that true, false and unknown are all told apart, many in one statement.

use std::collections::{BTreeMap, HashMap};

use garant_domain::consent::{Event, EventKind, Provenance, States, fold};
use garant_domain::query::{Guard, MaskRule};
use garant_domain::rule::{CompareOp, Cond, FactCall, Mask, Operand, RowView, evaluate};
use garant_domain::value::{Type, Value};
use proptest::prelude::*;
use proptest::strategy::{Union, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::both;
use crate::consent::consent_event;
use crate::facts::{CONSENT_FACTS, consent_fact};
use crate::support::*;

const TEXTS: [&str; 12] = ["", ".", "a", "A", "a.b", "a.b.c", "ab", "a%", "é", "FR", "given", "none"];
const PURPOSES: [&str; 3] = ["marketing", "marketing.email", "profiling"];
const CHANNELS: [&str; 3] = ["any", "email", "sms"];
const KINDS: [EventKind; 7] = [
    EventKind::Given,
    EventKind::Withdrawn,
    EventKind::Renewed,
    EventKind::Objected,
    EventKind::ObjectionOverridden,
    EventKind::Confirmed,
    EventKind::Requested,
];
const SUBJECT_FACTS: [(&str, &str, Type); 7] = [
    ("subject.country", "country", Type::Text),
    ("subject.kind", "kind", Type::Text),
    ("subject.collected_for", "collected_for", Type::Text),
    ("subject.collected_at", "collected_at", Type::Instant),
    ("subject.relation_end_at", "relation_end_at", Type::Instant),
    ("subject.own_customer", "own_customer", Type::Boolean),
    ("subject.restricted", "restricted", Type::Boolean),
];

/// The fields that conditions look at, by entity.
const CONTACT: [(&str, Type); 9] = [
    ("id", Type::Text),
    ("version", Type::Integer),
    ("first_name", Type::Text),
    ("city", Type::Text),
    ("country", Type::Text),
    ("kind", Type::Text),
    ("relation_end_at", Type::Instant),
    ("own_customer", Type::Boolean),
    ("restricted", Type::Boolean),
];
const DEAL: [(&str, Type); 5] = [
    ("name", Type::Text),
    ("product", Type::Text),
    ("amount", Type::Decimal),
    ("closed_on", Type::Date),
    ("contact_id", Type::Text),
];

pub fn value(ty: Type) -> BoxedStrategy<Value> {
    match ty {
        Type::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        Type::Integer => (0i64..3).prop_map(Value::Integer).boxed(),
        Type::Decimal => {
            prop_oneof![Just(i64::MIN), Just(-1), Just(0), Just(1), Just(i64::MAX)].prop_map(Value::Decimal).boxed()
        }
        Type::Text => proptest::sample::select(&TEXTS[..]).prop_map(t).boxed(),
        Type::Date => prop_oneof![Just(i32::MIN), -1..2i32, Just(i32::MAX)].prop_map(Value::Date).boxed(),
        Type::Instant => prop_oneof![Just(i64::MIN), NOW - 2..NOW + 2, Just(i64::MAX)].prop_map(Value::Instant).boxed(),
    }
}

fn nullable(ty: Type) -> BoxedStrategy<Value> {
    prop_oneof![1 => Just(Value::Null), 3 => value(ty)].boxed()
}

/// Operands of a type on an entity.
pub fn operand(entity: &'static str, ty: Type) -> BoxedStrategy<Operand> {
    let fields: &[(&str, Type)] = if entity == "contact" { &CONTACT } else { &DEAL };
    let mut ways: Vec<BoxedStrategy<Operand>> = vec![nullable(ty).prop_map(Operand::Literal).boxed()];
    for (field, _) in fields.iter().filter(|(_, of)| *of == ty) {
        ways.push(Just(Operand::Field((*field).to_owned())).boxed());
    }
    if entity == "deal" {
        for (field, _) in CONTACT.iter().filter(|(_, of)| *of == ty) {
            ways.push(Just(Operand::Related { via: "contact_id".to_owned(), field: (*field).to_owned() }).boxed());
        }
    }
    for (fact, _, _) in SUBJECT_FACTS.iter().filter(|(_, _, of)| *of == ty) {
        ways.push(Just(Operand::Fact(FactCall { name: (*fact).to_owned(), args: vec![] })).boxed());
    }
    for fact in CONSENT_FACTS.iter().filter(|fact| garant_domain::fact::find(fact).is_some_and(|fact| fact.ty == ty)) {
        let args = (proptest::sample::select(&PURPOSES[..]), proptest::sample::select(&CHANNELS[..]));
        let call = args.prop_map(|(purpose, channel)| {
            Operand::Fact(FactCall { name: (*fact).to_owned(), args: vec![purpose.to_owned(), channel.to_owned()] })
        });
        ways.push(call.boxed());
    }
    if ty == Type::Boolean {
        let names = proptest::sample::select(vec!["objection.active", "objection.overridden"]);
        let call = (names, proptest::sample::select(&PURPOSES[..]));
        let call = call.prop_map(|(name, purpose)| {
            Operand::Fact(FactCall { name: name.to_owned(), args: vec![purpose.to_owned()] })
        });
        ways.push(call.boxed());
    }
    Union::new(ways).boxed()
}

/// Conditions on an entity.
pub fn cond(entity: &'static str) -> BoxedStrategy<Cond> {
    let types = [Type::Boolean, Type::Integer, Type::Decimal, Type::Text, Type::Date, Type::Instant];
    let op = proptest::sample::select(vec![
        CompareOp::Eq,
        CompareOp::Ne,
        CompareOp::Lt,
        CompareOp::Le,
        CompareOp::Gt,
        CompareOp::Ge,
    ]);
    let compare = (proptest::sample::select(types.to_vec()), op).prop_flat_map(move |(ty, op)| {
        (operand(entity, ty), operand(entity, ty)).prop_map(move |(a, b)| Cond::Compare(op, a, b))
    });
    let one_of = proptest::sample::select(types.to_vec()).prop_flat_map(move |ty| {
        (operand(entity, ty), proptest::collection::vec(nullable(ty), 0..4))
            .prop_map(|(a, values)| Cond::OneOf(a, values))
    });
    let is_null =
        proptest::sample::select(types.to_vec()).prop_flat_map(move |ty| operand(entity, ty).prop_map(Cond::IsNull));
    let covers = (operand(entity, Type::Text), operand(entity, Type::Text)).prop_map(|(a, b)| Cond::Covers(a, b));
    let leaf = prop_oneof![
        1 => proptest::sample::select(vec![Some(true), Some(false), None]).prop_map(Cond::Const),
        6 => compare,
        2 => operand(entity, Type::Boolean).prop_map(Cond::Is),
        3 => one_of,
        2 => is_null,
        3 => covers,
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Cond::All),
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Cond::Any),
            inner.prop_map(|part| Cond::Not(Box::new(part))),
        ]
    })
    .boxed()
}

/// What the native evaluator is given of a record.
pub struct World {
    pub contacts: HashMap<String, BTreeMap<String, Value>>,
    pub deals: HashMap<String, BTreeMap<String, Value>>,
    pub states: HashMap<String, States>,
}

pub struct View<'a> {
    pub world: &'a World,
    pub values: &'a BTreeMap<String, Value>,
    pub subject: Option<&'a str>,
}

impl RowView for View<'_> {
    fn field(&self, name: &str) -> Value {
        self.values.get(name).cloned().unwrap_or_default()
    }

    fn related(&self, via: &str, field: &str) -> Value {
        let other = self
            .field(via)
            .as_text()
            .and_then(|id| self.world.contacts.get(id))
            .and_then(|record| record.get(field))
            .cloned();
        other.unwrap_or_default()
    }

    fn fact(&self, call: &FactCall) -> Value {
        if let Some((_, field, _)) = SUBJECT_FACTS.iter().find(|(name, _, _)| *name == call.name) {
            let person = self.subject.and_then(|id| self.world.contacts.get(id));
            return person.and_then(|record| record.get(*field)).cloned().unwrap_or_default();
        }
        let none = States::new();
        let states = self.subject.and_then(|id| self.world.states.get(id)).unwrap_or(&none);
        consent_fact(&call.name, &call.args[0], call.args.get(1).map_or("any", String::as_str), states)
    }
}

fn provenance() -> impl Strategy<Value = Provenance> {
    let text = |texts: &'static [&'static str]| proptest::sample::select(texts).prop_map(str::to_owned);
    (text(&["v1", "v2"]), text(&["person", "guardian", "both"]), any::<bool>())
        .prop_map(|(notice, given_by, conditional)| Provenance { notice, given_by, conditional })
}

pub fn sample<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).expect("a value").current()
}

/// Generates records and events and writes them to the store.
pub async fn world(db: &Db, runner: &mut TestRunner) -> World {
    let mut world = World { contacts: HashMap::new(), deals: HashMap::new(), states: HashMap::new() };
    let (mut contacts, mut deals, mut consents) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..24 {
        let id = format!("c{index}");
        let given: Vec<(&str, Value)> =
            CONTACT[2..].iter().map(|(field, ty)| (*field, sample(runner, &nullable(*ty)))).collect();
        let mut new = record(&id, &given);
        new.collected_at = match sample(runner, &nullable(Type::Instant)) {
            Value::Instant(at) => Some(at),
            _ => None,
        };
        let mut values = new.values.clone();
        values.insert("id".to_owned(), t(&id));
        values.insert("version".to_owned(), Value::Integer(1));
        values.insert("collected_at".to_owned(), new.collected_at.map_or(Value::Null, Value::Instant));
        values.insert("collected_for".to_owned(), t("sales"));
        let mut events = Vec::new();
        for number in 0..index % 6 {
            events.push(Event {
                id: format!("{id}-{number}"),
                purpose: sample(runner, &proptest::sample::select(&PURPOSES[..])).to_owned(),
                channel: sample(runner, &proptest::sample::select(&CHANNELS[..])).to_owned(),
                kind: sample(runner, &proptest::sample::select(&KINDS[..])),
                at: sample(runner, &(NOW - 3..NOW)),
                proven: sample(runner, &any::<bool>()),
                explicit: sample(runner, &any::<bool>()),
                method: "checkbox".to_owned(),
                provenance: sample(runner, &provenance()),
            });
        }
        consents.extend(events.iter().map(|event| consent_event(event, &id)));
        world.states.insert(id.clone(), fold(&events, i64::MAX));
        world.contacts.insert(id, values);
        contacts.push(new);
    }
    for index in 0..16 {
        let id = format!("d{index}");
        let mut given: Vec<(&str, Value)> =
            DEAL[..4].iter().map(|(field, ty)| (*field, sample(runner, &nullable(*ty)))).collect();
        given.push(("contact_id", if index % 5 == 0 { Value::Null } else { t(&format!("c{}", index * 7 % 26)) }));
        let new = record(&id, &given);
        world.deals.insert(id, new.values.clone());
        deals.push(new);
    }
    put(&db.store, TENANT, "contact", contacts).await;
    put(&db.store, TENANT, "deal", deals).await;
    put(&db.store, TENANT, "consent_event", consents).await;
    world
}

/// Evaluates conditions over all records of an entity, in SQL and natively.
pub async fn agree(db: &Db, world: &World, entity: &'static str, conds: &[Cond]) -> usize {
    let field = if entity == "contact" { "city" } else { "name" };
    let rule = |when: Cond| MaskRule { fields: vec![field.to_owned()], mask: Mask::None, when, reason: 0 };
    let masks = conds.iter().flat_map(|cond| [rule(cond.clone()), rule(Cond::Not(Box::new(cond.clone())))]).collect();
    let guards = with(entity, Guard { hide: vec![], masks, ..Guard::default() });
    let rows = read(&db.store, &query(entity, &[field]), &guards).await;
    let records = if entity == "contact" { &world.contacts } else { &world.deals };
    assert_eq!(rows.rows.len(), records.len());
    for row in &rows.rows {
        let values = &records[&row.id];
        let subject = if entity == "contact" { Some(row.id.as_str()) } else { values["contact_id"].as_text() };
        let view = View { world, values, subject };
        for (cond, bitten) in conds.iter().zip(row.bitten.chunks_exact(2)) {
            let in_sql = match bitten {
                [false, _] => Some(false),
                [true, false] => Some(true),
                _ => None,
            };
            assert_eq!(in_sql, evaluate(cond, &view), "{entity} {} with {values:?}:\n{cond:#?}", row.id);
        }
    }
    rows.rows.len() * conds.len()
}

/// The same condition with every consent to one purpose through one channel, so that its parts are
/// asked of one row.
fn about(cond: Cond, purpose: &str, channel: &str) -> Cond {
    let one = |operand: Operand| match operand {
        Operand::Fact(mut call) if call.args.len() == 2 => {
            call.args = vec![purpose.to_owned(), channel.to_owned()];
            Operand::Fact(call)
        }
        other => other,
    };
    let all = |parts: Vec<Cond>| parts.into_iter().map(|part| about(part, purpose, channel)).collect();
    match cond {
        Cond::Const(_) => cond,
        Cond::Compare(op, a, b) => Cond::Compare(op, one(a), one(b)),
        Cond::Is(a) => Cond::Is(one(a)),
        Cond::OneOf(a, values) => Cond::OneOf(one(a), values),
        Cond::IsNull(a) => Cond::IsNull(one(a)),
        Cond::Covers(a, b) => Cond::Covers(one(a), one(b)),
        Cond::All(parts) => Cond::All(all(parts)),
        Cond::Any(parts) => Cond::Any(all(parts)),
        Cond::Not(part) => Cond::Not(Box::new(about(*part, purpose, channel))),
    }
}

/// Conditions that hide and one that masks: who is on the page, who is counted, whom the mask bit.
async fn agree_together(db: &Db, world: &World, entity: &'static str, conds: &[Cond]) -> usize {
    let field = if entity == "contact" { "city" } else { "name" };
    let Some((masking, hiding)) = conds.split_last() else { return 0 };
    let mask = MaskRule { fields: vec![field.to_owned()], mask: Mask::None, when: masking.clone(), reason: 0 };
    let guards = with(entity, Guard { hide: hiding.to_vec(), masks: vec![mask], ..Guard::default() });
    let rows = read(&db.store, &query(entity, &[field]), &guards).await;
    let records = if entity == "contact" { &world.contacts } else { &world.deals };
    let shown = |id: &str, values: &BTreeMap<String, Value>| {
        let subject = if entity == "contact" { Some(id) } else { values["contact_id"].as_text() };
        let view = View { world, values, subject };
        let hidden = hiding.iter().any(|cond| evaluate(cond, &view) != Some(false));
        (!hidden).then(|| evaluate(masking, &view) != Some(false))
    };
    let expected: BTreeMap<&str, bool> =
        records.iter().filter_map(|(id, values)| Some((id.as_str(), shown(id, values)?))).collect();
    let found: BTreeMap<&str, bool> = rows.rows.iter().map(|row| (row.id.as_str(), row.bitten[0])).collect();
    assert_eq!(found, expected, "{entity}:\n{hiding:#?}\n{masking:#?}");
    assert_eq!(rows.total, i64::try_from(expected.len()).ok(), "{entity} counted:\n{hiding:#?}");
    for row in &rows.rows {
        let value = &records[&row.id][field];
        assert_eq!(&row.values[0], if row.bitten[0] { &Value::Null } else { value });
    }
    records.len()
}

both!(sql_and_the_native_evaluator_agree_on_conditions_together, |db: Db| async move {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[43; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let world = world(&db, &mut runner).await;
    let mut cases = 0;
    for round in 0..150 {
        for entity in ["contact", "deal"] {
            let key = (proptest::sample::select(&PURPOSES[..]), proptest::sample::select(&CHANNELS[..]));
            let (purpose, channel) = sample(&mut runner, &key);
            let mut conds: Vec<Cond> = (0..3).map(|_| sample(&mut runner, &cond(entity))).collect();
            if round % 3 > 0 {
                conds = conds.into_iter().map(|cond| about(cond, purpose, channel)).collect();
            }
            // Few records pass three conditions at random.
            for hiding in 0..3 {
                let some: Vec<Cond> = conds[..hiding].iter().chain(&conds[2..]).cloned().collect();
                cases += agree_together(&db, &world, entity, &some).await;
            }
        }
    }
    assert!(cases > 10_000, "only {cases} cases");
});

both!(sql_and_the_native_evaluator_agree, |db: Db| async move {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[42; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let world = world(&db, &mut runner).await;
    let mut cases = 0;
    for _ in 0..40 {
        for entity in ["contact", "deal"] {
            let conds: Vec<Cond> = (0..15).map(|_| sample(&mut runner, &cond(entity))).collect();
            cases += agree(&db, &world, entity, &conds).await;
        }
    }
    assert!(cases > 10_000, "only {cases} cases");
    // As deep as a rule may be, and as wide.
    let leaf = || Cond::IsNull(Operand::Field("city".to_owned()));
    let deep = (0..62).fold(leaf(), |part, level| match level % 3 {
        0 => Cond::All(vec![leaf(), part]),
        1 => Cond::Any(vec![Cond::Not(Box::new(leaf())), part]),
        _ => Cond::Not(Box::new(part)),
    });
    let wide = Cond::All(vec![leaf(); 500]);
    agree(&db, &world, "contact", &[deep, wide]).await;
});
