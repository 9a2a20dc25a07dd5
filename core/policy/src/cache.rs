//! Plans that need not be made again. A guest has no clock and no randomness, so a plan is a pure
//! function of what is written into the key. The key is compared whole: what never changes while a
//! plugin is loaded stands in it as a digest, the rest as it is, so that a hit costs no digest.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use garant_domain::rule::{Expr, Hook};
use garant_domain::value::Value;
use sha2::{Digest, Sha256};

use crate::CONTRACT_VERSION;
use crate::plan::Plan;
use crate::reference::ReferenceTable;

pub(crate) type Key = Box<[u8]>;

/// A SHA-256.
pub(crate) type Digest32 = [u8; 32];

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

    pub(crate) fn get(&self, key: &[u8]) -> Option<Arc<Plan>> {
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
    /// Of the contract, the component and the catalogue: see [`base`].
    pub base: &'a Digest32,
    pub settings: &'a Digest32,
    pub hook: Hook,
    pub entity: &'a str,
    /// Of the declared tables, in the manifest's order.
    pub references: &'a [Arc<ReferenceTable>],
}

/// What stays while a plugin is loaded.
pub(crate) fn base(component: &str, catalog: &str) -> Digest32 {
    let mut hash = Sha256::new();
    for text in [CONTRACT_VERSION, component, catalog] {
        put(&mut hash, text.as_bytes());
    }
    hash.finalize().into()
}

impl KeyParts<'_> {
    /// Each part goes in with its length or is of one size, so that no two lists of parts look alike.
    /// `attributes` are the declared ones in the manifest's order, so the values alone suffice.
    pub(crate) fn key<'v>(&self, attributes: impl Iterator<Item = &'v Value>) -> Key {
        let mut key = Vec::with_capacity(512);
        key.extend_from_slice(self.base);
        key.extend_from_slice(self.settings);
        key.push(self.hook as u8);
        put(&mut key, self.entity.as_bytes());
        // As many as the manifest declares, which the component's digest tells.
        self.references.iter().for_each(|table| key.extend_from_slice(table.digest_bytes()));
        attributes.for_each(|value| put_value(&mut key, value));
        key.into_boxed_slice()
    }
}

/// Where parts of keys and digests are written to.
pub(crate) trait Sink {
    fn write(&mut self, bytes: &[u8]);
}

impl Sink for Sha256 {
    fn write(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

impl Sink for Vec<u8> {
    fn write(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Writes bytes with their length.
pub(crate) fn put(to: &mut impl Sink, bytes: &[u8]) {
    to.write(&(bytes.len() as u64).to_le_bytes());
    to.write(bytes);
}

/// Writes a value with its type.
pub(crate) fn put_value(to: &mut impl Sink, value: &Value) {
    let (tag, number) = match value {
        Value::Null => (0_u8, 0),
        Value::Boolean(flag) => (1, i64::from(*flag)),
        Value::Integer(number) => (2, *number),
        Value::Decimal(number) => (3, *number),
        Value::Date(days) => (4, i64::from(*days)),
        Value::Instant(micros) => (5, *micros),
        Value::Text(text) => {
            to.write(&[6]);
            return put(to, text.as_bytes());
        }
    };
    to.write(&[tag]);
    to.write(&number.to_le_bytes());
}

fn weight(plan: &Arc<Plan>) -> u32 {
    let nodes: usize = plan.rules.iter().map(|rule| 4 + nodes(&rule.when)).sum();
    u32::try_from(8 + nodes).unwrap_or(u32::MAX)
}

fn nodes(expr: &Expr) -> usize {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => 1 + parts.iter().map(nodes).sum::<usize>(),
        Expr::Not(part) => 1 + nodes(part),
        Expr::Shared(part) => nodes(part),
        Expr::OneOf(_, values) => 2 + values.len(),
        Expr::Compare(..) | Expr::Covers(..) => 3,
        Expr::Is(_) | Expr::IsNull(_) => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str) -> Vec<Arc<ReferenceTable>> {
        ReferenceTable::new(name, vec!["iso".to_owned()], vec![]).map(Arc::new).into_iter().collect()
    }

    #[test]
    fn each_part_makes_another_key() {
        let (base, settings) = ([1; 32], [2; 32]);
        let tables = table("a");
        let parts =
            || KeyParts { base: &base, settings: &settings, hook: Hook::Read, entity: "contact", references: &tables };
        let values = [Value::text("marketing"), Value::Null];
        let (other, none, others) = ([3; 32], [], table("b"));
        let keys = [
            parts().key(values.iter()),
            KeyParts { base: &other, ..parts() }.key(values.iter()),
            KeyParts { settings: &other, ..parts() }.key(values.iter()),
            KeyParts { hook: Hook::Write, ..parts() }.key(values.iter()),
            KeyParts { entity: "deal", ..parts() }.key(values.iter()),
            KeyParts { references: &none, ..parts() }.key(values.iter()),
            KeyParts { references: &others, ..parts() }.key(values.iter()),
            parts().key(values.iter().rev()),
            parts().key([Value::text("marketing"), Value::Boolean(false)].iter()),
        ];
        for (index, key) in keys.iter().enumerate() {
            assert!(keys[..index].iter().all(|other| other != key), "{index}");
        }
        assert_eq!(keys[0], parts().key(values.iter()));
    }

    #[test]
    fn the_base_holds_contract_component_and_catalogue() {
        assert_ne!(base("a", "b"), base("b", "a"));
        assert_ne!(base("a", "b"), base("ab", ""));
        let mut hash = Sha256::new();
        for text in [CONTRACT_VERSION, "a", "b"] {
            put(&mut hash, text.as_bytes());
        }
        let expected: Digest32 = hash.finalize().into();
        assert_eq!(base("a", "b"), expected);
    }
}
