//! The messages of `graphql-transport-ws`, and the codes with which a connection is closed.

use async_graphql::{Request, Response};
use garant_domain::problem::{ErrorCode, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Asked {
    ConnectionInit { payload: Option<Json> },
    Subscribe { id: String, payload: Box<Request> },
    Complete { id: String },
    Ping,
    Pong,
}

/// Bytes of an id that a client may choose.
const LONGEST_ID: usize = 128;

impl Asked {
    pub(super) fn read(text: &str) -> Result<Self, Close> {
        let asked: Self = serde_json::from_str(text).map_err(|_| Close::malformed())?;
        match &asked {
            Self::Subscribe { id, .. } if id.is_empty() || id.len() > LONGEST_ID => Err(Close::malformed()),
            _ => Ok(asked),
        }
    }
}

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Told {
    ConnectionAck,
    Next { id: String, payload: Box<Response> },
    Error { id: String, payload: Vec<Json> },
    Complete { id: String },
    Ping,
    Pong,
}

/// Why a connection is closed. The protocol gives most codes; a reason has 123 bytes at most and no value.
pub(super) struct Close {
    pub(super) code: u16,
    pub(super) reason: String,
}

impl Close {
    fn new(code: u16, reason: &str) -> Self {
        Self { code, reason: reason.to_owned() }
    }

    pub(super) fn malformed() -> Self {
        Self::new(4400, "BAD_USER_INPUT: a message of graphql-transport-ws is expected, as text")
    }

    pub(super) fn unknown() -> Self {
        Self::new(4401, "UNAUTHENTICATED: send connection_init with a token that counts")
    }

    pub(super) fn silent() -> Self {
        Self::new(4408, "UNAUTHENTICATED: connection_init did not come in time")
    }

    pub(super) fn id_taken() -> Self {
        Self::new(4409, "CONFLICT: a subscription with this id is running")
    }

    pub(super) fn said_before() -> Self {
        Self::new(4429, "BAD_USER_INPUT: connection_init was sent before")
    }

    /// Not of the protocol: a number that it leaves to servers.
    pub(super) fn slow() -> Self {
        Self::new(4450, "SLOW_CONSUMER: messages were not taken in time; subscribe again and read on")
    }

    /// What `connection_init` was refused for.
    pub(super) fn refused(problem: &Problem) -> Self {
        match problem.code {
            ErrorCode::Unauthenticated => Self::unknown(),
            ErrorCode::Forbidden => {
                Self::new(4403, "FORBIDDEN: a page of another site; send a token, or name the site in server.origins")
            }
            ErrorCode::BadUserInput => Self::new(4400, "BAD_USER_INPUT: connection_init names something malformed"),
            _ => Self::new(4500, "INTERNAL: the server cannot tell now who this is; try again"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_those_of_the_protocol() {
        assert!(matches!(Asked::read(r#"{"type":"connection_init"}"#), Ok(Asked::ConnectionInit { payload: None })));
        assert!(matches!(Asked::read(r#"{"type":"ping","payload":{}}"#), Ok(Asked::Ping)));
        let subscribe = r#"{"type":"subscribe","id":"1","payload":{"query":"subscription { x }"}}"#;
        assert!(matches!(Asked::read(subscribe), Ok(Asked::Subscribe { id, .. }) if id == "1"));
        for wrong in ["", "{}", r#"{"type":"start"}"#, r#"{"type":"subscribe","id":"","payload":{"query":""}}"#] {
            assert!(matches!(Asked::read(wrong), Err(Close { code: 4400, .. })), "{wrong}");
        }
        let told = |told: &Told| serde_json::to_string(told).unwrap();
        assert_eq!(told(&Told::ConnectionAck), r#"{"type":"connection_ack"}"#);
        assert_eq!(told(&Told::Complete { id: "1".to_owned() }), r#"{"type":"complete","id":"1"}"#);
    }

    #[test]
    fn a_reason_fits_into_its_frame() {
        let refused = [ErrorCode::Unauthenticated, ErrorCode::Forbidden, ErrorCode::BadUserInput, ErrorCode::Internal];
        let refused = refused.map(|code| Close::refused(&Problem::new(code, "")));
        let all = [Close::malformed(), Close::silent(), Close::id_taken(), Close::said_before(), Close::slow()];
        assert!(refused.iter().chain(&all).all(|close| close.reason.len() <= 123));
    }
}
