//! `policy` on every record: which of the fields asked for are masked or noted, and why.

use async_graphql::dynamic::{Field, FieldFuture, FieldValue, Object, ResolverContext, SchemaBuilder, TypeRef};
use async_graphql::{Value as Wire, value};
use garant_domain::reason::Reason;

use super::connection::node;
use super::names::camel;
use super::plain;
use crate::operation::{Locale, Operation};

const NODE_POLICY: &str = "NodePolicy";
const MASKED_FIELD: &str = "MaskedField";
const FLAG: &str = "PolicyFlag";

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let text = || TypeRef::named(TypeRef::STRING);
    let masked = Object::new(MASKED_FIELD)
        .description("A field that a policy masked in this record.")
        .field(plain::field("field", text()).description("The field's name here."))
        .field(plain::field("display", text()).description("A partial value as text, where the policy shows one."));
    let flag = Object::new(FLAG).description("A note of a policy that restricts nothing.");
    let policy = Object::new(NODE_POLICY)
        .description("What policies did to this record, among the fields asked for.")
        .field(Field::new("masked", TypeRef::named_nn_list_nn(MASKED_FIELD), |ctx| list(&ctx, masks)))
        .field(Field::new("flags", TypeRef::named_nn_list_nn(FLAG), |ctx| list(&ctx, flags)));
    builder.register(with_reason(masked)).register(with_reason(flag)).register(policy)
}

/// `policy` of a record.
pub fn field() -> Field {
    Field::new("policy", TypeRef::named_nn(NODE_POLICY), |ctx| {
        FieldFuture::Value(node(&ctx).map(|node| FieldValue::borrowed_any(node)))
    })
    .description("What policies did to this record.")
}

fn with_reason(object: Object) -> Object {
    let text = || TypeRef::named(TypeRef::STRING);
    object
        .field(plain::field("plugin", text()))
        .field(plain::field("code", text()).description("Stable code inside the plugin."))
        .field(plain::field("article", text()))
        .field(plain::field("message", text()))
        .field(plain::field("remedy", text()).description("The smallest change that would allow it."))
}

type Read = fn(&crate::load::Node, Locale) -> Vec<Wire>;

fn list<'a>(ctx: &ResolverContext<'a>, read: Read) -> FieldFuture<'a> {
    let locale = Operation::of(ctx).map(|operation| operation.locale).unwrap_or_default();
    FieldFuture::from_value(node(ctx).map(|node| Wire::List(read(node, locale))))
}

fn masks(node: &crate::load::Node, locale: Locale) -> Vec<Wire> {
    let mask = |mask: &garant_service::MaskedField| {
        let mut wire = reason(&mask.reason, locale);
        if let Wire::Object(fields) = &mut wire {
            fields.insert(async_graphql::Name::new("field"), Wire::from(camel(&mask.field)));
            fields.insert(async_graphql::Name::new("display"), mask.display.clone().map_or(Wire::Null, Wire::from));
        }
        wire
    };
    node.row.masked().iter().map(mask).collect()
}

fn flags(node: &crate::load::Node, locale: Locale) -> Vec<Wire> {
    node.row.flags().iter().map(|flag| reason(flag, locale)).collect()
}

/// A reason in the caller's language.
pub fn reason(reason: &Reason, locale: Locale) -> Wire {
    value!({
        "plugin": reason.plugin.as_str(),
        "code": reason.code.as_str(),
        "article": reason.article.as_str(),
        "message": locale.pick(&reason.message),
        "remedy": locale.pick(&reason.remedy),
    })
}
