//! Chains of log lines. Each line's hash covers the one before, per writer and tenant, so that nobody
//! can change or take out a line unnoticed; a writer is held by one transaction at a time.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use garant_domain::clock::new_id;
use garant_domain::value::{Type, Value};
use sea_query::InsertStatement;
use sha2::{Digest, Sha256};

use super::LogLine;
use crate::error::StoreError;
use crate::row::{insert_all, optional};

/// The chains that nobody holds. A process makes as many as it has transactions that log at once.
#[derive(Default)]
pub(crate) struct Chains(Mutex<Vec<Chain>>);

impl Chains {
    /// A chain that nobody else holds.
    pub(crate) fn take(&self) -> Chain {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_else(Chain::new)
    }

    /// Gives a chain back whose lines are all committed.
    pub(crate) fn give(&self, chain: Chain) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(chain);
    }
}

/// One writer's chains, one for each tenant.
#[derive(Clone)]
pub(crate) struct Chain {
    writer: String,
    /// Last number and hash, by tenant.
    ends: HashMap<String, (i64, String)>,
}

/// A line as it is stored, with the salted digest of its references.
#[derive(serde::Serialize)]
struct Stored<'a> {
    writer: &'a str,
    seq: i64,
    #[serde(flatten)]
    line: &'a LogLine,
    count: usize,
    detail: &'a str,
}

impl Chain {
    pub(crate) fn new() -> Self {
        Self { writer: new_id(), ends: HashMap::new() }
    }

    /// Chains lines of one tenant and gives the statements that store them and their details.
    pub(crate) fn append(&mut self, lines: &[(&String, &LogLine)]) -> Result<[InsertStatement; 2], StoreError> {
        let (mut logged, mut details) = (Vec::with_capacity(lines.len()), Vec::with_capacity(lines.len()));
        for (tenant, line) in lines {
            let (seq, previous) = self.ends.get(*tenant).cloned().unwrap_or_default();
            let seq = seq + 1;
            let unreadable = |_| StoreError::Corrupt { what: "log line" };
            let refs = serde_json::to_string(&line.detail.refs).map_err(unreadable)?;
            // Nobody may try out which records a digest stands for, once the salt is gone.
            let salt = format!("{}{}", new_id(), new_id());
            let digest = digest(&[&salt, &refs]);
            let stored = Stored { writer: &self.writer, seq, line, count: line.detail.refs.len(), detail: &digest };
            let text = serde_json::to_string(&stored).map_err(unreadable)?;
            let hash = link(&previous, &text);
            logged.push(vec![
                ("tenant_id", Type::Text, Value::text(tenant.as_str())),
                ("writer", Type::Text, Value::text(self.writer.as_str())),
                ("seq", Type::Integer, Value::Integer(seq)),
                ("line", Type::Text, Value::text(text)),
                ("hash", Type::Text, Value::text(hash.as_str())),
                ("at", Type::Instant, Value::Instant(line.at)),
                ("actor", Type::Text, Value::text(line.actor.as_str())),
                ("role", Type::Text, Value::text(line.role.as_str())),
                ("operation", Type::Text, Value::text(line.operation.as_str())),
                ("entity", Type::Text, Value::text(line.entity.as_str())),
                ("outcome", Type::Text, Value::text(line.outcome.as_str())),
                ("channel", Type::Text, optional(line.channel.as_deref())),
                ("recipient", Type::Text, optional(line.recipient.as_deref())),
                ("purposes", Type::Text, Value::text(serde_json::to_string(&line.purposes).map_err(unreadable)?)),
                ("observed", Type::Text, observed(line).map_err(unreadable)?),
                ("records", Type::Integer, Value::Integer(i64::try_from(line.detail.refs.len()).unwrap_or(i64::MAX))),
            ]);
            details.push(vec![
                ("tenant_id", Type::Text, Value::text(tenant.as_str())),
                ("writer", Type::Text, Value::text(self.writer.as_str())),
                ("seq", Type::Integer, Value::Integer(seq)),
                ("salt", Type::Text, Value::text(salt)),
                ("refs", Type::Text, Value::text(refs)),
                ("ends_at", Type::Instant, Value::Instant(line.detail.ends_at)),
            ]);
            self.ends.insert((*tenant).clone(), (seq, hash));
        }
        Ok([insert_all("decision_log", logged)?, insert_all("decision_detail", details)?])
    }
}

/// Each observed code with its rows, for counting; nothing where nothing was observed.
fn observed(line: &LogLine) -> Result<Value, serde_json::Error> {
    if line.observed.is_empty() {
        return Ok(Value::Null);
    }
    let rows = line.observed_rows.iter().copied().chain(std::iter::repeat(0));
    let codes: Vec<(&String, u64)> = line.observed.iter().zip(rows).collect();
    serde_json::to_string(&codes).map(Value::Text)
}

/// The hash of a line after the one before it; the first follows an empty text.
pub(crate) fn link(previous: &str, line: &str) -> String {
    digest(&[previous, line])
}

/// SHA-256, hex. The parts are told apart by their lengths.
pub(crate) fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex::encode(hasher.finalize())
}
