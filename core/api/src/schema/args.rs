//! Arguments and inputs of commands, read by name.

use std::collections::BTreeMap;

use async_graphql::dynamic::ResolverContext;
use async_graphql::{Name, Value as Wire};
use garant_domain::problem::Problem;
use garant_domain::value::Value;

use super::model::Kind;
use super::scalars::{from_wire, text};

/// An argument as text; empty where it is absent.
pub fn required(ctx: &ResolverContext<'_>, name: &str) -> String {
    optional(ctx, name).unwrap_or_default()
}

/// An argument as text.
pub fn optional(ctx: &ResolverContext<'_>, name: &str) -> Option<String> {
    ctx.args.get(name).filter(|value| !value.is_null()).map(|value| text(value.as_value()).into_owned())
}

/// Whether an argument is true.
pub fn flag(ctx: &ResolverContext<'_>, name: &str) -> bool {
    ctx.args.get(name).and_then(|value| value.boolean().ok()).unwrap_or_default()
}

/// The fields of the argument `input`.
pub struct Fields(BTreeMap<String, Wire>);

impl Fields {
    /// Those that are given.
    pub fn of(ctx: &ResolverContext<'_>) -> Self {
        let input = ctx.args.get("input").map(|input| input.as_value().clone()).unwrap_or_default();
        let Wire::Object(fields) = input else { return Self(BTreeMap::new()) };
        let given = fields.into_iter().filter(|(_, value)| *value != Wire::Null);
        Self(given.map(|(name, value): (Name, Wire)| (name.to_string(), value)).collect())
    }

    /// A field as text.
    pub fn one(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| text(value).into_owned())
    }

    /// A field as texts.
    pub fn several(&self, name: &str) -> Option<Vec<String>> {
        match self.0.get(name)? {
            Wire::List(values) => Some(values.iter().map(|value| text(value).into_owned()).collect()),
            single => Some(vec![text(single).into_owned()]),
        }
    }

    /// A field as a list.
    pub fn list(&self, name: &str) -> Vec<Wire> {
        match self.0.get(name) {
            Some(Wire::List(values)) => values.clone(),
            Some(single) => vec![single.clone()],
            None => vec![],
        }
    }

    /// A field as a whole number.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Wire::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// A field as an instant.
    ///
    /// # Errors
    /// It is none.
    pub fn instant(&self, name: &str) -> Result<Option<i64>, Problem> {
        self.0.get(name).map_or(Ok(None), |value| as_instant(value, &format!("input.{name}")))
    }
}

/// An argument as an instant.
///
/// # Errors
/// It is none.
pub fn instant(ctx: &ResolverContext<'_>, name: &str) -> Result<Option<i64>, Problem> {
    let given = ctx.args.get(name).filter(|value| !value.is_null());
    given.map_or(Ok(None), |value| as_instant(value.as_value(), name))
}

fn as_instant(value: &Wire, path: &str) -> Result<Option<i64>, Problem> {
    Ok(match from_wire(value, &Kind::Instant, path)? {
        Value::Instant(at) => Some(at),
        _ => None,
    })
}
