//! Objects whose parent is already a wire value: their fields are read by name.

use async_graphql::Value as Wire;
use async_graphql::dynamic::{Field, FieldFuture, Object, TypeRef};

/// A field read from the parent by its own name.
pub fn field(name: &str, ty: TypeRef) -> Field {
    let key = name.to_owned();
    Field::new(name, ty, move |ctx| {
        let value = match ctx.parent_value.as_value() {
            Some(Wire::Object(fields)) => fields.get(key.as_str()).filter(|value| **value != Wire::Null).cloned(),
            _ => None,
        };
        FieldFuture::from_value(value)
    })
}

/// An object of such fields, each with its type and description.
pub fn object(name: &str, fields: impl IntoIterator<Item = (&'static str, TypeRef, &'static str)>) -> Object {
    fields.into_iter().fold(Object::new(name), |object, (name, ty, doc)| {
        let field = field(name, ty);
        object.field(if doc.is_empty() { field } else { field.description(doc) })
    })
}
