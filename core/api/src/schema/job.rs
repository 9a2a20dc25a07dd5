//! Imports and exports that run by themselves, as their owner sees them. The service decides whose they are.

use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::{Value as Wire, value};
use garant_domain::catalog::camel;
use garant_domain::problem::{ErrorCode, Problem};
use garant_service::{ExportFormat, ExportRequest, JobPart, JobState, JobView};

use super::scalars::{JSON, instant, text};
use super::{filter, plain, told};
use crate::operation::Operation;

const JOB: &str = "Job";
const PROGRESS: &str = "JobProgress";
const REJECT: &str = "JobReject";
const PROBLEM: &str = "JobProblem";
const LINK: &str = "JobLink";
const INPUT: &str = "StartExportInput";

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let strings = || TypeRef::named_nn_list(TypeRef::STRING);
    let int = || TypeRef::named(TypeRef::INT);
    let time = || TypeRef::named("DateTime");
    let input = |name: &str, ty: TypeRef, doc: &str| InputValue::new(name, ty).description(doc);
    builder
        .register(plain::object(
            PROGRESS,
            [
                ("read", int(), "Rows read from the file, or records written into it."),
                ("created", int(), ""),
                ("updated", int(), ""),
                ("unchanged", int(), "Known records that a row leaves as they are."),
                ("rejected", int(), "Rows that were not taken."),
                ("duplicates", int(), "New records that look like one that was there; see the queue of duplicates."),
                ("references", int(), "Records made because a row refers to them."),
                ("percent", int(), "Of the file that came in; null for an export."),
            ],
        ))
        .register(plain::object(
            PROBLEM,
            [
                ("code", string(), "As in `extensions.code`."),
                ("message", string(), ""),
                ("remedy", string(), ""),
                ("line", int(), "The last line of the batch that was stopped."),
                ("reasons", strings(), "plugin/CODE of the policies that refused."),
            ],
        ))
        .register(plain::object(
            REJECT,
            [
                ("line", int(), "Line in the file, the header being line 1."),
                ("reason", string(), "Which column or field, and what is wrong; without the value."),
                ("row", strings(), "The cells as they stood."),
            ],
        ))
        .register(plain::object(
            LINK,
            [("path", string(), "Fetched with GET and without a token until then."), ("until", time(), "")],
        ))
        .register(job_object())
        .register(
            InputObject::new(INPUT)
                .field(input("entity", TypeRef::named_nn(TypeRef::STRING), "As the schema names one record: contact."))
                .field(input("format", TypeRef::named_nn(TypeRef::STRING), "csv or ndjson."))
                .field(input("fields", strings(), "All fields when absent."))
                .field(input("filter", TypeRef::named(JSON), "As the entity's list takes it."))
                .field(input("recipient", TypeRef::named(TypeRef::ID), "Needed where personal data leaves.")),
        )
}

fn job_object() -> Object {
    let string = || TypeRef::named(TypeRef::STRING);
    let time = || TypeRef::named("DateTime");
    let first = InputValue::new("first", TypeRef::named(TypeRef::INT));
    plain::object(
        JOB,
        [
            ("id", TypeRef::named_nn(TypeRef::ID), ""),
            ("kind", string(), "import or export."),
            ("entity", string(), ""),
            ("state", string(), "uploading, queued, running, done, failed, cancelled."),
            ("progress", TypeRef::named(PROGRESS), ""),
            ("problem", TypeRef::named(PROBLEM), "What stopped it, or why it is tried again."),
            ("createdAt", time(), ""),
            ("startedAt", time(), ""),
            ("endedAt", time(), ""),
            ("expiresAt", time(), "When it goes with its file, its rejects and its answer."),
        ],
    )
    .field(
        Field::new("rejects", TypeRef::named_nn_list(REJECT), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, rejects(&ctx).await)) })
        })
        .argument(first)
        .description("The first rejected rows; for its owner."),
    )
    .field(
        Field::new("rejectsFile", TypeRef::named(LINK), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, link(&ctx, JobPart::Rejects, "rejects").await)) })
        })
        .description("Every rejected row with line and reason, as CSV to be mended and imported; for its owner."),
    )
    .field(
        Field::new("download", TypeRef::named(LINK), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, link(&ctx, JobPart::Result, "file").await)) })
        })
        .description("The file of an export that is done; for its owner."),
    )
}

