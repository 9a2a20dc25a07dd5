//! Statements that were built before. Most requests ask the same of the same guards and differ in values
//! alone: an id, a country, where the page before ended. Building the statement's tree and its text costs
//! more than many a page costs the database, so for a pair of a query's shape and its guards it is done once.
//!
//! A shape is a query with its values taken out. Whether a statement depends on a value beyond binding it is
//! not believed but tried: the statement is built with marks in place of the values too, and is kept only if
//! both texts are the same and each mark stands where a value stood. What goes into a text in another way
//! (patterns, searched words) stays in the shape, and so does a list of more than a few values.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use garant_domain::clock::new_id;
use garant_domain::query::{FieldTest, Filter, Guard, Guards, Page, Query};
use garant_domain::value::Value;
use sea_query_sqlx::SqlxValues;

use crate::error::StoreError;
use crate::pool::Statement;
use crate::sql::page::PageSql;
use crate::store::Inner;
use crate::value::bound;

/// Shapes that are known; one too many, and those that were asked for once are forgotten, or all.
const MOST: usize = 512;
/// The longest list of values that is taken out: statements differ by its length.
const LONGEST: usize = 8;

/// What is asked for of a shape.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Wanted {
    /// The page.
    Page,
    /// How many match.
    Total,
}

/// The statements of one catalogue.
pub(crate) struct Shapes {
    /// Nobody outside can name a mark.
    secret: String,
    known: Mutex<HashMap<Key, Known>>,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    wanted: Wanted,
    tenant: String,
    /// With marks for its values.
    query: Query,
    /// Where each guard lies.
    guards: Box<[usize]>,
}

/// What is known of a shape. Either way its guards' places are taken by no other guard while it is known.
enum Known {
    /// It was asked for once: guards that are made for one request would otherwise be built for twice.
    Once(Vec<Weak<Guard>>),
    /// It depends on a value beyond binding it.
    No {
        _guards: Vec<Weak<Guard>>,
    },
    Built(Arc<Built>),
}

struct Built {
    _guards: Vec<Arc<Guard>>,
    sql: Arc<str>,
    values: Vec<sea_query::Value>,
    /// Which value of the query goes where.
    places: Vec<(usize, usize)>,
    reads: Option<Arc<PageSql>>,
}

impl Default for Shapes {
    fn default() -> Self {
        Self { secret: new_id(), known: Mutex::default() }
    }
}

