//! Posting webhooks: what the service gives to be told goes out over HTTP, and how it ended goes back.
//! An address in a private network is refused after it was resolved, so that a name cannot lead there
//! either; redirects are not followed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use garant_service::{Attempt, AttemptOutcome, Service};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Posts that are under way at once.
const AT_ONCE: usize = 8;
/// How often changes are looked for.
const PULSE: Duration = Duration::from_secs(1);
/// How many pulses pass between two looks at what subscribers see no longer.
const SWEEP_EVERY: u32 = 30;

/// Posts what subscribers are to be told.
#[derive(Clone)]
pub struct Postman {
    service: Arc<Service>,
    client: reqwest::Client,
    allow_private: bool,
}

impl Postman {
    /// A postman that waits so long for a subscriber.
    ///
    /// # Errors
    ///
    /// When the TLS of this build cannot be set up.
    pub fn new(service: Arc<Service>, timeout: Duration, allow_private: bool) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(timeout)
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(concat!("Garant/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(PublicOnly { allow_private }))
            .build()
            .context("the client of webhooks cannot be made")?;
        Ok(Self { service, client, allow_private })
    }

    /// Works until it is told to stop; posts under way are finished.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        let mut pulse = tokio::time::interval(PULSE);
        pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut pulses = 0_u32;
        loop {
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return,
                _ = pulse.tick() => {}
            }
            if pulses.is_multiple_of(SWEEP_EVERY) {
                told("looking for ended access", self.service.sweep_views().await.map(drop));
            }
            pulses = pulses.wrapping_add(1);
            told("posting webhooks", self.deliver_due().await.map(drop));
        }
    }

    /// Fans out what changed and posts what is due, until nothing is. Answers how many posts were made.
    ///
    /// # Errors
    ///
    /// When the database fails; what is due stays due.
    pub async fn deliver_due(&self) -> anyhow::Result<u64> {
        while self.service.fan_out_changes().await? > 0 {}
        let mut made = 0;
        loop {
            // What waited for a post about the same record is due once that has ended.
            let round = self.deliver_round().await?;
            made += round;
            if round == 0 {
                return Ok(made);
            }
        }
    }

    async fn deliver_round(&self) -> anyhow::Result<u64> {
        let mut posts = JoinSet::new();
        let mut made = 0;
        while let Some(attempt) = self.service.next_attempt().await? {
            if posts.len() >= AT_ONCE {
                posts.join_next().await;
            }
            let postman = self.clone();
            made += 1;
            posts.spawn(async move {
                let outcome = postman.post(&attempt).await;
                let settled = postman.service.settle_attempt(&attempt, outcome).await;
                told("settling a delivery", settled);
            });
        }
        posts.join_all().await;
        Ok(made)
    }

    async fn post(&self, attempt: &Attempt) -> AttemptOutcome {
        let failed = |code| AttemptOutcome::Failed { status: None, code };
        // A literal address is never resolved, so it is looked at here.
        let literal = url::Url::parse(&attempt.url).ok().and_then(|url| match url.host() {
            Some(url::Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(url::Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            _ => None,
        });
        if !self.allow_private && literal.is_some_and(is_private) {
            return failed("PRIVATE_ADDRESS");
        }
        let mut request = self.client.post(&attempt.url).header("content-type", "application/json");
        for (name, value) in &attempt.headers {
            request = request.header(*name, value);
        }
        match request.body(attempt.body.clone()).send().await {
            Ok(response) if response.status().is_success() => {
                AttemptOutcome::Taken { status: response.status().as_u16() }
            }
            Ok(response) => AttemptOutcome::Failed { status: Some(response.status().as_u16()), code: "STATUS" },
            Err(error) if error.is_timeout() => failed("TIMEOUT"),
            Err(error) if is_refused(&error) => failed("PRIVATE_ADDRESS"),
            Err(_) => failed("UNREACHABLE"),
        }
    }
}

/// Failures are logged by what was being done; their text may hold an address, never a record.
fn told<E: std::fmt::Display>(step: &str, outcome: Result<(), E>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, step, "webhooks");
    }
}

/// Resolves names as the system does, and gives no address of a private network away.
struct PublicOnly {
    allow_private: bool,
}

/// Every address of a name is private.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private network")]
struct PrivateAddress;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> =
                found.into_iter().filter(|address| allow_private || !is_private(address.ip())).collect();
            if public.is_empty() {
                return Err(PrivateAddress.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

fn is_refused(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if error.is::<PrivateAddress>() {
            return true;
        }
        source = error.source();
    }
    false
}

/// Whether an address belongs to no public network (the registries of special addresses, RFC 6890).
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_private_v4(ip),
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            let embedded = ip.to_ipv4_mapped().or_else(|| match ip.segments() {
                // NAT64 leads to the address in its last 32 bits.
                [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
                    Some(Ipv4Addr::new(a, b, c, d))
                }
                _ => None,
            });
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_multicast()
                || first & 0xfe00 == 0xfc00
                || first & 0xffc0 == 0xfe80
                || (first == 0x2001 && second == 0x0db8)
                || embedded.is_some_and(is_private_v4)
        }
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_unspecified()
        || ip.is_broadcast()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && b & 0xc0 == 64)
        || (a == 198 && b & 0xfe == 18)
        || (a == 192 && b == 0 && ip.octets()[2] == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_are_known_in_every_form() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "240.0.0.1",
            "198.18.0.1",
        ] {
            assert!(is_private(private.parse().expect("an address")), "{private}");
        }
        for public in ["93.184.216.34", "100.128.0.1", "172.32.0.1", "2a00:1450:4007::1", "::ffff:93.184.216.34"] {
            assert!(!is_private(public.parse().expect("an address")), "{public}");
        }
    }
}
