//! The context as plugins may see it: values of the attributes that `garant_domain::context` lists.

use garant_domain::context::{ATTRIBUTES, Context, Purpose};
use garant_domain::value::Value;

/// Every attribute's value for one purpose of a request. The engine passes on what a plugin declared.
pub(crate) fn of(context: &Context, purpose: Option<&Purpose>) -> Vec<(String, Value)> {
    ATTRIBUTES.iter().map(|(name, _)| ((*name).to_owned(), value(context, purpose, name))).collect()
}

/// The value of an attribute that rules bind per request.
pub(crate) fn bound(context: &Context, name: &str) -> Value {
    match name {
        "ctx.actor.id" => Value::text(context.actor.id.clone()),
        "ctx.recipient.id" => context.recipient.as_ref().map_or(Value::Null, |to| Value::text(to.id.clone())),
        "ctx.recipient.present" => Value::Boolean(context.recipient.is_some()),
        "ctx.transfer.kind" => context.transfer.map_or(Value::Null, |how| Value::text(how.kind.as_str())),
        "ctx.transfer.rows" => context.transfer.map_or(Value::Null, |how| Value::Integer(how.rows.into())),
        _ => name.strip_prefix("ctx.").map_or(Value::Null, |name| recipient(context, name)),
    }
}

fn value(context: &Context, purpose: Option<&Purpose>, name: &str) -> Value {
    let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
    let flag = |flag: Option<bool>| flag.map_or(Value::Null, Value::Boolean);
    match (name, purpose) {
        ("purpose.key", Some(purpose)) => Value::text(purpose.key.clone()),
        ("purpose.legal_basis", Some(purpose)) => Value::text(purpose.legal_basis.clone()),
        ("purpose.direct_marketing", Some(purpose)) => Value::Boolean(purpose.direct_marketing),
        ("purpose.double_opt_in", Some(purpose)) => Value::Boolean(purpose.double_opt_in),
        ("purpose.consent_validity_months", Some(purpose)) => {
            purpose.consent_validity_months.map_or(Value::Null, |months| Value::Integer(months.into()))
        }
        (name, Some(purpose)) if name.starts_with("purpose.") => {
            let field = name.strip_prefix("purpose.").unwrap_or_default();
            let found = purpose.attributes.iter().find(|(known, _)| known == field);
            found.map_or(Value::Null, |(_, value)| value.clone())
        }
        ("channel", _) => text(&context.channel),
        ("actor.role", _) => Value::text(context.actor.role.clone()),
        ("actor.country", _) => text(&context.actor.country),
        ("actor.break_glass", _) => Value::Boolean(context.break_glass.is_some()),
        ("request.of_past", _) => Value::Boolean(context.of_past),
        ("hosting.external", _) => flag(context.hosting.external),
        ("hosting.hds", _) => flag(context.hosting.hds),
        ("recipient.present", _) => Value::Boolean(context.recipient.is_some()),
        _ => recipient(context, name),
    }
}

fn recipient(context: &Context, name: &str) -> Value {
    let field = name.strip_prefix("recipient.");
    let attributes = context.recipient.as_ref().map(|recipient| &recipient.attributes);
    match (field, attributes) {
        (Some(field), Some(attributes)) => {
            attributes.iter().find(|(known, _)| known == field).map_or(Value::Null, |(_, value)| value.clone())
        }
        _ => Value::Null,
    }
}
