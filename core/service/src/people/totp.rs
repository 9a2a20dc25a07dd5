//! The second factor: a code of an authenticator (RFC 6238), besides the password. It counts once its user has
//! shown a code of it, a code is taken once, and recovery codes stand in for a lost authenticator, each once.

use garant_domain::problem::{ErrorCode, Problem};
use garant_store::Account;
use totp_rs::{Algorithm, TOTP};

use super::account::AccountView;
use super::history::Did;
use super::secret::random;
use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;

/// Seconds for which a code is shown.
const STEP_SECONDS: i64 = 30;

/// Steps before and after now whose code is taken, for clocks that differ.
const SKEW: i64 = 1;

/// What takes the place of a code once: how many of them, and of how many letters each.
const RECOVERY_CODES: usize = 10;
const RECOVERY_LETTERS: usize = 10;

/// Crockford's letters, 32 of them: none is taken for another one.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A second factor to be confirmed; shown this once.
pub struct BegunTotp {
    /// The secret in base 32, to be typed.
    pub secret: String,
    /// The same as an `otpauth:` URI, to be shown as a QR code.
    pub uri: String,
}

impl Service {
    /// Makes the secret of a second factor for the user, which is on once a code of it was shown.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key, `CONFLICT` where a second factor is on.
    pub async fn begin_totp(&self, caller: &Caller) -> Result<BegunTotp, Problem> {
        let (user, _) = caller.session()?;
        let totp = authenticator(random::<20>().to_vec(), &caller.name)?;
        let secret = totp.get_secret_base32();
        let sealed = self.sealer.seal_text(&scope(&caller.tenant, user), &hex::encode(&totp.secret));
        if !self.store.put_totp(&caller.tenant, user, &sealed, self.clock.now()).await.map_err(store_problem)? {
            return Err(is_on());
        }
        Ok(BegunTotp { secret, uri: totp.get_url() })
    }

    /// Turns the second factor on with a code of it; answers what stands in for a code, each once.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key, `BAD_USER_INPUT` for a wrong code, `CONFLICT` where none was begun or one is on.
    pub async fn confirm_totp(&self, caller: &Caller, code: &str) -> Result<Vec<String>, Problem> {
        let (user, _) = caller.session()?;
        let (tenant, now) = (caller.tenant.as_str(), self.clock.now());
        let known = self.store.totp(tenant, user).await.map_err(store_problem)?.ok_or_else(|| {
            Problem::new(ErrorCode::Conflict, "No second factor was begun").mend("Call `beginTotp` first.")
        })?;
        if known.confirmed {
            return Err(is_on());
        }
        let Some(step) = self.step_of(tenant, user, &known.secret, code)? else {
            return Err(Problem::input("code", "This is no code of the new authenticator")
                .mend("Give the six digits that it shows now; see that the clocks of both devices are right."));
        };
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| recovery_code()).collect();
        let hashes: Vec<String> = codes.iter().map(|code| self.recovery_hash(tenant, user, code)).collect();
        let confirmed = self.store.confirm_totp(tenant, user, &known.secret, step, now, &hashes).await;
        if !confirmed.map_err(store_problem)? {
            return Err(Problem::new(ErrorCode::Conflict, "Another second factor was begun in the meantime")
                .mend("Call `beginTotp` again."));
        }
        tracing::info!(user, "a second factor was turned on");
        Ok(codes)
    }

    /// Turns the user's second factor off.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key, `BAD_USER_INPUT` for a wrong password or code, `CONFLICT` where none is on,
    /// `RATE_LIMITED`.
    pub async fn disable_totp(&self, caller: &Caller, password: &str, code: &str) -> Result<(), Problem> {
        let (user, _) = caller.session()?;
        let account = self.store.account(&caller.tenant, user).await.map_err(store_problem)?;
        let account = account.filter(|account| account.totp).ok_or_else(is_off)?;
        let attempt = self.begin_attempt(&account.login, None).await?;
        if !self.passwords.verify(password, account.password.as_deref()).await? {
            return Err(Problem::input("password", "This is not the password").mend("Give the one you sign in with."));
        }
        if !self.take_code(&account, code).await? {
            return Err(Problem::input("code", WRONG_CODE).mend(CODE));
        }
        self.succeeded(&attempt).await?;
        self.store.drop_totp(&caller.tenant, user).await.map_err(store_problem)?;
        tracing::info!(user, "a second factor was turned off");
        Ok(())
    }

    /// Takes a user's second factor away, who lost it with all recovery codes.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` without the duty `users`, for oneself and for a role that may do what the caller's may not;
    /// `NOT_FOUND`; `CONFLICT` where none is on.
    pub async fn reset_totp(&self, caller: &Caller, user_id: &str) -> Result<AccountView, Problem> {
        let account = self.managed(caller, user_id).await?;
        super::account::not_oneself(caller, user_id)?;
        let change = self.change_of(caller, Did::TotpReset, user_id);
        if !self.store.reset_totp(&caller.tenant, user_id, &change).await.map_err(store_problem)? {
            return Err(is_off().at("userId"));
        }
        tracing::info!(user = user_id, by = caller.actor.id, "a second factor was taken away");
        Ok(AccountView::from(&Account { totp: false, ..account }))
    }

    /// Asks for the second factor of an account that has one, after its password.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` at `code`, for none and for a wrong one.
    pub(super) async fn check_code(&self, account: &Account, code: Option<&str>) -> Result<(), Problem> {
        if !account.totp {
            return Ok(());
        }
        let refused = |message: &str| Problem::new(ErrorCode::Unauthenticated, message).at("code").mend(CODE);
        match code.map(str::trim).filter(|code| !code.is_empty()) {
            None => Err(refused("This account needs a code besides its password")),
            Some(code) if self.take_code(account, code).await? => Ok(()),
            Some(_) => Err(refused(WRONG_CODE)),
        }
    }

    /// Takes a code of the authenticator, or a recovery code; whether it was one, and for the first time.
    async fn take_code(&self, account: &Account, code: &str) -> Result<bool, Problem> {
        let (tenant, user) = (self.tenant.as_str(), account.user_id.as_str());
        let Some(known) = self.store.totp(tenant, user).await.map_err(store_problem)? else { return Ok(false) };
        if let Some(step) = self.step_of(tenant, user, &known.secret, code)? {
            return self.store.take_totp_step(tenant, user, step).await.map_err(store_problem);
        }
        let hash = self.recovery_hash(tenant, user, code);
        self.store.take_recovery(tenant, user, &hash).await.map_err(store_problem)
    }

    /// The step of time whose code it is.
    fn step_of(&self, tenant: &str, user: &str, sealed: &str, code: &str) -> Result<Option<i64>, Problem> {
        let unusable = || Problem::new(ErrorCode::Internal, "a second factor cannot be opened");
        let opened = self.sealer.open_text(&scope(tenant, user), sealed).ok_or_else(unusable)?;
        let totp = authenticator(hex::decode(opened).map_err(|_| unusable())?, "")?;
        let code: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        let now = self.clock.now().div_euclid(1_000_000 * STEP_SECONDS);
        let is = |step: &i64| u64::try_from(step * STEP_SECONDS).is_ok_and(|second| totp.check(&code, second));
        // The newest first: what is taken then shuts out those before.
        Ok((now - SKEW..=now + SKEW).rev().find(is))
    }

    /// Keyed, so that a copy of the database does not let anybody try codes out.
    fn recovery_hash(&self, tenant: &str, user: &str, code: &str) -> String {
        let plain = code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase());
        self.sealer.recovery(tenant, user, &plain.collect::<String>())
    }
}

