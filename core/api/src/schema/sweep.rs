//! The sweep, what sleeps and what is held: for the DPO, for counsel, and for the systems through which
//! people act. The service decides who may.

use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::{Name, Value as Wire, indexmap::IndexMap, value};
use garant_domain::catalog::camel;
use garant_domain::problem::Problem;
use garant_domain::value::Value;
use garant_service::{DormantRecord, DormantRequest, LegalHold, NewHold, SweepCount, SweepView};

use super::model::Kind;
use super::scalars::{JSON, from_wire, instant, text, to_wire};
use super::{plain, told};
use crate::operation::Operation;

const COUNT: &str = "SweepCount";
const PREVIEW: &str = "SweepPreview";
const SWEEP: &str = "Sweep";
const DORMANT: &str = "DormantRecord";
const MASKED: &str = "DormantMask";
const HOLD: &str = "LegalHold";

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let int = || TypeRef::named(TypeRef::INT);
    let flag = || TypeRef::named(TypeRef::BOOLEAN);
    let time = || TypeRef::named("DateTime");
    let id = || TypeRef::named_nn(TypeRef::ID);
    builder
        .register(plain::object(
            COUNT,
            [
                ("entity", string(), ""),
                ("effect", string(), "make-dormant, anonymise, erase."),
                (
                    "code",
                    string(),
                    "plugin/CODE; host/RET-09 for what came back with a backup, host/RET-11 for references of the log, host/TRASH for what lay in the trash.",
                ),
                ("archived", flag(), "Whether they slept already."),
                ("observed", flag(), "Whether the policy is only observed, so that nothing happens to them."),
                ("records", int(), "How many."),
            ],
        ))
        .register(plain::object(
            PREVIEW,
            [
                ("setVersion", int(), "Version of the policies that were asked."),
                ("counts", TypeRef::named_nn_list_nn(COUNT), "What a sweep would do now."),
            ],
        ))
        .register(plain::object(
            SWEEP,
            [
                ("id", id(), ""),
                ("startedAt", time(), ""),
                ("endedAt", time(), "None while it is under way."),
                ("actor", string(), "Opaque id of who started it; `sweep` for the timer."),
                ("reason", string(), ""),
                ("setVersion", int(), "Version of the policies of its last batch."),
                ("outcome", string(), "running, done, unavailable, interrupted."),
                ("culprit", string(), "The policy that could not decide."),
                ("counts", TypeRef::named_nn_list_nn(COUNT), "What it did."),
                ("receipt", string(), "Chained digest over the keyed references of every batch."),
            ],
        ))
        .register(plain::object(
            MASKED,
            [("field", string(), ""), ("plugin", string(), ""), ("code", string(), ""), ("article", string(), "")],
        ))
        .register(plain::object(
            DORMANT,
            [
                ("id", id(), ""),
                ("sleptAt", time(), ""),
                ("code", string(), "Why it sleeps: plugin/CODE."),
                ("values", TypeRef::named(JSON), "By field; masked ones are null."),
                ("masked", TypeRef::named_nn_list_nn(MASKED), ""),
                ("flags", TypeRef::named_nn_list_nn(TypeRef::STRING), "Codes that noted the access."),
            ],
        ))
        .register(plain::object(
            HOLD,
            [
                ("id", id(), ""),
                ("caseId", string(), ""),
                ("basis", string(), ""),
                ("people", int(), "How many people it is about."),
                ("openedAt", time(), ""),
                ("openedBy", string(), "Opaque id."),
                ("approvedAt", time(), ""),
                ("approvedBy", string(), "Opaque id of another person."),
                ("reviewOn", TypeRef::named("Date"), ""),
                ("releasedAt", time(), "It holds until then."),
                ("releasedBy", string(), "Opaque id."),
                ("releaseReason", string(), ""),
            ],
        ))
}

/// Adds `previewSweep`, `sweeps`, `dormantRecord` and `legalHolds` to the query root.
pub fn queries(query: Object) -> Object {
    let first = || InputValue::new("first", TypeRef::named(TypeRef::INT));
    query
        .field(
            Field::new("previewSweep", TypeRef::named(PREVIEW), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, preview(&ctx).await)) })
            })
            .description("What a sweep would do now; writes nothing. For the DPO."),
        )
        .field(
            Field::new("sweeps", TypeRef::named_nn_list(SWEEP), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, sweeps(&ctx).await)) })
            })
            .argument(first())
            .description("Sweeps with their receipts, latest first. For the DPO."),
        )
        .field(
            Field::new("dormantRecord", TypeRef::named(DORMANT), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, dormant(&ctx).await)) })
            })
            .argument(word("entity", "As the schema names one record: contact."))
            .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
            .argument(word("reason", "Kept, with an alarm for the DPO."))
            .argument(
                InputValue::new("caseId", TypeRef::named(TypeRef::STRING)).description("For whoever is not the DPO."),
            )
            .description(
                "A record of the archive, as far as the policies show it for the purpose of the request; to others \
                 it answers like an unknown id.",
            ),
        )
        .field(
            Field::new("legalHolds", TypeRef::named_nn_list(HOLD), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, holds(&ctx).await)) })
            })
            .argument(first())
            .description("Legal holds, latest first. For the DPO and counsel."),
        )
}

