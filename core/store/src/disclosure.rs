//! Disclosures: which recipient got which person for which purpose. Persons are keyed references.

use std::collections::BTreeSet;

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};

use crate::error::StoreError;
use crate::row::{as_instant, insert_all};
use crate::sql::list;
use crate::store::Store;
use crate::write::WriteTx;

/// A recipient got a person for a purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// Keyed reference of the person.
    pub subject: String,
    /// Id of the registered recipient.
    pub recipient: String,
    /// Key of the purpose.
    pub purpose: String,
    /// `client`, `export` or `webhook`.
    pub way: String,
    /// Microseconds UTC; of what is on file, the last time to within thirty days.
    pub at: i64,
}

const TABLE: &str = "disclosure";
const COLUMNS: [(&str, Type); 5] = [
    ("subject", Type::Text),
    ("recipient_id", Type::Text),
    ("purpose", Type::Text),
    ("way", Type::Text),
    ("at", Type::Instant),
];
/// A disclosure that is on file is not written again for so long.
const STEP_MICROS: i64 = 30 * 86_400_000_000;
/// Rows of one statement: few enough for the parameters that both databases take.
const ROWS: usize = 1_000;

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Store {
    /// Notes disclosures of one recipient. What is on file already costs a look and no write.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn note_disclosures(&self, tenant: &str, noted: &[Disclosure]) -> Result<(), StoreError> {
        let known = self.noted(tenant, noted).await?;
        let key = |one: &Disclosure| (one.subject.clone(), one.recipient.clone(), one.purpose.clone());
        let new: Vec<&Disclosure> = noted.iter().filter(|one| !known.contains(&key(one))).collect();
        if new.is_empty() {
            return Ok(());
        }
        let row = |one: &&Disclosure| {
            vec![
                ("tenant_id", Type::Text, Value::text(tenant)),
                ("subject", Type::Text, Value::text(one.subject.as_str())),
                ("recipient_id", Type::Text, Value::text(one.recipient.as_str())),
                ("purpose", Type::Text, Value::text(one.purpose.as_str())),
                ("way", Type::Text, Value::text(one.way.as_str())),
                ("at", Type::Instant, Value::Instant(one.at)),
            ]
        };
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(false).await?;
        for part in new.chunks(ROWS) {
            let mut insert = insert_all(TABLE, part.iter().map(row).collect())?;
            let mut known = OnConflict::columns(["tenant_id", "subject", "recipient_id", "purpose"].map(Alias::new));
            insert.on_conflict(known.update_columns(["way", "at"].map(Alias::new)).to_owned());
            let statement = self.inner.dialect.build(&insert);
            lease.execute(&statement).await.map_err(StoreError::at("noting disclosures"))?;
        }
        lease.commit().await
    }

    /// Those of some disclosures that are on file and fresh, by subject, recipient and purpose.
    async fn noted(
        &self,
        tenant: &str,
        asked: &[Disclosure],
    ) -> Result<BTreeSet<(String, String, String)>, StoreError> {
        let Some(oldest) = asked.iter().map(|one| one.at).min() else { return Ok(BTreeSet::new()) };
        let mut known = BTreeSet::new();
        let mut lease = self.inner.read.lease(tenant).await?;
        for part in asked.chunks(ROWS) {
            let select = Query::select()
                .exprs(["subject", "recipient_id", "purpose"].map(column))
                .from(Alias::new(TABLE))
                .and_where(column("tenant_id").eq(tenant))
                .and_where(column("subject").is_in(list(part.iter().map(|one| one.subject.as_str()))))
                .and_where(column("at").gt(oldest.saturating_sub(STEP_MICROS)))
                .take();
            let statement = self.inner.dialect.build(&select);
            for row in lease.fetch("reading disclosures", &statement, &[Type::Text; 3]).await? {
                if let [Value::Text(subject), Value::Text(recipient), Value::Text(purpose)] = row.as_slice() {
                    known.insert((subject.clone(), recipient.clone(), purpose.clone()));
                }
            }
        }
        Ok(known)
    }
}