const CODE: &str = "Give the six digits that the authenticator shows now, or a recovery code; each counts once. An \
                    administrator can take the second factor away (`resetTotp`).";
const WRONG_CODE: &str = "The code is wrong, or was used before";

fn authenticator(secret: Vec<u8>, name: &str) -> Result<TOTP, Problem> {
    let seconds = STEP_SECONDS.unsigned_abs();
    // A colon parts the issuer from the name.
    let name = name.replace(':', " ");
    // The skew is ours, so that it is known which step a code is of.
    TOTP::new(Algorithm::SHA1, 6, 0, seconds, secret, Some("Garant".to_owned()), name)
        .map_err(|error| Problem::new(ErrorCode::Internal, format!("an authenticator cannot be made: {error}")))
}

/// What the secret is sealed for.
fn scope(tenant: &str, user: &str) -> String {
    format!("totp:{tenant}:{user}")
}

fn recovery_code() -> String {
    let letters = random::<RECOVERY_LETTERS>().map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
    let (first, second) = letters.split_at(RECOVERY_LETTERS / 2);
    format!("{}-{}", String::from_iter(first), String::from_iter(second))
}

fn is_on() -> Problem {
    Problem::new(ErrorCode::Conflict, "A second factor is on").mend("Turn it off with `disableTotp` first.")
}

fn is_off() -> Problem {
    Problem::new(ErrorCode::Conflict, "No second factor is on").mend("There is nothing to do.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_fifty_random_bits() {
        let codes: std::collections::HashSet<String> = (0..1_000).map(|_| recovery_code()).collect();
        assert_eq!(codes.len(), 1_000);
        for code in codes {
            let (first, second) = code.split_once('-').unwrap();
            assert!([first, second].iter().all(|half| half.len() == 5 && half.bytes().all(|b| LETTERS.contains(&b))));
        }
    }

    /// RFC 6238, appendix B, shortened to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let totp = authenticator(b"12345678901234567890".to_vec(), "Ada: of London").unwrap();
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert!(totp.check(code, second), "{second}");
            assert!(!totp.check(code, second + 30), "{second}");
        }
        let uri = totp.get_url();
        assert!(uri.starts_with("otpauth://totp/Garant:Ada%20%20of%20London?secret=GEZDGNBVGY3TQOJQ"), "{uri}");
    }
}
