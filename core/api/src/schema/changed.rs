//! `contactChanged` and its like: the root of subscriptions. What happens with a record is told as the
//! subscriber may see it at that moment; see [`follow`].

mod follow;

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, FieldValue, InputValue, Object, SchemaBuilder, Subscription, SubscriptionField,
    SubscriptionFieldFuture, TypeRef,
};
use async_graphql::{Name, Value as Wire};
use garant_service::Report;

use super::filter;
use super::model::{Model, Shape};
use crate::http::Session;
use crate::load::Node;
use crate::schemas::Built;

/// The root of subscriptions.
pub const SUBSCRIPTION: &str = "Subscription";
const KIND: &str = "RecordChangeKind";

/// What can happen with a record that somebody follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Created,
    Updated,
    Deleted,
    AccessEnded,
}

impl Kind {
    const ALL: [(Self, &str, &str); 4] = [
        (Self::Created, "CREATED", "It came into view: it is new, or it matches or may be seen since."),
        (Self::Updated, "UPDATED", "Something of what is shown of it changed."),
        (Self::Deleted, "DELETED", "It went into the trash, where it may be seen."),
        (Self::AccessEnded, "ACCESS_ENDED", "It is in view no longer, whatever the cause; the id is all that is told."),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, name, _)| name)
    }
}

/// One thing that happened.
struct Event {
    kind: Kind,
    id: String,
    node: Option<Arc<Node>>,
}

/// What a subscription works with, besides its arguments.
pub struct Following {
    session: Arc<Session>,
    built: Arc<Built>,
    /// What the policies did to the event that is told next.
    report: Mutex<Option<Report>>,
}

impl Following {
    /// By a session, over the schema that the subscription was read by.
    pub fn new(session: Arc<Session>, built: Arc<Built>) -> Self {
        Self { session, built, report: Mutex::default() }
    }

    /// What the policies did to the event that was just told.
    pub fn take_report(&self) -> Option<Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put_report(&self, report: Report) {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
    }
}

/// `contactChanged`.
fn field_name(shape: &Shape) -> String {
    format!("{}Changed", shape.singular)
}

/// `ContactChange`.
fn type_name(shape: &Shape) -> String {
    format!("{}Change", shape.type_name)
}

/// The root.
pub fn subscriptions(model: &Model) -> Subscription {
    let root = Subscription::new(SUBSCRIPTION);
    model.shapes().fold(root, |root, shape| root.field(changed(shape)))
}

fn changed(shape: &Arc<Shape>) -> SubscriptionField {
    let of = Arc::clone(shape);
    SubscriptionField::new(field_name(shape), TypeRef::named(type_name(shape)), move |ctx| {
        let shape = Arc::clone(&of);
        SubscriptionFieldFuture::new(async move { follow::follow(ctx, shape).await })
    })
    .argument(
        InputValue::new("filter", TypeRef::named(filter::entity_type(shape)))
            .description("Which records; every one that may be seen when absent."),
    )
    .argument(
        InputValue::new("ids", TypeRef::named_nn_list(TypeRef::ID))
            .description("Only these, as far as they may be seen."),
    )
    .argument(
        InputValue::new("existing", TypeRef::named(TypeRef::BOOLEAN))
            .description("Whether the records that are there are told first, as CREATED."),
    )
    .description(format!(
        "{}: what happens with the records that may be seen, each as it may be seen at that moment. An error ends it.",
        shape.label
    ))
}

/// Registers the types.
pub fn register(mut builder: SchemaBuilder, model: &Model) -> SchemaBuilder {
    let items = Kind::ALL.map(|(_, name, doc)| EnumItem::new(name).description(doc));
    builder = builder.register(Enum::new(KIND).description("What happened with a record.").items(items));
    for shape in model.shapes() {
        builder = builder.register(change(shape));
    }
    builder
}

fn change(shape: &Shape) -> Object {
    Object::new(type_name(shape))
        .description("Something that happened with a record.")
        .field(Field::new("kind", TypeRef::named(KIND), |ctx| {
            let event = ctx.parent_value.downcast_ref::<Event>();
            FieldFuture::from_value(event.map(|event| Wire::Enum(Name::new(event.kind.name()))))
        }))
        .field(Field::new("id", TypeRef::named_nn(TypeRef::ID), |ctx| {
            let event = ctx.parent_value.downcast_ref::<Event>();
            FieldFuture::from_value(event.map(|event| Wire::from(event.id.as_str())))
        }))
        .field(
            Field::new("node", TypeRef::named(&shape.type_name), |ctx| {
                let node = ctx.parent_value.downcast_ref::<Event>().and_then(|event| event.node.as_ref());
                FieldFuture::Value(node.map(|node| FieldValue::borrowed_any(node)))
            })
            .description("The record; null once it is deleted or seen no longer."),
        )
}