impl Shapes {
    /// The statement of a query, and how to read its rows.
    pub(crate) fn statement(
        &self,
        inner: &Inner,
        wanted: Wanted,
        tenant: &str,
        query: &Query,
        guards: &Guards,
    ) -> Result<(Statement, Option<Arc<PageSql>>), StoreError> {
        let build = |query: &Query| inner.statement_of(wanted, tenant, query, guards);
        let Some((marked, values)) = self.marked(wanted, query) else { return build(query) };
        let places = guards.values().map(|guard| Arc::as_ptr(guard).addr()).collect();
        let key = Key { wanted, tenant: tenant.to_owned(), query: marked, guards: places };
        let held = || guards.values().map(Arc::downgrade).collect::<Vec<_>>();
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            match known.get(&key) {
                Some(Known::Built(built)) => {
                    let built = Arc::clone(built);
                    drop(known);
                    return Ok(built.with(&values));
                }
                Some(Known::No { .. }) => {
                    drop(known);
                    return build(query);
                }
                Some(Known::Once(guards)) if guards.iter().all(|guard| guard.strong_count() > 0) => {}
                _ => {
                    if known.len() >= MOST {
                        // Guards that are made for one request fill it with shapes that nobody asks for again.
                        known.retain(|_, known| matches!(known, Known::Built(_)));
                        if known.len() >= MOST / 2 {
                            known.clear();
                        }
                    }
                    known.insert(key, Known::Once(held()));
                    drop(known);
                    return build(query);
                }
            }
        }
        let (statement, reads) = build(query)?;
        let with_marks = build(&key.query).ok().map(|(statement, _)| statement);
        let places = with_marks.and_then(|marked| self.places(&statement, &marked, &values));
        let now_known = match places {
            Some(places) => Known::Built(Arc::new(Built {
                _guards: guards.values().cloned().collect(),
                sql: Arc::clone(&statement.sql),
                values: statement.values.0.0.clone(),
                places,
                reads: reads.clone(),
            })),
            None => Known::No { _guards: held() },
        };
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, now_known);
        Ok((statement, reads))
    }

    /// How many are built.
    pub(crate) fn built(&self) -> usize {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().filter(|known| matches!(known, Known::Built(_))).count()
    }

    /// Which value goes where; none where a mark changed the statement in another way.
    fn places(&self, statement: &Statement, marked: &Statement, values: &[Value]) -> Option<Vec<(usize, usize)>> {
        let (real, marks) = (&statement.values.0.0, &marked.values.0.0);
        if statement.sql != marked.sql || real.len() != marks.len() {
            return None;
        }
        let mut places = Vec::new();
        for (place, (real, mark)) in real.iter().zip(marks).enumerate() {
            match (0..values.len()).find(|slot| *mark == bound(&self.mark(*slot, &values[*slot]))) {
                Some(slot) if *real == bound(&values[slot]) => places.push((place, slot)),
                Some(_) => return None,
                None if real == mark => {}
                None => return None,
            }
        }
        // A value that went nowhere would be one that the statement does not heed.
        (0..values.len()).all(|slot| places.iter().any(|(_, placed)| *placed == slot)).then_some(places)
    }

    /// The query with marks, and the values that they stand for.
    fn marked(&self, wanted: Wanted, query: &Query) -> Option<(Query, Vec<Value>)> {
        if query.search.is_some() {
            return None;
        }
        let (mut marked, mut values) = (query.clone(), Vec::new());
        if wanted == Wanted::Total {
            // How many match, whatever is shown of them and on which page.
            (marked.fields, marked.order, marked.page) = (vec![], vec![], Page::default());
        }
        if let Some(filter) = &mut marked.filter {
            self.mark_filter(filter, &mut values);
        }
        for value in marked.page.cursor.iter_mut().flatten() {
            self.take(value, &mut values);
        }
        Some((marked, values))
    }

    fn mark_filter(&self, filter: &mut Filter, values: &mut Vec<Value>) {
        match filter {
            Filter::And(parts) | Filter::Or(parts) => {
                parts.iter_mut().for_each(|part| self.mark_filter(part, values));
            }
            Filter::Not(part) | Filter::Related(_, part) | Filter::Some { filter: part, .. } => {
                self.mark_filter(part, values);
            }
            Filter::Field(_, test) => match test {
                FieldTest::Eq(value)
                | FieldTest::Neq(value)
                | FieldTest::Gt(value)
                | FieldTest::Gte(value)
                | FieldTest::Lt(value)
                | FieldTest::Lte(value) => self.take(value, values),
                FieldTest::In(list) if list.len() <= LONGEST => {
                    list.iter_mut().for_each(|value| self.take(value, values))
                }
                _ => {}
            },
        }
    }

    /// Takes a value out where it can be anything of its type.
    fn take(&self, value: &mut Value, values: &mut Vec<Value>) {
        let free = match value {
            Value::Null | Value::Boolean(_) | Value::Date(_) => false,
            // Which no database takes: what refuses it must see it.
            Value::Text(text) => !text.contains('\0'),
            Value::Integer(_) | Value::Decimal(_) | Value::Instant(_) => true,
        };
        if free {
            let mark = self.mark(values.len(), value);
            values.push(std::mem::replace(value, mark));
        }
    }

    /// What stands for the value at a place, of its type.
    fn mark(&self, slot: usize, value: &Value) -> Value {
        let number = || {
            let secret =
                self.secret.bytes().fold(0_i64, |sum, byte| sum.wrapping_mul(31).wrapping_add(i64::from(byte)));
            (secret & (i64::MAX >> 2)).saturating_add(i64::try_from(slot).unwrap_or(i64::MAX))
        };
        match value {
            Value::Text(_) => Value::Text(format!("{}/{slot}", self.secret)),
            Value::Integer(_) => Value::Integer(number()),
            Value::Decimal(_) => Value::Decimal(number()),
            Value::Instant(_) => Value::Instant(number()),
            other => other.clone(),
        }
    }
}

impl Built {
    fn with(&self, given: &[Value]) -> (Statement, Option<Arc<PageSql>>) {
        let mut values = self.values.clone();
        for (place, slot) in &self.places {
            if let (Some(value), Some(given)) = (values.get_mut(*place), given.get(*slot)) {
                *value = bound(given);
            }
        }
        let statement = Statement { sql: Arc::clone(&self.sql), values: SqlxValues(sea_query::Values(values)) };
        (statement, self.reads.clone())
    }
}
