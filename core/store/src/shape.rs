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
    /// Each once, however often the text names it.
    values: Vec<Bound>,
    reads: Option<Arc<PageSql>>,
}

/// What is bound.
#[derive(Clone, PartialEq)]
enum Bound {
    /// The same for every query of the shape.
    Always(sea_query::Value),
    /// The value of the query in this place.
    Given(usize),
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
            Some(bound) => {
                let (sql, values) = named_once(&statement.sql, bound);
                let guards = guards.values().cloned().collect();
                Known::Built(Arc::new(Built { _guards: guards, sql: sql.into(), values, reads: reads.clone() }))
            }
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

    /// What is bound where; none where a mark changed the statement in another way.
    fn places(&self, statement: &Statement, marked: &Statement, values: &[Value]) -> Option<Vec<Bound>> {
        let (real, marks) = (&statement.values.0.0, &marked.values.0.0);
        if statement.sql != marked.sql || real.len() != marks.len() {
            return None;
        }
        let mut places = Vec::with_capacity(real.len());
        for (real, mark) in real.iter().zip(marks) {
            match (0..values.len()).find(|slot| *mark == bound(&self.mark(*slot, &values[*slot]))) {
                Some(slot) if *real == bound(&values[slot]) => places.push(Bound::Given(slot)),
                Some(_) => return None,
                None if real == mark => places.push(Bound::Always(real.clone())),
                None => return None,
            }
        }
        // A value that went nowhere would be one that the statement does not heed.
        (0..values.len()).all(|slot| places.contains(&Bound::Given(slot))).then_some(places)
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
        let value = |bound_here: &Bound| match bound_here {
            Bound::Always(value) => value.clone(),
            // Every slot was filled when the shape was tried.
            Bound::Given(slot) => bound(given.get(*slot).unwrap_or(&Value::Null)),
        };
        let values = self.values.iter().map(value).collect();
        let statement = Statement { sql: Arc::clone(&self.sql), values: SqlxValues(sea_query::Values(values)) };
        (statement, self.reads.clone())
    }
}

/// The text with a value that stands in several places as one parameter: a rule's purpose or the tenant is
/// named dozens of times, and binding takes as long as much of the search. Where the parameters of the text are
/// not what is bound, all stays as it is.
fn named_once(sql: &str, bound: Vec<Bound>) -> (String, Vec<Bound>) {
    let (mut text, mut once, mut next) = (String::with_capacity(sql.len()), Vec::<Bound>::new(), bound.iter());
    let mut quote = None;
    let mut rest = sql.chars().peekable();
    while let Some(letter) = rest.next() {
        if let Some(open) = quote {
            quote = (letter != open).then_some(open);
            text.push(letter);
            continue;
        }
        match letter {
            '\'' | '"' => {
                quote = Some(letter);
                text.push(letter);
            }
            '?' | '$' => {
                let mut number = 0_usize;
                while let Some(digit) = rest.peek().and_then(|letter| letter.to_digit(10)) {
                    number = number.saturating_mul(10).saturating_add(digit as usize);
                    rest.next();
                }
                let place = bound.len() - next.len();
                // Numbered as they come, or not at all.
                if number != 0 && number != place + 1 {
                    return (sql.to_owned(), bound);
                }
                let Some(value) = next.next() else { return (sql.to_owned(), bound) };
                let known = once.iter().position(|known| known == value);
                let parameter = known.unwrap_or_else(|| {
                    once.push(value.clone());
                    once.len() - 1
                });
                text.push_str(&format!("{letter}{}", parameter + 1));
            }
            _ => text.push(letter),
        }
    }
    if next.len() == 0 { (text, once) } else { (sql.to_owned(), bound) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn always(value: i64) -> Bound {
        Bound::Always(sea_query::Value::BigInt(Some(value)))
    }

    #[test]
    fn what_is_bound_twice_is_one_parameter() {
        let bound = || vec![always(1), Bound::Given(0), always(1), always(2), Bound::Given(0)];
        let once = vec![always(1), Bound::Given(0), always(2)];
        let (sql, values) = named_once("SELECT ? FROM a WHERE b = ? AND c IN (?, ?) LIMIT ?", bound());
        assert_eq!(sql, "SELECT ?1 FROM a WHERE b = ?2 AND c IN (?1, ?3) LIMIT ?2");
        assert!(values == once);
        let (sql, values) = named_once("SELECT $1 FROM a WHERE b = $2 AND c IN ($3, $4) LIMIT $5", bound());
        assert_eq!(sql, "SELECT $1 FROM a WHERE b = $2 AND c IN ($1, $3) LIMIT $2");
        assert!(values == once);
    }

    #[test]
    fn what_is_quoted_is_no_parameter() {
        let sql = "SELECT '?', \"a?\", 'it''s ?', \"say \"\"?\"\"\" FROM a WHERE b = ? AND c = ?";
        let (text, values) = named_once(sql, vec![always(1), always(1)]);
        assert_eq!(text, sql.replace("b = ? AND c = ?", "b = ?1 AND c = ?1"));
        assert!(values == [always(1)]);
    }

    #[test]
    fn another_text_than_was_thought_stays_as_it_is() {
        for (sql, bound) in [
            ("a = ?", vec![]),
            ("a = ?", vec![always(1), always(1)]),
            ("a = $2 AND b = $1", vec![always(1), always(2)]),
            ("a = ?1 AND b = ?1", vec![always(1), always(1)]),
        ] {
            let (text, values) = named_once(sql, bound.clone());
            assert_eq!(text, sql);
            assert!(values == bound);
        }
    }
}
