//! Bulk mutations: by filter, and creation under keys of a source.

use std::sync::Arc;

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use garant_domain::problem::Problem;
use garant_service::{Bulk, ExternalRecord, Input, MAX_BULK};

use super::{Answer, read, response_key};
use crate::journal::{Done, not_told};
use crate::operation::Operation;
use crate::schema::model::Shape;
use crate::schema::{filter, told};

/// The input that names records by their keys.
pub const ON_CONFLICT: &str = "OnConflict";
const RESULT: &str = "BulkResult";

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let on_conflict = InputObject::new(ON_CONFLICT)
        .description("A source, and the key by which it knows each of the inputs.")
        .field(InputValue::new("source", TypeRef::named_nn(TypeRef::STRING)))
        .field(
            InputValue::new("keys", TypeRef::named_nn_list_nn(TypeRef::STRING))
                .description("As many as inputs, in their order."),
        );
    let result = Object::new(RESULT)
        .description("What a bulk mutation did, or with `dryRun` would have done.")
        .field(field_of("count", TypeRef::named_nn(TypeRef::INT), |bulk| Wire::from(bulk.count)))
        .field(field_of("ids", TypeRef::named_nn_list_nn(TypeRef::ID), |bulk| {
            Wire::List(bulk.ids.iter().map(|id| Wire::from(id.as_str())).collect())
        }))
        .field(field_of("dryRun", TypeRef::named_nn(TypeRef::BOOLEAN), |bulk| Wire::from(bulk.dry_run)));
    builder.register(on_conflict).register(result)
}

fn field_of(name: &str, ty: TypeRef, read: fn(&Bulk) -> Wire) -> Field {
    Field::new(name, ty, move |ctx| FieldFuture::from_value(ctx.parent_value.downcast_ref::<Bulk>().map(read)))
}

/// `Contacts`.
pub fn plural(shape: &Shape) -> String {
    let mut plural = shape.plural.clone();
    if let Some(first) = plural.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    plural
}

/// `updateContacts` or `deleteContacts`.
pub fn field(shape: &Arc<Shape>, update: bool) -> Field {
    let of = Arc::clone(shape);
    let (verb, doc) = if update { ("update", "Changes") } else { ("delete", "Puts into the trash") };
    Field::new(format!("{verb}{}", plural(shape)), TypeRef::named(RESULT), move |ctx| {
        let shape = Arc::clone(&of);
        FieldFuture::new(async move { Ok(told(&ctx, write(&ctx, &shape, update).await)) })
    })
    .argument(InputValue::new("filter", TypeRef::named_nn(filter::entity_type(shape))))
    .argument(
        InputValue::new("dryRun", TypeRef::named(TypeRef::BOOLEAN))
            .description("Tries it under the same rules and changes nothing."),
    )
    .description(format!("{doc} every visible record that matches, at most {MAX_BULK}: all of them or none."))
}

async fn write<'a>(ctx: &ResolverContext<'a>, shape: &Shape, update: bool) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let key = response_key(ctx);
    let bulk = match operation.journal.before(key) {
        Some(done) => again(operation, shape, done?).await?,
        None => {
            let bulk = act(ctx, operation, shape, update).await;
            operation.journal.note(
                key,
                match &bulk {
                    // What was only tried lies where it lay.
                    Ok(Bulk { count, ids, dry_run }) => {
                        Done::Bulk { count: *count, ids: ids.clone(), dry_run: *dry_run, trashed: !update && !dry_run }
                    }
                    Err(problem) => Done::Failed(Box::new(problem.clone())),
                },
            );
            bulk?
        }
    };
    Ok(Some(FieldValue::owned_any(bulk)))
}

async fn act(ctx: &ResolverContext<'_>, operation: &Operation, shape: &Shape, update: bool) -> Result<Bulk, Problem> {
    let argument = |name: &str| ctx.args.get(name).map(|value| value.as_value());
    let max = operation.config.max_filter_tests;
    let filter = filter::parse(&operation.model, shape, argument("filter").unwrap_or(&Wire::Null), max)?;
    let dry_run = argument("dryRun") == Some(&Wire::Boolean(true));
    let unit = operation.unit().await?;
    match update {
        true => {
            let input = read(shape, argument("input"), "input")?;
            unit.update_where(&shape.entity, filter, input, dry_run).await
        }
        false => unit.delete_where(&shape.entity, filter, dry_run).await,
    }
}

/// What was done before, with those of its records that may be seen now.
async fn again(operation: &Operation, shape: &Shape, done: Done) -> Result<Bulk, Problem> {
    match done {
        Done::Bulk { count, ids, dry_run, trashed } => {
            let ids = operation.unit().await?.seen_of(&shape.entity, ids, trashed).await?;
            Ok(Bulk { count, ids, dry_run })
        }
        Done::Failed(problem) => Err(*problem),
        Done::Records { .. } | Done::Merged { .. } | Done::Said(_) => Err(not_told()),
    }
}

/// The source, and each input with its key.
pub fn keyed(wire: &Wire, inputs: Vec<Input>) -> Result<(String, Vec<ExternalRecord>), Problem> {
    let Wire::Object(fields) = wire else { return Err(Problem::input("onConflict", "`onConflict` must be an object")) };
    let text = |value: Option<&Wire>, path: &str| match value {
        Some(Wire::String(text)) if !text.trim().is_empty() && text.len() <= 256 => Ok(text.clone()),
        _ => Err(Problem::input(path, format!("`{path}` must be a text of 1 to 256 bytes")).mend("Give one.")),
    };
    let source = text(fields.get("source"), "onConflict.source")?;
    let keys: Vec<&Wire> = match fields.get("keys") {
        Some(Wire::List(keys)) => keys.iter().collect(),
        one => one.into_iter().collect(),
    };
    if keys.len() != inputs.len() {
        let message = format!("`onConflict.keys` has {} keys for {} inputs", keys.len(), inputs.len());
        return Err(Problem::input("onConflict.keys", message).mend("Give one key for each input, in their order."));
    }
    let mut records: Vec<ExternalRecord> = Vec::with_capacity(inputs.len());
    for (index, (input, key)) in inputs.into_iter().zip(keys).enumerate() {
        let path = format!("onConflict.keys.{index}");
        let key = text(Some(key), &path)?;
        if let Some(first) = records.iter().position(|record| record.key == key) {
            return Err(Problem::input(path, format!("The input {first} has the same key")).mend("Send each key once."));
        }
        records.push(ExternalRecord { key, input, collected_at: None });
    }
    Ok((source, records))
}
