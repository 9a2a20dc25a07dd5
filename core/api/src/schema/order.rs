//! Order: `orderBy: [{ lastName: AscNullsLast }, { createdAt: DescNullsFirst }]`.

use async_graphql::Value as Wire;
use async_graphql::dynamic::{Enum, EnumItem, InputObject, InputValue, SchemaBuilder, TypeRef};
use garant_domain::problem::Problem;
use garant_domain::query::Order;

use super::model::{Kind, Model, Shape};
use super::scalars::text;

const DIRECTION: &str = "OrderByDirection";
const MAX_KEYS: usize = 8;

/// `ContactOrderBy`.
pub fn entity_type(shape: &Shape) -> String {
    format!("{}OrderBy", shape.type_name)
}

/// Registers every order type.
pub fn register(mut builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    let items = ["AscNullsFirst", "AscNullsLast", "DescNullsFirst", "DescNullsLast"];
    builder = builder.register(Enum::new(DIRECTION).items(items.map(EnumItem::new)));
    for shape in model.shapes() {
        let mut object = InputObject::new(entity_type(shape)).description("One order key: exactly one field.");
        // Ids have no order that means anything.
        for column in shape.columns.iter().filter(|column| !matches!(column.kind, Kind::Id | Kind::MultiSelect(_))) {
            object = object.field(InputValue::new(&column.api, TypeRef::named(DIRECTION)));
        }
        builder = builder.register(object);
    }
    builder
}

/// Reads an order from an argument.
///
/// # Errors
/// A key names no field, or several.
pub fn parse(shape: &Shape, wire: &Wire) -> Result<Vec<Order>, Problem> {
    let keys = match wire {
        Wire::Null => &[],
        Wire::List(keys) => keys.as_slice(),
        one => std::slice::from_ref(one),
    };
    if keys.len() > MAX_KEYS {
        return Err(
            Problem::input("orderBy", format!("`orderBy` holds more than {MAX_KEYS} keys")).mend("Use fewer keys.")
        );
    }
    keys.iter().enumerate().map(|(i, key)| parse_key(shape, key, &format!("orderBy.{i}"))).collect()
}

fn parse_key(shape: &Shape, key: &Wire, path: &str) -> Result<Order, Problem> {
    let one =
        || Problem::input(path, format!("`{path}` must name exactly one field")).mend("Use one object for each key.");
    let Wire::Object(fields) = key else { return Err(one()) };
    let mut fields = fields.iter().filter(|(_, direction)| **direction != Wire::Null);
    let (Some((name, direction)), None) = (fields.next(), fields.next()) else { return Err(one()) };
    let column = shape.column(name).ok_or_else(one)?;
    let direction = text(direction);
    Ok(Order {
        field: column.name.clone(),
        descending: direction.starts_with("Desc"),
        nulls_first: direction.ends_with("NullsFirst"),
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::value;
    use garant_domain::catalog::Catalog;

    use super::*;

    fn contact(wire: Wire) -> Result<Vec<Order>, Problem> {
        let model = Model::new(&Catalog::standard().unwrap()).unwrap();
        parse(model.shape("contact").unwrap(), &wire)
    }

    #[test]
    fn keys_keep_their_order() {
        let order = contact(value!([{ "lastName": "AscNullsLast" }, { "createdAt": "DescNullsFirst" }])).unwrap();
        assert_eq!(
            order,
            [
                Order { field: "last_name".into(), descending: false, nulls_first: false },
                Order { field: "created_at".into(), descending: true, nulls_first: true },
            ]
        );
        assert_eq!(contact(value!({ "lastName": "DescNullsLast" })).unwrap().len(), 1);
        assert_eq!(contact(Wire::Null).unwrap(), []);
    }

    #[test]
    fn a_key_names_one_field() {
        let two = contact(value!([{ "lastName": "AscNullsLast", "city": "AscNullsLast" }])).unwrap_err();
        assert_eq!(two.field.as_deref(), Some("orderBy.0"));
        assert!(contact(value!([{}])).is_err());
        assert!(contact(Wire::List(vec![value!({ "city": "AscNullsLast" }); MAX_KEYS + 1])).is_err());
    }
}
