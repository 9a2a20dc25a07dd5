//! `mergeContacts`: several records become one.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use garant_domain::problem::Problem;
use garant_service::{MAX_MERGE, MergeRequest, Merged, Moved};

use super::{Answer, bulk, response_key};
use crate::journal::{Done as Noted, not_told};
use crate::load::{self, Node, Selected};
use crate::operation::Operation;
use crate::schema::model::{Model, Shape};
use crate::schema::names::camel;
use crate::schema::scalars::text;
use crate::schema::told;

const VERSION: &str = "RecordVersion";
const MOVED: &str = "MergeMoved";

/// What a merge did, with what was selected of the survivor.
struct Done {
    merged: Merged,
    node: Option<Arc<Node>>,
}

fn type_name(shape: &Shape) -> String {
    format!("{}Merge", shape.type_name)
}

/// Registers the types.
pub fn register(mut builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    let moved = |name: &str, ty: &str, read: fn(&Moved) -> Wire| {
        Field::new(name, TypeRef::named_nn(ty), move |ctx| {
            FieldFuture::from_value(ctx.parent_value.downcast_ref::<Moved>().map(read))
        })
    };
    builder = builder
        .register(
            InputObject::new(VERSION)
                .description("The version that a record must have.")
                .field(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
                .field(InputValue::new("version", TypeRef::named_nn(TypeRef::INT))),
        )
        .register(
            Object::new(MOVED)
                .description("Visible records that led to those that went and lead to the survivor now.")
                .field(moved("entity", TypeRef::STRING, |moved| Wire::from(camel(&moved.entity))))
                .field(moved("field", TypeRef::STRING, |moved| Wire::from(camel(&moved.field))))
                .field(moved("count", TypeRef::INT, |moved| Wire::from(moved.count))),
        );
    for shape in model.shapes().filter(|shape| shape.mergeable) {
        builder = builder.register(object(shape));
    }
    builder
}

fn object(shape: &Shape) -> Object {
    let field = |name: &str, ty: TypeRef, read: fn(&Merged) -> Wire| {
        Field::new(name, ty, move |ctx| FieldFuture::from_value(done(&ctx).map(|done| read(&done.merged))))
    };
    Object::new(type_name(shape))
        .description("What a merge did, or with `dryRun` would have done.")
        .field(
            Field::new("record", TypeRef::named(&shape.type_name), |ctx| {
                let node = done(&ctx).and_then(|done| done.node.clone());
                FieldFuture::Value(node.map(FieldValue::owned_any))
            })
            .description("The survivor; with `dryRun` as it is."),
        )
        .field(
            field("filled", TypeRef::named_nn_list_nn(TypeRef::STRING), |merged| {
                Wire::List(merged.filled.iter().map(|name| Wire::from(camel(name))).collect())
            })
            .description("Fields of the survivor that changed."),
        )
        .field(Field::new("moved", TypeRef::named_nn_list_nn(MOVED), |ctx| {
            let moved = done(&ctx).map(|done| done.merged.moved.iter().cloned().map(FieldValue::owned_any));
            FieldFuture::Value(moved.map(FieldValue::list))
        }))
        .field(
            field("ids", TypeRef::named_nn_list_nn(TypeRef::ID), |merged| {
                Wire::List(merged.ids.iter().map(|id| Wire::from(id.as_str())).collect())
            })
            .description("The records that went into the trash; each points to the survivor there."),
        )
        .field(field("dryRun", TypeRef::named_nn(TypeRef::BOOLEAN), |merged| Wire::from(merged.dry_run)))
}

fn done<'a>(ctx: &ResolverContext<'a>) -> Option<&'a Done> {
    ctx.parent_value.downcast_ref::<Done>()
}

/// `mergeContacts`.
pub fn field(shape: &Arc<Shape>) -> Field {
    let of = Arc::clone(shape);
    Field::new(format!("merge{}", bulk::plural(shape)), TypeRef::named(type_name(shape)), move |ctx| {
        let shape = Arc::clone(&of);
        FieldFuture::new(async move { Ok(told(&ctx, merge(&ctx, &shape).await)) })
    })
    .argument(InputValue::new("into", TypeRef::named_nn(TypeRef::ID)).description("The record that stays."))
    .argument(InputValue::new("ids", TypeRef::named_nn_list_nn(TypeRef::ID)).description("The records that go."))
    .argument(
        InputValue::new("versions", TypeRef::named_nn_list(VERSION))
            .description("Refuses with `CONFLICT` when a record has another version."),
    )
    .argument(
        InputValue::new("dryRun", TypeRef::named(TypeRef::BOOLEAN))
            .description("Tries it under the same rules and changes nothing."),
    )
    .description(format!(
        "Makes visible records one, at most {MAX_MERGE} besides the survivor. Empty fields of the survivor are filled; what leads to the others leads to it; what a person said no to stays so."
    ))
}

