//! Fields that a query filters or orders by. A field that is wholly masked in this context, or that
//! a policy may mask after judging the rows, is refused there, by name: an operand that matches
//! nothing would be taken for an answer, and one that matches would tell what is masked.

use garant_domain::catalog::Entity;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{Filter, Query};

use crate::unit::Unit;

impl Unit {
    /// Refuses wholly masked operands.
    pub(super) async fn check_operands(&self, query: &Query) -> Result<(), Problem> {
        let entity = self.entity(&query.entity)?;
        let mut operands: Vec<(String, String)> =
            query.order.iter().map(|order| (entity.name.clone(), order.field.clone())).collect();
        if let Some(filter) = &query.filter {
            self.collect(entity, filter, &mut operands)?;
        }
        for (entity, field) in operands {
            self.check_operand(self.entity(&entity)?, &field).await?;
        }
        Ok(())
    }

    /// Refuses a field that is no operand.
    pub(super) async fn check_operand(&self, entity: &Entity, field: &str) -> Result<(), Problem> {
        let decision = self.decision(entity).await?;
        let masks = decision.no_operand(field);
        if masks.is_empty() {
            return Ok(());
        }
        let message = format!(
            "`{}.{field}` is masked for this request, so it cannot be filtered, ordered, grouped or measured by",
            entity.name
        );
        Err(Problem::new(ErrorCode::PolicyRefused, message)
            .at(field)
            .mend("Leave the field out of filter, order, groups and measures, or name a purpose that may see it.")
            .because(decision.reasons_of(&masks)))
    }

    fn collect(&self, entity: &Entity, filter: &Filter, into: &mut Vec<(String, String)>) -> Result<(), Problem> {
        match filter {
            Filter::And(parts) | Filter::Or(parts) => {
                parts.iter().try_for_each(|part| self.collect(entity, part, into))
            }
            Filter::Not(part) => self.collect(entity, part, into),
            Filter::Field(field, _) => {
                into.push((entity.name.clone(), field.clone()));
                Ok(())
            }
            Filter::Related(via, part) => {
                into.push((entity.name.clone(), via.clone()));
                let target = entity.field(via).and_then(|field| field.target()).unwrap_or_default();
                self.collect(self.entity(target)?, part, into)
            }
            Filter::Some { entity: other, via, filter } => {
                into.push((other.clone(), via.clone()));
                self.collect(self.entity(other)?, filter, into)
            }
        }
    }
}
