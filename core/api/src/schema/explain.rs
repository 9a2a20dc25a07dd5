//! `explainAccess`: why somebody would, or would not, be shown a record. The service decides who may
//! ask. Texts come in both languages, whatever the caller's own: an explanation is passed on.

use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, SchemaBuilder,
    TypeRef,
};
use async_graphql::{Name, Value as Wire, value};
use garant_domain::policy_set::Mode;
use garant_domain::problem::Problem;
use garant_domain::reason::Localised;
use garant_domain::rule::{Allowed, Change, Hook};
use garant_domain::value::Value;
use garant_service::{Basis, ExplainRequest, ExplainedRule, Explanation, Remedy, SeenFact};

use super::model::Kind;
use super::names::camel;
use super::scalars::{JSON, from_wire, instant, text, to_wire};
use super::{plain, told};
use crate::operation::Operation;

const EXPLANATION: &str = "Explanation";
const RULE: &str = "ExplainedRule";
const FACT: &str = "SeenFact";
const NODE: &str = "UnmetCondition";
const REMEDY: &str = "SmallestChange";
const CHANGE: &str = "NeededChange";
const ALLOWED: &str = "AllowedValue";
/// A text in both languages.
pub const LOCALISED: &str = "LocalisedText";
const AS: &str = "ExplainAs";
const HOOK: &str = "ExplainHook";
const BASIS: &str = "FactBasis";
const HOOKS: [(&str, Hook, &str); 4] = [
    ("READ", Hook::Read, "Reading; with a recipient, its disclosure too."),
    ("WRITE", Hook::Write, "Writing the record as it stands."),
    ("TRANSFER", Hook::Transfer, "Disclosing the record to the recipient."),
    ("RETENTION", Hook::Retention, "Destroying or archiving it when it is due."),
];
const BASES: [(&str, Basis, &str); 4] = [
    ("NOW", Basis::Now, "The value of now; the access is of now too."),
    ("THEN", Basis::Then, "The value of the instant asked for."),
    ("PRESENT", Basis::Present, "Not kept by time: the present value."),
    ("UNKNOWN", Basis::Unknown, "Changed since, and the value of the instant is not kept: taken as unknown."),
];

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let strings = || TypeRef::named_nn_list(TypeRef::STRING);
    let boolean = || TypeRef::named(TypeRef::BOOLEAN);
    let json = || TypeRef::named(JSON);
    let list = |name: &str| TypeRef::named_nn_list_nn(name);
    let both = || TypeRef::named(LOCALISED);
    let time = || TypeRef::named("DateTime");
    builder
        .register(Enum::new(HOOK).items(HOOKS.map(|(name, _, doc)| EnumItem::new(name).description(doc))))
        .register(Enum::new(BASIS).items(BASES.map(|(name, _, doc)| EnumItem::new(name).description(doc))))
        .register(input())
        .register(plain::object(LOCALISED, [("en", string(), ""), ("fr", string(), "")]))
        .register(plain::object(
            FACT,
            [("name", string(), ""), ("value", json(), ""), ("basis", TypeRef::named(BASIS), "Of which time it is.")],
        ))
        .register(plain::object(
            NODE,
            [
                ("condition", string(), "The node in words."),
                ("outcome", boolean(), "False; null where it could not be known."),
            ],
        ))
        .register(plain::object(
            RULE,
            [
                ("plugin", string(), ""),
                ("code", string(), "Stable code inside the plugin."),
                ("article", string(), ""),
                ("title", both(), ""),
                ("message", both(), ""),
                ("remedy", both(), "The smallest change that would allow it, in the author's words."),
                ("effect", string(), "allow, flag, mask, hide, refuse, min-group, reject, ..."),
                ("fields", strings(), "Fields that it concerns; none for the record itself."),
                ("mode", string(), "ENFORCE, or OBSERVE: then it changes nothing."),
                ("bites", boolean(), "Whether it bites: a restricting rule does unless its condition is false."),
                ("outcome", boolean(), "What its condition said; null for unknown."),
                ("facts", list(FACT), "What it saw."),
                ("unmet", TypeRef::named(NODE), "The first node that was false or unknown."),
                ("judged", boolean(), "Said by judging this record, not by a rule: `facts` is what the policy looked at."),
            ],
        ))
        .register(plain::object(
            ALLOWED,
            [
                ("value", json(), "Exactly this value."),
                ("otherThan", TypeRef::named_list(JSON), "Any value but these."),
                ("from", json(), "From this value on, included."),
                ("to", json(), "Up to this value, included."),
                ("empty", boolean(), "No value."),
            ],
        ))
        .register(plain::object(
            CHANGE,
            [
                ("name", string(), "The field or fact."),
                ("saw", json(), "What it holds."),
                ("to", list(ALLOWED), "What it may hold instead, given the other changes."),
            ],
        ))
        .register(plain::object(
            REMEDY,
            [
                ("opens", strings(), "The fields that it would open; none for the record itself."),
                ("alternatives", TypeRef::List(Box::new(TypeRef::named_nn_list(CHANGE))),
                    "Each a smallest set of changes; none where no change of at most three facts helps, such as a rule on the request itself."),
            ],
        ))
        .register(plain::object(
            EXPLANATION,
            [
                ("outcome", string(), "shown, masked, hidden, refused; allowed or rejected for a write; kept, held, make-dormant, anonymise or erase for retention."),
                ("fields", strings(), "Fields that are masked or may not be written."),
                ("setVersion", TypeRef::named(TypeRef::INT), "Version of the policies that decided."),
                ("at", time(), "The instant of the access."),
                ("rules", list(RULE), "Every rule, those that bite first."),
                ("context", list(FACT), "What the policies were told of the request."),
                ("smallestChanges", list(REMEDY), "What would have to be otherwise."),
                ("notes", list(LOCALISED), "What to bear in mind."),
            ],
        ))
}

