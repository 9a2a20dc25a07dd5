//! `/graphql` over a WebSocket, in the protocol `graphql-transport-ws`: subscriptions and nothing else. The
//! library's own loop for it is not used: it closes with one code for everything, takes an id that is in use,
//! and waits for a client for ever.

mod message;
mod session;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::Response;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::Response as HttpResponse;
use futures::stream::{self, AbortHandle, Abortable, BoxStream, SelectAll, SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use garant_domain::problem::{ErrorCode, Problem};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};

use self::message::{Asked, Close, Told};
use super::{client, headers, refuse};
use crate::error::to_error_json;
use crate::metrics;
use crate::router::{App, wrong_method};

pub use session::Session;

/// What both sides speak.
const PROTOCOL: &str = "graphql-transport-ws";
/// Time that a client which was too slow gets to take what was sent and the code.
const LAST_WORDS: Duration = Duration::from_secs(30);

/// `GET /graphql`, asking for another protocol.
pub async fn socket(
    State(app): State<Arc<App>>,
    extensions: Extensions,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> HttpResponse {
    let Ok(upgrade) = upgrade else { return wrong_method().await };
    let locale = headers::locale(&headers);
    let upgrade = upgrade.protocols([PROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        let problem = Problem::input("Sec-WebSocket-Protocol", "The WebSocket speaks no protocol that is known here")
            .mend(format!("Offer `{PROTOCOL}`, as the package graphql-ws does."));
        return refuse(StatusCode::BAD_REQUEST, &problem, locale);
    }
    let Ok(permit) = Arc::clone(&app.connections).try_acquire_owned() else {
        let most = app.config.subscriptions.connections;
        let mut problem = Problem::new(ErrorCode::RateLimited, format!("This server has {most} connections already"))
            .mend("Use one connection for all subscriptions of a client, and try again later.");
        problem.retry_after_seconds = Some(30);
        return refuse(StatusCode::SERVICE_UNAVAILABLE, &problem, locale);
    };
    let address = client::address(&app.config, &extensions, &headers);
    let most = app.config.max_body_bytes;
    upgrade
        .max_message_size(most)
        .max_frame_size(most)
        .on_upgrade(move |socket| Connection::new(app, headers, address, socket, permit).run())
}

/// One item of a running subscription: an answer, or its end.
type Item = (u64, String, Option<Response>);

/// A connection.
struct Connection {
    app: Arc<App>,
    headers: HeaderMap,
    address: Option<IpAddr>,
    to: SplitSink<WebSocket, Message>,
    from: SplitStream<WebSocket>,
    /// Who it is, once they said so.
    session: Option<Arc<Session>>,
    /// By the client's id: our own number, since the client may use an id again, and what ends it.
    running: HashMap<String, (u64, AbortHandle)>,
    items: SelectAll<BoxStream<'static, Item>>,
    next: u64,
    heard: Instant,
    _permit: OwnedSemaphorePermit,
}

impl Connection {
    fn new(
        app: Arc<App>,
        headers: HeaderMap,
        address: Option<IpAddr>,
        socket: WebSocket,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        let (to, from) = socket.split();
        Self {
            app,
            headers,
            address,
            to,
            from,
            session: None,
            running: HashMap::new(),
            items: SelectAll::new(),
            next: 0,
            heard: Instant::now(),
            _permit: permit,
        }
    }

    async fn run(mut self) {
        let close = self.talk().await;
        // Before the last words: nothing is read for somebody who is being sent away.
        self.items.clear();
        self.running.clear();
        if let Some(close) = close {
            let frame = CloseFrame { code: close.code, reason: close.reason.into() };
            let _ = timeout(LAST_WORDS, self.to.send(Message::Close(Some(frame)))).await;
        }
    }

    /// Until somebody ends it; with what to say at the end, where the client has not.
    async fn talk(&mut self) -> Option<Close> {
        let silence = self.app.config.subscriptions.init;
        let mut beat = tokio::time::interval(silence);
        beat.tick().await;
        loop {
            let told = tokio::select! {
                message = self.from.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        self.heard = Instant::now();
                        match self.answer(text.as_str()).await {
                            Ok(told) => told,
                            Err(close) => return Some(close),
                        }
                    }
                    Some(Ok(Message::Binary(_))) => return Some(Close::malformed()),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                        self.heard = Instant::now();
                        None
                    }
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                },
                Some(item) = self.items.next(), if !self.items.is_empty() => match self.told(item) {
                    Ok(told) => told,
                    Err((last, close)) => {
                        let _ = self.send(&last).await;
                        return Some(close);
                    }
                },
                _ = beat.tick() => match &self.session {
                    None => return Some(Close::silent()),
                    Some(_) if self.heard.elapsed() > 4 * silence => return None,
                    Some(_) => Some(Told::Ping),
                },
            };
            if let Some(told) = told
                && let Err(close) = self.send(&told).await
            {
                return close;
            }
        }
    }

    /// What is said to a message.
    async fn answer(&mut self, text: &str) -> Result<Option<Told>, Close> {
        match Asked::read(text)? {
            Asked::ConnectionInit { .. } if self.session.is_some() => Err(Close::said_before()),
            Asked::ConnectionInit { payload } => {
                let session = Session::begin(&self.app, &self.headers, payload, self.address).await;
                self.session = Some(Arc::new(session.map_err(|problem| Close::refused(&problem))?));
                Ok(Some(Told::ConnectionAck))
            }
            Asked::Ping => Ok(Some(Told::Pong)),
            Asked::Pong => Ok(None),
            Asked::Complete { id } => {
                if let Some((_, handle)) = self.running.remove(&id) {
                    handle.abort();
                }
                Ok(None)
            }
            Asked::Subscribe { id, payload } => {
                let Some(session) = self.session.clone() else { return Err(Close::unknown()) };
                if self.running.contains_key(&id) {
                    return Err(Close::id_taken());
                }
                let most = self.app.config.subscriptions.per_connection;
                if self.running.len() >= most {
                    let problem = Problem::new(
                        ErrorCode::RateLimited,
                        format!("This connection has {most} subscriptions already"),
                    )
                    .mend("Complete one first.");
                    return Ok(Some(Told::Error { id, payload: vec![to_error_json(&problem, session.locale)] }));
                }
                self.subscribe(id, session.subscribe(*payload));
                Ok(None)
            }
        }
    }

    fn subscribe(&mut self, id: String, answers: BoxStream<'static, Response>) {
        self.next += 1;
        let (number, (handle, registration)) = (self.next, AbortHandle::new_pair());
        self.running.insert(id.clone(), (number, handle));
        let answers = Abortable::new(answers, registration).map(Some).chain(stream::iter([None]));
        self.items.push(answers.map(move |answer| (number, id.clone(), answer)).boxed());
    }

    /// What is said of an item. A credential that counts no longer ends everything, after a last message.
    fn told(&mut self, (number, id, answer): Item) -> Result<Option<Told>, (Told, Close)> {
        if self.running.get(&id).is_none_or(|(known, _)| *known != number) {
            // The client has completed it.
            return Ok(None);
        }
        let Some(answer) = answer else {
            self.running.remove(&id);
            return Ok(Some(Told::Complete { id }));
        };
        self.app.requests.note(&metrics::code_of(&answer), Duration::ZERO);
        if answer.errors.is_empty() {
            return Ok(Some(Told::Next { id, payload: Box::new(answer) }));
        }
        // An error ends the subscription, by itself and with nothing after it.
        if let Some((_, handle)) = self.running.remove(&id) {
            handle.abort();
        }
        let over = metrics::code_of(&answer) == metrics::code_name(ErrorCode::Unauthenticated);
        let payload = answer.errors.iter().filter_map(|error| serde_json::to_value(error).ok()).collect();
        let last = Told::Error { id, payload };
        if over { Err((last, Close::unknown())) } else { Ok(Some(last)) }
    }

    async fn send(&mut self, told: &Told) -> Result<(), Option<Close>> {
        let Ok(text) = serde_json::to_string(told) else { return Err(Some(Close::malformed())) };
        match timeout(self.app.config.subscriptions.send, self.to.send(Message::Text(text.into()))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some(Close::slow())),
        }
    }
}
