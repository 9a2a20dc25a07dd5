//! Roles as administrators see them and say what they may do. The service decides who may.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::{Name, Value as Wire, value};
use garant_domain::catalog::camel;
use garant_domain::problem::Problem;
use garant_domain::reason::Localised;
use garant_domain::role::{ANY_ENTITY, Act, Duty, Rights, Role, Scope};
use garant_service::RoleView;

use super::args::Fields;
use super::model::{Model, Shape};
use super::scalars::{instant, text};
use super::{plain, told};
use crate::operation::Operation;

const ROLE: &str = "Role";
const RECORDS: &str = "RoleRecords";
const INPUT: &str = "SetRoleInput";
const RECORDS_INPUT: &str = "RoleRecordsInput";

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let strings = || TypeRef::named_nn_list(TypeRef::STRING);
    let named = |name: &str, ty: TypeRef, doc: &str| InputValue::new(name, ty).description(doc);
    let records = plain::object(
        RECORDS,
        [
            ("entity", string(), "As the schema names one record; * for all that are not named."),
            ("hiddenFields", strings(), "Not shown."),
            ("fixedFields", strings(), "Not written."),
        ],
    );
    let records = Act::ALL.into_iter().fold(records, |records, act| {
        records.field(plain::field(act.key(), string()).description("On which records: none, own, team, all."))
    });
    let input = InputObject::new(RECORDS_INPUT)
        .field(named("entity", TypeRef::named_nn(TypeRef::STRING), "As the schema names one record; * for all others."))
        .field(named("hiddenFields", strings(), "Not shown."))
        .field(named("fixedFields", strings(), "Not written."));
    let input = Act::ALL.into_iter().fold(input, |input, act| {
        input.field(named(act.key(), string(), "On which records: none, own, team, all; none when absent."))
    });
    builder
        .register(records)
        .register(plain::object(
            ROLE,
            [
                ("key", TypeRef::named_nn(TypeRef::STRING), "* stands for every role that is not listed."),
                ("label", string(), ""),
                ("duties", strings(), "What it administers."),
                ("records", TypeRef::named_nn_list(RECORDS), "What it does with records."),
                ("version", TypeRef::named(TypeRef::INT), "0 as shipped. Send it as `expectedVersion`."),
                ("changedAt", TypeRef::named("DateTime"), ""),
                ("changedBy", string(), "Opaque id of who changed it last."),
            ],
        ))
        .register(input)
        .register(
            InputObject::new(INPUT)
                .field(named("key", TypeRef::named_nn(TypeRef::STRING), "A known role, or a new one."))
                .field(named("label", TypeRef::named_nn(TypeRef::STRING), "For people."))
                .field(named("labelFr", string(), "In French."))
                .field(named("duties", strings(), "None when absent."))
                .field(named("records", TypeRef::named_nn_list_nn(RECORDS_INPUT), "What is not named is not granted.")),
        )
}

/// Adds `roles` to the query root.
pub fn queries(query: Object) -> Object {
    query.field(
        Field::new("roles", TypeRef::named_nn_list(ROLE), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, list(&ctx).await)) })
        })
        .description("What each role may do. Needs the duty `roles`."),
    )
}

/// Adds `setRole` to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    mutation.field(
        Field::new("setRole", TypeRef::named(ROLE), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, set(&ctx).await)) })
        })
        .argument(InputValue::new("input", TypeRef::named_nn(INPUT)))
        .argument(InputValue::new("expectedVersion", TypeRef::named_nn(TypeRef::INT)))
        .description("Says what a role may do, from the next request on. Needs the duty `roles`."),
    )
}

async fn list<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let roles = operation.service.roles(&operation.caller).await?;
    Ok(Some(FieldValue::value(Wire::List(roles.iter().map(|view| role(operation, view)).collect()))))
}

