//! Who sends a request: a bearer token, or the cookie of a browser's session. A browser sends its cookie with
//! whatever page asks it to, so with a cookie the page must be ours.

use std::net::{IpAddr, SocketAddr};

use async_graphql::Request;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::{OperationType, Selection};
use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use garant_domain::problem::{ErrorCode, Problem};
use garant_service::Caller;

use super::{Refused, chosen, headers};
use crate::config::ApiConfig;
use crate::limits;
use crate::router::App;

/// The cookie of a session. Its name makes browsers hold it to this host, to https and to every path.
const COOKIE: &str = "__Host-garant";

/// The mutations that need no credential: each of them gives one.
const OPEN: [&str; 3] = ["signIn", "acceptInvitation", "resetPassword"];

/// Finds the caller, and counts the request: whoever asks too often is refused before anything is done.
pub async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Caller, Refused> {
    find(app, token(app, headers)).await
}

/// The same for a file that a browser fetches by itself, following a link of a page of ours: nothing is changed by
/// it, and no other site can read what comes.
pub async fn authenticate_download(app: &App, headers: &HeaderMap) -> Result<Caller, Refused> {
    find(app, token_of(headers, |headers| followed(headers, &app.config.origins))).await
}

async fn find(app: &App, token: Result<Option<&str>, Problem>) -> Result<Caller, Refused> {
    let token = token.map_err(|problem| (StatusCode::FORBIDDEN, problem))?;
    let caller = app.service.authenticate(token).await.map_err(|problem| {
        let unknown = problem.code == ErrorCode::Unauthenticated;
        (if unknown { StatusCode::UNAUTHORIZED } else { StatusCode::SERVICE_UNAVAILABLE }, problem)
    })?;
    app.rates.count(&caller)?;
    Ok(caller)
}

/// The token of a request: the bearer's, else that of the cookie.
///
/// # Errors
/// `FORBIDDEN` for a cookie that a page of another site sends along.
pub fn token<'h>(app: &App, headers: &'h HeaderMap) -> Result<Option<&'h str>, Problem> {
    token_of(headers, |headers| same_site(headers, &app.config.origins))
}

fn token_of(headers: &HeaderMap, ours: impl Fn(&HeaderMap) -> Result<(), Problem>) -> Result<Option<&str>, Problem> {
    if let Some(token) = headers::bearer(headers) {
        return Ok(Some(token));
    }
    let token = cookie(headers);
    if token.is_some() {
        ours(headers)?;
    }
    Ok(token)
}

/// Whether the request names any credential at all.
pub fn has_credential(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION)
}

/// Whether nobody needs to be signed in for a request: it is one mutation that gives a credential.
pub fn is_open(request: &Request, config: &ApiConfig) -> bool {
    if request.query.len() > config.max_query_bytes || limits::check_nesting(&request.query).is_err() {
        return false;
    }
    let Ok(document) = parse_query(&request.query) else { return false };
    let chosen = chosen(&document, request.operation_name.as_deref());
    let mutation = chosen.filter(|operation| operation.ty == OperationType::Mutation);
    match mutation.map(|operation| operation.selection_set.node.items.as_slice()) {
        // No fragment: what it holds would have to be looked for.
        Some([item]) => match &item.node {
            Selection::Field(field) => OPEN.contains(&field.node.name.node.as_str()),
            _ => false,
        },
        _ => false,
    }
}

/// Where the client is, as far as it can be known.
pub fn address(config: &ApiConfig, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
    if config.behind_proxy {
        // The last one was added by the proxy; those before it anybody may have written.
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        return forwarded.rsplit(',').next()?.trim().parse().ok();
    }
    extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

/// What sets the cookie of a session for so many seconds; an empty token with none takes it back.
pub fn session_cookie(token: &str, seconds: i64) -> String {
    format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={seconds}")
}

/// The token of a session's cookie.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, COOKIE)
}

/// What a browser keeps under a name.
pub fn cookie_of<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

