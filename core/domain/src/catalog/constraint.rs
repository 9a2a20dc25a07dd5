//! What must hold of a record beyond the type of each field: data in the catalogue, so that every door that
//! writes holds it alike. What one record says of itself is checked here; what must hold together with
//! others is answered for them as they are given.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Entity, Field};
use crate::value::{DECIMAL_SCALE, Value};

/// A field that must be filled where another one says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredWhen {
    /// The other field.
    pub field: String,
    /// Its values that demand this one.
    pub one_of: Vec<String>,
}

/// A sum over records of one kind that is at no instant above a limit, such as shares of one company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SumLimit {
    /// What is summed: decimals.
    pub field: String,
    /// Over the records with the same value here.
    pub per: String,
    /// The most that the sum may be, in whole units.
    pub at_most: i64,
    /// The first day of a record, and the last; open where none is named.
    pub days: [String; 2],
}

/// References between records of one other entity that never lead back to where they began, at any instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acyclic {
    /// From here,
    pub from: String,
    /// to there.
    pub to: String,
    /// The first day of a record, and the last; open where none is named.
    pub days: [String; 2],
}

/// A record's values, by field.
pub type Values = BTreeMap<String, Value>;

/// What does not hold: which field, what is wrong, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The field at which it shows.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub remedy: String,
}

impl Violation {
    fn new(field: &str, message: String, remedy: String) -> Self {
        Self { field: field.to_owned(), message, remedy }
    }
}

impl Entity {
    /// The first thing that does not hold of a record by itself.
    #[must_use]
    pub fn violation(&self, values: &Values) -> Option<Violation> {
        let by_field = self.fields.iter().find_map(|field| field.violation(values));
        by_field.or_else(|| self.any_of.iter().find_map(|names| none_given(names, values)))
    }
}

impl Field {
    fn violation(&self, values: &Values) -> Option<Violation> {
        let value = values.get(&self.name).unwrap_or(&Value::Null);
        self.too_early(value, values)
            .or_else(|| self.out_of_range(value))
            .or_else(|| self.missing(value, values))
            .or_else(|| self.alone(value, values))
    }

    fn too_early(&self, value: &Value, values: &Values) -> Option<Violation> {
        let after = self.after.as_ref()?;
        let early = values.get(after).is_some_and(|first| value.compare(first) == Some(std::cmp::Ordering::Less));
        early.then(|| {
            let message = format!("`{}` lies before `{after}`", self.name);
            Violation::new(&self.name, message, format!("Put `{after}` first, or leave one of them out."))
        })
    }

    fn out_of_range(&self, value: &Value) -> Option<Violation> {
        let [least, most] = self.range?;
        let (value, scale) = match value {
            Value::Integer(value) => (*value, 1),
            Value::Decimal(value) => (*value, DECIMAL_SCALE),
            _ => return None,
        };
        let inside = (least.saturating_mul(scale)..=most.saturating_mul(scale)).contains(&value);
        (!inside).then(|| {
            let message = format!("`{}` is not between {least} and {most}", self.name);
            Violation::new(&self.name, message, format!("Give a number from {least} to {most}."))
        })
    }

    fn alone(&self, value: &Value, values: &Values) -> Option<Violation> {
        let beside = self.beside.as_ref()?;
        let other = values.get(beside).unwrap_or(&Value::Null);
        (value.is_null() && !other.is_null()).then(|| {
            let message = format!("`{beside}` is given without `{}`", self.name);
            Violation::new(&self.name, message, "Give both, or neither.".to_owned())
        })
    }

    fn missing(&self, value: &Value, values: &Values) -> Option<Violation> {
        let when = self.required_when.as_ref()?;
        let said = values.get(&when.field).and_then(Value::as_text)?;
        let empty = value.is_null() || value.as_text().is_some_and(|text| text.trim().is_empty());
        (empty && when.one_of.iter().any(|one| one == said)).then(|| {
            let message = format!("`{}` is required where `{}` is `{said}`", self.name, when.field);
            Violation::new(&self.name, message, "Give a value for it.".to_owned())
        })
    }
}

fn none_given(names: &[String], values: &Values) -> Option<Violation> {
    let given = |name: &String| !matches!(values.get(name), None | Some(Value::Null | Value::Boolean(false)));
    let first = names.first()?;
    (!names.iter().any(given)).then(|| {
        let list = names.join("`, `");
        let message = format!("None of `{list}` is given");
        Violation::new(first, message, "Give at least one of them.".to_owned())
    })
}

/// Days, both included.
#[derive(Clone, Copy)]
struct Days {
    from: i32,
    to: i32,
}

impl Days {
    fn of(names: &[String; 2], values: &Values) -> Self {
        let [from, to] = names;
        let day = |name: &String, open: i32| match values.get(name) {
            Some(Value::Date(day)) => *day,
            _ => open,
        };
        Self { from: day(from, i32::MIN), to: day(to, i32::MAX) }
    }

    /// These days, if there is one.
    fn any(self) -> Option<Self> {
        (self.from <= self.to).then_some(self)
    }

    fn common(self, other: Self) -> Option<Self> {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }.any()
    }

    fn holds(self, day: i32) -> bool {
        self.from <= day && day <= self.to
    }
}

