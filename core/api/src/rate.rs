//! How many requests a caller may send: so many a minute, and so many at once. A key counts as its client and a
//! session as its user, so that another key or session of theirs gives no more; whoever sends no credential
//! counts as their address. The state lies in this process, since asking a database at each request would cost
//! more than most requests do: behind several processes a caller may send as many to each.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use garant_domain::clock::SharedClock;
use garant_domain::problem::{ErrorCode, Problem};
use garant_service::{Caller, Credential};
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::http::Refused;

/// Callers who are remembered; of more, those who asked longest ago are forgotten, and begin anew.
const MOST_CALLERS: u64 = 100_000;

/// How long somebody who sends nothing is remembered, at least; whoever may save up for longer, for so long.
const REMEMBERED: Duration = Duration::from_secs(300);

/// Time that only goes forward, however the clock is set: put back by an hour, it must shut nobody out for one.
#[derive(Clone)]
struct Forward {
    clock: SharedClock,
    /// What the clock said last, and the microseconds since the start.
    seen: Arc<Mutex<(i64, u64)>>,
}

impl Forward {
    fn new(clock: SharedClock) -> Self {
        let seen = Arc::new(Mutex::new((clock.now(), 0)));
        Self { clock, seen }
    }
}

impl Clock for Forward {
    type Instant = Duration;

    fn now(&self) -> Duration {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let passed = u64::try_from(now.saturating_sub(seen.0)).unwrap_or_default();
        *seen = (now, seen.1.saturating_add(passed));
        Duration::from_micros(seen.1)
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Forward, NoOpMiddleware<Duration>>;

/// As what somebody is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Key,
    User,
    Address,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Key, Self::User, Self::Address];

    fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::User => "user",
            Self::Address => "address",
        }
    }
}

/// Counts requests.
pub struct Rates {
    /// By whom, and by the limit: another limit begins anew.
    callers: Cache<(String, u32), Arc<Limiter>>,
    clock: Forward,
    per_minute: NonZeroU32,
    burst_seconds: u32,
    /// Refused so far, by [`Kind::ALL`].
    refused: [AtomicU64; 3],
}

impl Rates {
    /// Lets everybody send so many requests a minute, and those of so many seconds at once.
    pub fn new(per_minute: NonZeroU32, burst_seconds: u32, clock: SharedClock) -> Self {
        let saved = Duration::from_secs(burst_seconds.into());
        let callers = Cache::builder()
            .max_capacity(MOST_CALLERS)
            .eviction_policy(EvictionPolicy::lru())
            // By then whoever is forgotten could send as many at once as somebody new.
            .time_to_idle(REMEMBERED.max(saved))
            .build();
        Self { callers, clock: Forward::new(clock), per_minute, burst_seconds, refused: Default::default() }
    }

    /// Counts a request of a caller, or refuses it.
    ///
    /// # Errors
    /// `RATE_LIMITED`, with when it is worth trying again.
    pub fn count(&self, caller: &Caller) -> Result<(), Refused> {
        let kind = match caller.access.credential {
            Credential::Key(_) => Kind::Key,
            Credential::Session(_) => Kind::User,
            // Nobody is counted by their address; what runs on the machine sends no requests.
            Credential::Nobody | Credential::Local => return Ok(()),
        };
        let own = caller.access.requests_per_minute.and_then(NonZeroU32::new);
        self.take(kind, &format!("{}:{}", caller.tenant, caller.actor.id), own)
    }

    /// Counts a request without a credential, or refuses it. One whose address is not known is not counted.
    ///
    /// # Errors
    /// As [`Self::count`].
    pub fn count_address(&self, address: Option<IpAddr>) -> Result<(), Refused> {
        match address {
            Some(address) => self.take(Kind::Address, &network(address), None),
            None => Ok(()),
        }
    }

    /// How many were refused, by what they were counted as.
    pub fn refused(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        Kind::ALL.iter().zip(&self.refused).map(|(kind, refused)| (kind.name(), refused.load(Ordering::Relaxed)))
    }

