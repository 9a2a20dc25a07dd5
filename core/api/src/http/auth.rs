//! `/auth`: signing in with a provider. A browser leaves for it at `start` and comes back to `callback`; what it
//! keeps meanwhile lies sealed in a cookie of its own, so that any process of the server can go on, and nobody can
//! end a log-in that somebody else began.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use garant_domain::problem::{ErrorCode, Problem};
use garant_service::SignedIn;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::export::status;
use super::{Refused, client, headers, json as json_answer, refuse};
use crate::oidc::{Provider, failed};
use crate::router::App;

/// What a browser keeps while it is away. Unlike a session's it comes back with the provider's page.
const AWAY: &str = "__Host-garant-login";

/// What a provider sends a browser back with.
#[derive(Deserialize)]
pub struct Back {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// `GET /auth`: the providers.
pub async fn providers(State(app): State<Arc<App>>) -> Response {
    let provider = |provider: &Provider| {
        let (id, label) = (&provider.config.id, &provider.config.label);
        json!({ "id": id, "label": label, "path": format!("/auth/{id}/start") })
    };
    let known: Vec<_> = app.providers.iter().map(provider).collect();
    json_answer(StatusCode::OK, json!({ "data": known }).to_string())
}

/// `GET /auth/{provider}/start`.
pub async fn start(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    extensions: Extensions,
    headers: HeaderMap,
) -> Response {
    let begun = async {
        let provider = provider(&app, &id, &extensions, &headers)?;
        let (url, under_way) = provider.begin().await.map_err(told)?;
        Ok((url, app.service.seal_sign_in(&id, &under_way)))
    };
    match begun.await {
        Ok((url, sealed)) => {
            let cookie = format!("{AWAY}={sealed}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600");
            (StatusCode::SEE_OTHER, [(LOCATION, url), (SET_COOKIE, cookie)]).into_response()
        }
        Err((status, problem)) => refuse(status, &problem, headers::locale(&headers)),
    }
}

/// `GET /auth/{provider}/callback`.
pub async fn callback(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(back): Query<Back>,
    extensions: Extensions,
    headers: HeaderMap,
) -> Response {
    let begun = async {
        let provider = provider(&app, &id, &extensions, &headers)?;
        Ok((end(&app, provider, back, &headers).await.map_err(told)?, provider.config.landing.clone()))
    };
    // Whatever came of it, what the browser kept is used up.
    let mut cookies = vec![format!("{AWAY}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")];
    let mut answer = match begun.await {
        Ok((begun, landing)) => {
            let seconds = begun.expires_at.saturating_sub(app.service.clock().now()).div_euclid(1_000_000);
            cookies.push(client::session_cookie(begun.token.reveal(), seconds));
            match landing {
                Some(landing) => (StatusCode::SEE_OTHER, [(LOCATION, landing)]).into_response(),
                None => "Signed in. You may close this page.\n".into_response(),
            }
        }
        Err((status, problem)) => refuse(status, &problem, headers::locale(&headers)),
    };
    for cookie in cookies.iter().filter_map(|cookie| cookie.parse().ok()) {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
    answer
}

async fn end(app: &App, provider: &Provider, back: Back, headers: &HeaderMap) -> Result<SignedIn, Problem> {
    let id = &provider.config.id;
    let kept = client::cookie_of(headers, AWAY).and_then(|sealed| app.service.open_sign_in(id, sealed));
    let kept = kept.ok_or_else(|| {
        failed("This log-in was not begun by this browser, or too long ago")
            .mend(format!("Begin at /auth/{id}/start, and come back within ten minutes."))
    })?;
    // Compared by digests, which tell nothing by the time that it takes.
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    if back.state.as_deref().is_none_or(|state| digest(state) != digest(&kept.state)) {
        return Err(failed("The log-in that comes back is another one than this browser began"));
    }
    if back.iss.as_deref().is_some_and(|issuer| issuer != provider.config.issuer) {
        return Err(failed("Another provider sends the browser back than the one it was sent to"));
    }
    let code = back.code.filter(|_| back.error.is_none()).ok_or_else(|| {
        let denied = back.error.as_deref() == Some("access_denied");
        failed(if denied { "The log-in was not agreed to" } else { "The provider refused the log-in" })
    })?;
    let vouched = provider.vouches(code, kept).await?;
    app.service.sign_in_by_provider(&vouched).await
}

/// The provider of a path, for whoever does not ask too often.
fn provider<'a>(app: &'a App, id: &str, extensions: &Extensions, headers: &HeaderMap) -> Result<&'a Provider, Refused> {
    app.rates.count_address(client::address(&app.config, extensions, headers))?;
    app.providers.iter().find(|provider| provider.config.id == id).ok_or_else(|| {
        let problem = Problem::new(ErrorCode::NotFound, "There is no such provider").mend("GET /auth lists them.");
        (StatusCode::NOT_FOUND, problem)
    })
}

fn told(problem: Problem) -> Refused {
    (status(problem.code), problem)
}
