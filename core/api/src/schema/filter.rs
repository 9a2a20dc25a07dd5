//! Filters: one input type per entity, over its fields, the records behind references and those
//! behind connections.

use async_graphql::Value as Wire;
use async_graphql::dynamic::{Enum, EnumItem, InputObject, InputValue, SchemaBuilder, TypeRef};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{FieldTest, Filter};

use super::model::{Column, Kind, Model, Shape};
use super::scalars::{from_wire, text};

/// `NULL | NOT_NULL`.
const IS: &str = "FilterIs";
/// Levels of `and`, `or`, `not` and relations.
const MAX_LEVELS: usize = 16;

const EQUALITY: &[&str] = &["eq", "neq"];
const ORDERED: &[&str] = &["gt", "gte", "lt", "lte"];
const TEXTUAL: &[&str] = &["like", "ilike", "startsWith", "endsWith", "contains"];

/// The kinds that have a filter type, each by one example.
fn kinds() -> [Kind; 9] {
    use Kind::{Boolean, Country, Date, Decimal, Id, Instant, Integer, MultiSelect, Text};
    [Id, Country, MultiSelect(vec![]), Text, Integer, Decimal, Boolean, Date, Instant]
}

fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Id => "IdFilter",
        Kind::Select(_) | Kind::Country => "KeyFilter",
        Kind::MultiSelect(_) => "KeysFilter",
        Kind::Text => "StringFilter",
        Kind::Integer => "IntFilter",
        Kind::Decimal => "DecimalFilter",
        Kind::Boolean => "BooleanFilter",
        Kind::Date => "DateFilter",
        Kind::Instant => "DateTimeFilter",
    }
}

fn has_order(kind: &Kind) -> bool {
    !matches!(kind, Kind::Id | Kind::Select(_) | Kind::MultiSelect(_) | Kind::Country | Kind::Boolean)
}

/// `ContactFilter`.
pub fn entity_type(shape: &Shape) -> String {
    format!("{}Filter", shape.type_name)
}

fn list_type(shape: &Shape) -> String {
    format!("{}ListFilter", shape.type_name)
}

/// Registers every filter type.
pub fn register(mut builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    builder = builder.register(
        Enum::new(IS)
            .description("Whether a shown value is there.")
            .items([EnumItem::new("NULL"), EnumItem::new("NOT_NULL")]),
    );
    for kind in kinds() {
        builder = builder.register(of_kind(&kind));
    }
    for shape in model.shapes() {
        builder = builder.register(of_entity(shape, model)).register(of_list(shape));
    }
    builder
}

fn of_kind(kind: &Kind) -> InputObject {
    let value = || TypeRef::named(kind.type_name());
    let mut object = InputObject::new(type_name(kind)).description(
        "Tests of a shown value, all of which must hold. A masked or absent value matches `is: NULL` only.",
    );
    if let Kind::MultiSelect(_) = kind {
        let some = || TypeRef::named_nn_list(TypeRef::STRING);
        return object
            .field(InputValue::new("has", value()).description("This key is chosen."))
            .field(InputValue::new("hasAny", some()).description("Some of these keys is chosen."))
            .field(InputValue::new("hasAll", some()).description("All of these keys are chosen."))
            .field(InputValue::new("is", TypeRef::named(IS)));
    }
    for name in EQUALITY {
        object = object.field(InputValue::new(*name, value()));
    }
    if *kind != Kind::Boolean {
        object = object.field(InputValue::new("in", TypeRef::named_nn_list(kind.type_name())));
    }
    if has_order(kind) {
        for name in ORDERED {
            object = object.field(InputValue::new(*name, value()));
        }
    }
    if *kind == Kind::Text {
        for name in TEXTUAL {
            let doc = match *name {
                "like" => "Pattern with `%` and `_`; `\\` escapes; case-sensitive.",
                "ilike" => "The same, case-insensitive.",
                _ => "Case-insensitive.",
            };
            object = object.field(InputValue::new(*name, value()).description(doc));
        }
    }
    object.field(InputValue::new("is", TypeRef::named(IS)))
}