/// Whether the page that sent a cookie is ours.
fn same_site(headers: &HeaderMap, origins: &[String]) -> Result<(), Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(header::ORIGIN).ok_or_else(foreign)?;
    if origins.iter().any(|known| known == origin) {
        return Ok(());
    }
    let own = origin.split_once("://").map(|(_, authority)| authority) == text(header::HOST);
    let fetched = headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin");
    if own && fetched { Ok(()) } else { Err(foreign()) }
}

/// Whether a browser follows a link of ours, or one that somebody typed: such a request names no origin. What a
/// page of another site asks for says so, and a browser that does not say keeps such a cookie (`SameSite=Strict`)
/// to itself.
fn followed(headers: &HeaderMap, origins: &[String]) -> Result<(), Problem> {
    if headers.contains_key(header::ORIGIN) {
        return same_site(headers, origins);
    }
    let site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
    if matches!(site, None | Some(b"same-origin" | b"none")) { Ok(()) } else { Err(foreign()) }
}

fn foreign() -> Problem {
    Problem::new(ErrorCode::Forbidden, "The request comes from a page of another site")
        .at("Origin")
        .mend("Send the session's token as `Authorization: Bearer`, or name the site in `server.origins`.")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn only_what_gives_a_credential_needs_none() {
        let open = |query: &str| is_open(&Request::new(query), &ApiConfig::default());
        assert!(open("mutation { signIn(email: \"a\", password: \"b\") { token } }"));
        assert!(open("mutation { a: acceptInvitation(token: \"a\", password: \"b\") { token } }"));
        for shut in [
            "{ viewer { id } }",
            "{ signIn }",
            "mutation { signIn { token } again: signIn { token } }",
            "mutation { signIn { token } createCompany(input: {name: \"x\"}) { id } }",
            "mutation { ...all } fragment all on Mutation { signIn { token } }",
            "mutation { ... on Mutation { createCompany(input: {name: \"x\"}) { id } } }",
            "mutation { signIn: createCompany(input: {name: \"x\"}) { id } }",
            "mutation {",
        ] {
            assert!(!open(shut), "{shut}");
        }
    }

    #[test]
    fn a_cookie_counts_only_with_a_page_of_ours() {
        assert_eq!(cookie(&with(&[("cookie", "a=b; __Host-garant=grs_x; c=d")])), Some("grs_x"));
        assert_eq!(cookie(&with(&[("cookie", "garant=grs_x")])), None);
        let ours =
            |pairs: &[(&'static str, &str)]| same_site(&with(pairs), &["https://app.example".to_owned()]).is_ok();
        assert!(ours(&[("host", "crm.example"), ("origin", "https://crm.example")]));
        assert!(ours(&[("host", "crm.example"), ("origin", "https://app.example")]));
        assert!(!ours(&[("host", "crm.example"), ("origin", "https://evil.example")]));
        assert!(!ours(&[("host", "crm.example")]));
        assert!(!ours(&[("host", "crm.example"), ("origin", "null")]));
        let crossed = [("host", "crm.example"), ("origin", "https://crm.example"), ("sec-fetch-site", "cross-site")];
        assert!(!ours(&crossed));
    }

    #[test]
    fn a_file_is_fetched_by_a_link_of_ours_but_not_from_another_site() {
        let ours = |pairs: &[(&'static str, &str)]| followed(&with(pairs), &[]).is_ok();
        assert!(ours(&[]) && ours(&[("sec-fetch-site", "none")]) && ours(&[("sec-fetch-site", "same-origin")]));
        assert!(!ours(&[("sec-fetch-site", "cross-site")]) && !ours(&[("sec-fetch-site", "same-site")]));
        assert!(!ours(&[("host", "crm.example"), ("origin", "https://evil.example")]));
    }

    #[test]
    fn the_proxys_word_counts_only_behind_one() {
        let headers = with(&[("x-forwarded-for", "6.6.6.6, 192.0.2.7")]);
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 9))));
        let at = |behind_proxy| {
            let config = ApiConfig { behind_proxy, ..ApiConfig::default() };
            address(&config, &extensions, &headers).map(|address| address.to_string())
        };
        assert_eq!((at(false).as_deref(), at(true).as_deref()), (Some("127.0.0.1"), Some("192.0.2.7")));
    }
}
