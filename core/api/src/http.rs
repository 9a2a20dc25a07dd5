//! From an HTTP request to a GraphQL operation and back. Whatever is wrong, the answer is JSON with
//! a stable code.

mod auth;
mod client;
mod export;
mod headers;
mod import;
mod job;
mod once;
mod outline;
mod report;
mod socket;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Request, Response, Value as Wire};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response as HttpResponse};
use garant_domain::clock::new_id;
use garant_domain::problem::{ErrorCode, Problem};
use garant_service::{BoundOperation, Caller, Credential, UnitRequest};

use crate::error::{classify, syntax_error, to_json, to_server_error};
use crate::limits;
use crate::metrics;
use crate::operation::{Locale, Operation};
use crate::router::App;
use crate::schemas::Built;
use crate::variables;

pub use auth::{callback, providers, start};
pub use client::session_cookie;
pub use export::export;
pub use import::import;
pub use job::{job_rejects, job_result};
use once::Asked;
pub use socket::{Session, socket};

/// An answer that is no GraphQL answer.
pub fn refuse(status: StatusCode, problem: &Problem, locale: Locale) -> HttpResponse {
    let mut response = json(status, to_json(problem, locale).to_string());
    if let Some(seconds) = problem.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn json(status: StatusCode, body: String) -> HttpResponse {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// `POST /graphql`.
pub async fn graphql(
    State(app): State<Arc<App>>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> HttpResponse {
    let locale = headers::locale(&headers);
    let (started, requests) = (Instant::now(), Arc::clone(&app.requests));
    let address = client::address(&app.config, &extensions, &headers);
    let answered = answer(app, &headers, body, locale, address).await;
    let code = match &answered {
        Ok(response) => metrics::code_of(response),
        Err((_, problem)) => metrics::code_name(problem.code),
    };
    requests.note(&code, started.elapsed());
    match answered {
        Ok(response) => match serde_json::to_string(&response) {
            Ok(body) => with_headers(json(StatusCode::OK, body), &response),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "an answer could not be written");
                refuse(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    &Problem::new(ErrorCode::Internal, "unwritable answer"),
                    locale,
                )
            }
        },
        Err((status, problem)) => refuse(status, &problem, locale),
    }
}

/// The headers that an answer brings along: cookies, and when it is worth trying again.
fn with_headers(mut http: HttpResponse, response: &Response) -> HttpResponse {
    for (name, value) in &response.http_headers {
        http.headers_mut().append(name, value.clone());
    }
    let wait = |error: &async_graphql::ServerError| match error.extensions.as_ref()?.get("retryAfterSeconds")? {
        Wire::Number(seconds) => seconds.as_u64(),
        _ => None,
    };
    if let Some(seconds) = response.errors.iter().find_map(wait) {
        http.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    http
}

/// Why a request is not answered, and with which status.
pub type Refused = (StatusCode, Problem);

async fn answer(
    app: Arc<App>,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    locale: Locale,
    address: Option<IpAddr>,
) -> Result<Response, Refused> {
    headers::check_content_type(headers)?;
    let body = body.map_err(|rejection| unreadable(&rejection, app.config.max_body_bytes))?;
    let purposes = headers::purposes(headers).map_err(bad_request)?;
    let channel = headers::channel(headers).map_err(bad_request)?;
    let caller = client::authenticate(&app, headers).await;
    let (caller, mut request) = match caller {
        Ok(caller) => (caller, read(&body).map_err(bad_request)?),
        // Whoever sent no credential may do what gives one.
        Err(refused) if !client::has_credential(headers) => {
            let request = read(&body).ok().filter(|request| client::is_open(request, &app.config)).ok_or(refused)?;
            app.rates.count_address(address)?;
            (Caller::nobody(app.service.tenant()), request)
        }
        Err(refused) => return Err(refused),
    };
    // What nobody may send is kept for nobody.
    if caller.access.credential != Credential::Nobody
        && let Err(problem) = app.persisted.settle(&mut request, app.config.max_query_bytes)
    {
        return Ok(failed(&problem, locale));
    }
    let key = headers::idempotency_key(headers).map_err(bad_request)?;
    let known = caller.access.credential != Credential::Nobody;
    let once = key.filter(|_| known).map(|key| {
        let purposes = purposes.join(",");
        let channel = channel.clone().unwrap_or_default();
        (key, vec![body.to_vec(), purposes.into_bytes(), channel.into_bytes(), vec![u8::from(locale == Locale::Fr)]])
    });
    let unit = UnitRequest { purposes, channel };
    // The first statement: by which catalogue the request is read, and what decides on it.
    let current = app.service.current(&caller).await.map_err(unanswered)?;
    let built = app.schemas.of(current.catalog()).await.map_err(unanswered)?;
    let operation = Operation::new(&app, &built, caller, unit, locale, current).from(address);
    Ok(execute(app, built, request, operation, once).await)
}

fn unanswered(problem: Problem) -> Refused {
    (StatusCode::SERVICE_UNAVAILABLE, problem)
}

fn bad_request(problem: Problem) -> Refused {
    (StatusCode::BAD_REQUEST, problem)
}

fn unreadable(rejection: &BytesRejection, max: usize) -> Refused {
    let status = rejection.status();
    let problem = if status == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(ErrorCode::BadUserInput, format!("The body is larger than {max} bytes"))
            .mend("Send fewer records, or import them from a file.")
    } else {
        Problem::new(ErrorCode::BadUserInput, "The body could not be read").mend("Send the request again.")
    };
    (status, problem)
}

/// Reads the body. What is wrong with it is told by position, never by content.
fn read(body: &[u8]) -> Result<Request, Problem> {
    let remedy = "Send {\"query\": \"...\", \"variables\": {...}, \"operationName\": \"...\"}";
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(
            Problem::input("body", "Batches of operations are not answered").mend("Send one operation a request.")
        );
    }
    serde_json::from_slice(body).map_err(|error| {
        let at = format!("line {} column {}", error.line(), error.column());
        let what = if error.is_data() { "not a GraphQL request" } else { "not JSON" };
        Problem::input("body", format!("The body is {what}, at {at}")).mend(remedy)
    })
}

