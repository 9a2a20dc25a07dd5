//! What people say about their data, as commands. Each is in a file of its own; what they share is
//! here. The service decides; nothing here knows who may.

mod confirm;
mod record;
mod refuse;

use async_graphql::Value as Wire;
use async_graphql::dynamic::{FieldValue, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef};
use async_graphql::value;
use garant_domain::catalog::camel;
use garant_domain::problem::Problem;
use garant_domain::value::Value;
use garant_service::{Input, Recorded};

use super::model::{Kind, Model};
use super::mutation::response_key;
use super::plain;
use super::scalars::{from_wire, text};
use crate::journal::{Done, not_told};
use crate::operation::Operation;

const RECORDED: &str = "Recorded";
const EVENT: &str = "consent_event";

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

/// Registers the types.
pub fn register(builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    let answer = plain::object(
        RECORDED,
        [
            ("recorded", TypeRef::named(TypeRef::BOOLEAN), "It is on file."),
            (
                "eventIds",
                TypeRef::named_nn_list(TypeRef::ID),
                "The events, one for each channel; empty where it was said for an address.",
            ),
            (
                "confirmationToken",
                TypeRef::named(TypeRef::STRING),
                "Where the purpose asks for double opt-in: send it to the person, who confirms with it.",
            ),
        ],
    );
    let builder = record::register(builder.register(answer), model);
    refuse::register(confirm::register(builder, model), model)
}

/// Adds `recordConsent`, `confirmConsent`, `withdrawConsent` and `object` to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    refuse::mutations(confirm::mutations(record::mutations(mutation)))
}

/// Adds fields of an event, by their names in the catalogue, to an input.
fn with_fields(mut input: InputObject, model: &Model, names: &[&str]) -> InputObject {
    let Some(shape) = model.shape(EVENT) else { return input };
    for name in names {
        if let Some(column) = shape.columns.iter().find(|column| column.name == *name) {
            input = input
                .field(InputValue::new(&column.api, TypeRef::named(column.kind.type_name())).description(&column.doc));
        }
    }
    input
}

fn purpose() -> InputValue {
    InputValue::new("purpose", TypeRef::named_nn(TypeRef::STRING)).description("Key of a registered purpose.")
}

fn channels() -> InputValue {
    InputValue::new("channels", TypeRef::named_nn_list(TypeRef::STRING))
        .description("email, sms, call, post; every channel when absent.")
}

fn happened_at() -> InputValue {
    InputValue::new("happenedAt", TypeRef::named("DateTime")).description("When the person said it; now when absent.")
}

/// The argument `input`, read by name.
struct Said<'a> {
    model: &'a Model,
    fields: Wire,
}

impl<'a> Said<'a> {
    fn of(ctx: &ResolverContext<'a>) -> Result<Self, Problem> {
        let fields = ctx.args.get("input").map(|input| input.as_value().clone()).unwrap_or_default();
        Ok(Self { model: &Operation::of(ctx)?.model, fields })
    }

    fn get(&self, name: &str) -> Option<&Wire> {
        match &self.fields {
            Wire::Object(fields) => fields.get(name).filter(|value| **value != Wire::Null),
            _ => None,
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| text(value).into_owned())
    }

    fn texts(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Wire::List(values)) => values.iter().map(|value| text(value).into_owned()).collect(),
            Some(value) => vec![text(value).into_owned()],
            None => vec![],
        }
    }

    fn instant(&self, name: &str) -> Result<Option<i64>, Problem> {
        let Some(wire) = self.get(name) else { return Ok(None) };
        match from_wire(wire, &Kind::Instant, &format!("input.{name}"))? {
            Value::Instant(at) => Ok(Some(at)),
            _ => Ok(None),
        }
    }

    /// Fields of an event, as the catalogue names them; what is absent is absent.
    fn evidence(&self, names: &[&str]) -> Result<Input, Problem> {
        let shape = self.model.require(EVENT)?;
        let mut evidence = Input::new();
        for name in names {
            let api = camel(name);
            if let (Some(wire), Some(column)) = (self.get(&api), shape.column(&api)) {
                evidence.insert((*name).to_owned(), from_wire(wire, &column.kind, &format!("input.{api}"))?);
            }
        }
        Ok(evidence)
    }
}

/// Takes down what somebody said; or tells again what was taken down, when it was asked before.
async fn once<'a>(ctx: &ResolverContext<'a>, act: impl Future<Output = Result<Recorded, Problem>>) -> Answer<'a> {
    let journal = &Operation::of(ctx)?.journal;
    let key = response_key(ctx);
    let wire = match journal.before(key) {
        Some(done) => match done? {
            Done::Said(said) => Wire::from_json(said).map_err(|_| not_told())?,
            Done::Failed(problem) => return Err(*problem),
            Done::Records { .. } | Done::Bulk { .. } | Done::Merged { .. } => return Err(not_told()),
        },
        None => {
            let recorded = act.await;
            let wire = recorded.map(answer).inspect_err(|problem| {
                journal.note(key, Done::Failed(Box::new(problem.clone())));
            })?;
            journal.note(key, Done::Said(wire.clone().into_json().unwrap_or_default()));
            wire
        }
    };
    Ok(Some(FieldValue::value(wire)))
}

fn answer(recorded: Recorded) -> Wire {
    value!({
        "recorded": true,
        "eventIds": recorded.events,
        "confirmationToken": recorded.token,
    })
}
