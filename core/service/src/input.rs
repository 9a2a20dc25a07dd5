//! From a caller's input to a candidate record: every value is checked against the catalogue before
//! a policy or the database sees it.

use std::collections::BTreeMap;

use garant_domain::catalog::{Entity, Field, FieldType};
use garant_domain::problem::Problem;
use garant_domain::value::{Type, Value};

/// The longest text that a field takes, in bytes.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// A caller's input, by field name. A null clears a field.
pub type Input = BTreeMap<String, Value>;

/// Checks an input for a new record and fills in defaults.
///
/// # Errors
///
/// `BAD_USER_INPUT` naming the first field that is wrong.
pub fn for_create(entity: &Entity, input: Input) -> Result<Input, Problem> {
    let mut input = check(entity, input)?;
    for field in &entity.fields {
        if let (None, Some(default)) = (input.get(&field.name), &field.default) {
            input.insert(field.name.clone(), default_value(field, default)?);
        }
        let missing = input.get(&field.name).is_none_or(Value::is_null);
        if field.required && missing {
            return Err(
                Problem::input(path(field), format!("`{}` is required", field.name)).mend("Give a value for it.")
            );
        }
    }
    Ok(input)
}

/// Checks an input for a change: only the fields that it names.
///
/// # Errors
///
/// `BAD_USER_INPUT` naming the first field that is wrong.
pub fn for_update(entity: &Entity, input: Input) -> Result<Input, Problem> {
    if input.is_empty() {
        return Err(Problem::input("input", "The input names no field").mend("Name at least one field to change."));
    }
    let input = check(entity, input)?;
    match entity.fields.iter().find(|field| field.required && input.get(&field.name).is_some_and(Value::is_null)) {
        Some(field) => Err(Problem::input(path(field), format!("`{}` cannot be empty", field.name))
            .mend("Leave it out of the input, or give a value.")),
        None => Ok(input),
    }
}

fn path(field: &Field) -> String {
    format!("input.{}", field.name)
}

fn default_value(field: &Field, default: &str) -> Result<Value, Problem> {
    Value::parse(field.value_type(), default)
        .map_err(|_| Problem::input(path(field), "The catalogue's default does not fit the field's type"))
}

fn check(entity: &Entity, input: Input) -> Result<Input, Problem> {
    for (name, value) in &input {
        let Some(field) = entity.field(name).filter(|field| !field.retired) else {
            return Err(Problem::input(format!("input.{name}"), format!("`{}` has no field `{name}`", entity.name)));
        };
        if field.read_only {
            return Err(Problem::input(path(field), format!("`{name}` is written by the server alone"))
                .mend("Leave the field out."));
        }
        check_value(field, value)?;
    }
    Ok(input)
}

fn check_value(field: &Field, value: &Value) -> Result<(), Problem> {
    let Some(given) = value.value_type() else { return Ok(()) };
    if given != field.value_type() {
        return Err(Problem::input(path(field), format!("Expected {}", type_name(field.value_type()))));
    }
    let Some(text) = value.as_text() else { return Ok(()) };
    let longest = field.longest().unwrap_or(MAX_TEXT_BYTES);
    if text.len() > longest {
        return Err(Problem::input(path(field), format!("The text is longer than {longest} bytes")).mend("Shorten it."));
    }
    if text.contains('\0') {
        return Err(Problem::input(path(field), "The text contains a NUL character").mend("Remove it."));
    }
    match &field.ty {
        FieldType::Select(options) if !options.iter().any(|option| option == text) => {
            Err(Problem::input(path(field), "Not one of the allowed keys")
                .mend(format!("Use one of: {}.", options.join(", "))))
        }
        FieldType::MultiSelect(options) if field.admits(value).is_err() => {
            Err(Problem::input(path(field), "Not some of the allowed keys")
                .mend(format!("Use some of: {}, in this order.", options.join(", "))))
        }
        FieldType::Country if !field.is_country(text) => {
            let or = match field.organisations.join(", ") {
                none if none.is_empty() => none,
                organisations => format!("; or {organisations}"),
            };
            Err(Problem::input(path(field), "Not an ISO 3166-1 alpha-2 country code")
                .mend(format!("Use two capital letters, such as FR or DE{or}.")))
        }
        _ => match field.format.filter(|format| !format.admits(text)) {
            None => Ok(()),
            Some(format) => Err(Problem::input(path(field), format!("Not {}", format.expected()))
                .mend(format!("Give {}.", format.expected()))),
        },
    }
}

/// The name of a type, for messages.
#[must_use]
pub fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::Boolean => "true or false",
        Type::Integer => "a whole number",
        Type::Decimal => "a decimal with at most four places",
        Type::Text => "a text",
        Type::Date => "a date such as 2026-05-01",
        Type::Instant => "an instant such as 2026-05-01T10:00:00Z",
    }
}