async fn set<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let fields = Fields::of(ctx);
    let duties = fields.several("duties").unwrap_or_default();
    let duty = |key: &String| {
        let known: Vec<&str> = Duty::ALL.iter().map(|duty| duty.key()).collect();
        Duty::of(key).ok_or_else(|| {
            Problem::input("input.duties", "There is no such duty").mend(format!("Use some of: {}.", known.join(", ")))
        })
    };
    let records = fields.list("records").into_iter().map(|wire| records_of(&operation.model, &wire));
    let new = Role {
        key: fields.one("key").unwrap_or_default(),
        label: Localised { en: fields.one("label").unwrap_or_default(), fr: fields.one("labelFr").unwrap_or_default() },
        duties: duties.iter().map(duty).collect::<Result<_, _>>()?,
        records: records.collect::<Result<_, _>>()?,
    };
    let version = super::expected_version(ctx).unwrap_or_default();
    let view = operation.service.set_role(&operation.caller, new, version).await?;
    Ok(Some(FieldValue::value(role(operation, &view))))
}

/// What a role may do with the records of an entity, as it was sent.
fn records_of(model: &Model, wire: &Wire) -> Result<(String, Rights), Problem> {
    let Wire::Object(sent) = wire else { return Ok((ANY_ENTITY.to_owned(), Rights::default())) };
    let one = |name: &str| sent.get(name).filter(|value| **value != Wire::Null).map(|value| text(value).into_owned());
    let entity = one("entity").unwrap_or_default();
    let shape = model.shapes().find(|shape| shape.singular == entity);
    if shape.is_none() && entity != ANY_ENTITY {
        return Err(
            Problem::input("input.records.entity", "There is no such entity").mend("Use a name such as contact, or *.")
        );
    }
    let mut acts = BTreeMap::new();
    for act in Act::ALL {
        let Some(scope) = one(act.key()) else { continue };
        let path = format!("input.records.{entity}.{}", act.key());
        let scope = Scope::of(&scope)
            .ok_or_else(|| Problem::input(path, "There is no such scope").mend("Use none, own, team or all."))?;
        acts.insert(act, scope);
    }
    let rights = Rights {
        acts,
        hidden_fields: columns(shape.map(AsRef::as_ref), sent.get("hiddenFields"), &entity)?,
        fixed_fields: columns(shape.map(AsRef::as_ref), sent.get("fixedFields"), &entity)?,
    };
    Ok((shape.map_or(entity, |shape| shape.entity.clone()), rights))
}

fn columns(shape: Option<&Shape>, sent: Option<&Wire>, entity: &str) -> Result<BTreeSet<String>, Problem> {
    let Some(Wire::List(names)) = sent else { return Ok(BTreeSet::new()) };
    let column = |name: &Wire| {
        let name = text(name);
        let found = shape.and_then(|shape| shape.columns.iter().find(|column| column.api == name));
        found.map(|column| column.name.clone()).ok_or_else(|| {
            Problem::input(format!("input.records.{entity}.fields"), "A field is none of the entity's")
                .mend("Name fields as the schema does: lastName, ownerId.")
        })
    };
    names.iter().map(column).collect()
}

fn role(operation: &Operation, view: &RoleView) -> Wire {
    let records: Vec<Wire> = view.role.records.iter().map(|(entity, rights)| records_to(entity, rights)).collect();
    value!({
        "key": view.role.key.as_str(),
        "label": operation.locale.pick(&view.role.label),
        "duties": view.role.duties.iter().map(|duty| duty.key()).collect::<Vec<_>>(),
        "records": records,
        "version": view.version,
        "changedAt": view.changed_at.map(instant),
        "changedBy": view.changed_by.clone(),
    })
}

fn records_to(entity: &str, rights: &Rights) -> Wire {
    let names = |names: &BTreeSet<String>| Wire::List(names.iter().map(|name| Wire::from(camel(name))).collect());
    let mut fields = vec![
        ("entity", Wire::from(camel(entity))),
        ("hiddenFields", names(&rights.hidden_fields)),
        ("fixedFields", names(&rights.fixed_fields)),
    ];
    fields.extend(Act::ALL.into_iter().map(|act| (act.key(), Wire::from(rights.scope(act).key()))));
    Wire::Object(fields.into_iter().map(|(name, value)| (Name::new(name), value)).collect())
}
