//! Actors as values: a token, a purpose, verbs.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use axum::http::request::Builder;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::answer::Answer;

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Actor {
    pub(crate) router: Router,
    pub(crate) token: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
}

impl Actor {
    /// The same actor acting for a purpose (or several, separated by commas).
    #[must_use]
    pub fn for_purpose(&self, purpose: &str) -> Self {
        self.with_header("Purpose", purpose)
    }

    /// The same actor naming a channel.
    #[must_use]
    pub fn through(&self, channel: &str) -> Self {
        self.with_header("Channel", channel)
    }

    /// The same actor with another header.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.retain(|(known, _)| known != name);
        other.headers.push((name.to_owned(), value.to_owned()));
        other
    }

    /// The same actor on another server.
    #[must_use]
    pub fn on(&self, router: &Router) -> Self {
        Self { router: router.clone(), ..self.clone() }
    }

    /// What the actor says of itself when it opens a socket.
    #[must_use]
    pub fn payload(&self) -> Value {
        let mut payload = serde_json::Map::new();
        if let Some(token) = &self.token {
            payload.insert("authorization".to_owned(), format!("Bearer {token}").into());
        }
        payload.extend(self.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())));
        Value::Object(payload)
    }

    /// Sends a GraphQL query.
    pub async fn query(&self, query: &str) -> Answer {
        self.send(query, json!({})).await
    }

    /// Sends a GraphQL query with variables.
    pub async fn send(&self, query: &str, variables: Value) -> Answer {
        self.post(json!({ "query": query, "variables": variables }).to_string()).await
    }

    /// Sends any body to the GraphQL end point.
    ///
    /// # Panics
    ///
    /// When the server does not answer at all.
    pub async fn post(&self, body: String) -> Answer {
        self.post_to("/graphql", body).await
    }

    /// Sends any body to any path.
    ///
    /// # Panics
    ///
    /// When the server does not answer at all.
    pub async fn post_to(&self, path: &str, body: String) -> Answer {
        self.ask(Request::post(path).header("content-type", "application/json"), body).await
    }

    /// Sends a form of parts, each with its name.
    ///
    /// # Panics
    ///
    /// When the server does not answer at all.
    pub async fn post_form(&self, path: &str, parts: &[(&str, &str)]) -> Answer {
        let mut body = String::new();
        for (name, content) in parts {
            let head =
                format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n");
            body.push_str(&head);
            body.push_str(content);
            body.push_str("\r\n");
        }
        body.push_str("--part--\r\n");
        self.ask(Request::post(path).header("content-type", "multipart/form-data; boundary=part"), body).await
    }

    /// Fetches a path.
    ///
    /// # Panics
    ///
    /// When the server does not answer at all.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path), String::new()).await
    }

    async fn ask(&self, mut request: Builder, body: String) -> Answer {
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status().as_u16();
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let bytes = to_bytes(response.into_body(), 64 << 20).await.expect("a body");
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null), text, headers }
    }
}
