//! The change that a preview tries out: of a policy, of rows of reference tables, of records of
//! registers.

use async_graphql::Value as Wire;
use async_graphql::dynamic::{InputObject, InputValue, ResolverContext, SchemaBuilder, TypeRef};
use async_graphql::indexmap::IndexMap;
use chrono::NaiveDate;
use garant_domain::policy_set::{Mode, Timing};
use garant_domain::problem::Problem;
use garant_domain::value::Value;
use garant_service::{
    Input, PolicyTrial, PreviewRequest, ReferenceChange, RegisterChange, RowsChange, TrialStep, Version,
};

use crate::operation::Operation;
use crate::schema::model::{Kind, Shape};
use crate::schema::policy::MODE;
use crate::schema::scalars::{JSON, from_wire, text};

/// A change to be tried out.
pub const CHANGE: &str = "PolicyChangeInput";
const REFERENCE: &str = "ReferenceChangeInput";
const REGISTER: &str = "RegisterChangeInput";

/// Registers the inputs.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let input = |name: &str, ty: TypeRef, doc: &str| InputValue::new(name, ty).description(doc);
    let string = || TypeRef::named(TypeRef::STRING);
    let flag = || TypeRef::named(TypeRef::BOOLEAN);
    let time = || TypeRef::named("DateTime");
    let json = || TypeRef::named(JSON);
    builder
        .register(
            InputObject::new(CHANGE)
                .description("A change of a policy, of reference data or of registers, to be tried out.")
                .field(input("id", TypeRef::named(TypeRef::ID), "The policy, if one changes."))
                .field(input("mode", TypeRef::named(MODE), "Its mode after the change."))
                .field(input("settings", json(), "Its settings after the change."))
                .field(input(
                    "pluginVersion",
                    string(),
                    "An installed version: a policy of the set is exchanged for it, any other is added.",
                ))
                .field(input("digest", string(), "Instead of `pluginVersion`."))
                .field(input("remove", flag(), "Out of the set."))
                .field(input("rollback", flag(), "As it was before its last change."))
                .field(input("cancel", TypeRef::named(TypeRef::INT), "The number of a change that is called off."))
                .field(input("effectiveFrom", time(), "When the change begins; at once, unless told."))
                .field(input("expiresAt", time(), "When it ends by itself."))
                .field(input("references", TypeRef::named_nn_list(REFERENCE), "Changes of reference tables."))
                .field(input("registers", TypeRef::named_nn_list(REGISTER), "Changes of records of registers.")),
        )
        .register(
            InputObject::new(REFERENCE)
                .description("A change of a reference table. Exactly one of `set`, `ends`, `remove` and `add`.")
                .field(input("table", TypeRef::named_nn(TypeRef::STRING), "adequacy, territories, ..."))
                .field(input("where", json(), "The rows that are meant: their values by column."))
                .field(input("set", json(), "Other values, by column."))
                .field(input("ends", TypeRef::named("Date"), "The last day on which the rows are valid."))
                .field(input("remove", flag(), "The rows are not there."))
                .field(input("add", json(), "A new row: its values by column.")),
        )
        .register(
            InputObject::new(REGISTER)
                .description("A change of a record about nobody: of a purpose, a recipient, an assessment.")
                .field(input("entity", TypeRef::named_nn(TypeRef::STRING), "recipient, purpose, ..."))
                .field(input("id", TypeRef::named_nn(TypeRef::ID), "The record."))
                .field(input("set", TypeRef::named_nn(JSON), "Its fields after the change, as in its input.")),
        )
}

type Fields = IndexMap<async_graphql::Name, Wire>;

fn given<'a>(fields: &'a Fields, name: &str) -> Option<&'a Wire> {
    fields.get(name).filter(|value| **value != Wire::Null)
}

/// The request that the arguments make.
///
/// # Errors
/// `BAD_USER_INPUT` naming the argument.
pub fn read(ctx: &ResolverContext<'_>) -> Result<PreviewRequest, Problem> {
    let Some(Wire::Object(change)) = ctx.args.get("change").map(|change| change.as_value().clone()) else {
        return Err(Problem::input("change", "`change` must be an object"));
    };
    let word = |name: &str| {
        let value = ctx.args.get(name).filter(|value| !value.is_null());
        value.map(|value| text(value.as_value()).into_owned())
    };
    let at = ctx.args.get("at").map(|at| at.as_value().clone()).unwrap_or(Wire::Null);
    let list = |name: &str| match given(&change, name) {
        Some(Wire::List(items)) => items.clone(),
        Some(one) => vec![one.clone()],
        None => vec![],
    };
    let objects = |name: &str| {
        list(name).into_iter().filter_map(|item| match item {
            Wire::Object(fields) => Some(fields),
            _ => None,
        })
    };
    Ok(PreviewRequest {
        policy: policy(&change)?,
        references: objects("references").map(|fields| reference(&fields)).collect::<Result<_, _>>()?,
        registers: objects("registers").map(|fields| register_change(ctx, &fields)).collect::<Result<_, _>>()?,
        at: instant_of(&at, "at")?,
        channel: word("channel"),
        recipient: word("recipient"),
        budget: None,
    })
}

fn instant_of(wire: &Wire, path: &str) -> Result<Option<i64>, Problem> {
    Ok(match from_wire(wire, &Kind::Instant, path)? {
        Value::Instant(at) => Some(at),
        _ => None,
    })
}

