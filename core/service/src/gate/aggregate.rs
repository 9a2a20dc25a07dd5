//! The aggregate door: counts and measures over shown values, whole, by group or by parent.
//!
//! What may be aggregated is what may be filtered by. Where a policy asks for a least group, a group
//! of fewer records is not there, and a measure of fewer values is null.

use std::collections::HashMap;

use garant_domain::catalog::Entity;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{Aggregation, Function, Group, Measure, Page, Query};
use garant_domain::value::{Type, Value};

use super::door::Door;
use crate::error::store_problem;
use crate::unit::Unit;

/// Groups of one answer at most.
pub const MAX_GROUPS: u32 = 1_000;

/// A group that may be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewedGroup {
    key: Vec<Value>,
    count: Option<i64>,
    measured: Vec<Value>,
}

impl ReviewedGroup {
    /// Shown values of the fields that make the groups, in their order.
    #[must_use]
    pub fn key(&self) -> &[Value] {
        &self.key
    }

    /// Records in it; `None` where it is withheld.
    #[must_use]
    pub fn count(&self) -> Option<i64> {
        self.count
    }

    /// The measures, in the order asked for; null where there is nothing, or it is withheld.
    #[must_use]
    pub fn measured(&self) -> &[Value] {
        &self.measured
    }
}

impl Unit {
    /// One group of all records that match.
    ///
    /// # Errors
    ///
    /// As [`Self::page`]; `POLICY_REFUSED` for a field that is masked, `BAD_USER_INPUT` for a measure
    /// that the field has not.
    pub async fn aggregate(&self, wanted: Aggregation) -> Result<ReviewedGroup, Problem> {
        let (groups, least) =
            self.groups(Door::Aggregate, Aggregation { by: vec![], parents: None, limit: 1, ..wanted }).await?;
        // Without a key there is always one group, of no records if none matches.
        Ok(groups.into_iter().next().map(|group| reviewed(group, least)).unwrap_or_default())
    }

    /// One group for each parent, of no records where none refers to it.
    ///
    /// # Errors
    ///
    /// As [`Self::aggregate`].
    pub async fn aggregate_per_parent(
        &self,
        wanted: Aggregation,
        via: &str,
        parents: &[String],
    ) -> Result<HashMap<String, ReviewedGroup>, Problem> {
        let limit = u32::try_from(parents.len()).unwrap_or(u32::MAX);
        let measures = wanted.measures.len();
        let of = Some((via.to_owned(), parents.to_vec()));
        let (groups, least) =
            self.groups(Door::AggregatePerParent, Aggregation { by: vec![], parents: of, limit, ..wanted }).await?;
        let mut found: HashMap<String, Group> = HashMap::new();
        for mut group in groups {
            if let Some(Value::Text(parent)) = group.key.pop() {
                found.insert(parent, group);
            }
        }
        let empty = Group { measured: vec![(0, Value::Null); measures], ..Group::default() };
        let of_parent = |parent: &String| {
            let group = found.remove(parent).unwrap_or_else(|| empty.clone());
            (parent.clone(), reviewed(group, least))
        };
        Ok(parents.iter().map(of_parent).collect())
    }

    /// Groups by shown values, in their order.
    ///
    /// # Errors
    ///
    /// As [`Self::aggregate`]; `QUERY_TOO_COMPLEX` for more groups than an answer holds.
    pub async fn group_by(&self, wanted: Aggregation) -> Result<Vec<ReviewedGroup>, Problem> {
        if wanted.by.is_empty() {
            return Err(Problem::input("by", "A grouping needs a field").mend("Name at least one field."));
        }
        let (groups, least) =
            self.groups(Door::GroupBy, Aggregation { parents: None, limit: MAX_GROUPS, ..wanted }).await?;
        if groups.len() > MAX_GROUPS as usize {
            return Err(Problem::new(ErrorCode::QueryTooComplex, format!("There are more than {MAX_GROUPS} groups"))
                .at("by")
                .mend("Group by fewer fields, or filter."));
        }
        let large = |group: &Group| group.count >= i64::from(least);
        Ok(groups.into_iter().filter(large).map(|group| reviewed(group, least)).collect())
    }

    /// Decides, checks, aggregates and logs; answers the groups and the least size of one.
    async fn groups(&self, door: Door, mut wanted: Aggregation) -> Result<(Vec<Group>, u32), Problem> {
        let entity = self.entity(&wanted.entity)?;
        let mut fields = wanted.by.clone();
        fields.extend(wanted.measures.iter().map(|measure| measure.field.clone()));
        let query = Query {
            entity: wanted.entity.clone(),
            fields,
            filter: wanted.filter.clone(),
            search: wanted.search.clone(),
            page: Page::default(),
            trashed: wanted.trashed,
            ..Query::default()
        };
        let decision = self.admit(door, &query).await?;
        decision.check_page()?;
        for measure in &wanted.measures {
            check_measure(entity, measure)?;
        }
        for field in &query.fields {
            self.check_operand(entity, field).await?;
        }
        let query = self.looking_at(query, &decision);
        wanted.search.clone_from(&query.search);
        let mut guarded = query.clone();
        if let Some((via, _)) = &wanted.parents {
            // As on pages: a link that is masked cannot be walked backwards.
            if !decision.no_operand(via).is_empty() {
                return Ok((vec![], 0));
            }
            guarded.fields.push(via.clone());
        }
        let guards = self.guards(&guarded).await?;
        let mut least = 0;
        for name in guards.keys() {
            least = least.max(self.decision(self.entity(name)?).await?.min_group.unwrap_or(0));
        }
        let groups = self.store().aggregate(&self.context.tenant, &wanted, &guards).await.map_err(store_problem)?;
        self.log_read(door.operation(), &query, &decision, [], &[]).await?;
        Ok((groups, least))
    }
}

fn reviewed(group: Group, least: u32) -> ReviewedGroup {
    let least = i64::from(least);
    let measured = group.measured.into_iter().map(|(of, value)| if of < least { Value::Null } else { value });
    ReviewedGroup { key: group.key, measured: measured.collect(), count: (group.count >= least).then_some(group.count) }
}

fn check_measure(entity: &Entity, measure: &Measure) -> Result<(), Problem> {
    let system = || garant_domain::catalog::SYSTEM_FIELDS.iter().find(|(name, _)| *name == measure.field).map(|f| f.1);
    let ty = entity.field(&measure.field).map(garant_domain::catalog::Field::value_type).or_else(system);
    let fits = match measure.function {
        Function::Sum | Function::Avg => matches!(ty, Some(Type::Integer | Type::Decimal)),
        Function::Min | Function::Max => {
            matches!(ty, Some(Type::Integer | Type::Decimal | Type::Date | Type::Instant))
        }
    };
    if fits {
        return Ok(());
    }
    Err(Problem::input(measure.field.as_str(), format!("`{}` has no such measure", measure.field))
        .mend("Sum and average numbers; take the least and greatest of numbers, dates and instants."))
}
