//! What the catalogue demands of a record beyond its fields' types, held by every door that writes. What
//! must hold together with other records is demanded of registers alone, so an error tells of nobody.

use garant_domain::catalog::{Entity, FieldType, Violation, ancestors};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{FieldTest, Filter, Guards, Page, Query};
use garant_domain::value::Value;
use garant_store::WriteTx;

use crate::error::store_problem;
use crate::input::Input;
use crate::unit::Unit;

/// More records than a register has of one kind.
const MAX_OTHERS: u32 = 10_000;

impl Unit {
    /// Refuses a record as it would be.
    pub(super) async fn check_constraints(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        id: &str,
        values: &Input,
    ) -> Result<(), Problem> {
        if let Some(violation) = entity.violation(values) {
            return Err(refused(violation));
        }
        for limit in &entity.sum_limits {
            let Some(per) = values.get(&limit.per).filter(|per| !per.is_null()) else { continue };
            let same = Filter::Field(limit.per.clone(), FieldTest::Eq(per.clone()));
            let others = others(tx, entity, id, Some(same)).await?;
            if let Some(violation) = limit.violation(values, &others) {
                return Err(refused(violation));
            }
        }
        for acyclic in &entity.acyclic {
            let others = others(tx, entity, id, None).await?;
            if let Some(violation) = acyclic.violation(values, &others) {
                return Err(refused(violation));
            }
        }
        for field in entity.fields.iter().filter(|field| field.below_known) {
            let key = values.get(&field.name).and_then(Value::as_text).unwrap_or_default();
            let above: Vec<Value> = ancestors(key).map(Value::text).collect();
            let Some(Value::Text(parent)) = above.first().cloned() else { continue };
            let known = Filter::Field(field.name.clone(), FieldTest::In(above));
            if others(tx, entity, id, Some(known)).await?.is_empty() {
                let message = format!("`{parent}`, above it, is not registered, nor is anything above that");
                let problem = Problem::input(format!("input.{}", field.name), message);
                return Err(problem.mend(format!("Register `{parent}` first, or use a key without a dot.")));
            }
        }
        Ok(())
    }
}

/// The other live records of a register, raw: it is about nobody.
async fn others(tx: &mut WriteTx, entity: &Entity, id: &str, filter: Option<Filter>) -> Result<Vec<Input>, Problem> {
    let fields: Vec<String> = entity.fields.iter().map(|field| field.name.clone()).collect();
    let targets = entity.fields.iter().filter_map(|field| match &field.ty {
        FieldType::Reference(target) => Some(target),
        _ => None,
    });
    let guards: Guards = targets.chain([&entity.name]).map(|name| (name.clone(), std::sync::Arc::default())).collect();
    let query = Query {
        entity: entity.name.clone(),
        fields: fields.clone(),
        filter,
        page: Page { limit: MAX_OTHERS, ..Page::default() },
        ..Query::default()
    };
    let found = tx.page(&query, &guards).await.map_err(store_problem)?;
    if found.more {
        let message = format!("`{}` holds too many records to be checked against each other", entity.name);
        return Err(Problem::new(ErrorCode::QueryTooComplex, message)
            .mend("Take records that are not needed any more into the trash."));
    }
    let others = found.rows.into_iter().filter(|row| row.id != id);
    Ok(others.map(|row| fields.iter().cloned().zip(row.values).collect()).collect())
}

fn refused(violation: Violation) -> Problem {
    Problem::input(format!("input.{}", violation.field), violation.message).mend(violation.remedy)
}
