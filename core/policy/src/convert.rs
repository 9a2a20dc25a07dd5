//! Between the contract's types and the domain's. Nothing is checked here: `check` does that.

use garant_domain::reason::Localised;
use garant_domain::rule::{Duty, Effect, FactCall, Hook, Mask, Node, Period, Selector, Target};
use garant_domain::value::Value;

use crate::bindings::types;

pub(crate) fn hook_in(hook: types::Hook) -> Hook {
    match hook {
        types::Hook::Read => Hook::Read,
        types::Hook::Write => Hook::Write,
        types::Hook::Transfer => Hook::Transfer,
        types::Hook::Retention => Hook::Retention,
    }
}

pub(crate) fn hook_out(hook: Hook) -> types::Hook {
    match hook {
        Hook::Read => types::Hook::Read,
        Hook::Write => types::Hook::Write,
        Hook::Transfer => types::Hook::Transfer,
        Hook::Retention => types::Hook::Retention,
    }
}

pub(crate) fn value_in(value: types::Value) -> Value {
    match value {
        types::Value::Null => Value::Null,
        types::Value::Boolean(flag) => Value::Boolean(flag),
        types::Value::Integer(number) => Value::Integer(number),
        types::Value::Decimal(number) => Value::Decimal(number),
        types::Value::Text(text) => Value::Text(text),
        types::Value::Date(days) => Value::Date(days),
        types::Value::Instant(micros) => Value::Instant(micros),
    }
}

pub(crate) fn value_out(value: Value) -> types::Value {
    match value {
        Value::Null => types::Value::Null,
        Value::Boolean(flag) => types::Value::Boolean(flag),
        Value::Integer(number) => types::Value::Integer(number),
        Value::Decimal(number) => types::Value::Decimal(number),
        Value::Text(text) => types::Value::Text(text),
        Value::Date(days) => types::Value::Date(days),
        Value::Instant(micros) => types::Value::Instant(micros),
    }
}

/// One text suffices: the other language gets it too.
pub(crate) fn localised_in(text: types::Localised) -> Localised {
    let types::Localised { en, fr } = text;
    match (en.is_empty(), fr.is_empty()) {
        (true, false) => Localised { en: fr.clone(), fr },
        (false, true) => Localised { fr: en.clone(), en },
        _ => Localised { en, fr },
    }
}

pub(crate) fn fact_in(fact: types::FactCall) -> FactCall {
    FactCall { name: fact.name, args: fact.args }
}

pub(crate) fn node_in(node: types::Node) -> Node {
    match node {
        types::Node::Field(name) => Node::Field(name),
        types::Node::Fact(fact) => Node::Fact(fact_in(fact)),
        types::Node::Related(related) => Node::Related { via: related.via, field: related.field },
        types::Node::Context(name) => Node::Context(name),
        types::Node::Literal(value) => Node::Literal(value_in(value)),
        types::Node::Now => Node::Now,
        types::Node::Today => Node::Today,
        types::Node::Eq => Node::Eq,
        types::Node::Ne => Node::Ne,
        types::Node::Lt => Node::Lt,
        types::Node::Le => Node::Le,
        types::Node::Gt => Node::Gt,
        types::Node::Ge => Node::Ge,
        types::Node::OneOf(values) => Node::OneOf(values.into_iter().map(value_in).collect()),
        types::Node::IsNull => Node::IsNull,
        types::Node::Covers => Node::Covers,
        types::Node::Plus(period) => Node::Plus(Period { months: period.months, days: period.days }),
        types::Node::LocalDate => Node::LocalDate,
        types::Node::All(count) => Node::All(count),
        types::Node::Any(count) => Node::Any(count),
        types::Node::Not => Node::Not,
        types::Node::Shared(place) => Node::Shared(place),
    }
}

pub(crate) fn effect_in(effect: types::Effect) -> Effect {
    match effect {
        types::Effect::Allow => Effect::Allow,
        types::Effect::Flag => Effect::Flag,
        types::Effect::Mask(mask) => Effect::Mask(mask_in(mask)),
        types::Effect::Hide => Effect::Hide,
        types::Effect::Refuse => Effect::Refuse,
        types::Effect::MinGroup(count) => Effect::MinGroup(count),
        types::Effect::Reject => Effect::Reject,
        types::Effect::MakeDormant => Effect::MakeDormant,
        types::Effect::Anonymise => Effect::Anonymise,
        types::Effect::Erase => Effect::Erase,
        types::Effect::Hold => Effect::Hold,
    }
}

fn mask_in(mask: types::Mask) -> Mask {
    match mask {
        types::Mask::None => Mask::None,
        types::Mask::KeepLast(count) => Mask::KeepLast(count),
        types::Mask::YearOnly => Mask::YearOnly,
        types::Mask::RegionOnly => Mask::RegionOnly,
        types::Mask::KeyedHash => Mask::KeyedHash,
    }
}

pub(crate) fn target_in(target: types::Target) -> Target {
    let selectors = target.selectors.into_iter().map(selector_in).collect();
    Target { selectors, complement: target.complement }
}

fn selector_in(selector: types::Selector) -> Selector {
    match selector {
        types::Selector::Row => Selector::Row,
        types::Selector::Field(name) => Selector::Field(name),
        types::Selector::Category(key) => Selector::Category(key),
        types::Selector::Special(kind) => Selector::Special(kind),
        types::Selector::DirectIdentifiers => Selector::DirectIdentifiers,
        types::Selector::FreeText => Selector::FreeText,
        types::Selector::Channel(channel) => Selector::Channel(channel),
        types::Selector::Personal => Selector::Personal,
    }
}

pub(crate) fn duty_in(duty: types::Duty) -> Duty {
    match duty {
        types::Duty::Task(kind) => Duty::Task(kind),
        types::Duty::Alarm(kind) => Duty::Alarm(kind),
        types::Duty::Freeze(kind) => Duty::Freeze(kind),
    }
}