/// Adds `jobs`, `job`, `importJob` and `exportJob` to the query root.
pub fn queries(query: Object) -> Object {
    let id = || InputValue::new("id", TypeRef::named_nn(TypeRef::ID));
    let one = |name: &'static str, kind: Option<&'static str>, doc: &str| {
        Field::new(name, TypeRef::named(JOB), move |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, find(&ctx, kind).await)) })
        })
        .argument(id())
        .description(doc)
    };
    query
        .field(
            Field::new("jobs", TypeRef::named_nn_list(JOB), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, list(&ctx).await)) })
            })
            .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)))
            .description("Your imports and exports, the newest first; everybody's with the duty `jobs`."),
        )
        .field(one("job", None, "An import or export."))
        .field(one("importJob", Some("import"), "An import; begun by `POST /import`."))
        .field(one("exportJob", Some("export"), "An export; begun by `startExport`."))
}

/// Adds `startExport`, `cancelJob` and `resumeJob` to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    let id = || InputValue::new("id", TypeRef::named_nn(TypeRef::ID));
    mutation
        .field(
            Field::new("startExport", TypeRef::named(JOB), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, start(&ctx).await)) })
            })
            .argument(InputValue::new("input", TypeRef::named_nn(INPUT)))
            .description("Writes records to a file for a recipient, under the purposes of the request. Each batch holds what the recipient may see then."),
        )
        .field(
            Field::new("cancelJob", TypeRef::named(JOB), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, cancel(&ctx).await)) })
            })
            .argument(id())
            .description("Stops a job; what it did stands, and nothing more is done."),
        )
        .field(
            Field::new("resumeJob", TypeRef::named(JOB), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, resume(&ctx).await)) })
            })
            .argument(id())
            .description("Goes on with a job that was cancelled or stopped by a problem, where it stood."),
        )
}

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

async fn list<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let jobs = operation.service.jobs(&operation.caller, first(ctx, operation.config.default_page)?).await?;
    Ok(Some(FieldValue::value(Wire::List(jobs.iter().map(shown).collect()))))
}

async fn find<'a>(ctx: &ResolverContext<'a>, kind: Option<&str>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let job = operation.service.job(&operation.caller, &argument(ctx, "id")).await?;
    if kind.is_some_and(|kind| job.kind != kind) {
        return Err(Problem::new(ErrorCode::NotFound, "There is no such job").at("id").mend("`jobs` lists yours."));
    }
    Ok(Some(FieldValue::value(shown(&job))))
}

async fn start<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let Some(Wire::Object(input)) = ctx.args.get("input").map(|input| input.as_value().clone()) else {
        return Err(Problem::input("input", "The input is no object"));
    };
    let given = |name: &str| input.get(name).filter(|value| **value != Wire::Null);
    let one = |name: &str| given(name).map(|value| text(value).into_owned());
    let fields: Vec<String> = match given("fields") {
        Some(Wire::List(names)) => names.iter().map(|name| text(name).into_owned()).collect(),
        _ => vec![],
    };
    let named = one("entity").unwrap_or_default();
    let shape =
        operation.model.shapes().find(|shape| shape.singular == named).ok_or_else(|| {
            Problem::input("input.entity", "There is no such entity").mend("Use a name such as contact.")
        })?;
    let filter = given("filter")
        .map(|wire| filter::parse(&operation.model, shape, wire, operation.config.max_filter_tests))
        .transpose()?;
    let format = match one("format").unwrap_or_default().as_str() {
        "csv" => ExportFormat::Csv,
        "ndjson" => ExportFormat::Ndjson,
        _ => return Err(Problem::input("input.format", "There is no such format").mend("Use csv or ndjson.")),
    };
    let request = ExportRequest {
        entity: shape.entity.clone(),
        columns: shape.exported(&fields)?,
        filter,
        format,
        unit: operation.request().clone(),
        recipient: one("recipient"),
    };
    let bound = operation.as_bound().cloned();
    let job = operation.service.start_export(&operation.caller, request, bound).await?;
    Ok(Some(FieldValue::value(shown(&job))))
}

