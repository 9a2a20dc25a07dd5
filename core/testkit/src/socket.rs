//! A client of subscriptions over a real socket, which speaks `graphql-transport-ws`.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderName;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::actor::Actor;

/// Longer than anything that is waited for takes.
const LONG: Duration = Duration::from_secs(30);

/// Serves a router on a free port, as long as the test runs.
///
/// # Panics
///
/// When there is no port.
pub async fn listen(router: &Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let service = router.clone().into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

/// What a server says.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A message.
    Message(Value),
    /// The end: code and reason, where it gave some.
    Closed(Option<(u16, String)>),
}

impl Heard {
    /// The message.
    ///
    /// # Panics
    ///
    /// When it is the end.
    #[must_use]
    pub fn message(self) -> Value {
        match self {
            Self::Message(message) => message,
            Self::Closed(close) => panic!("closed: {close:?}"),
        }
    }

    /// The code of the end.
    ///
    /// # Panics
    ///
    /// When it is a message, or an end without a code.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Closed(Some((code, _))) => code,
            other => panic!("no code: {other:?}"),
        }
    }
}

/// A connection.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects with some headers.
    ///
    /// # Errors
    ///
    /// The status of a server that speaks no such protocol.
    ///
    /// # Panics
    ///
    /// When there is no server.
    pub async fn open(address: SocketAddr, protocol: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let mut request = format!("ws://{address}/graphql").into_client_request().expect("a request");
        for (name, value) in [("sec-websocket-protocol", protocol)].iter().chain(headers) {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header");
            request.headers_mut().insert(name, value.parse().expect("a header"));
        }
        match connect_async(request).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Connects as an actor that the server knows.
    ///
    /// # Panics
    ///
    /// When it does not.
    pub async fn of(address: SocketAddr, actor: &Actor) -> Self {
        let mut socket = Self::open(address, "graphql-transport-ws", &[]).await.expect("a connection");
        socket.say(json!({ "type": "connection_init", "payload": actor.payload() })).await;
        assert_eq!(socket.hear().await.message(), json!({ "type": "connection_ack" }));
        socket
    }

    /// Says something.
    ///
    /// # Panics
    ///
    /// When the connection has ended.
    pub async fn say(&mut self, message: Value) {
        self.0.send(Message::Text(message.to_string().into())).await.expect("said");
    }

    /// Subscribes under an id.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    /// What the server says next, but that it is still there.
    ///
    /// # Panics
    ///
    /// When it says nothing for long.
    pub async fn hear(&mut self) -> Heard {
        self.hear_within(LONG).await.expect("the server says something")
    }

    /// The same, for as long as this.
    ///
    /// # Panics
    ///
    /// When it says what is no JSON.
    pub async fn hear_within(&mut self, longest: Duration) -> Option<Heard> {
        let until = tokio::time::Instant::now() + longest;
        loop {
            let heard = tokio::time::timeout_at(until, self.0.next()).await.ok()?;
            match heard {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(text.as_str()).expect("JSON");
                    if message["type"] != "ping" {
                        return Some(Heard::Message(message));
                    }
                    self.say(json!({ "type": "pong" })).await;
                }
                Some(Ok(Message::Close(frame))) => {
                    let close = frame.map(|frame| (u16::from(frame.code), frame.reason.as_str().to_owned()));
                    return Some(Heard::Closed(close));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Some(Heard::Closed(None)),
            }
        }
    }

    /// What is told next of a subscription: its field, with the whole message.
    ///
    /// # Panics
    ///
    /// When it is an error or an end.
    pub async fn event(&mut self, field: &str) -> Value {
        let message = self.hear().await.message();
        assert_eq!(message["type"], "next", "{message}");
        message["payload"]["data"][field].clone()
    }

    /// The code of the error that a subscription ends with.
    ///
    /// # Panics
    ///
    /// When something else is said, or data with it.
    pub async fn error(&mut self, id: &str) -> Value {
        let message = self.hear().await.message();
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!(id)), "{message}");
        assert!(message["payload"][0].get("data").is_none(), "{message}");
        message["payload"][0]["extensions"].clone()
    }
}