async fn execute(
    app: Arc<App>,
    built: Arc<Built>,
    mut request: Request,
    mut operation: Operation,
    once: Option<once::Repeatable>,
) -> Response {
    let locale = operation.locale;
    let parts = parts(&request);
    let kind = match prepare(&app, &built, &mut request) {
        Ok(kind) => kind,
        Err(error) => return Response::from_errors(vec![error]),
    };
    if kind.subscription {
        let problem = Problem::input("query", "Subscriptions are answered over a WebSocket")
            .mend("Connect to /graphql with the protocol graphql-transport-ws, as the package graphql-ws does.");
        return failed(&problem, locale);
    }
    let (mut taken, mut run_id) = (None, new_id());
    if let Some(repeatable) = once.filter(|_| kind.mutation) {
        match once::ask(&app, &operation.caller, repeatable, locale).await {
            Asked::New(key) => taken = Some(key),
            // The same run: what it was allowed once, it is still.
            Asked::Before(told) => {
                run_id.clone_from(&told.run);
                operation = operation.told_again(told);
            }
            Asked::Answered(response) => return *response,
        }
    }
    let bound = BoundOperation { parts, outline: kind.outline.clone(), run: run_id.clone() };
    let operation = Arc::new(operation.bound(bound, kind.mutation));
    let request = request.data(Arc::clone(&operation));
    let timeout = app.config.timeout;
    let run = async move { built.schema.execute(request).await };
    let mut response = if kind.mutation {
        // A write that has begun is not torn by an impatient client: it runs on by itself.
        match tokio::time::timeout(timeout, tokio::spawn(run)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a mutation panicked");
                // Nobody knows how far it came: its key stays taken.
                taken = None;
                failed(&Problem::new(ErrorCode::Internal, "a mutation panicked"), locale)
            }
            Err(_) => {
                taken = None;
                failed(&slow(timeout, "The change may still happen; read the record again."), locale)
            }
        }
    } else {
        let answered = tokio::time::timeout(timeout, run).await;
        answered.unwrap_or_else(|_| failed(&slow(timeout, "Ask for fewer records or fields."), locale))
    };
    classify(&mut response);
    sort(&mut response, &kind.keys);
    if let Some(unit) = operation.begun() {
        response.extensions.insert("policy".to_owned(), report::policy(&unit.report(), locale));
    }
    if let Some(key) = taken {
        let records = operation.begun().is_some();
        once::settle(&app, &operation, &key, operation.journal.kept(&run_id, &response, &kind.acts, records)).await;
    }
    response
}

