//! From the contract's types, as the guest's code makes them, to the domain's.

use garant_domain::rule::{
    CheckEnv, Definitions, Duty, Effect, FactCall, Hook, Mask, Node, Period, Rule, Selector, Target, parse_with,
};
use garant_domain::value::{Type, Value};
use garant_plugin_sdk::wit::types as wit;

pub(crate) fn hook(hook: Hook) -> wit::Hook {
    match hook {
        Hook::Read => wit::Hook::Read,
        Hook::Write => wit::Hook::Write,
        Hook::Transfer => wit::Hook::Transfer,
        Hook::Retention => wit::Hook::Retention,
    }
}

pub(crate) fn guest_value(value: Value) -> wit::Value {
    match value {
        Value::Null => wit::Value::Null,
        Value::Boolean(value) => wit::Value::Boolean(value),
        Value::Integer(value) => wit::Value::Integer(value),
        Value::Decimal(value) => wit::Value::Decimal(value),
        Value::Text(value) => wit::Value::Text(value),
        Value::Date(value) => wit::Value::Date(value),
        Value::Instant(value) => wit::Value::Instant(value),
    }
}

/// A column over some rows, as the host lays it out.
pub(crate) fn column(name: String, ty: Type, values: Vec<Value>) -> wit::Column {
    let present = values.iter().map(|value| u8::from(!value.is_null())).collect();
    let data = if ty == Type::Text {
        let text = |value: Value| value.as_text().map(str::to_owned).unwrap_or_default();
        wit::ColumnData::Texts(values.into_iter().map(text).collect())
    } else {
        wit::ColumnData::Integers(values.into_iter().map(integer).collect())
    };
    wit::Column { name, present, data }
}

fn integer(value: Value) -> i64 {
    match value {
        Value::Boolean(flag) => i64::from(flag),
        Value::Integer(number) | Value::Decimal(number) | Value::Instant(number) => number,
        Value::Date(days) => i64::from(days),
        Value::Null | Value::Text(_) => 0,
    }
}

pub(crate) fn fact(call: &wit::FactCall) -> FactCall {
    FactCall { name: call.name.clone(), args: call.args.clone() }
}

/// A verdict as a rule that always bites: what the host makes of it for the record it was given for.
pub(crate) fn verdict(verdict: &wit::Verdict, env: &CheckEnv<'_>) -> Result<Rule, String> {
    let always = wit::Rule {
        when: vec![],
        effect: verdict.effect,
        target: verdict.target.clone(),
        code: verdict.code.clone(),
        duties: vec![],
    };
    rule(&always, &Definitions::default(), env)
}

fn value(value: &wit::Value) -> Value {
    match value {
        wit::Value::Null => Value::Null,
        wit::Value::Boolean(value) => Value::Boolean(*value),
        wit::Value::Integer(value) => Value::Integer(*value),
        wit::Value::Decimal(value) => Value::Decimal(*value),
        wit::Value::Text(value) => Value::Text(value.clone()),
        wit::Value::Date(value) => Value::Date(*value),
        wit::Value::Instant(value) => Value::Instant(*value),
    }
}

fn node(node: &wit::Node) -> Node {
    match node {
        wit::Node::Field(name) => Node::Field(name.clone()),
        wit::Node::Fact(call) => Node::Fact(FactCall { name: call.name.clone(), args: call.args.clone() }),
        wit::Node::Related(hop) => Node::Related { via: hop.via.clone(), field: hop.field.clone() },
        wit::Node::Context(key) => Node::Context(key.clone()),
        wit::Node::Literal(literal) => Node::Literal(value(literal)),
        wit::Node::Now => Node::Now,
        wit::Node::Today => Node::Today,
        wit::Node::Eq => Node::Eq,
        wit::Node::Ne => Node::Ne,
        wit::Node::Lt => Node::Lt,
        wit::Node::Le => Node::Le,
        wit::Node::Gt => Node::Gt,
        wit::Node::Ge => Node::Ge,
        wit::Node::OneOf(values) => Node::OneOf(values.iter().map(value).collect()),
        wit::Node::IsNull => Node::IsNull,
        wit::Node::Covers => Node::Covers,
        wit::Node::Plus(period) => Node::Plus(Period { months: period.months, days: period.days }),
        wit::Node::LocalDate => Node::LocalDate,
        wit::Node::All(count) => Node::All(*count),
        wit::Node::Any(count) => Node::Any(*count),
        wit::Node::Not => Node::Not,
        wit::Node::Shared(place) => Node::Shared(*place),
    }
}

