//! Headers: token, purposes, channel, language, content type.

use axum::http::{HeaderMap, StatusCode, header};
use garant_domain::problem::{ErrorCode, Problem};

use crate::operation::Locale;

const PURPOSE: &str = "purpose";
const CHANNEL: &str = "channel";
const MAX_PURPOSES: usize = 16;

/// French when it is the language that the client names first.
pub fn locale(headers: &HeaderMap) -> Locale {
    let languages = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = languages.trim_start().as_bytes();
    let french = first.get(..2).is_some_and(|tag| tag.eq_ignore_ascii_case(b"fr"));
    let whole = first.get(2).is_none_or(|next| !next.is_ascii_alphabetic());
    if french && whole { Locale::Fr } else { Locale::En }
}

/// The bearer token, if there is one.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// JSON and nothing else: a form post from another site is not answered.
pub fn check_content_type(headers: &HeaderMap) -> Result<(), (StatusCode, Problem)> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let problem = Problem::input("Content-Type", "The body must be application/json")
        .mend("Send the header `Content-Type: application/json`.");
    Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, problem))
}

/// The purposes named, in one header or several, separated by commas.
pub fn purposes(headers: &HeaderMap) -> Result<Vec<String>, Problem> {
    let wrong = || {
        Problem::input("Purpose", "The header Purpose is malformed")
            .mend("Send purpose keys separated by commas; `viewer { purposes { key } }` lists them.")
    };
    let mut purposes = Vec::new();
    for value in headers.get_all(PURPOSE) {
        let value = value.to_str().map_err(|_| wrong())?;
        if value.trim().is_empty() {
            continue;
        }
        for key in value.split(',').map(str::trim) {
            let part = |part: &str| {
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
            };
            if !key.split('.').all(part) {
                return Err(wrong());
            }
            purposes.push(key.to_owned());
        }
    }
    if purposes.len() > MAX_PURPOSES {
        return Err(Problem::new(ErrorCode::BadUserInput, format!("More than {MAX_PURPOSES} purposes")).at("Purpose"));
    }
    Ok(purposes)
}

/// The channel named.
pub fn channel(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(CHANNEL) else { return Ok(None) };
    let value = value.to_str().map_err(|_| Problem::input("Channel", "The header Channel is malformed"))?.trim();
    Ok((!value.is_empty()).then(|| value.to_owned()))
}

/// The key under which a mutation is done once.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().map(str::trim).unwrap_or_default();
    if key.is_empty() || key.len() > 255 {
        return Err(Problem::input("Idempotency-Key", "The header must hold 1 to 255 visible ASCII characters")
            .mend("Send a random key, such as a UUID."));
    }
    Ok(Some(key.to_owned()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(name: &'static str, values: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    #[test]
    fn purposes_are_a_list() {
        let read = |values: &[&[u8]]| purposes(&with("purpose", values)).map_err(|problem| problem.code);
        assert_eq!(read(&[]), Ok(vec![]));
        assert_eq!(read(&[b" "]), Ok(vec![]));
        assert_eq!(
            read(&[b"sales.lead , marketing", b"x"]),
            Ok(vec!["sales.lead".into(), "marketing".into(), "x".into()])
        );
        for bad in [&b"a,,b"[..], b"a b", b"a.", b"\xff", b"a;b", b","] {
            assert_eq!(read(&[bad]), Err(ErrorCode::BadUserInput));
        }
        assert_eq!(read(&[[&b"a"[..]; 17].join(&b","[..]).as_slice()]), Err(ErrorCode::BadUserInput));
    }

    #[test]
    fn the_first_language_decides() {
        for (value, expected) in [
            ("fr", Locale::Fr),
            ("fr-CA, en;q=0.8", Locale::Fr),
            ("FR;q=0.9", Locale::Fr),
            ("en, fr", Locale::En),
            ("fro", Locale::En),
            ("", Locale::En),
        ] {
            assert_eq!(locale(&with("accept-language", &[value.as_bytes()])), expected, "{value}");
        }
    }

    #[test]
    fn only_json_and_bearer_tokens_pass() {
        let json = |value: &str| check_content_type(&with("content-type", &[value.as_bytes()])).is_ok();
        assert!(json("application/json") && json("Application/JSON; charset=utf-8"));
        assert!(!json("text/plain") && !json("") && !json("application/jsonx"));
        let token = |value: &str| bearer(&with("authorization", &[value.as_bytes()])).map(str::to_owned);
        assert_eq!(token("Bearer abc"), Some("abc".into()));
        assert_eq!(token("bearer  abc "), Some("abc".into()));
        assert_eq!(token("Basic abc"), None);
        assert_eq!(token("abc"), None);
    }
}
