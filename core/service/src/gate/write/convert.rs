//! A lead becomes a deal: both are written in one transaction, each under its own rules.

use garant_domain::context::Operation;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::value::Value;

use super::not_found;
use crate::gate::door::Door;
use crate::input::Input;
use crate::reviewed::ReviewedRow;
use crate::unit::Unit;

const LEAD: &str = "lead";
const DEAL: &str = "deal";
const CONVERTED: &str = "converted";

/// What a deal takes from its lead, where the caller says nothing else: field of the lead, of the deal.
const TAKEN: [(&str, &str); 5] = [
    ("title", "name"),
    ("estimated_value", "amount"),
    ("currency", "currency"),
    ("company_id", "company_id"),
    ("contact_id", "contact_id"),
];

impl Unit {
    /// Makes a deal of a lead and answers the deal. What `deal` does not name comes from the lead, as
    /// the caller sees it: a masked value is not carried over.
    ///
    /// # Errors
    ///
    /// As [`Self::update`] for the lead and [`Self::create`] for the deal; `CONFLICT` where the lead
    /// was converted before.
    pub async fn convert_lead(
        &self,
        id: &str,
        expected_version: Option<i64>,
        mut deal: Input,
        fields: Vec<String>,
    ) -> Result<ReviewedRow, Problem> {
        let lead = self.writable(LEAD, Door::Update).await?;
        let target = self.writable(DEAL, Door::Create).await?;
        let read = TAKEN.iter().map(|(from, _)| *from).chain(["status"]).map(str::to_owned).collect();
        let seen = self.reading_for_write().record(LEAD, id, read).await?.ok_or_else(|| not_found(lead, "id"))?;
        if seen.get("status").as_text() == Some(CONVERTED) {
            return Err(Problem::new(ErrorCode::Conflict, "The lead was converted before")
                .at("id")
                .mend("Read `deal` of the lead: it is the deal that it became."));
        }
        for (from, to) in TAKEN {
            if !deal.contains_key(to) && !seen.get(from).is_null() {
                deal.insert(to.to_owned(), seen.get(from).clone());
            }
        }
        let mut tx = self.begin_write().await?;
        let deal_id = self.insert(&mut tx, target, deal, None).await.map_err(of_deal)?;
        let change = [
            ("status", Value::text(CONVERTED)),
            ("deal_id", Value::text(deal_id.clone())),
            ("converted_at", Value::Instant(self.context.now)),
        ];
        let change = change.map(|(name, value)| (name.to_owned(), value)).into();
        // The version that was read: a lead that somebody else converts meanwhile is a conflict.
        let expected = expected_version.unwrap_or_else(|| seen.version());
        self.change(&mut tx, lead, id, change, Some(expected)).await?;
        self.log_write(&mut tx, Operation::Create, target, std::slice::from_ref(&deal_id)).await?;
        self.log_write(&mut tx, Operation::Update, lead, &[id.to_owned()]).await?;
        self.commit(tx).await?;
        self.one_back(target, &deal_id, 1, fields).await
    }
}

/// What is wrong with the deal is told by the argument's name.
fn of_deal(mut problem: Problem) -> Problem {
    if let Some(rest) = problem.field.as_deref().and_then(|field| field.strip_prefix("input.")) {
        problem.field = Some(format!("deal.{rest}"));
    }
    problem
}