async fn cancel<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let job = operation.service.cancel_job(&operation.caller, &argument(ctx, "id")).await?;
    Ok(Some(FieldValue::value(shown(&job))))
}

async fn resume<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let job = operation.service.resume_job(&operation.caller, &argument(ctx, "id")).await?;
    Ok(Some(FieldValue::value(shown(&job))))
}

async fn rejects<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let (id, kind) = (parent(ctx, "id"), parent(ctx, "kind"));
    let wanted = first(ctx, operation.config.default_page)?;
    if kind != "import" || parent(ctx, "state") == JobState::Uploading.as_str() {
        return Ok(Some(FieldValue::value(Wire::List(vec![]))));
    }
    let found = operation.service.job_rejects(&operation.caller, &id, wanted as usize).await?;
    let reject = |reject: &garant_service::import::Reject| {
        let row: Vec<String> = reject.cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        value!({ "line": reject.line, "reason": reject.reason.as_str(), "row": row })
    };
    Ok(Some(FieldValue::value(Wire::List(found.iter().map(reject).collect()))))
}

async fn link<'a>(ctx: &ResolverContext<'a>, part: JobPart, name: &str) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let id = parent(ctx, "id");
    match operation.service.job_link(&operation.caller, &id, part).await {
        Ok(link) => {
            let path = format!("/jobs/{id}/{name}?ticket={}", link.ticket);
            Ok(Some(FieldValue::value(value!({ "path": path, "until": instant(link.until) }))))
        }
        // There is no such file, or not yet.
        Err(problem) if problem.code == ErrorCode::NotFound => Ok(None),
        Err(problem) => Err(problem),
    }
}

fn first(ctx: &ResolverContext<'_>, default: u32) -> Result<u32, Problem> {
    match ctx.args.get("first").filter(|first| !first.is_null()) {
        None => Ok(default),
        Some(first) => {
            first.u64().ok().and_then(|first| u32::try_from(first).ok()).filter(|first| *first <= 500).ok_or_else(
                || Problem::input("first", "`first` must be a whole number from 0 to 500").mend("Ask for fewer."),
            )
        }
    }
}

fn argument(ctx: &ResolverContext<'_>, name: &str) -> String {
    ctx.args.get(name).map(|value| text(value.as_value()).into_owned()).unwrap_or_default()
}

fn parent(ctx: &ResolverContext<'_>, name: &str) -> String {
    match ctx.parent_value.as_value() {
        Some(Wire::Object(fields)) => fields.get(name).map(|value| text(value).into_owned()).unwrap_or_default(),
        _ => String::new(),
    }
}

fn shown(job: &JobView) -> Wire {
    let progress = &job.progress;
    let percent = (progress.total_bytes > 0).then(|| progress.bytes * 100 / progress.total_bytes);
    let problem = job.problem.as_ref().map(|problem| {
        let code = serde_json::to_value(problem.code).ok().and_then(|code| code.as_str().map(str::to_owned));
        let reasons: Vec<String> = problem.reasons.iter().map(|reason| reason.full_code()).collect();
        value!({
            "code": code,
            "message": problem.message.as_str(),
            "remedy": problem.remedy.clone(),
            "line": job.line,
            "reasons": reasons,
        })
    });
    value!({
        "id": job.id.as_str(),
        "kind": job.kind.as_str(),
        "entity": camel(&job.entity),
        "state": job.state.as_str(),
        "progress": {
            "read": progress.read,
            "created": progress.created,
            "updated": progress.updated,
            "unchanged": progress.unchanged,
            "rejected": progress.rejected,
            "duplicates": progress.duplicates,
            "references": progress.references,
            "percent": percent,
        },
        "problem": problem.unwrap_or_default(),
        "createdAt": instant(job.created_at),
        "startedAt": job.started_at.map(instant),
        "endedAt": job.ended_at.map(instant),
        "expiresAt": instant(job.expires_at),
    })
}