fn policy(change: &Fields) -> Result<Option<PolicyTrial>, Problem> {
    let word = |name: &str| given(change, name).map(|value| text(value).into_owned());
    let yes = |name: &str| given(change, name) == Some(&Wire::Boolean(true));
    let Some(id) = word("id") else { return Ok(None) };
    let settings = given(change, "settings").map(|settings| {
        let settings = settings.clone().into_json().ok().filter(serde_json::Value::is_object);
        settings.ok_or_else(|| {
            Problem::input("change.settings", "The settings must be a JSON object")
                .mend("`policy { settingsSchema }` says what they may hold.")
        })
    });
    let mode = word("mode").and_then(|mode| match mode.as_str() {
        "OFF" => Some(Mode::Off),
        "OBSERVE" => Some(Mode::Observe),
        "ENFORCE" => Some(Mode::Enforce),
        _ => None,
    });
    let version = match (word("digest"), word("pluginVersion")) {
        (Some(_), Some(_)) => {
            return Err(Problem::input("change.pluginVersion", "The version is named twice")
                .mend("Name `pluginVersion` or `digest`."));
        }
        (Some(digest), None) => Some(Version::Digest(digest)),
        (None, version) => version.map(Version::Named),
    };
    let cancel = given(change, "cancel").and_then(|number| match number {
        Wire::Number(number) => number.as_i64().map(TrialStep::Cancel),
        _ => None,
    });
    let steps = [yes("remove").then_some(TrialStep::Remove), yes("rollback").then_some(TrialStep::Rollback), cancel];
    let mut steps = steps.into_iter().flatten();
    let step = steps.next();
    if steps.next().is_some() {
        return Err(Problem::input("change", "The change names more than one step")
            .mend("Preview removing, rolling back or calling off by itself."));
    }
    let moment = |name: &str| instant_of(change.get(name).unwrap_or(&Wire::Null), &format!("change.{name}"));
    let timing = Timing { from: moment("effectiveFrom")?, until: moment("expiresAt")? };
    Ok(Some(PolicyTrial { id, mode, settings: settings.transpose()?, version, step, timing }))
}

fn reference(change: &Fields) -> Result<ReferenceChange, Problem> {
    let table = given(change, "table").map(|table| text(table).into_owned()).unwrap_or_default();
    let rows = given(change, "where").map(|rows| cells(rows, "where")).transpose()?.unwrap_or_default();
    let mut what = Vec::new();
    if let Some(set) = given(change, "set") {
        what.push(RowsChange::Set(cells(set, "set")?));
    }
    if let Some(ends) = given(change, "ends") {
        what.push(RowsChange::End(date(ends)?));
    }
    if given(change, "remove") == Some(&Wire::Boolean(true)) {
        what.push(RowsChange::Remove);
    }
    if let Some(row) = given(change, "add") {
        what.push(RowsChange::Add(cells(row, "add")?));
    }
    match <[RowsChange; 1]>::try_from(what) {
        Ok([what]) => Ok(ReferenceChange { table, rows, what }),
        Err(_) => Err(Problem::input("change.references", "A change of a reference table does exactly one thing")
            .mend("Name one of `set`, `ends`, `remove` and `add`.")),
    }
}

fn date(wire: &Wire) -> Result<NaiveDate, Problem> {
    text(wire).parse().map_err(|_| {
        Problem::input("change.references.ends", "`ends` must be a date such as 2026-05-01")
            .mend("Give the last day on which the rows are valid.")
    })
}

/// Cells by column, as text as the file has them.
fn cells(wire: &Wire, path: &str) -> Result<Vec<(String, Option<String>)>, Problem> {
    let wrong = || {
        Problem::input(format!("change.references.{path}"), "This must be an object of texts, by column")
            .mend("Write it as {iso: \"US\"}.")
    };
    let Wire::Object(fields) = wire else { return Err(wrong()) };
    let cell = |(column, value): (&async_graphql::Name, &Wire)| match value {
        Wire::Null => Ok((column.to_string(), None)),
        Wire::List(_) | Wire::Object(_) | Wire::Binary(_) => Err(wrong()),
        value => Ok((column.to_string(), Some(text(value).into_owned()))),
    };
    fields.iter().map(cell).collect()
}

fn register_change(ctx: &ResolverContext<'_>, change: &Fields) -> Result<RegisterChange, Problem> {
    let word = |name: &str| given(change, name).map(|value| text(value).into_owned()).unwrap_or_default();
    let (entity, id) = (word("entity"), word("id"));
    let model = &Operation::of(ctx)?.model;
    let shape = model.shapes().find(|shape| shape.entity == entity || shape.singular == entity);
    let Some(shape) = shape else {
        // The service knows which there are.
        return Ok(RegisterChange::new(&entity, &id, Input::new()));
    };
    let values = values(shape, change.get("set").unwrap_or(&Wire::Null), "change.registers.set")?;
    Ok(RegisterChange::new(&shape.entity, &id, values))
}

/// Fields of a record as JSON has them, by their names in the API.
///
/// # Errors
/// `BAD_USER_INPUT` naming the field.
pub fn values(shape: &Shape, wire: &Wire, path: &str) -> Result<Input, Problem> {
    let Wire::Object(set) = wire else {
        return Err(Problem::input(path, "This must be an object of fields")
            .mend("Write it as {contractUntil: \"2026-05-01\"}."));
    };
    let mut values = Input::new();
    for (name, value) in set {
        let path = format!("{path}.{name}");
        let column = shape.column(name).filter(|column| column.writable);
        let column = column.ok_or_else(|| {
            Problem::input(&path, format!("`{}` has no field `{name}` that can be written", shape.singular))
                .mend("Leave it out.")
        })?;
        values.insert(column.name.clone(), from_wire(value, &column.kind, &path)?);
    }
    Ok(values)
}
