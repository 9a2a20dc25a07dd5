//! `POST /import`: a mapping and a file, as a form of parts. The file goes into a job piece by piece as it
//! comes, and the answer names the job; what refuses it as a whole is answered before.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use garant_domain::problem::Problem;
use garant_service::import::Mapping;
use garant_service::{Caller, JobView, UnitRequest};
use serde_json::json;

use super::export::status;
use super::{Refused, bad_request, client, headers, refuse, unanswered};
use crate::router::App;

/// Longest mapping.
const MAX_MAPPING: usize = 256 << 10;

/// `POST /import`.
pub async fn import(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    match take(&app, &headers, form).await {
        Ok(job) => {
            let body = json!({ "data": { "id": job.id, "state": job.state.as_str() } });
            (StatusCode::ACCEPTED, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
        }
        Err((status, problem)) => refuse(status, &problem, headers::locale(&headers)),
    }
}

async fn take(app: &App, headers: &HeaderMap, form: Result<Multipart, MultipartRejection>) -> Result<JobView, Refused> {
    let mut form = form.map_err(|_| {
        let problem = Problem::input("Content-Type", "The body must be multipart/form-data");
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, problem.mend(FORM))
    })?;
    let unit = UnitRequest {
        purposes: headers::purposes(headers).map_err(bad_request)?,
        channel: headers::channel(headers).map_err(bad_request)?,
    };
    let caller = client::authenticate(app, headers).await?;
    let mut mapping = None;
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        match (field.name(), mapping.take()) {
            (Some("mapping"), None) => mapping = Some(read_mapping(app, &caller, field).await?),
            (Some("file"), Some(mapping)) => return upload(app, &caller, unit, mapping, field).await,
            _ => break,
        }
    }
    Err(bad_request(Problem::input("body", "The form needs a part `mapping`, then a part `file`").mend(FORM)))
}

/// How such a request looks.
const FORM: &str = "Send a form such as curl's: -F mapping=@contacts.toml -F file=@contacts.csv, in this order.";

async fn read_mapping(app: &App, caller: &Caller, field: Field<'_>) -> Result<Mapping, Refused> {
    let text = field.text().await.map_err(|error| broken(&error))?;
    if text.len() > MAX_MAPPING {
        let problem = Problem::input("mapping", format!("The mapping is longer than {MAX_MAPPING} bytes"));
        return Err(bad_request(problem.mend("Map fewer values in it.")));
    }
    let current = app.service.current(caller).await.map_err(unanswered)?;
    Mapping::parse(&text, current.catalog())
        .map_err(|error| bad_request(Problem::input("mapping", error.to_string()).mend("See examples/import.")))
}

async fn upload(
    app: &App,
    caller: &Caller,
    unit: UnitRequest,
    mapping: Mapping,
    mut field: Field<'_>,
) -> Result<JobView, Refused> {
    let told = |problem: Problem| (status(problem.code), problem);
    let mut upload = app.service.begin_import(caller, unit, mapping).await.map_err(told)?;
    while let Some(bytes) = field.chunk().await.map_err(|error| broken(&error))? {
        upload.push(&bytes).await.map_err(|error| told(error.problem()))?;
    }
    upload.complete().await.map_err(|error| told(error.problem()))
}

/// What is wrong with the form; never what is in it.
fn broken(error: &MultipartError) -> Refused {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let problem = Problem::input("file", "The file is larger than `jobs.max_upload_mb` allows");
        return (StatusCode::PAYLOAD_TOO_LARGE, problem.mend("Send it in parts, each with the header line."));
    }
    bad_request(Problem::input("body", "The form could not be read to its end").mend(FORM))
}