fn input() -> InputObject {
    let field = |name: &str, ty: TypeRef, doc: &str| InputValue::new(name, ty).description(doc);
    let string = || TypeRef::named(TypeRef::STRING);
    InputObject::new(AS)
        .description("Whoever would ask.")
        .field(field("role", TypeRef::named_nn(TypeRef::STRING), "Their role."))
        .field(field("purpose", string(), "The purpose that they name."))
        .field(field("purposes", TypeRef::named_list(TypeRef::STRING), "Several purposes: the intersection decides."))
        .field(field("channel", string(), "The channel that they name."))
        .field(field("recipient", TypeRef::named(TypeRef::ID), "The recipient on whose behalf they ask."))
        .field(field("actor", TypeRef::named(TypeRef::ID), "Their opaque id; your own when left out."))
        .field(field("country", string(), "Country where they work; your own when left out."))
        .field(field(
            "breakGlass",
            TypeRef::named(TypeRef::BOOLEAN),
            "Whether a break-glass runs for them; for roles that may start one.",
        ))
        .field(field("at", TypeRef::named("DateTime"), "An instant that has passed."))
        .field(field("now", TypeRef::named("DateTime"), "The clock of the access, past or future; in a sandbox only."))
        .field(field(
            "setVersion",
            TypeRef::named(TypeRef::INT),
            "The version of the policies; the current one when left out.",
        ))
}

/// Adds `explainAccess` to the query root.
pub fn queries(query: Object) -> Object {
    query.field(
        Field::new("explainAccess", TypeRef::named(EXPLANATION), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, explain(&ctx).await)) })
        })
        .argument(InputValue::new("entity", TypeRef::named_nn(TypeRef::STRING)).description("contact, deal, ..."))
        .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
        .argument(InputValue::new("as", TypeRef::named_nn(AS)))
        .argument(InputValue::new("hook", TypeRef::named(HOOK)).description("Reading when left out."))
        .description(
            "Why somebody would, or would not, be shown a record; logged. For the DPO, and for everybody in a sandbox.",
        ),
    )
}

async fn explain<'a>(ctx: &ResolverContext<'a>) -> Result<Option<FieldValue<'a>>, Problem> {
    let request = read(ctx)?;
    let explanation = Operation::of(ctx)?.unit().await?.explain(request).await?;
    Ok(Some(FieldValue::value(wire(&explanation))))
}

