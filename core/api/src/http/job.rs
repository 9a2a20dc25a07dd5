//! `GET /jobs/{id}/file` and `/rejects`: what a job holds, streamed to its owner, by token or by a link that
//! opens for a few minutes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{Extensions, HeaderMap, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use garant_domain::problem::Problem;
use garant_service::{JobFile, JobPart};
use serde::Deserialize;

use super::export::status;
use super::{Refused, client, headers, refuse};
use crate::router::App;

/// What a link carries.
#[derive(Deserialize)]
pub struct Link {
    ticket: Option<String>,
}

/// `GET /jobs/{id}/file`.
pub async fn job_result(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<Link>,
    extensions: Extensions,
    headers: HeaderMap,
) -> Response {
    answer(open(&app, &id, JobPart::Result, link, &extensions, &headers).await, &headers)
}

/// `GET /jobs/{id}/rejects`.
pub async fn job_rejects(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(link): Query<Link>,
    extensions: Extensions,
    headers: HeaderMap,
) -> Response {
    answer(open(&app, &id, JobPart::Rejects, link, &extensions, &headers).await, &headers)
}

async fn open(
    app: &App,
    id: &str,
    part: JobPart,
    link: Link,
    extensions: &Extensions,
    headers: &HeaderMap,
) -> Result<JobFile, Refused> {
    let opened = match link.ticket {
        Some(ticket) => {
            app.rates.count_address(client::address(&app.config, extensions, headers))?;
            app.service.linked_file(id, part, &ticket).await
        }
        None => {
            let caller = client::authenticate_download(app, headers).await?;
            app.service.job_file(&caller, id, part).await
        }
    };
    opened.map_err(|problem| (status(problem.code), problem))
}

fn answer(file: Result<JobFile, Refused>, headers: &HeaderMap) -> Response {
    let file = match file {
        Ok(file) => file,
        Err((status, problem)) => return refuse(status, &problem, headers::locale(headers)),
    };
    let disposition = format!("attachment; filename=\"{}\"", file.name);
    let headers = [(header::CONTENT_TYPE, file.media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    let pieces =
        stream::try_unfold(file, async |mut file| Ok::<_, Problem>(file.next().await?.map(|piece| (piece, file))));
    (headers, Body::from_stream(pieces)).into_response()
}
