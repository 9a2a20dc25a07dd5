//! What is kept of a mutation under its idempotency key. Of records: which were written, never what they
//! held, so that an answer told again is read again through the door. Of what administers: the answer, which
//! holds no record.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use async_graphql::{Name, Response, Value as Wire};
use garant_domain::problem::{ErrorCode, Problem};
use serde::{Deserialize, Serialize};

/// What one field of a mutation did.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    /// Records were written.
    Records {
        /// Ids, each with the version that it had then.
        written: Vec<(String, i64)>,
        /// Whether they went into the trash.
        trashed: bool,
    },
    /// All that matched were written, or tried.
    Bulk {
        /// How many.
        count: usize,
        /// Ids.
        ids: Vec<String>,
        /// Whether it was only tried.
        dry_run: bool,
        /// Whether they went into the trash.
        trashed: bool,
    },
    /// Several records became one, or were tried to.
    Merged {
        /// The survivor, with the version that it had then.
        into: (String, i64),
        /// Its fields that changed, by name.
        filled: Vec<String>,
        /// How many records led to those that went: entity, field, count.
        moved: Vec<(String, String, i64)>,
        /// The records that went.
        ids: Vec<String>,
        /// Whether it was only tried.
        dry_run: bool,
    },
    /// Something was taken down, and the answer holds no value of a record: it is told as it was.
    Said(serde_json::Value),
    /// Nothing was done, and why. No problem holds a personal value.
    Failed(Box<Problem>),
}

/// What is kept of a whole request.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// Records were written, field by field.
    Records(Told),
    /// Something was administered: the answer as it was.
    Answer(String),
    /// Records were touched, and not all of what was done was noted: not told again.
    Untold,
}

/// What is told again.
#[derive(Debug, Serialize, Deserialize)]
pub struct Told {
    /// Id of the run that did it.
    pub run: String,
    fields: BTreeMap<String, Done>,
}

/// What the fields of a mutation did, by the keys of the answer.
#[derive(Debug, Default)]
pub struct Journal {
    done: Mutex<BTreeMap<String, Done>>,
    told: Option<BTreeMap<String, Done>>,
    secret: AtomicBool,
}

impl Journal {
    /// The journal of a request that was done before.
    #[must_use]
    pub fn again(told: Told) -> Self {
        Self { told: Some(told.fields), ..Self::default() }
    }

    /// What a field did before; `None` in a request that is to be done.
    ///
    /// # Errors
    /// `CONFLICT` for a field of which nothing was kept: it is not done now either.
    pub fn before(&self, key: &str) -> Option<Result<Done, Problem>> {
        let told = self.told.as_ref()?;
        Some(told.get(key).cloned().ok_or_else(not_told))
    }

    /// Notes what a field did.
    pub fn note(&self, key: &str, done: Done) {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), done);
    }

    /// Notes that the answer gives a secret away, which is shown once.
    pub fn gives_a_secret(&self) {
        self.secret.store(true, Ordering::Relaxed);
    }

    /// What is to be kept of a request with its answer; `None` where nothing was done. `fields` are the
    /// keys of all mutations that it names: one whose value is null was not done, each being whole. An
    /// answer that may hold a record (`records`), or gives a secret away, is never kept.
    #[must_use]
    pub fn kept(&self, run: &str, response: &Response, fields: &[Name], records: bool) -> Option<Kept> {
        let Wire::Object(data) = &response.data else { return None };
        // What `@skip` left out is not there.
        let asked: Vec<&Name> = fields.iter().filter(|key| data.contains_key(*key)).collect();
        if asked.iter().all(|key| data.get(*key) == Some(&Wire::Null)) {
            return None;
        }
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let of_records = asked.iter().filter(|key| done.contains_key(key.as_str())).count();
        Some(match of_records {
            0 if !records && !self.secret.load(Ordering::Relaxed) => {
                Kept::Answer(serde_json::to_string(response).ok()?)
            }
            all if all == asked.len() => Kept::Records(Told { run: run.to_owned(), fields: done }),
            _ => Kept::Untold,
        })
    }
}

/// What is told where the answer cannot be had again.
#[must_use]
pub fn not_told() -> Problem {
    Problem::new(ErrorCode::Conflict, "The request of this key was done, and its answer was not kept")
        .at("Idempotency-Key")
        .mend("Read what it should have changed.")
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    fn kept(noted: &[&str], data: Wire, fields: &[&str], records: bool) -> Option<Kept> {
        let journal = Journal::default();
        for key in noted {
            journal.note(key, Done::Records { written: vec![], trashed: false });
        }
        let fields: Vec<Name> = fields.iter().map(Name::new).collect();
        journal.kept("run", &Response::new(data), &fields, records)
    }

    #[test]
    fn what_did_nothing_is_not_kept() {
        assert!(kept(&["a"], value!({ "a": null }), &["a"], true).is_none());
        assert!(kept(&["a"], value!({ "a": null, "__typename": "Mutation" }), &["a"], true).is_none());
        assert!(kept(&[], Wire::Null, &["a"], true).is_none());
    }

    #[test]
    fn records_and_administration_are_told_apart() {
        assert!(matches!(kept(&["a", "b"], value!({ "a": {}, "b": null }), &["a", "b"], true), Some(Kept::Records(_))));
        assert!(matches!(kept(&["a"], value!({ "a": {} }), &["a", "skipped"], true), Some(Kept::Records(_))));
        assert!(matches!(kept(&[], value!({ "a": "x" }), &["a"], false), Some(Kept::Answer(_))));
        assert!(matches!(kept(&[], value!({ "a": "x" }), &["a"], true), Some(Kept::Untold)), "nobody noted it");
        assert!(matches!(kept(&["a"], value!({ "a": {}, "b": {} }), &["a", "b"], true), Some(Kept::Untold)));
    }

    #[test]
    fn what_was_not_noted_is_not_done_again() {
        let told = Told { run: "run".to_owned(), fields: BTreeMap::new() };
        assert_eq!(Journal::again(told).before("a").unwrap().unwrap_err().code, ErrorCode::Conflict);
        assert!(Journal::default().before("a").is_none());
    }
}