fn read(ctx: &ResolverContext<'_>) -> Result<ExplainRequest, Problem> {
    let argument = |name: &str| ctx.args.get(name).map(|value| text(value.as_value()).into_owned());
    let asker = match ctx.args.get("as").map(|value| value.as_value().clone()) {
        Some(Wire::Object(fields)) => fields,
        _ => return Err(Problem::input("as", "`as` must be an object")),
    };
    let given = |name: &str| asker.get(name).filter(|value| **value != Wire::Null);
    let word = |name: &str| given(name).map(|value| text(value).into_owned());
    let time = |name: &str| match given(name) {
        None => Ok(None),
        Some(value) => from_wire(value, &Kind::Instant, &format!("as.{name}")).map(|value| match value {
            Value::Instant(at) => Some(at),
            _ => None,
        }),
    };
    let mut purposes: Vec<String> = word("purpose").into_iter().collect();
    match given("purposes") {
        Some(Wire::List(keys)) => purposes.extend(keys.iter().map(|key| text(key).into_owned())),
        Some(key) => purposes.push(text(key).into_owned()),
        None => {}
    }
    let hook = argument("hook");
    let hook = hook.and_then(|name| HOOKS.iter().find(|(known, _, _)| *known == name).map(|(_, hook, _)| *hook));
    let set_version = match given("setVersion") {
        Some(Wire::Number(version)) => version.as_i64(),
        _ => None,
    };
    Ok(ExplainRequest {
        entity: argument("entity").unwrap_or_default(),
        id: argument("id").unwrap_or_default(),
        hook,
        role: word("role").unwrap_or_default(),
        actor: word("actor"),
        country: word("country"),
        purposes,
        channel: word("channel"),
        recipient: word("recipient"),
        break_glass: given("breakGlass") == Some(&Wire::Boolean(true)),
        at: time("at")?,
        now: time("now")?,
        set_version,
    })
}

fn wire(explanation: &Explanation) -> Wire {
    value!({
        "outcome": explanation.outcome,
        "fields": names(&explanation.fields),
        "setVersion": explanation.set_version,
        "at": instant(explanation.at),
        "rules": explanation.rules.iter().map(rule).collect::<Vec<_>>(),
        "context": explanation.context.iter().map(fact).collect::<Vec<_>>(),
        "smallestChanges": explanation.remedies.iter().map(remedy).collect::<Vec<_>>(),
        "notes": explanation.notes.iter().map(both).collect::<Vec<_>>(),
    })
}

fn names(fields: &[String]) -> Vec<String> {
    fields.iter().map(|field| camel(field)).collect()
}

/// A text in both languages.
pub fn both(localised: &Localised) -> Wire {
    let fr = if localised.fr.is_empty() { &localised.en } else { &localised.fr };
    value!({ "en": localised.en.as_str(), "fr": fr.as_str() })
}

fn rule(rule: &ExplainedRule) -> Wire {
    let unmet = rule.first_not_true.as_ref().map_or(
        Wire::Null,
        |(node, outcome)| value!({ "condition": node.as_str(), "outcome": outcome.map_or(Wire::Null, Wire::from) }),
    );
    value!({
        "plugin": rule.reason.plugin.as_str(),
        "code": rule.reason.code.as_str(),
        "article": rule.reason.article.as_str(),
        "title": both(&rule.reason.title),
        "message": both(&rule.reason.message),
        "remedy": both(&rule.reason.remedy),
        "effect": rule.effect,
        "fields": names(&rule.fields),
        "mode": if rule.mode == Mode::Enforce { "ENFORCE" } else { "OBSERVE" },
        "bites": rule.bites,
        "outcome": rule.outcome.map_or(Wire::Null, Wire::from),
        "facts": rule.facts.iter().map(fact).collect::<Vec<_>>(),
        "unmet": unmet,
        "judged": rule.judged,
    })
}

fn fact(fact: &SeenFact) -> Wire {
    let basis = BASES.iter().find(|(_, basis, _)| *basis == fact.basis).map_or("UNKNOWN", |(name, _, _)| name);
    value!({ "name": fact.name.as_str(), "value": to_wire(&fact.value), "basis": Wire::Enum(Name::new(basis)) })
}

fn remedy(remedy: &Remedy) -> Wire {
    let alternative = |changes: &Vec<Change>| Wire::List(changes.iter().map(change).collect());
    value!({
        "opens": names(&remedy.fields),
        "alternatives": remedy.alternatives.iter().map(alternative).collect::<Vec<_>>(),
    })
}

fn change(change: &Change) -> Wire {
    value!({
        "name": change.name.as_str(),
        "saw": to_wire(&change.from),
        "to": change.to.iter().map(allowed).collect::<Vec<_>>(),
    })
}

fn allowed(allowed: &Allowed) -> Wire {
    let end = |end: &Option<Value>| end.as_ref().map_or(Wire::Null, to_wire);
    match allowed {
        Allowed::Empty => value!({ "empty": true }),
        Allowed::Value(value) => value!({ "value": to_wire(value) }),
        Allowed::OtherThan(values) => value!({ "otherThan": values.iter().map(to_wire).collect::<Vec<_>>() }),
        Allowed::Range(from, to) => value!({ "from": end(from), "to": end(to) }),
    }
}