/// Adds `runSweep`, `wakePerson`, `noteActOfPerson` and the commands of legal holds to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    let id = || InputValue::new("id", TypeRef::named_nn(TypeRef::ID));
    mutation
        .field(
            Field::new("runSweep", TypeRef::named(SWEEP), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, run(&ctx).await)) })
            })
            .argument(word("reason", "Kept with the run."))
            .description("Archives, anonymises and erases what is due now. For the DPO."),
        )
        .field(
            Field::new("wakePerson", TypeRef::named(TypeRef::ID), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, wake(&ctx).await)) })
            })
            .argument(id())
            .argument(word("reason", "Kept."))
            .description("Brings a person back from the archive. For the DPO; there is no way to wake many."),
        )
        .field(
            Field::new("noteActOfPerson", TypeRef::named(TypeRef::BOOLEAN), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, act(&ctx).await)) })
            })
            .argument(id())
            .argument(InputValue::new("at", TypeRef::named_nn("DateTime")).description("When it happened."))
            .description(
                "Notes that the person did something: wrote, called, clicked, ordered, logged in. Whoever sleeps \
                 wakes. The answer is the same whether there is such a person. For the role `portal`.",
            ),
        )
        .field(
            Field::new("openLegalHold", TypeRef::named(HOLD), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, open(&ctx).await)) })
            })
            .argument(
                InputValue::new("people", TypeRef::named_nn_list_nn(TypeRef::ID)).description("The frozen scope."),
            )
            .argument(word("caseId", "As counsel knows it."))
            .argument(word("basis", "As cited: GDPR 17(3)(e)."))
            .argument(InputValue::new("reviewOn", TypeRef::named_nn("Date")))
            .description("Stops the destruction of people's data, and opens nothing. For the DPO and counsel."),
        )
        .field(
            Field::new("approveLegalHold", TypeRef::named(TypeRef::ID), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, approve(&ctx).await)) })
            })
            .argument(id())
            .description("For the DPO and counsel, but not for whoever opened it."),
        )
        .field(
            Field::new("releaseLegalHold", TypeRef::named(TypeRef::ID), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, release(&ctx).await)) })
            })
            .argument(id())
            .argument(word("reason", "Kept."))
            .description("What is due by then goes with the next sweep. For the DPO and counsel."),
        )
}

fn word(name: &str, doc: &str) -> InputValue {
    InputValue::new(name, TypeRef::named_nn(TypeRef::STRING)).description(doc)
}

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

async fn preview<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let preview = operation.service.preview_sweep(&operation.caller).await?;
    Ok(Some(FieldValue::value(value!({
        "setVersion": preview.set_version,
        "counts": preview.counts.iter().map(count).collect::<Vec<_>>(),
    }))))
}

async fn sweeps<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let sweeps = operation.service.sweeps(&operation.caller, first(ctx)?).await?;
    Ok(Some(FieldValue::value(Wire::List(sweeps.iter().map(sweep).collect()))))
}

async fn run<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let done = operation.service.run_sweep(&operation.caller, &argument(ctx, "reason")).await?;
    Ok(Some(FieldValue::value(sweep(&done))))
}

async fn dormant<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let request = DormantRequest {
        entity: argument(ctx, "entity"),
        id: argument(ctx, "id"),
        reason: argument(ctx, "reason"),
        case_id: Some(argument(ctx, "caseId")).filter(|case| !case.is_empty()),
    };
    let unit = operation.unit().await?;
    let entity = request.entity.clone();
    let found = operation.service.dormant_record(unit, request).await?;
    let fields = operation.catalog().entity(&entity).map(|entity| entity.fields.as_slice());
    let names: Vec<&str> = fields.unwrap_or_default().iter().map(|field| field.name.as_str()).collect();
    Ok(Some(FieldValue::value(record(&found, &names))))
}

async fn wake<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let id = argument(ctx, "id");
    operation.service.wake_person(&operation.caller, &id, &argument(ctx, "reason")).await?;
    Ok(Some(FieldValue::value(Wire::from(id))))
}

