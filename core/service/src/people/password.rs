//! Passwords: Argon2id, on threads that may block, few at once. Whether somebody is known or not costs the
//! same work.

use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use garant_domain::problem::{ErrorCode, Problem};
use tokio::sync::{OnceCell, Semaphore};

use super::secret::random;

/// Hashes that are worked out at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;

/// How long somebody waits for their turn.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Characters of a password.
const SHORTEST: usize = 12;
const LONGEST: usize = 256;

/// Hashes and verifies passwords.
pub(crate) struct Passwords {
    turns: Semaphore,
    /// What is verified where there is nothing to verify.
    nobody: OnceCell<String>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        Self { turns: Semaphore::new(AT_ONCE), nobody: OnceCell::new() }
    }

    /// The stored form of a new password.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for one that is too short, too long or the e-mail address, `RATE_LIMITED`.
    pub(super) async fn hash(&self, password: &str, field: &str) -> Result<String, Problem> {
        let length = password.chars().count();
        if !(SHORTEST..=LONGEST).contains(&length) {
            return Err(Problem::input(field, format!("A password has {SHORTEST} to {LONGEST} characters"))
                .mend("Take several words that nobody would guess."));
        }
        self.stored(password.to_owned()).await
    }

    /// Whether a password is the one of a stored form. Without a stored form the work is the same, and the
    /// answer no.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED` when too many wait.
    pub(super) async fn verify(&self, password: &str, stored: Option<&str>) -> Result<bool, Problem> {
        let nobody = self.nobody.get_or_try_init(|| self.stored("nobody has this password".to_owned())).await?;
        let known = stored.is_some();
        let stored = stored.unwrap_or(nobody).to_owned();
        // None is longer, and a longer one would only be more work.
        let password: String = password.chars().take(LONGEST + 1).collect();
        let fits = self.work(move || {
            let parsed = PasswordHash::new(&stored);
            Ok(parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()))
        });
        Ok(fits.await? && known)
    }

    async fn stored(&self, password: String) -> Result<String, Problem> {
        self.work(move || {
            let salt = SaltString::encode_b64(&random::<16>()).map_err(failed)?;
            let hash = Argon2::default().hash_password(password.as_bytes(), &salt).map_err(failed)?;
            Ok(hash.to_string())
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = tokio::time::timeout(LONGEST_WAIT, self.turns.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            return Err(Problem::new(ErrorCode::RateLimited, "Too many people sign in at this moment")
                .mend("Try again in a moment.")
                .after_seconds(LONGEST_WAIT.as_secs()));
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "hashing a password failed");
            Err(Problem::new(ErrorCode::Internal, "a password could not be hashed"))
        })
    }
}

fn failed(error: argon2::password_hash::Error) -> Problem {
    Problem::new(ErrorCode::Internal, format!("a password could not be hashed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_verified_by_its_stored_form_alone() {
        let passwords = Passwords::new();
        let stored = passwords.hash("correct horse battery", "password").await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.verify("correct horse battery", Some(&stored)).await.unwrap());
        assert!(!passwords.verify("correct horse batterx", Some(&stored)).await.unwrap());
        assert!(!passwords.verify("nobody has this password", None).await.unwrap());
        assert!(!passwords.verify("anything", Some("no stored form")).await.unwrap());
        let short = passwords.hash("eleven char", "password").await.unwrap_err();
        assert_eq!((short.code, short.field.as_deref()), (ErrorCode::BadUserInput, Some("password")));
        assert!(passwords.hash(&"x".repeat(257), "password").await.is_err());
    }
}
