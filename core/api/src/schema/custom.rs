//! Fields and objects that a tenant defines, as administrators see and change them. A change is tried out
//! by the service, its schema is made here, and only then it is committed: the next request of every
//! process finds it in types, filters, orders and inputs.

mod input;

use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::{Value as Wire, value};
use garant_domain::catalog::camel;
use garant_domain::catalog::custom::{CustomField, CustomKind, CustomObject};
use garant_domain::problem::Problem;
use garant_service::{CatalogChange, CustomView};

use super::scalars::instant;
use super::{expected_version, plain, told};
use crate::operation::Operation;

const CATALOG: &str = "CustomCatalog";
const FIELD: &str = "CustomField";
const OBJECT: &str = "CustomObject";
const PROBLEM: &str = "CustomProblem";
const CHANGE: &str = "CustomChange";
const KIND: &str = "CustomFieldType";
const ERASURE: &str = "ErasureStrategy";

const KINDS: [(&str, &str); 14] = [
    ("TEXT", "A text of up to 1500 bytes."),
    ("NUMBER", "A whole number."),
    ("DECIMAL", "An exact decimal with at most four places."),
    ("BOOLEAN", ""),
    ("DATE", ""),
    ("TIMESTAMP", ""),
    ("SELECT", "One of the options."),
    ("MULTI_SELECT", "Some of the options."),
    ("EMAIL", ""),
    ("PHONE", ""),
    ("LINK", "A web address."),
    ("MONEY", "An exact amount, with its currency (ISO 4217) in a field beside it."),
    ("RATING", "From 1 to `max`."),
    ("RELATION", "A record of another object."),
];
const STRATEGIES: [(&str, &str); 4] = [
    ("NULLIFY", "The field is emptied."),
    ("HMAC", "A keyed hash is left."),
    ("PRESERVE", "It stays; for what says nothing about a person."),
    ("DELETE", "The whole record goes; on objects of your own."),
];

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let flag = || TypeRef::named(TypeRef::BOOLEAN);
    let int = || TypeRef::named(TypeRef::INT);
    let choice = |name: &str, items: &[(&str, &str)]| {
        items.iter().fold(Enum::new(name), |choice, (item, doc)| {
            let item = EnumItem::new(*item);
            choice.item(if doc.is_empty() { item } else { item.description(*doc) })
        })
    };
    input::register(builder)
        .register(choice(KIND, &KINDS))
        .register(choice(ERASURE, &STRATEGIES))
        .register(plain::object(
            CATALOG,
            [
                ("version", int(), "Grows by one with each change; send it as `expectedVersion`."),
                ("objects", TypeRef::named_nn_list(OBJECT), ""),
                ("fields", TypeRef::named_nn_list(FIELD), ""),
                (
                    "problems",
                    TypeRef::named_nn_list(PROBLEM),
                    "What does not fit the standard any more: nobody sees it.",
                ),
            ],
        ))
        .register(plain::object(
            OBJECT,
            [
                ("name", string(), "As the schema names one record."),
                ("plural", string(), ""),
                ("label", string(), ""),
                ("labelFr", string(), ""),
                ("about", string(), "The object of the person whom a record is about."),
                ("active", flag(), ""),
            ],
        ))
        .register(plain::object(
            FIELD,
            [
                ("entity", string(), "The object that has it."),
                ("name", string(), "As the schema names it."),
                ("label", string(), ""),
                ("labelFr", string(), ""),
                ("description", string(), ""),
                ("descriptionFr", string(), ""),
                ("type", TypeRef::named(KIND), ""),
                ("options", TypeRef::named_nn_list(TypeRef::STRING), ""),
                ("max", int(), "The best of a rating."),
                ("relation", string(), "The object that a relation leads to."),
                ("category", string(), "Data category (fideslang)."),
                ("retention", string(), ""),
                ("erasure", TypeRef::named(ERASURE), ""),
                ("required", flag(), ""),
                ("directIdentifier", flag(), ""),
                ("freeText", flag(), ""),
                ("channel", string(), ""),
                ("special", string(), "Kind of special category, also where the category implies it."),
                ("searchable", int(), "How much a word found here counts in a search."),
                ("active", flag(), ""),
            ],
        ))
        .register(plain::object(PROBLEM, [("place", string(), ""), ("message", string(), "")]))
        .register(plain::object(
            CHANGE,
            [
                ("version", int(), "The version that it led to."),
                ("at", TypeRef::named("DateTime"), ""),
                ("actor", string(), "Opaque id of whoever did it."),
                ("what", string(), "Name of the mutation."),
                ("subject", string(), "Of what."),
                ("reason", string(), ""),
            ],
        ))
}

/// Adds `customCatalog` and `customChanges` to the query root.
pub fn queries(query: Object) -> Object {
    query
        .field(
            Field::new("customCatalog", TypeRef::named(CATALOG), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, read(&ctx).await)) })
            })
            .description("Fields and objects of your own. For administrators and the DPO."),
        )
        .field(
            Field::new("customChanges", TypeRef::named_nn_list(CHANGE), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, changes(&ctx).await)) })
            })
            .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)))
            .description("Who changed them and why, the latest first. For administrators and the DPO."),
        )
}