impl WriteTx {
    /// Everything on file of who got some persons.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn disclosures_of(&mut self, subjects: &[String]) -> Result<Vec<Disclosure>, StoreError> {
        let select = Query::select()
            .exprs(COLUMNS.map(|(name, _)| column(name)))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("subject").is_in(list(subjects.iter().map(String::as_str))))
            .take();
        let statement = self.inner.dialect.build(&select);
        let rows = self.lease.fetch("reading disclosures", &statement, &COLUMNS.map(|(_, ty)| ty)).await?;
        rows.into_iter()
            .map(|row| match row.as_slice() {
                [Value::Text(subject), Value::Text(recipient), Value::Text(purpose), Value::Text(way), at] => {
                    Ok(Disclosure {
                        subject: subject.clone(),
                        recipient: recipient.clone(),
                        purpose: purpose.clone(),
                        way: way.clone(),
                        at: as_instant(at).ok_or(StoreError::Corrupt { what: "disclosure" })?,
                    })
                }
                _ => Err(StoreError::Corrupt { what: "disclosure" }),
            })
            .collect()
    }

    /// Whoever got one of some persons got the person that they became. As many statements whatever is there.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn turn_disclosures(&mut self, from: &[String], to: &str) -> Result<(), StoreError> {
        let of_losers = || {
            let gone = column("subject").is_in(list(from.iter().map(String::as_str)));
            column("tenant_id").eq(self.tenant.as_str()).and(gone)
        };
        let mut select = Query::select();
        select
            .expr(column("tenant_id"))
            .expr(Expr::val(to))
            .exprs(["recipient_id", "purpose", "way", "at"].map(column))
            .from(Alias::new(TABLE))
            .and_where(of_losers());
        let mut insert = Query::insert();
        insert
            .into_table(Alias::new(TABLE))
            .columns(["tenant_id", "subject", "recipient_id", "purpose", "way", "at"].map(Alias::new));
        insert.select_from(select).map_err(|_| StoreError::Corrupt { what: "disclosure" })?;
        let same = ["tenant_id", "subject", "recipient_id", "purpose"].map(Alias::new);
        insert.on_conflict(OnConflict::columns(same).do_nothing().to_owned());
        let delete = Query::delete().from_table(Alias::new(TABLE)).and_where(of_losers()).take();
        let step = StoreError::at("turning disclosures");
        self.lease.execute(&self.inner.dialect.build(&insert)).await.map_err(&step)?;
        self.lease.execute(&self.inner.dialect.build(&delete)).await.map_err(step).map(drop)
    }

    /// Destroys what was disclosed last before an instant. Answers how much that was.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn forget_disclosures(&mut self, before: i64) -> Result<u64, StoreError> {
        let delete = Query::delete()
            .from_table(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("at").lt(before))
            .take();
        let statement = self.inner.dialect.build(&delete);
        self.lease.execute(&statement).await.map_err(StoreError::at("destroying old disclosures"))
    }

    /// Whom something covers that a person said, or that was said for an address: everybody who has one of
    /// the addresses for which it was kept, and the person.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn covered_by(&mut self, event: &str, person: Option<&str>) -> Result<Vec<String>, StoreError> {
        let kept = Query::select()
            .expr(column("address"))
            .from(Alias::new("address_event"))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("event_id").eq(event))
            .take();
        let select = Query::select()
            .distinct()
            .expr(column("subject_id"))
            .from(Alias::new("subject_address"))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("address").in_subquery(kept))
            .take();
        let statement = self.inner.dialect.build(&select);
        let rows = self.lease.fetch("reading whom it covers", &statement, &[Type::Text]).await?;
        let mut covered: BTreeSet<String> =
            rows.into_iter().flatten().filter_map(|value| value.as_text().map(str::to_owned)).collect();
        covered.extend(person.map(str::to_owned));
        Ok(covered.into_iter().collect())
    }
}

impl Store {
    /// The people behind some records, by the field that leads to them.
    ///
    /// # Errors
    ///
    /// When the database fails, or the entity is unknown.
    pub async fn people_behind(
        &self,
        tenant: &str,
        entity: &str,
        link: &str,
        ids: &[String],
    ) -> Result<BTreeSet<String>, StoreError> {
        crate::write::entity_of(&self.inner, entity)?;
        let select = Query::select()
            .distinct()
            .expr(column(link))
            .from(Alias::new(entity))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").is_in(list(ids.iter().map(String::as_str))))
            .and_where(column(link).is_not_null())
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let statement = self.inner.dialect.build(&select);
        let rows = lease.fetch("reading whom records are about", &statement, &[Type::Text]).await?;
        Ok(rows.into_iter().flatten().filter_map(|value| value.as_text().map(str::to_owned)).collect())
    }
}
