//! Problems on the wire: one map from [`Problem`] to a GraphQL error, and one for what the library
//! itself refuses.

mod refused;

use std::collections::BTreeMap;

use async_graphql::parser::Error as ParseError;
use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value as Wire};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::Reason;
use serde_json::{Value as Json, json};

use crate::operation::Locale;
use crate::schema::names::camel_path;

/// What an internal error tells; the log tells the rest.
const INTERNAL: &str = "The server could not do this; the log says why.";

/// A problem as a GraphQL error.
pub fn to_server_error(problem: &Problem, locale: Locale, pos: Option<Pos>) -> ServerError {
    let (message, remedy) = worded(problem, locale);
    let mut error = ServerError::new(message, pos);
    let mut extensions = ErrorExtensionValues::default();
    for (key, value) in extensions_of(problem, remedy.as_deref(), locale) {
        extensions.set(key, Wire::from_json(value).unwrap_or_default());
    }
    error.extensions = Some(extensions);
    error
}

/// A problem as the body of an answer that is no GraphQL answer.
pub fn to_json(problem: &Problem, locale: Locale) -> Json {
    json!({ "data": null, "errors": [to_error_json(problem, locale)] })
}

/// A problem as one error of an answer.
pub fn to_error_json(problem: &Problem, locale: Locale) -> Json {
    let (message, remedy) = worded(problem, locale);
    let extensions: BTreeMap<_, _> = extensions_of(problem, remedy.as_deref(), locale).into_iter().collect();
    json!({ "message": message, "extensions": extensions })
}

/// Message and remedy in the caller's language, where the policy that decided gave them.
fn worded(problem: &Problem, locale: Locale) -> (String, Option<String>) {
    if problem.code == ErrorCode::Internal {
        tracing::error!(problem = %problem.message, "answered INTERNAL");
        return (INTERNAL.to_owned(), None);
    }
    let (mut message, mut remedy) = (problem.message.clone(), problem.remedy.clone());
    if let Some(reason) = problem.reasons.first() {
        if message == reason.message.en {
            locale.pick(&reason.message).clone_into(&mut message);
        }
        if remedy.as_deref() == Some(reason.remedy.en.as_str()) {
            remedy = Some(locale.pick(&reason.remedy).to_owned());
        }
    }
    (message, remedy)
}

fn extensions_of(problem: &Problem, remedy: Option<&str>, locale: Locale) -> Vec<(&'static str, Json)> {
    let mut extensions = vec![("code", json!(problem.code))];
    if let Some(field) = &problem.field {
        // A plugin's id is no path of the schema.
        let field = if problem.code == ErrorCode::PolicyUnavailable { field.clone() } else { camel_path(field) };
        extensions.push(("field", json!(field)));
    }
    if let Some(remedy) = remedy {
        extensions.push(("remedy", json!(remedy)));
    }
    if let Some(reason) = problem.reasons.first() {
        extensions.push(("reason", json!(reason.full_code())));
        extensions.push(("plugin", json!(reason.plugin)));
        extensions.push(("article", json!(reason.article)));
        let all: Vec<_> = problem.reasons.iter().map(|reason| reason_json(reason, locale)).collect();
        extensions.push(("reasons", json!(all)));
    }
    if problem.code == ErrorCode::PolicyUnavailable
        && problem.reasons.is_empty()
        && let Some(plugin) = &problem.field
    {
        extensions.push(("plugin", json!(plugin)));
    }
    if !problem.purposes.is_empty() || problem.code == ErrorCode::PurposeRequired {
        extensions.push(("purposes", json!(problem.purposes)));
    }
    if !problem.settings.is_empty() {
        extensions.push(("problems", json!(problem.settings)));
    }
    if let Some(seconds) = problem.retry_after_seconds {
        extensions.push(("retryAfterSeconds", json!(seconds)));
    }
    if let Some(hint) = &problem.approval {
        let wanted: Vec<_> = hint
            .wanted
            .iter()
            .map(|wanted| {
                json!({
                    "kind": wanted.kind,
                    "needed": wanted.needed,
                    "given": wanted.given,
                    "request": wanted.request,
                })
            })
            .collect();
        let ask = "mutation requestApproval(request, reason)";
        extensions.push(("approval", json!({ "digest": hint.digest, "ask": ask, "wanted": wanted })));
    }
    if let Some(grant) = &problem.grant {
        extensions.push(("grant", json!(grant)));
        extensions.push(("missing", json!(grant.names())));
    }
    extensions
}