/// Adds the changes to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    input::VERBS.iter().fold(mutation, |mutation, verb| {
        let field = Field::new(verb.name, TypeRef::named(CATALOG), move |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, change(&ctx, verb).await)) })
        });
        let field = verb.arguments(field.description(format!("{} For administrators and the DPO.", verb.doc)));
        mutation.field(
            field
                .argument(
                    InputValue::new("reason", TypeRef::named_nn(TypeRef::STRING)).description("Kept in the history."),
                )
                .argument(
                    InputValue::new("expectedVersion", TypeRef::named(TypeRef::INT))
                        .description("Refuses with `CONFLICT` when the definitions have another version."),
                )
                .argument(
                    InputValue::new("dryRun", TypeRef::named(TypeRef::BOOLEAN))
                        .description("Tries it out with every active policy, and changes nothing."),
                ),
        )
    })
}

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

async fn read<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let view = operation.service.custom_catalog(&operation.caller).await?;
    Ok(Some(FieldValue::value(catalog(&view))))
}

async fn changes<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let first = match ctx.args.get("first").filter(|first| !first.is_null()) {
        None => operation.config.default_page,
        Some(first) => first.u64().ok().and_then(|first| u32::try_from(first).ok()).ok_or_else(|| {
            Problem::input("first", "`first` must be a whole number from 0").mend("Ask for fewer changes.")
        })?,
    };
    let found = operation.service.custom_changes(&operation.caller, first).await?;
    Ok(Some(FieldValue::value(Wire::List(found.iter().map(changed).collect()))))
}

async fn change<'a>(ctx: &ResolverContext<'a>, verb: &input::Verb) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let argument = |name: &str| ctx.args.get(name).map(|value| value.as_value().clone()).unwrap_or_default();
    // Whoever may not define anything is not told what is wrong with what they sent.
    operation.service.may_define(&operation.caller)?;
    let edit = verb.edit(&argument)?;
    let reason = super::scalars::text(&argument("reason")).into_owned();
    let service = &operation.service;
    let draft = service.draft_catalog(&operation.caller, &edit, &reason, expected_version(ctx)).await?;
    // The schema is part of the proof, and is there when the next request asks for it.
    operation.schemas.prove(draft.catalog()).await?;
    let view = match argument("dryRun") {
        Wire::Boolean(true) => draft.view(),
        _ => service.commit_catalog(&operation.caller, draft).await?,
    };
    Ok(Some(FieldValue::value(catalog(&view))))
}

fn catalog(view: &CustomView) -> Wire {
    let problem =
        |(place, message): &(String, String)| value!({ "place": place.as_str(), "message": message.as_str() });
    value!({
        "version": view.version,
        "objects": Wire::List(view.objects.iter().map(object).collect()),
        "fields": Wire::List(view.fields.iter().map(field).collect()),
        "problems": Wire::List(view.left_out.iter().map(problem).collect()),
    })
}

fn object(object: &CustomObject) -> Wire {
    value!({
        "name": camel(&object.name),
        "plural": camel(&object.plural),
        "label": object.label.en.as_str(),
        "labelFr": object.label.fr.as_str(),
        "about": object.about.as_deref().map(camel),
        "active": object.active,
    })
}

fn field(field: &CustomField) -> Wire {
    let made = field.fields();
    let special = made.first().and_then(|made| made.special.clone());
    let (max, relation) = match &field.kind {
        CustomKind::Rating(most) => (Some(*most), None),
        CustomKind::Relation(entity) => (None, Some(camel(entity))),
        _ => (None, None),
    };
    value!({
        "entity": camel(&field.entity),
        "name": camel(&field.name),
        "label": field.label.en.as_str(),
        "labelFr": field.label.fr.as_str(),
        "description": field.description.en.as_str(),
        "descriptionFr": field.description.fr.as_str(),
        "type": Wire::Enum(async_graphql::Name::new(input::kind_name(&field.kind))),
        "options": field.kind.options().to_vec(),
        "max": max,
        "relation": relation,
        "category": field.category.as_str(),
        "retention": field.retention.as_str(),
        "erasure": Wire::Enum(async_graphql::Name::new(input::erasure_name(field.erasure))),
        "required": field.required,
        "directIdentifier": field.direct_identifier,
        "freeText": field.free_text,
        "channel": field.channel.clone(),
        "special": special,
        "searchable": field.searchable,
        "active": field.active,
    })
}

fn changed(change: &CatalogChange) -> Wire {
    value!({
        "version": change.version,
        "at": instant(change.at),
        "actor": change.actor.as_str(),
        "what": change.what.as_str(),
        "subject": change.subject.as_str(),
        "reason": change.reason.as_str(),
    })
}