fn of_entity(shape: &Shape, model: &Model) -> InputObject {
    let name = entity_type(shape);
    let list = || TypeRef::named_nn_list(&name);
    let mut object = InputObject::new(&name)
        .description("Which records, by shown values; all parts must hold.")
        .field(InputValue::new("and", list()))
        .field(InputValue::new("or", list()).description("Some part must hold; an empty list matches nothing."))
        .field(InputValue::new("not", TypeRef::named(&name)));
    for column in &shape.columns {
        let input = InputValue::new(&column.api, TypeRef::named(type_name(&column.kind)));
        object = object.field(input.description(&column.doc));
    }
    for reference in &shape.references {
        if let Some(target) = model.shape(&reference.target) {
            object = object.field(InputValue::new(&reference.api, TypeRef::named(entity_type(target))));
        }
    }
    for inverse in &shape.inverses {
        if let Some(other) = model.shape(&inverse.entity) {
            object = object.field(InputValue::new(&inverse.api, TypeRef::named(list_type(other))));
        }
    }
    object
}

fn of_list(shape: &Shape) -> InputObject {
    let one = || TypeRef::named(entity_type(shape));
    InputObject::new(list_type(shape))
        .description("Tests of the visible records on the other side of a reference.")
        .field(InputValue::new("some", one()).description("Some record matches."))
        .field(InputValue::new("none", one()).description("No record matches."))
}

/// Reads an entity's filter from an argument.
///
/// # Errors
/// A value has the wrong type, or the filter is too large; the problem names the part.
pub fn parse(model: &Model, shape: &Shape, wire: &Wire, max_tests: usize) -> Result<Filter, Problem> {
    Parser { model, left: max_tests, max: max_tests }.entity(shape, wire, "filter", 0)
}

struct Parser<'a> {
    model: &'a Model,
    left: usize,
    max: usize,
}

