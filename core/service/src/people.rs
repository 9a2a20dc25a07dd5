//! People and clients who sign in: accounts, passwords, sessions, keys. What somebody may then do, roles say
//! (`garant_domain::role`); who somebody is lies in the entity `user`.

mod account;
mod history;
mod key;
mod password;
mod provider;
mod role;
mod secret;
mod session;
mod standing;
mod throttle;
mod ticket;
mod totp;

use garant_domain::problem::Problem;

pub use account::{AccountState, AccountView, NewUser};
pub use key::{KeyView, NewKey, Rotation};
pub use provider::{SignInUnderWay, Vouched};
pub use role::RoleView;
pub use secret::Secret;
pub use session::{SessionView, SignIn, SignedIn};
pub use ticket::{Invited, TicketKind};
pub use totp::BegunTotp;

pub(crate) use password::Passwords;
pub(crate) use role::described;
pub(crate) use secret::SESSION_PREFIX;

pub(crate) const MINUTE_MICROS: i64 = 60_000_000;
const HOUR_MICROS: i64 = 60 * MINUTE_MICROS;

/// How long sessions and invitations last, and who needs a second factor.
#[derive(Clone, Debug)]
pub struct PeopleConfig {
    /// A session that is not used for so long is over.
    pub session_idle_micros: i64,
    /// A session is over after so long, however much it is used.
    pub session_longest_micros: i64,
    /// An invitation, or a reset of a password, may be used for so long.
    pub invitation_micros: i64,
    /// Roles whose users have a second factor, or do nothing but turn one on.
    pub second_factor_roles: Vec<String>,
}

impl Default for PeopleConfig {
    fn default() -> Self {
        Self {
            session_idle_micros: 12 * HOUR_MICROS,
            session_longest_micros: 14 * 24 * HOUR_MICROS,
            invitation_micros: 72 * HOUR_MICROS,
            second_factor_roles: vec![],
        }
    }
}

/// The normal form of an e-mail address that somebody signs in with.
///
/// # Errors
///
/// `BAD_USER_INPUT` for a text that is none.
fn login_form(email: &str) -> Result<String, Problem> {
    let form = email.trim().to_lowercase();
    let parts = form.rsplit_once('@').filter(|(local, domain)| !local.is_empty() && domain.contains('.'));
    let plain = !form.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    match parts {
        Some(_) if plain && form.len() <= 254 => Ok(form),
        _ => Err(Problem::input("input.email", "This is no e-mail address").mend("Give one such as ada@example.org.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_normal_form() {
        assert_eq!(login_form(" Ada@Example.org ").as_deref(), Ok("ada@example.org"));
        for wrong in ["", "ada", "@example.org", "ada@", "ada@localhost", "a da@example.org", "ada@example.org\u{0}x"] {
            let problem = login_form(wrong).expect_err(wrong);
            assert_eq!(problem.field.as_deref(), Some("input.email"));
        }
    }
}