fn effect(effect: wit::Effect) -> Effect {
    match effect {
        wit::Effect::Allow => Effect::Allow,
        wit::Effect::Flag => Effect::Flag,
        wit::Effect::Mask(mask) => Effect::Mask(match mask {
            wit::Mask::None => Mask::None,
            wit::Mask::KeepLast(count) => Mask::KeepLast(count),
            wit::Mask::YearOnly => Mask::YearOnly,
            wit::Mask::RegionOnly => Mask::RegionOnly,
            wit::Mask::KeyedHash => Mask::KeyedHash,
        }),
        wit::Effect::Hide => Effect::Hide,
        wit::Effect::Refuse => Effect::Refuse,
        wit::Effect::MinGroup(least) => Effect::MinGroup(least),
        wit::Effect::Reject => Effect::Reject,
        wit::Effect::MakeDormant => Effect::MakeDormant,
        wit::Effect::Anonymise => Effect::Anonymise,
        wit::Effect::Erase => Effect::Erase,
        wit::Effect::Hold => Effect::Hold,
    }
}

fn selector(selector: &wit::Selector) -> Selector {
    match selector {
        wit::Selector::Row => Selector::Row,
        wit::Selector::Field(name) => Selector::Field(name.clone()),
        wit::Selector::Category(key) => Selector::Category(key.clone()),
        wit::Selector::Special(kind) => Selector::Special(kind.clone()),
        wit::Selector::DirectIdentifiers => Selector::DirectIdentifiers,
        wit::Selector::FreeText => Selector::FreeText,
        wit::Selector::Channel(name) => Selector::Channel(name.clone()),
        wit::Selector::Personal => Selector::Personal,
    }
}

/// What several rules of a plan ask, type-checked as the host does.
pub(crate) fn shared(plan: &wit::PlanOutput, env: &CheckEnv<'_>) -> Result<Definitions, String> {
    let mut shared = Definitions::default();
    for (place, nodes) in plan.shared.iter().enumerate() {
        let added = shared.add(nodes.iter().map(node).collect(), env);
        added.map_err(|error| format!("shared condition {place}: {error}"))?;
    }
    Ok(shared)
}

/// The rule, type-checked as the host does.
pub(crate) fn rule(rule: &wit::Rule, shared: &Definitions, env: &CheckEnv<'_>) -> Result<Rule, String> {
    let nodes: Vec<Node> = rule.when.iter().map(node).collect();
    let when = parse_with(nodes, shared, env).map_err(|error| format!("rule {}: {error}", rule.code))?;
    let target =
        Target { selectors: rule.target.selectors.iter().map(selector).collect(), complement: rule.target.complement };
    garant_domain::lattice::check_target(&target, env.entity)
        .map_err(|error| format!("rule {}: {error}", rule.code))?;
    let duty = |duty: &wit::Duty| match duty {
        wit::Duty::Task(kind) => Duty::Task(kind.clone()),
        wit::Duty::Alarm(kind) => Duty::Alarm(kind.clone()),
        wit::Duty::Freeze(kind) => Duty::Freeze(kind.clone()),
    };
    let duties = rule.duties.iter().map(duty).collect();
    Ok(Rule { when, effect: effect(rule.effect), target, code: rule.code.clone(), duties })
}