impl Parser<'_> {
    fn entity(&mut self, shape: &Shape, wire: &Wire, path: &str, level: usize) -> Result<Filter, Problem> {
        if level > MAX_LEVELS {
            return Err(too_large(path, &format!("nests deeper than {MAX_LEVELS} levels")));
        }
        let Wire::Object(fields) = wire else {
            return Err(Problem::input(path, format!("`{path}` must be an object")));
        };
        let mut parts = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            let path = format!("{path}.{name}");
            self.spend(&path, 1)?;
            if *value == Wire::Null {
                return Err(Problem::input(&path, format!("`{path}` must not be null"))
                    .mend("Leave it out, or use `is: NULL` to find absent values."));
            }
            parts.push(self.part(shape, name, value, &path, level + 1)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) })
    }

    fn part(&mut self, shape: &Shape, name: &str, value: &Wire, path: &str, level: usize) -> Result<Filter, Problem> {
        match name {
            "and" => return Ok(Filter::And(self.list(shape, value, path, level)?)),
            "or" => return Ok(Filter::Or(self.list(shape, value, path, level)?)),
            "not" => return Ok(Filter::Not(Box::new(self.entity(shape, value, path, level)?))),
            _ => {}
        }
        if let Some(column) = shape.column(name) {
            return self.column(column, value, path);
        }
        if let Some(reference) = shape.references.iter().find(|reference| reference.api == name) {
            let target = self.shape(&reference.target, path)?;
            let inner = self.entity(&target, value, path, level)?;
            return Ok(Filter::Related(reference.field.clone(), Box::new(inner)));
        }
        if let Some(inverse) = shape.inverses.iter().find(|inverse| inverse.api == name) {
            let other = self.shape(&inverse.entity, path)?;
            let Wire::Object(tests) = value else {
                return Err(Problem::input(path, format!("`{path}` must be an object")));
            };
            let mut parts = Vec::with_capacity(tests.len());
            for (test, value) in tests {
                let filter = Box::new(self.entity(&other, value, &format!("{path}.{test}"), level)?);
                let some = Filter::Some { entity: inverse.entity.clone(), via: inverse.via.clone(), filter };
                parts.push(if test == "none" { Filter::Not(Box::new(some)) } else { some });
            }
            return Ok(Filter::And(parts));
        }
        Err(Problem::input(path, format!("`{path}` is not a field")))
    }

    fn list(&mut self, shape: &Shape, wire: &Wire, path: &str, level: usize) -> Result<Vec<Filter>, Problem> {
        each(wire)
            .enumerate()
            .map(|(i, part)| {
                let path = format!("{path}.{i}");
                self.spend(&path, 1)?;
                self.entity(shape, part, &path, level)
            })
            .collect()
    }

    fn column(&mut self, column: &Column, wire: &Wire, path: &str) -> Result<Filter, Problem> {
        let Wire::Object(tests) = wire else {
            return Err(Problem::input(path, format!("`{path}` must be an object of tests")));
        };
        let mut parts = Vec::with_capacity(tests.len());
        for (name, value) in tests {
            let path = format!("{path}.{name}");
            self.spend(&path, if let Wire::List(values) = value { values.len() } else { 1 })?;
            if *value == Wire::Null {
                return Err(Problem::input(&path, format!("`{path}` must not be null")).mend("Use `is: NULL`."));
            }
            parts.push(match &column.kind {
                Kind::MultiSelect(keys) if name != "is" => chosen(name, &column.name, keys, value, &path)?,
                kind => Filter::Field(column.name.clone(), test(name, value, kind, &path)?),
            });
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) })
    }

    fn shape(&self, entity: &str, path: &str) -> Result<std::sync::Arc<Shape>, Problem> {
        self.model.shape(entity).cloned().ok_or_else(|| Problem::input(path, format!("`{path}` is not a field")))
    }

    fn spend(&mut self, path: &str, tests: usize) -> Result<(), Problem> {
        match self.left.checked_sub(tests) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(too_large(path, &format!("holds more than {} tests", self.max))),
        }
    }
}

fn test(name: &str, wire: &Wire, kind: &Kind, path: &str) -> Result<FieldTest, Problem> {
    let one = || from_wire(wire, kind, path);
    let pattern = || match wire {
        Wire::String(text) => Ok(text.clone()),
        _ => Err(Problem::input(path, format!("`{path}` must be text"))),
    };
    Ok(match name {
        "eq" => FieldTest::Eq(one()?),
        "neq" => FieldTest::Neq(one()?),
        "gt" => FieldTest::Gt(one()?),
        "gte" => FieldTest::Gte(one()?),
        "lt" => FieldTest::Lt(one()?),
        "lte" => FieldTest::Lte(one()?),
        "in" => FieldTest::In(each(wire).map(|value| from_wire(value, kind, path)).collect::<Result<_, _>>()?),
        "like" => FieldTest::Like(pattern()?),
        "ilike" => FieldTest::Ilike(pattern()?),
        "startsWith" => FieldTest::StartsWith(pattern()?),
        "endsWith" => FieldTest::EndsWith(pattern()?),
        "contains" => FieldTest::Contains(pattern()?),
        "is" => FieldTest::IsNull(text(wire) == "NULL"),
        _ => return Err(Problem::input(path, format!("`{path}` is not a test"))),
    })
}

/// A test of a choice of several.
fn chosen(name: &str, column: &str, keys: &[String], wire: &Wire, path: &str) -> Result<Filter, Problem> {
    let one = |wire: &Wire| {
        let key = from_wire(wire, &Kind::Select(keys.to_vec()), path)?;
        Ok(Filter::Field(column.to_owned(), FieldTest::Has(key.as_text().unwrap_or_default().to_owned())))
    };
    let parts = each(wire).map(one).collect::<Result<Vec<_>, Problem>>()?;
    Ok(if name == "hasAny" { Filter::Or(parts) } else { Filter::And(parts) })
}

