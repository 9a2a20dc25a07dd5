//! What can go wrong in the store, without a single value of a record in it.

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no database that we know.
    #[error("database URL must begin with sqlite: or postgres://")]
    UnknownDatabase,
    /// Somebody changed the record first, or it is gone.
    #[error("the record has another version than expected")]
    VersionConflict,
    /// A unique field has this value already.
    #[error("the value of {field} is taken")]
    Unique {
        /// The field's name.
        field: String,
    },
    /// Another process appended a policy set first.
    #[error("the policy set has changed meanwhile")]
    Conflict,
    /// A field that is masked for everyone in this context was used in a filter or an order.
    #[error("the field {field} is masked here and cannot be filtered or ordered by")]
    MaskedOperand {
        /// The field's name.
        field: String,
    },
    /// The statement would touch an entity that the gate gave no guard for.
    #[error("no guard for entity {entity}: nothing is read")]
    MissingGuard {
        /// The entity's name.
        entity: String,
    },
    /// Records of the entity are evidence: they are only ever added.
    #[error("records of {entity} are only added, never changed")]
    AppendOnly {
        /// The entity's name.
        entity: String,
    },
    /// No such entity.
    #[error("unknown entity {entity}")]
    UnknownEntity {
        /// The entity's name.
        entity: String,
    },
    /// No such field.
    #[error("unknown field {field} of {entity}")]
    UnknownField {
        /// The entity's name.
        entity: String,
        /// The field's name.
        field: String,
    },
    /// A value does not fit the field: wrong type, or a NUL in a text.
    #[error("the value for {field} does not fit the field")]
    BadValue {
        /// The field's name.
        field: String,
    },
    /// The filter is nested too deeply or names too many values.
    #[error("the filter is nested too deeply or names too many values")]
    FilterTooComplex,
    /// A sum is larger than a decimal holds.
    #[error("a sum is larger than a decimal holds")]
    SumTooLarge,
    /// The cursor does not belong to this order.
    #[error("the cursor does not belong to this order")]
    BadCursor,
    /// A statement took longer than it was given.
    #[error("{step} took too long")]
    TooSlow {
        /// What was being done.
        step: &'static str,
    },
    /// A rule that cannot be compiled for this entity; nothing is read.
    #[error("a rule cannot be compiled: {what}")]
    BadRule {
        /// What is wrong with it.
        what: String,
    },
    /// A document in the store does not parse.
    #[error("the stored {what} is not readable")]
    Corrupt {
        /// What it should have been.
        what: &'static str,
    },
    /// The decision log's writer has ended.
    #[error("the decision log is closed")]
    LogClosed,
    /// The database's schema could not be brought up to date.
    #[error("migration failed")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database failed.
    #[error("database failure while {step}")]
    Database {
        /// What was being done.
        step: &'static str,
        /// What the database said.
        #[source]
        failure: DatabaseFailure,
    },
}

/// What a database said, without values: messages of data exceptions and constraint violations
/// (SQLSTATE classes 22 and 23) are dropped, since they quote input.
#[derive(Debug, thiserror::Error)]
pub struct DatabaseFailure {
    /// SQLSTATE or SQLite's extended result code; empty when the database was not reached.
    pub code: String,
    /// The message.
    pub message: String,
}

impl std::fmt::Display for DatabaseFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)?;
        if self.code.is_empty() { Ok(()) } else { write!(f, " (code {})", self.code) }
    }
}

impl StoreError {
    /// Whether a number did not fit: PostgreSQL's 22003, SQLite's plain error by its words.
    pub(crate) fn is_out_of_range(&self) -> bool {
        matches!(self, Self::Database { failure, .. } if failure.code == "22003" || failure.message.contains("integer overflow"))
    }

    /// Whether a statement was stopped because its time was over: PostgreSQL's 57014, SQLite's 9.
    pub(crate) fn is_out_of_time(&self) -> bool {
        matches!(self, Self::Database { failure, .. } if failure.code == "57014" || failure.code == "9")
    }

    /// Wraps a database error with what was being done.
    pub(crate) fn at(step: &'static str) -> impl Fn(sqlx::Error) -> Self + Copy {
        move |error| Self::Database { step, failure: DatabaseFailure::from(&error) }
    }
}

impl From<&sqlx::Error> for DatabaseFailure {
    fn from(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(database) => {
                let code = database.code().unwrap_or_default().into_owned();
                let quotes_input = code.len() == 5 && (code.starts_with("22") || code.starts_with("23"));
                let message = if quotes_input { "the data does not fit" } else { database.message() };
                Self { code, message: message.to_owned() }
            }
            // A decoding error may quote what it could not decode.
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::Encode(_) => {
                Self { code: String::new(), message: "a value could not be converted".to_owned() }
            }
            other => Self { code: String::new(), message: other.to_string() },
        }
    }
}