impl SumLimit {
    /// Whether the sum is above the limit on some day of the candidate, with the others that have the same
    /// value in [`Self::per`].
    #[must_use]
    pub fn violation(&self, candidate: &Values, others: &[Values]) -> Option<Violation> {
        let part = |values: &Values| match values.get(&self.field) {
            Some(Value::Decimal(part)) => *part,
            _ => 0,
        };
        let own = Days::of(&self.days, candidate).any()?;
        let beside: Vec<(Days, i64)> =
            others.iter().filter_map(|other| Some((Days::of(&self.days, other).common(own)?, part(other)))).collect();
        // A sum is largest on a day on which something begins.
        let starts = beside.iter().map(|(days, _)| days.from).chain([own.from]);
        let sum_on = |day: i32| -> i64 {
            beside
                .iter()
                .filter(|(days, _)| days.holds(day))
                .map(|(_, part)| *part)
                .fold(part(candidate), i64::saturating_add)
        };
        let limit = self.at_most.saturating_mul(DECIMAL_SCALE);
        let above = part(candidate) > 0 && starts.map(sum_on).max().is_some_and(|largest| largest > limit);
        above.then(|| {
            let message =
                format!("Together with what is there already, `{}` is above {} on some day", self.field, self.at_most);
            let remedy = format!("Give less, or end what is there with `{}`.", self.days[1]);
            Violation::new(&self.field, message, remedy)
        })
    }
}

impl Acyclic {
    /// Whether the candidate, with the others, leads back to where it began on some day.
    #[must_use]
    pub fn violation(&self, candidate: &Values, others: &[Values]) -> Option<Violation> {
        let end = |name: &String, values: &Values| values.get(name).and_then(Value::as_text).map(str::to_owned);
        let (from, to) = (end(&self.from, candidate)?, end(&self.to, candidate)?);
        let edges: Vec<(String, String, Days)> = others
            .iter()
            .filter_map(|other| Some((end(&self.from, other)?, end(&self.to, other)?, Days::of(&self.days, other))))
            .collect();
        let back = leads(&edges, &to, &from, Days::of(&self.days, candidate).any()?, &mut vec![]);
        back.then(|| {
            let message = format!("`{}` leads back to `{}` on some day", self.to, self.from);
            let remedy = format!("Name another one, or end an entry of the circle with `{}`.", self.days[1]);
            Violation::new(&self.to, message, remedy)
        })
    }
}

/// Whether a way leads from one to another on a day that all its edges have in common.
fn leads(edges: &[(String, String, Days)], at: &str, goal: &str, days: Days, trail: &mut Vec<String>) -> bool {
    if at == goal {
        return true;
    }
    if trail.iter().any(|passed| passed == at) {
        return false;
    }
    trail.push(at.to_owned());
    let mut onward = edges.iter().filter(|(from, _, _)| from == at);
    let found = onward.any(|(_, to, of)| of.common(days).is_some_and(|days| leads(edges, to, goal, days, trail)));
    trail.pop();
    found
}

/// Everything that stands above a dotted key, nearest first: `a.b` and `a` above `a.b.c`.
pub fn ancestors(key: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(key.rsplit_once('.').map(|(above, _)| above), |above| {
        above.rsplit_once('.').map(|(above, _)| above)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: fn() -> SumLimit = || SumLimit {
        field: "percent".to_owned(),
        per: "owned".to_owned(),
        at_most: 100,
        days: ["from".to_owned(), "to".to_owned()],
    };

    const ACYCLIC: fn() -> Acyclic =
        || Acyclic { from: "a".to_owned(), to: "b".to_owned(), days: ["from".to_owned(), "to".to_owned()] };

    type Drawn = (u8, u8, i64, Option<i32>, Option<i32>);

    fn record((a, b, percent, from, to): Drawn) -> Values {
        let day = |day: Option<i32>| day.map_or(Value::Null, Value::Date);
        BTreeMap::from([
            ("a".to_owned(), Value::text(a.to_string())),
            ("b".to_owned(), Value::text(b.to_string())),
            ("percent".to_owned(), Value::Decimal(percent * DECIMAL_SCALE)),
            ("from".to_owned(), day(from)),
            ("to".to_owned(), day(to)),
        ])
    }

    fn records() -> impl Strategy<Value = Vec<Drawn>> {
        let days = || prop::option::of(0..6i32);
        prop::collection::vec((0..4u8, 0..4u8, 0..70i64, days(), days()), 1..7)
    }

    fn lives((.., from, to): &Drawn, day: i32) -> bool {
        from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
    }

    /// Whether one reaches the other over the records that live on a day.
    fn reaches(records: &[Drawn], day: i32, from: u8, to: u8, steps: usize) -> bool {
        from == to
            || (steps > 0
                && records
                    .iter()
                    .any(|one| lives(one, day) && one.0 == from && reaches(records, day, one.1, to, steps - 1)))
    }

    proptest! {
        #[test]
        fn a_limit_holds_on_every_day(mut drawn in records()) {
            let candidate = drawn.pop().unwrap();
            let others: Vec<Values> = drawn.iter().copied().map(record).collect();
            let above = candidate.2 > 0 && (-1..8).any(|day| lives(&candidate, day)
                && drawn.iter().filter(|one| lives(one, day)).map(|one| one.2).sum::<i64>() + candidate.2 > 100);
            prop_assert_eq!(LIMIT().violation(&record(candidate), &others).is_some(), above);
        }

        #[test]
        fn a_circle_is_one_of_a_day(mut drawn in records()) {
            let candidate = drawn.pop().unwrap();
            let others: Vec<Values> = drawn.iter().copied().map(record).collect();
            let circle = (-1..8).any(|day| lives(&candidate, day) && reaches(&drawn, day, candidate.1, candidate.0, 6));
            prop_assert_eq!(ACYCLIC().violation(&record(candidate), &others).is_some(), circle);
        }
    }

    #[test]
    fn keys_stand_below_their_ancestors() {
        assert_eq!(ancestors("a.b.c").collect::<Vec<_>>(), ["a.b", "a"]);
        assert_eq!(ancestors("a").count(), 0);
    }
}