async fn act<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let at = given(ctx, "at", &Kind::Instant)?;
    let Value::Instant(at) = at else { return Err(Problem::input("at", "`at` must be an instant")) };
    operation.service.note_act_of_person(&operation.caller, &argument(ctx, "id"), at).await?;
    Ok(Some(FieldValue::value(Wire::Boolean(true))))
}

async fn holds<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let holds = operation.service.legal_holds(&operation.caller, first(ctx)?).await?;
    Ok(Some(FieldValue::value(Wire::List(holds.iter().map(hold).collect()))))
}

async fn open<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let people = match ctx.args.get("people").map(|people| people.as_value().clone()) {
        Some(Wire::List(people)) => people.iter().map(|id| text(id).into_owned()).collect(),
        _ => vec![],
    };
    let Value::Date(review_on) = given(ctx, "reviewOn", &Kind::Date)? else {
        return Err(Problem::input("reviewOn", "`reviewOn` must be a date"));
    };
    let new = NewHold { people, case_id: argument(ctx, "caseId"), basis: argument(ctx, "basis"), review_on };
    let opened = operation.service.open_legal_hold(&operation.caller, new).await?;
    Ok(Some(FieldValue::value(hold(&opened))))
}

async fn approve<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let id = argument(ctx, "id");
    operation.service.approve_legal_hold(&operation.caller, &id).await?;
    Ok(Some(FieldValue::value(Wire::from(id))))
}

async fn release<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let id = argument(ctx, "id");
    operation.service.release_legal_hold(&operation.caller, &id, &argument(ctx, "reason")).await?;
    Ok(Some(FieldValue::value(Wire::from(id))))
}

fn count(count: &SweepCount) -> Wire {
    value!({
        "entity": count.entity.as_str(),
        "effect": count.effect.as_str(),
        "code": count.code.as_str(),
        "archived": count.archived,
        "observed": count.observed,
        "records": count.records,
    })
}

fn sweep(view: &SweepView) -> Wire {
    let run = &view.run;
    value!({
        "id": run.id.as_str(),
        "startedAt": instant(run.started_at),
        "endedAt": run.ended_at.map_or(Wire::Null, instant),
        "actor": run.actor.as_str(),
        "reason": run.reason.as_str(),
        "setVersion": run.set_version,
        "outcome": run.outcome.as_str(),
        "culprit": run.culprit.clone(),
        "counts": view.counts.iter().map(count).collect::<Vec<_>>(),
        "receipt": run.receipt.as_str(),
    })
}

fn record(found: &DormantRecord, names: &[&str]) -> Wire {
    let values: IndexMap<Name, Wire> =
        names.iter().map(|name| (Name::new(camel(name)), to_wire(found.row.get(name)))).collect();
    let masks = found.row.masked().iter().map(|mask| {
        value!({
            "field": camel(&mask.field),
            "plugin": mask.reason.plugin.as_str(),
            "code": mask.reason.code.as_str(),
            "article": mask.reason.article.as_str(),
        })
    });
    value!({
        "id": found.row.id(),
        "sleptAt": instant(found.slept_at),
        "code": found.code.as_str(),
        "values": Wire::Object(values),
        "masked": masks.collect::<Vec<_>>(),
        "flags": found.row.flags().iter().map(|flag| flag.full_code()).collect::<Vec<_>>(),
    })
}

fn hold(hold: &LegalHold) -> Wire {
    value!({
        "id": hold.id.as_str(),
        "caseId": hold.case_id.as_str(),
        "basis": hold.basis.as_str(),
        "people": hold.people,
        "openedAt": instant(hold.opened_at),
        "openedBy": hold.opened_by.as_str(),
        "approvedAt": hold.approved_at.map_or(Wire::Null, instant),
        "approvedBy": hold.approved_by.clone(),
        "reviewOn": to_wire(&Value::Date(hold.review_on)),
        "releasedAt": hold.released_at.map_or(Wire::Null, instant),
        "releasedBy": hold.released_by.clone(),
        "releaseReason": hold.release_reason.clone(),
    })
}

fn given(ctx: &ResolverContext<'_>, name: &str, kind: &Kind) -> Result<Value, Problem> {
    let value = ctx.args.get(name).map(|value| value.as_value().clone()).unwrap_or_default();
    from_wire(&value, kind, name)
}

fn first(ctx: &ResolverContext<'_>) -> Result<u32, Problem> {
    super::policy::first(ctx)
}

fn argument(ctx: &ResolverContext<'_>, name: &str) -> String {
    let value = ctx.args.get(name).filter(|value| !value.is_null());
    value.map(|value| text(value.as_value()).into_owned()).unwrap_or_default()
}
