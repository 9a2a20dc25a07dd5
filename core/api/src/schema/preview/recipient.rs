//! `previewRecipient` and `providerCards`: what a recipient would be shown before it is registered. For the
//! DPO; the service decides who may ask.

use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::{Name, Value as Wire, value};
use garant_domain::problem::Problem;
use garant_service::{Flow, FlowReason, Input, ProviderCard, RecipientDraft};

use super::change::values;
use super::{Answer, UNABLE, unable};
use crate::operation::Operation;
use crate::schema::explain::{LOCALISED, both};
use crate::schema::names::camel;
use crate::schema::scalars::{JSON, text, to_wire};
use crate::schema::{plain, told};

const DRAFT: &str = "RecipientDraftInput";
const PREVIEW: &str = "RecipientPreview";
const CARD: &str = "ProviderCard";
const FLOW: &str = "RecipientFlow";
const REASON: &str = "RecipientFlowReason";

/// The register that a draft is a record of.
const RECIPIENT: &str = "recipient";

/// Columns of a card that are told by name.
const TOLD: [(&str, &str); 9] = [
    ("card", "Send it as `draft.card`."),
    ("name", "The legal entity."),
    ("country", ""),
    ("parents", "Who owns it, nearest first, each with its seat."),
    ("framework", "Its entry in a framework on which an adequacy decision rests."),
    ("source", "Where this is said."),
    ("stated", "When the card was written."),
    ("checked", "When somebody last compared it with its source; null for never."),
    ("certainty", ""),
];

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let strings = || TypeRef::named_nn_list_nn(TypeRef::STRING);
    let list = |name: &str| TypeRef::named_nn_list_nn(name);
    let input = |name: &str, ty: TypeRef, doc: &str| InputValue::new(name, ty).description(doc);
    builder
        .register(
            InputObject::new(DRAFT)
                .description("A recipient that is not registered yet.")
                .field(input("card", string(), "A provider card to start from."))
                .field(input(
                    "set",
                    TypeRef::named(JSON),
                    "Fields as in the input of `createRecipient`; they win over the card.",
                ))
                .field(input(
                    "purposes",
                    TypeRef::named_nn_list(TypeRef::STRING),
                    "Those of the draft when left out, or all.",
                ))
                .field(input("role", string(), "Role of its clients; each that may name the purpose when left out."))
                .field(input("channel", string(), "The channel that its requests name.")),
        )
        .register(plain::object(CARD, TOLD.map(|(name, doc)| (name, string(), doc))))
        .register(plain::object(
            REASON,
            [
                ("plugin", string(), ""),
                ("code", string(), "Stable code inside the plugin."),
                ("article", string(), ""),
                ("title", TypeRef::named(LOCALISED), ""),
                ("remedy", TypeRef::named(LOCALISED), "The smallest change that would allow it."),
                ("effect", string(), "refuse, hide, mask or flag."),
                (
                    "dependsOnRecord",
                    TypeRef::named(TypeRef::BOOLEAN),
                    "It bites on some records, by their consents or fields.",
                ),
            ],
        ))
        .register(plain::object(
            FLOW,
            [
                ("entity", string(), ""),
                ("purpose", string(), ""),
                ("roles", strings(), "Roles of its clients that fare so."),
                ("category", string(), "Category of data."),
                ("fields", strings(), "Fields of the category that fare so."),
                ("outcome", string(), "allowed, flagged, masked or refused: what is certain for every record."),
                ("reasons", list(REASON), "Why, and what comes on top for some records."),
                ("unavailable", TypeRef::named(UNABLE), "Why policies cannot decide: then nothing is shown."),
            ],
        ))
        .register(plain::object(
            PREVIEW,
            [
                ("setVersion", TypeRef::named(TypeRef::INT), "Version of the policies that decided."),
                ("draft", TypeRef::named(JSON), "The draft as policies saw it."),
                ("card", TypeRef::named(CARD), "The card that it started from."),
                ("flows", list(FLOW), "Each entity, purpose and category of data."),
                ("notes", list(LOCALISED), "What to bear in mind."),
            ],
        ))
}

/// Adds `previewRecipient` and `providerCards` to the query root.
pub fn queries(query: Object) -> Object {
    query
        .field(
            Field::new("previewRecipient", TypeRef::named(PREVIEW), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, preview(&ctx).await)) })
            })
            .argument(InputValue::new("draft", TypeRef::named_nn(DRAFT)))
            .description("What a recipient would be shown if it were registered so; writes nothing. For the DPO."),
        )
        .field(
            Field::new("providerCards", TypeRef::named_nn_list(CARD), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, cards(&ctx))) })
            })
            .description("Providers known beforehand, from which drafts may start; for the DPO."),
        )
}

fn cards<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let cards = operation.service.provider_cards(&operation.caller)?;
    Ok(Some(FieldValue::value(Wire::List(cards.iter().map(card).collect()))))
}

async fn preview<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let draft = read(ctx)?;
    let preview = operation.service.preview_recipient(&operation.caller, draft).await?;
    let fields = preview.draft.iter().map(|(name, value)| (Name::new(camel(name)), to_wire(value)));
    Ok(Some(FieldValue::value(value!({
        "setVersion": preview.set_version,
        "draft": Wire::Object(fields.collect()),
        "card": preview.card.as_ref().map_or(Wire::Null, card),
        "flows": preview.flows.iter().map(flow).collect::<Vec<_>>(),
        "notes": preview.notes.iter().map(both).collect::<Vec<_>>(),
    }))))
}

fn read(ctx: &ResolverContext<'_>) -> Result<RecipientDraft, Problem> {
    let Some(Wire::Object(draft)) = ctx.args.get("draft").map(|draft| draft.as_value().clone()) else {
        return Err(Problem::input("draft", "`draft` must be an object"));
    };
    let given = |name: &str| draft.get(name).filter(|value| **value != Wire::Null);
    let word = |name: &str| given(name).map(|value| text(value).into_owned());
    let set = match given("set") {
        Some(set) => values(Operation::of(ctx)?.model.require(RECIPIENT)?, set, "draft.set")?,
        None => Input::new(),
    };
    let purposes = match given("purposes") {
        Some(Wire::List(keys)) => keys.iter().map(|key| text(key).into_owned()).collect(),
        Some(key) => vec![text(key).into_owned()],
        None => vec![],
    };
    Ok(RecipientDraft { card: word("card"), values: set, purposes, role: word("role"), channel: word("channel") })
}

fn card(card: &ProviderCard) -> Wire {
    let told = TOLD.iter().map(|(name, _)| (Name::new(*name), card.get(name).map_or(Wire::Null, Wire::from)));
    Wire::Object(told.collect())
}

fn flow(flow: &Flow) -> Wire {
    value!({
        "entity": flow.entity.as_str(),
        "purpose": flow.purpose.as_str(),
        "roles": flow.roles.clone(),
        "category": flow.category.as_str(),
        "fields": flow.fields.iter().map(|field| camel(field)).collect::<Vec<_>>(),
        "outcome": flow.outcome,
        "reasons": flow.reasons.iter().map(reason).collect::<Vec<_>>(),
        "unavailable": flow.unavailable.as_ref().map_or(Wire::Null, unable),
    })
}

fn reason(reason: &FlowReason) -> Wire {
    value!({
        "plugin": reason.reason.plugin.as_str(),
        "code": reason.reason.code.as_str(),
        "article": reason.reason.article.as_str(),
        "title": both(&reason.reason.title),
        "remedy": both(&reason.reason.remedy),
        "effect": reason.effect,
        "dependsOnRecord": reason.depends_on_record,
    })
}