async fn merge<'a>(ctx: &ResolverContext<'a>, shape: &Shape) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let selected = Selected::of(ctx.field()).named("record");
    let key = response_key(ctx);
    let merged = match operation.journal.before(key) {
        Some(before) => again(operation, shape, before?, selected.columns(shape)).await?,
        None => {
            let merged = act(ctx, operation, shape, selected.columns(shape)).await;
            operation.journal.note(key, noted(&merged));
            merged?
        }
    };
    let node = load::attach(operation, shape, vec![merged.record.clone()], &selected).await.pop();
    Ok(Some(FieldValue::owned_any(Done { merged, node })))
}

async fn act(
    ctx: &ResolverContext<'_>,
    operation: &Operation,
    shape: &Shape,
    fields: Vec<String>,
) -> Result<Merged, Problem> {
    let argument = |name: &str| ctx.args.get(name).map(|value| value.as_value());
    let ids = match argument("ids") {
        Some(Wire::List(ids)) => ids.iter().map(|id| text(id).into_owned()).collect(),
        Some(id) => vec![text(id).into_owned()],
        None => vec![],
    };
    let request = MergeRequest {
        into: argument("into").map(|id| text(id).into_owned()).unwrap_or_default(),
        ids,
        versions: versions(argument("versions"))?,
        dry_run: argument("dryRun") == Some(&Wire::Boolean(true)),
    };
    operation.unit().await?.merge(&shape.entity, request, fields).await
}

/// What is kept of a merge: which records, and how many, never what they held.
fn noted(merged: &Result<Merged, Problem>) -> Noted {
    match merged {
        Ok(merged) => Noted::Merged {
            into: (merged.record.id().to_owned(), merged.record.version()),
            filled: merged.filled.clone(),
            moved: merged.moved.iter().map(|one| (one.entity.clone(), one.field.clone(), one.count)).collect(),
            ids: merged.ids.clone(),
            dry_run: merged.dry_run,
        },
        Err(problem) => Noted::Failed(Box::new(problem.clone())),
    }
}

/// What was done before, with those of its records that may be seen now.
async fn again(operation: &Operation, shape: &Shape, done: Noted, fields: Vec<String>) -> Result<Merged, Problem> {
    let (into, filled, moved, ids, dry_run) = match done {
        Noted::Merged { into, filled, moved, ids, dry_run } => (into, filled, moved, ids, dry_run),
        Noted::Failed(problem) => return Err(*problem),
        Noted::Records { .. } | Noted::Bulk { .. } | Noted::Said(_) => return Err(not_told()),
    };
    let unit = operation.unit().await?;
    let record = unit.written_before(&shape.entity, vec![into], false, fields).await?.pop().ok_or_else(not_told)?;
    let moved = moved.into_iter().map(|(entity, field, count)| Moved { entity, field, count }).collect();
    // What was only tried lies where it lay.
    let ids = unit.seen_of(&shape.entity, ids, !dry_run).await?;
    Ok(Merged { record, filled, moved, ids, dry_run })
}

fn versions(wire: Option<&Wire>) -> Result<BTreeMap<String, i64>, Problem> {
    let one;
    let given = match wire {
        None | Some(Wire::Null) => return Ok(BTreeMap::new()),
        Some(Wire::List(given)) => given.as_slice(),
        Some(value) => {
            one = [value.clone()];
            &one
        }
    };
    let version = |(index, wire): (usize, &Wire)| {
        let wrong = || Problem::input(format!("versions.{index}"), "An id and its version, as a whole number");
        let Wire::Object(fields) = wire else { return Err(wrong()) };
        match (fields.get("id"), fields.get("version")) {
            (Some(id), Some(Wire::Number(version))) => Ok((text(id).into_owned(), version.as_i64().ok_or_else(wrong)?)),
            _ => Err(wrong()),
        }
    };
    given.iter().enumerate().map(version).collect()
}