/// A reason with its code as it travels.
pub fn reason_json(reason: &Reason, locale: Locale) -> Json {
    json!({
        "reason": reason.full_code(),
        "plugin": reason.plugin,
        "code": reason.code,
        "article": reason.article,
        "message": locale.pick(&reason.message),
        "remedy": locale.pick(&reason.remedy),
    })
}

/// A query text that is no GraphQL. The parser's message quotes the text, which may hold personal
/// values, so only what it expected is told.
pub fn syntax_error(error: &ParseError) -> ServerError {
    let message = match error {
        ParseError::RecursionLimitExceeded => {
            return to_server_error(
                &Problem::new(ErrorCode::QueryTooComplex, "The query is nested too deeply")
                    .mend("Ask for fewer levels, and send large inputs as variables."),
                Locale::En,
                None,
            );
        }
        ParseError::Syntax { message, .. } => {
            let expected = message.lines().rev().find_map(|line| line.trim().strip_prefix("= "));
            format!("The query is not GraphQL: {}", expected.unwrap_or("syntax error"))
        }
        other => format!("The query is not GraphQL: {other}"),
    };
    let problem = Problem::input("query", message).mend("Check the query at the location named.");
    to_server_error(&problem, Locale::En, error.positions().next())
}

/// Gives every error of an answer a code: what the library refused before running is the caller's,
/// what failed while running is ours.
pub fn classify(response: &mut Response) {
    for error in &mut response.errors {
        if error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some()) {
            continue;
        }
        let pos = error.locations.first().copied();
        let problem = if error.path.is_empty() {
            refused::problem(&error.message)
        } else {
            Problem::new(ErrorCode::Internal, error.message.clone())
        };
        let path = std::mem::take(&mut error.path);
        *error = to_server_error(&problem, Locale::En, pos).with_path(path);
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use garant_domain::reason::Localised;

    use super::*;

    fn reason() -> Reason {
        let text = |en: &str, fr: &str| Localised { en: en.into(), fr: fr.into() };
        Reason {
            plugin: "consent".into(),
            code: "CNS-05".into(),
            title: text("Withdrawn", "Retiré"),
            message: text("Consent was withdrawn.", "Le consentement a été retiré."),
            remedy: text("Ask again.", "Redemandez-le."),
            article: "GDPR 7(3)".into(),
        }
    }

    #[test]
    fn a_refusal_carries_its_reason_in_the_callers_language() {
        let problem = Problem::new(ErrorCode::PolicyRefused, "Consent was withdrawn.")
            .at("input.last_name")
            .mend("Ask again.")
            .because(vec![reason()]);
        let error = to_json(&problem, Locale::Fr)["errors"][0].clone();
        assert_eq!(error["message"], "Le consentement a été retiré.");
        let extensions = &error["extensions"];
        assert_eq!(extensions["code"], "POLICY_REFUSED");
        assert_eq!(extensions["field"], "input.lastName");
        assert_eq!(extensions["remedy"], "Redemandez-le.");
        assert_eq!(extensions["reason"], "consent/CNS-05");
        assert_eq!(
            (extensions["plugin"].as_str(), extensions["article"].as_str()),
            (Some("consent"), Some("GDPR 7(3)"))
        );
    }

    #[test]
    fn internal_errors_keep_their_cause_to_the_log() {
        let error = to_server_error(&Problem::new(ErrorCode::Internal, "table x"), Locale::En, None);
        assert_eq!(error.message, INTERNAL);
    }

    #[test]
    fn syntax_errors_never_quote_the_query() {
        let error = syntax_error(&parse_query("{ contact(email: \"jane@example.org\"").unwrap_err());
        assert!(error.message.contains("expected") && !error.message.contains("jane"), "{}", error.message);
        assert_eq!(error.locations.len(), 1);
        assert_eq!(error.extensions.unwrap().get("code"), Some(&Wire::from("BAD_USER_INPUT")));
    }

    #[test]
    fn every_error_has_a_code() {
        let path = vec![async_graphql::PathSegment::Field("x".into())];
        let errors =
            vec![ServerError::new("unknown field", None), ServerError::new("internal: oops", None).with_path(path)];
        let mut response = Response::from_errors(errors);
        classify(&mut response);
        let code = |i: usize| response.errors[i].extensions.as_ref().unwrap().get("code").unwrap().to_string();
        assert_eq!((code(0), code(1)), ("\"BAD_USER_INPUT\"".into(), "\"INTERNAL\"".into()));
        assert_eq!(response.errors[1].message, INTERNAL);
        assert_eq!(response.errors[1].path.len(), 1);
    }
}
