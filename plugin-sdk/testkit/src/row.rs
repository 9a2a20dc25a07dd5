//! The record of a case, as the evaluator sees it.

use garant_domain::catalog::{Catalog, Entity, Field, SYSTEM_FIELDS};
use garant_domain::fact::{self, FactDef};
use garant_domain::rule::{FactCall, RowView};
use garant_domain::value::{Type, Value};

use crate::case::Case;

/// A record made of a case.
pub(crate) struct CaseRow<'a> {
    case: &'a Case,
    entity: &'a Entity,
    person: &'a Entity,
}

impl<'a> CaseRow<'a> {
    /// The record, after checking that what the file mentions exists and has the right types.
    pub(crate) fn new(case: &'a Case, entity: &'a Entity, catalog: &'a Catalog) -> Result<Self, String> {
        let person = catalog.entity("contact").ok_or("the catalogue has no contact")?;
        let row = Self { case, entity, person };
        let (fields, calls) = case.mentioned();
        for name in fields {
            let ty = row.field_type(name).ok_or_else(|| format!("{} has no field `{name}`", entity.name))?;
            case.field(name, ty)?;
        }
        for call in calls {
            let name = call.split('(').next().unwrap_or(call);
            let known = fact::find(name).ok_or_else(|| format!("there is no fact `{name}`"))?;
            case.fact(call, known.ty)?;
        }
        Ok(row)
    }

    fn field_type(&self, name: &str) -> Option<Type> {
        let system = || SYSTEM_FIELDS.iter().find(|(system, _)| *system == name).map(|(_, ty)| *ty);
        self.entity.field(name).map(Field::value_type).or_else(system)
    }

    /// A fact about the person that is a field of the record, when the record is the person.
    fn own(&self, name: &str) -> Option<Value> {
        if self.entity.name != self.person.name {
            return None;
        }
        let field = self.entity.fields.iter().find(|field| field.fact.as_deref() == Some(name));
        let field = field.map(|field| field.name.as_str()).or(match name {
            "subject.collected_at" => Some("collected_at"),
            "subject.collected_for" => Some("collected_for"),
            _ => None,
        })?;
        Some(self.field(field)).filter(|value| !value.is_null())
    }
}

/// What the host says when nothing is on file.
fn nothing_on_file(known: &FactDef) -> Value {
    match (known.nullable, known.ty) {
        (false, Type::Boolean) => Value::Boolean(false),
        (false, Type::Text) if known.name == "consent.status" => Value::text("none"),
        (false, Type::Text) => Value::text(""),
        _ => Value::Null,
    }
}

impl RowView for CaseRow<'_> {
    fn field(&self, name: &str) -> Value {
        let ty = self.field_type(name);
        ty.and_then(|ty| self.case.field(name, ty).ok()).unwrap_or_default()
    }

    /// Cases hold one record, so what is behind a reference is unknown.
    fn related(&self, _via: &str, _field: &str) -> Value {
        Value::Null
    }

    fn fact(&self, call: &FactCall) -> Value {
        let text = call.to_string();
        if self.case.unknown.contains(&text) {
            return Value::Null;
        }
        let Some(known) = fact::find(&call.name) else { return Value::Null };
        let said = self.case.fact(&text, known.ty).ok().flatten();
        said.or_else(|| self.own(&call.name)).unwrap_or_else(|| nothing_on_file(known))
    }
}
