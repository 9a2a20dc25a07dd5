//! `POST /export`: a file of records for a recipient, streamed. What is refused before the first
//! record is answered as JSON; what goes wrong later breaks the connection, so that a part is never
//! taken for the whole.

use std::sync::Arc;

use async_graphql::Value as Wire;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use garant_domain::clock::new_id;
use garant_domain::problem::{ErrorCode, Problem};
use garant_service::{BoundOperation, Export, ExportFormat, ExportRequest, UnitRequest};
use serde::Deserialize;

use super::{Refused, bad_request, client, headers, refuse, unanswered, unreadable};
use crate::router::App;
use crate::schema::filter;
use crate::schema::model::{Model, Shape};

/// The body of a request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// As the schema names one record: `contact`.
    entity: String,
    format: Format,
    /// Id in the register of recipients.
    recipient: Option<String>,
    /// As the schema names them; all when absent.
    #[serde(default)]
    fields: Vec<String>,
    /// As in the schema.
    filter: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    Csv,
    Ndjson,
}

/// `POST /export`.
pub async fn export(State(app): State<Arc<App>>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    match begin(&app, &headers, body).await {
        Ok((export, name)) => file(export, &name),
        Err((status, problem)) => refuse(status, &problem, headers::locale(&headers)),
    }
}

async fn begin(
    app: &App,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(Export, String), Refused> {
    headers::check_content_type(headers)?;
    let body = body.map_err(|rejection| unreadable(&rejection, app.config.max_body_bytes))?;
    let unit = UnitRequest {
        purposes: headers::purposes(headers).map_err(bad_request)?,
        channel: headers::channel(headers).map_err(bad_request)?,
    };
    let caller = client::authenticate(app, headers).await?;
    let asked: Asked = serde_json::from_slice(&body).map_err(|error| bad_request(malformed(&error)))?;
    let current = app.service.current(&caller).await.map_err(unanswered)?;
    let built = app.schemas.of(current.catalog()).await.map_err(unanswered)?;
    let shape = built.model.shapes().find(|shape| shape.singular == asked.entity).ok_or_else(|| {
        bad_request(Problem::input("entity", "There is no such entity").mend("Use a name such as contact."))
    })?;
    let request = ExportRequest {
        entity: shape.entity.clone(),
        columns: shape.exported(&asked.fields).map_err(bad_request)?,
        filter: asked
            .filter
            .map(|filter| read_filter(app, &built.model, shape, filter))
            .transpose()
            .map_err(bad_request)?,
        format: match asked.format {
            Format::Csv => ExportFormat::Csv,
            Format::Ndjson => ExportFormat::Ndjson,
        },
        unit,
        recipient: asked.recipient,
    };
    let fields = shape.columns.iter().filter(|column| request.columns.iter().any(|(name, _)| *name == column.name));
    let fields: Vec<&str> = fields.map(|column| column.api.as_str()).collect();
    let filtered = if request.filter.is_some() { "filter" } else { "no filter" };
    let operation = BoundOperation {
        parts: vec![b"export".to_vec(), body.to_vec()],
        outline: Some(format!("export {}({filtered}) {{ {} }}", shape.singular, fields.join(" "))),
        run: new_id(),
    };
    let export = app.service.export_operation(&caller, request, Some(operation)).await;
    let export = export.map_err(|problem| (status(problem.code), problem))?;
    Ok((export, shape.plural.clone()))
}

/// What is wrong with a body, by position and never by content.
fn malformed(error: &serde_json::Error) -> Problem {
    let at = format!("line {} column {}", error.line(), error.column());
    let what = if error.is_data() { "not a request for an export" } else { "not JSON" };
    Problem::input("body", format!("The body is {what}, at {at}")).mend(
        "Send {\"entity\": \"contact\", \"format\": \"csv\", \"recipient\": \"<id>\", \"fields\": [...], \"filter\": {...}}; \
         the format is csv or ndjson.",
    )
}

fn read_filter(
    app: &App,
    model: &Model,
    shape: &Shape,
    filter: serde_json::Value,
) -> Result<garant_domain::query::Filter, Problem> {
    let wire = Wire::from_json(filter).map_err(|_| Problem::input("filter", "The filter is no object"))?;
    filter::parse(model, shape, &wire, app.config.max_filter_tests)
}

pub fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorCode::Forbidden | ErrorCode::PurposeRequired | ErrorCode::PolicyRefused => StatusCode::FORBIDDEN,
        ErrorCode::BadUserInput | ErrorCode::QueryTooComplex | ErrorCode::PersistedQueryNotFound => {
            StatusCode::BAD_REQUEST
        }
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Conflict | ErrorCode::GrantRequired => StatusCode::CONFLICT,
        ErrorCode::PolicyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn file(export: Export, name: &str) -> Response {
    let extension = match export.format() {
        ExportFormat::Csv => "csv",
        ExportFormat::Ndjson => "ndjson",
    };
    let media = export.format().media_type();
    let disposition = format!("attachment; filename=\"{name}.{extension}\"");
    let pieces = stream::try_unfold(export, async |mut export| {
        let piece = export.next().await.inspect_err(|problem| {
            tracing::warn!(code = ?problem.code, rows = export.rows(), "an export ended before its end");
        })?;
        Ok::<_, Problem>(piece.map(|piece| (piece, export)))
    });
    let headers = [(header::CONTENT_TYPE, media.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, Body::from_stream(pieces)).into_response()
}
