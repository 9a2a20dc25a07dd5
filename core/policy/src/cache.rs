//! Plans that need not be made again. A guest has no clock and no randomness, so a plan is a pure
//! function of what is hashed into the key.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use garant_domain::rule::{Expr, Hook};
use garant_domain::value::Value;
use sha2::{Digest, Sha256};

use crate::CONTRACT_VERSION;
use crate::plan::Plan;

pub(crate) type Key = [u8; 32];

/// A bounded cache that any thread may use.
#[derive(Debug)]
pub(crate) struct PlanCache {
    plans: moka::sync::Cache<Key, Arc<Plan>>,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl PlanCache {
    /// A cache for so many nodes of conditions.
    pub(crate) fn new(nodes: u64) -> Self {
        let plans = moka::sync::Cache::builder().max_capacity(nodes).weigher(|_, plan| weight(plan)).build();
        Self { plans, hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<Plan>> {
        let plan = self.plans.get(key);
        let counter = if plan.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        plan
    }

    pub(crate) fn put(&self, key: Key, plan: Arc<Plan>) {
        self.plans.insert(key, plan);
    }

    /// Plans that are kept now.
    pub(crate) fn len(&self) -> u64 {
        self.plans.run_pending_tasks();
        self.plans.entry_count()
    }

    /// Hits and misses.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }
}

/// Everything that a plan depends on.
pub(crate) struct KeyParts<'a> {
    pub component: &'a str,
    pub settings: &'a str,
    pub catalog: &'a str,
    pub hook: Hook,
    pub entity: &'a str,
    /// Declared attributes in the manifest's order, so the values alone suffice.
    pub attributes: &'a [Value],
    /// Digests of the declared tables in the manifest's order.
    pub references: &'a [&'a str],
}

impl KeyParts<'_> {
    /// Each part goes in with its length, so that no two lists of parts look alike.
    pub(crate) fn key(&self) -> Key {
        let mut hash = Sha256::new();
        for text in [CONTRACT_VERSION, self.component, self.settings, self.catalog, self.entity] {
            put(&mut hash, text.as_bytes());
        }
        hash.update([self.hook as u8]);
        hash.update((self.attributes.len() as u64).to_le_bytes());
        for value in self.attributes {
            put_value(&mut hash, value);
        }
        for digest in self.references {
            put(&mut hash, digest.as_bytes());
        }
        hash.finalize().into()
    }
}

/// Hashes bytes with their length.
pub(crate) fn put(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

/// Hashes a value with its type.
pub(crate) fn put_value(hash: &mut Sha256, value: &Value) {
    let (tag, number) = match value {
        Value::Null => (0_u8, 0),
        Value::Boolean(flag) => (1, i64::from(*flag)),
        Value::Integer(number) => (2, *number),
        Value::Decimal(number) => (3, *number),
        Value::Date(days) => (4, i64::from(*days)),
        Value::Instant(micros) => (5, *micros),
        Value::Text(text) => {
            hash.update([6]);
            return put(hash, text.as_bytes());
        }
    };
    hash.update([tag]);
    hash.update(number.to_le_bytes());
}

fn weight(plan: &Arc<Plan>) -> u32 {
    let nodes: usize = plan.rules.iter().map(|rule| 4 + nodes(&rule.when)).sum();
    u32::try_from(8 + nodes).unwrap_or(u32::MAX)
}

fn nodes(expr: &Expr) -> usize {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => 1 + parts.iter().map(nodes).sum::<usize>(),
        Expr::Not(part) => 1 + nodes(part),
        Expr::OneOf(_, values) => 2 + values.len(),
        Expr::Compare(..) | Expr::Covers(..) => 3,
        Expr::Is(_) | Expr::IsNull(_) => 2,
    }
}
