//! Slowing down who guesses. Failures are counted for an account from one address, for the account from
//! everywhere and for the address; past a few free ones each doubles the wait. They are counted before the
//! password is looked at, so that many attempts at once gain nothing.

use std::net::IpAddr;

use garant_domain::problem::{ErrorCode, Problem};

use super::{HOUR_MICROS, MINUTE_MICROS};
use crate::error::store_problem;
use crate::service::Service;

/// What is counted, and how many failures are free. Somebody else's guesses from elsewhere must not shut a
/// person out soon, so an account from everywhere has more.
const FREE: [(&str, i64); 3] = [("both", 5), ("account", 50), ("address", 30)];

/// The first wait, which doubles with each further failure.
const FIRST_WAIT: i64 = 15 * 1_000_000;
const LONGEST_WAIT: i64 = 15 * MINUTE_MICROS;

/// What an attempt is counted under.
pub(super) struct Counted {
    subjects: Vec<String>,
}

/// How long to wait after so many failures, from the last one on.
fn wait(failures: i64, free: i64) -> i64 {
    match failures - free {
        past if past < 0 => 0,
        past => FIRST_WAIT.saturating_mul(1 << past.min(16)).min(LONGEST_WAIT),
    }
}

impl Service {
    /// Counts an attempt, or refuses it.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED`, alike whether there is such an account.
    pub(super) async fn begin_attempt(&self, login: &str, address: Option<IpAddr>) -> Result<Counted, Problem> {
        let (tenant, now) = (self.tenant.as_str(), self.clock.now());
        let address = address.map(|address| address.to_string()).unwrap_or_default();
        let subject = |(kind, _): &(&str, i64)| {
            let parts: &[&[u8]] = match *kind {
                "both" => &[login.as_bytes(), address.as_bytes()],
                "account" => &[login.as_bytes()],
                _ => &[address.as_bytes()],
            };
            format!("{kind}:{}", self.sealer.attempt(tenant, parts))
        };
        // Without an address there is nothing to count for it.
        let kinds: Vec<(&str, i64)> =
            FREE.iter().copied().filter(|(kind, _)| *kind != "address" || !address.is_empty()).collect();
        let subjects: Vec<String> = kinds.iter().map(subject).collect();
        let known = self.store.attempts(tenant, &subjects).await.map_err(store_problem)?;
        let mut before = Vec::new();
        for (subject, (_, free)) in subjects.iter().zip(&kinds) {
            let found = known.iter().find(|attempt| attempt.subject == *subject);
            let found = found.filter(|attempt| now.saturating_sub(attempt.last_at) < HOUR_MICROS);
            let (failures, last_at) = found.map_or((0, 0), |attempt| (attempt.failures, attempt.last_at));
            let until = last_at.saturating_add(wait(failures, *free));
            if failures > 0 && until > now {
                return Err(too_many(until - now));
            }
            before.push(failures);
        }
        let counts = self.store.note_failure(tenant, &subjects, now, now - HOUR_MICROS).await.map_err(store_problem)?;
        // Of several at once past the free ones, only the first goes on.
        let overtaken = counts
            .iter()
            .zip(&before)
            .zip(&kinds)
            .any(|((count, before), (_, free))| count > free && *count > before + 1);
        if overtaken {
            return Err(too_many(FIRST_WAIT));
        }
        Ok(Counted { subjects })
    }

    /// It was them: forgets what failed for the account, and that this attempt was counted for its address.
    pub(super) async fn succeeded(&self, counted: &Counted) -> Result<(), Problem> {
        let (account, address) = counted.subjects.split_at(counted.subjects.len().min(2));
        self.store.forget_failures(&self.tenant, account, address).await.map_err(store_problem)
    }
}

fn too_many(micros: i64) -> Problem {
    let seconds = u64::try_from(micros.div_euclid(1_000_000) + 1).unwrap_or(1);
    Problem::new(ErrorCode::RateLimited, "Too many attempts failed")
        .mend("Wait, then try again; an administrator can reset the password.")
        .after_seconds(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_past_the_free_ones_doubles_the_wait() {
        let waits: Vec<i64> = [0, 4, 5, 6, 7, 30, i64::MAX].map(|failures| wait(failures, 5) / 1_000_000).to_vec();
        assert_eq!(waits, [0, 0, 15, 30, 60, 900, 900]);
    }
}