/// The values of a list; a single value counts as a list of one, as GraphQL has it.
fn each(wire: &Wire) -> impl Iterator<Item = &Wire> {
    match wire {
        Wire::List(values) => values.iter(),
        one => std::slice::from_ref(one).iter(),
    }
}

fn too_large(path: &str, what: &str) -> Problem {
    Problem::new(ErrorCode::QueryTooComplex, format!("The filter {what}"))
        .at(path)
        .mend("Use fewer tests and levels, or filter in several requests.")
}

#[cfg(test)]
mod tests {
    use async_graphql::value;
    use garant_domain::catalog::Catalog;
    use garant_domain::value::Value;

    use super::*;

    fn contact(wire: Wire) -> Result<Filter, Problem> {
        let model = Model::new(&Catalog::standard().unwrap()).unwrap();
        let shape = model.shape("contact").unwrap().clone();
        parse(&model, &shape, &wire, 20)
    }

    fn field(name: &str, test: FieldTest) -> Filter {
        Filter::Field(name.into(), test)
    }

    #[test]
    fn tests_become_tests_of_the_catalogues_fields() {
        assert_eq!(
            contact(value!({ "lastName": { "eq": "x" } })).unwrap(),
            field("last_name", FieldTest::Eq(Value::text("x")))
        );
        assert_eq!(
            contact(value!({ "lastName": { "startsWith": "a", "is": "NOT_NULL" }, "kind": { "in": "customer" } }))
                .unwrap(),
            Filter::And(vec![
                Filter::And(vec![
                    field("last_name", FieldTest::StartsWith("a".into())),
                    field("last_name", FieldTest::IsNull(false)),
                ]),
                field("kind", FieldTest::In(vec![Value::text("customer")])),
            ])
        );
        assert_eq!(contact(value!({})).unwrap(), Filter::And(vec![]));
        assert_eq!(contact(value!({ "or": [] })).unwrap(), Filter::Or(vec![]));
    }

    #[test]
    fn relations_go_both_ways() {
        let wire = value!({ "not": { "company": { "name": { "like": "A%" } } }, "deals": { "some": { "stage": { "eq": "won" } }, "none": {} } });
        let some = |filter| Filter::Some { entity: "deal".into(), via: "contact_id".into(), filter: Box::new(filter) };
        assert_eq!(
            contact(wire).unwrap(),
            Filter::And(vec![
                Filter::Not(Box::new(Filter::Related(
                    "company_id".into(),
                    Box::new(field("name", FieldTest::Like("A%".into())))
                ))),
                Filter::And(vec![
                    some(field("stage", FieldTest::Eq(Value::text("won")))),
                    Filter::Not(Box::new(some(Filter::And(vec![])))),
                ]),
            ])
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (wire, path) in [
            (value!({ "lastName": null }), "filter.lastName"),
            (value!({ "lastName": { "eq": null } }), "filter.lastName.eq"),
            (value!({ "kind": { "eq": "wizard" } }), "filter.kind.eq"),
            (value!({ "or": [{ "company": { "employees": { "gt": "many" } } }] }), "filter.or.0.company.employees.gt"),
        ] {
            let problem = contact(wire).unwrap_err();
            assert_eq!((problem.code, problem.field.as_deref()), (ErrorCode::BadUserInput, Some(path)));
        }
    }

    #[test]
    fn large_and_deep_filters_are_refused() {
        let ids: Vec<Wire> = (0..30).map(Wire::from).collect();
        assert_eq!(contact(value!({ "id": { "in": ids } })).unwrap_err().code, ErrorCode::QueryTooComplex);
        let mut wire = value!({ "lastName": { "eq": "x" } });
        for _ in 0..=MAX_LEVELS {
            wire = value!({ "not": wire });
        }
        assert_eq!(contact(wire).unwrap_err().code, ErrorCode::QueryTooComplex);
    }
}