fn slow(timeout: std::time::Duration, remedy: &str) -> Problem {
    Problem::new(ErrorCode::QueryTooComplex, format!("The answer took longer than {} s", timeout.as_secs()))
        .mend(remedy)
}

fn failed(problem: &Problem, locale: Locale) -> Response {
    Response::from_errors(vec![to_server_error(problem, locale, None)])
}

/// Everything of a request that decides what is done.
fn parts(request: &Request) -> Vec<Vec<u8>> {
    let variables = serde_json::to_vec(&request.variables).unwrap_or_default();
    let name = request.operation_name.clone().unwrap_or_default();
    vec![b"graphql".to_vec(), request.query.clone().into_bytes(), variables, name.into_bytes()]
}

/// What is known of a request before it runs.
struct Kind {
    mutation: bool,
    subscription: bool,
    /// What it does, in names of the schema.
    outline: Option<String>,
    /// Keys of the answer, in the order of the query.
    keys: Vec<Name>,
    /// Those of them that ask for something, as opposed to the name of the type.
    acts: Vec<Name>,
}

/// Parses a request and holds it to the limits.
fn prepare(app: &App, built: &Built, request: &mut Request) -> Result<Kind, async_graphql::ServerError> {
    let refuse = |problem: Problem| to_server_error(&problem, Locale::En, None);
    let max = app.config.max_query_bytes;
    if request.query.len() > max {
        let problem = Problem::new(ErrorCode::QueryTooComplex, format!("The query is longer than {max} bytes"));
        return Err(refuse(problem.at("query").mend("Send values as variables.")));
    }
    limits::check_nesting(&request.query).map_err(refuse)?;
    let mut document = parse_query(&request.query).map_err(|error| syntax_error(&error))?;
    limits::check(&document, &request.variables, &built.connections, &app.config).map_err(refuse)?;
    variables::settle(&mut document, &request.variables, request.operation_name.as_deref()).map_err(refuse)?;
    let chosen = chosen(&document, request.operation_name.as_deref());
    let is = |ty| chosen.is_some_and(|operation| operation.ty == ty);
    let (mutation, subscription) = (is(OperationType::Mutation), is(OperationType::Subscription));
    let outline = chosen.and_then(|operation| outline::outline(&document, operation));
    let mut fields = Vec::new();
    if let Some(operation) = chosen {
        root_fields(&document, &operation.selection_set.node, 0, &mut fields);
    }
    let key = |field: &&Field| field.response_key().node.clone();
    let acts = fields.iter().filter(|field| field.name.node != "__typename").map(key).collect();
    let keys = fields.iter().map(key).collect();
    request.set_parsed_query(document);
    Ok(Kind { mutation, subscription, outline, keys, acts })
}

fn chosen<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let mut operations = document.operations.iter();
    let found = operations.find(|(known, _)| name.is_none() || known.map(Name::as_str) == name);
    found.map(|(_, operation)| &operation.node)
}

fn root_fields<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet, level: usize, fields: &mut Vec<&'a Field>) {
    // Fragments that nest deeper, or in a circle, are refused by validation or keep any order.
    if level > 8 {
        return;
    }
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => fields.push(&field.node),
            Selection::InlineFragment(fragment) => {
                root_fields(document, &fragment.node.selection_set.node, level + 1, fields);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    root_fields(document, &fragment.node.selection_set.node, level + 1, fields);
                }
            }
        }
    }
}

/// Root fields are answered side by side; the answer lists them as the query did.
fn sort(response: &mut Response, keys: &[Name]) {
    if let Wire::Object(data) = &mut response.data {
        data.sort_by_key(|key, _| keys.iter().position(|known| known == key).unwrap_or(usize::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_no_request_is_told_by_position() {
        for (body, part) in [
            ("", "not JSON"),
            ("{\"query\": \"jane@example.org", "not JSON"),
            ("{\"query\": 1, \"variables\": \"jane@example.org\"}", "not a GraphQL request"),
            ("[{\"query\": \"{ viewer { id } }\"}]", "Batches"),
        ] {
            let problem = read(body.as_bytes()).unwrap_err();
            assert_eq!(problem.code, ErrorCode::BadUserInput);
            assert!(problem.message.contains(part) && !problem.message.contains("jane"), "{}", problem.message);
        }
        let request = read(br#"{"query": "{ x }", "variables": null, "operationName": null}"#).unwrap();
        assert_eq!(request.query, "{ x }");
    }
}
