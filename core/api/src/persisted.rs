//! Automatic persisted queries, as Apollo's clients ask for them: a text is sent once and then named by its
//! SHA-256. Only texts are kept, in memory and so many at most; who may do what is decided anew each time. A
//! process that does not know a text says so, and the client sends it again.

use async_graphql::{Request, Value as Wire};
use garant_domain::problem::{ErrorCode, Problem};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

/// Bytes of all texts that are kept.
const KEPT_BYTES: u64 = 16 << 20;
/// The member of `extensions`.
const EXTENSION: &str = "persistedQuery";

/// Texts by their digest.
pub struct Persisted(Cache<String, String>);

impl Default for Persisted {
    fn default() -> Self {
        let weigh = |digest: &String, text: &String| u32::try_from(digest.len() + text.len()).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(KEPT_BYTES).weigher(weigh).build())
    }
}

impl Persisted {
    /// Puts the text in place that a request names, or keeps the one that it brings.
    ///
    /// # Errors
    /// `PERSISTED_QUERY_NOT_FOUND` for a text that is not kept, `BAD_USER_INPUT` for a digest of another one.
    pub fn settle(&self, request: &mut Request, max_bytes: usize) -> Result<(), Problem> {
        let Some(Wire::Object(asked)) = request.extensions.get(EXTENSION) else { return Ok(()) };
        let wrong = |message: &str| {
            Problem::input(format!("extensions.{EXTENSION}"), message)
                .mend("Send {\"version\": 1, \"sha256Hash\": \"<hex of the query's SHA-256>\"}.")
        };
        let version = match asked.get("version") {
            Some(Wire::Number(version)) => version.as_i64(),
            _ => None,
        };
        let (Some(1), Some(Wire::String(digest))) = (version, asked.get("sha256Hash")) else {
            return Err(wrong("No such way of persisting queries"));
        };
        let digest = digest.to_ascii_lowercase();
        if request.query.is_empty() {
            // The wording is the protocol's.
            let unknown = || {
                Problem::new(ErrorCode::PersistedQueryNotFound, "PersistedQueryNotFound")
                    .mend("Send the query with its digest; it is kept from then on.")
            };
            request.query = self.0.get(&digest).ok_or_else(unknown)?;
            return Ok(());
        }
        if hex::encode(Sha256::digest(request.query.as_bytes())) != digest {
            return Err(wrong("The digest is not the query's"));
        }
        if request.query.len() <= max_bytes {
            self.0.insert(digest, request.query.clone());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(query: &str, digest: &str) -> Request {
        let body = serde_json::json!({ "query": query, "extensions": { "persistedQuery": { "version": 1, "sha256Hash": digest } } });
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn a_text_is_sent_once_and_named_afterwards() {
        let (kept, text) = (Persisted::default(), "{ viewer { id } }");
        let digest = hex::encode(Sha256::digest(text));
        let settled = |mut request: Request| kept.settle(&mut request, 100).map(|()| request.query);
        assert_eq!(settled(request("", &digest)).unwrap_err().code, ErrorCode::PersistedQueryNotFound);
        assert_eq!(settled(request("{ other }", &digest)).unwrap_err().code, ErrorCode::BadUserInput);
        assert_eq!(settled(request(text, &digest)).as_deref(), Ok(text));
        assert_eq!(settled(request("", &digest.to_uppercase())).as_deref(), Ok(text));
        assert_eq!(settled(Request::new("{ x }")).as_deref(), Ok("{ x }"), "nobody has to");
    }
}