    fn take(&self, kind: Kind, who: &str, own: Option<NonZeroU32>) -> Result<(), Refused> {
        let limit = own.unwrap_or(self.per_minute);
        let make = || Arc::new(Limiter::direct_with_clock(self.quota(limit), self.clock.clone()));
        let limiter = self.callers.get_with((format!("{}:{who}", kind.name()), limit.get()), make);
        let Err(not_until) = limiter.check() else { return Ok(()) };
        if let Some((_, refused)) = Kind::ALL.iter().zip(&self.refused).find(|(known, _)| **known == kind) {
            refused.fetch_add(1, Ordering::Relaxed);
        }
        let wait = not_until.wait_time_from(self.clock.now());
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Err((StatusCode::TOO_MANY_REQUESTS, too_many(kind, limit, seconds.max(1))))
    }

    /// So many a minute, one after the other, and those of some seconds at once.
    fn quota(&self, limit: NonZeroU32) -> Quota {
        let burst = u64::from(limit.get()) * u64::from(self.burst_seconds) / 60;
        let burst = u32::try_from(burst).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        Quota::per_minute(limit).allow_burst(burst)
    }
}

/// What an address is counted under: of IPv6 the network, of which anybody has a host for each request.
fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => format!("{:x?}", &address.segments()[..4]),
        },
    }
}

fn too_many(kind: Kind, limit: NonZeroU32, seconds: u64) -> Problem {
    let who = match kind {
        Kind::Key => "This key",
        Kind::User => "This user",
        Kind::Address => "This address",
    };
    let raise = match kind {
        Kind::Key => " An administrator gives a key another limit with `rotateApiKey(requestsPerMinute)`.",
        Kind::User | Kind::Address => " The operator sets it with `server.requests_per_minute`.",
    };
    Problem::new(ErrorCode::RateLimited, format!("{who} may send {limit} requests a minute, and sent more"))
        .mend(format!("Wait {seconds} s, then send fewer at once; ask for several things in one request.{raise}"))
        .after_seconds(seconds)
}

#[cfg(test)]
mod tests {
    use garant_domain::clock::FixedClock;

    use super::*;

    const SECOND: i64 = 1_000_000;

    fn rates(clock: &Arc<FixedClock>) -> Rates {
        Rates::new(NonZeroU32::new(60).unwrap(), 10, Arc::clone(clock) as SharedClock)
    }

    fn allowed(rates: &Rates, who: &str, own: Option<u32>) -> usize {
        (0..1_000).take_while(|_| rates.take(Kind::Key, who, own.and_then(NonZeroU32::new)).is_ok()).count()
    }

    #[test]
    fn a_burst_then_as_many_as_the_minute_gives() {
        let clock = Arc::new(FixedClock::at(0));
        let rates = rates(&clock);
        assert_eq!(allowed(&rates, "a", None), 10, "ten seconds of them at once");
        assert_eq!(allowed(&rates, "b", None), 10, "of each by themselves");
        assert_eq!(allowed(&rates, "c", Some(600)), 100, "a limit of its own");
        assert_eq!(allowed(&rates, "d", Some(1)), 1, "at least one");
        let (status, problem) = rates.take(Kind::Key, "a", None).unwrap_err();
        assert_eq!(
            (status.as_u16(), problem.code, problem.retry_after_seconds),
            (429, ErrorCode::RateLimited, Some(1))
        );
        assert!(problem.message.contains("60 requests a minute"), "{}", problem.message);
        clock.set(3 * SECOND);
        assert_eq!(allowed(&rates, "a", None), 3);
        clock.set(1_000 * SECOND);
        assert_eq!(allowed(&rates, "a", None), 10, "no more is saved up");
        assert_eq!(rates.refused().collect::<Vec<_>>(), [("key", 7), ("user", 0), ("address", 0)]);
    }

    #[test]
    fn a_clock_that_is_put_back_shuts_nobody_out() {
        let clock = Arc::new(FixedClock::at(7_200 * SECOND));
        let rates = rates(&clock);
        assert_eq!(allowed(&rates, "a", None), 10);
        clock.set(3_600 * SECOND);
        assert_eq!(allowed(&rates, "a", None), 0);
        clock.set(3_602 * SECOND);
        assert_eq!(allowed(&rates, "a", None), 2);
    }

    #[test]
    fn an_address_counts_with_its_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("192.0.2.7"), of("::ffff:192.0.2.7"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::2"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
    }
}
