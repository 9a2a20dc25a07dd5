//! The registers of purposes and recipients, as a request needs them. They are about no person, so
//! no policy narrows them; they are read with empty guards, here and nowhere else.

mod behind;
mod kept;

use std::collections::BTreeSet;
use std::sync::Arc;

use garant_domain::catalog::{Catalog, Entity};
use garant_domain::context::{Purpose, Recipient, RegisterTable};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{FieldTest, Filter, Guards, Order, Page, Query};
use garant_domain::value::Value;
use garant_store::Store;

use crate::auth::Caller;
use crate::error::store_problem;
use crate::input::Input;
use crate::published::ActivePolicy;

pub(crate) use behind::{Behind, ENTITY_OF_RECIPIENT, newly_engaged};
pub(crate) use kept::Registers;

/// A purpose that a caller may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeInfo {
    /// The purpose as policies see it.
    pub purpose: Purpose,
    /// English label.
    pub label_en: String,
    /// French label.
    pub label_fr: String,
}

const PURPOSE_FIELDS: &[&str] = &[
    "key",
    "legal_basis",
    "direct_marketing",
    "double_opt_in",
    "consent_validity_months",
    "label_en",
    "label_fr",
    "roles",
];

/// The register of recipients.
pub(crate) const RECIPIENT: &str = "recipient";
/// The register of purposes.
pub(crate) const PURPOSE: &str = "purpose";

/// More recipients than a preview looks at.
const MAX_RECIPIENTS: u32 = 1_000;

/// More records than a register has that policies read whole; past it their rows would be cut, so the
/// request is refused.
const MAX_REGISTER: u32 = 10_000;

/// More purposes than a tenant has; a register above it needs paging here.
const MAX_PURPOSES: u32 = 1_000;

/// A registered purpose with the roles that may name it.
pub(crate) struct Registered {
    pub info: PurposeInfo,
    pub roles: Vec<String>,
}

impl Registered {
    /// Puts other values in place of those of the register.
    pub(crate) fn put(&mut self, values: &Input) {
        let purpose = &mut self.info.purpose;
        for (name, value) in values {
            let text = || value.as_text().unwrap_or_default().to_owned();
            match name.as_str() {
                "legal_basis" => purpose.legal_basis = text(),
                "direct_marketing" => purpose.direct_marketing = *value == Value::Boolean(true),
                "double_opt_in" => purpose.double_opt_in = *value == Value::Boolean(true),
                "consent_validity_months" => purpose.consent_validity_months = months(value),
                _ => {}
            }
            for (_, attribute) in purpose.attributes.iter_mut().filter(|(known, _)| known == name) {
                attribute.clone_from(value);
            }
        }
    }
}

fn months(value: &Value) -> Option<i32> {
    match value {
        Value::Integer(months) => i32::try_from(*months).ok(),
        _ => None,
    }
}

/// The purposes that the caller's role may name, by key.
pub(crate) async fn purposes(
    store: &Store,
    caller: &Caller,
    attributes: &[String],
) -> Result<Vec<PurposeInfo>, Problem> {
    let role = &caller.actor.role;
    let all = all_purposes(store, &caller.tenant, attributes).await?;
    let named = |purpose: &Registered| purpose.roles.contains(role) && caller.may_name(&purpose.info.purpose.key);
    Ok(all.into_iter().filter(named).map(|purpose| purpose.info).collect())
}

/// Every purpose, by key.
pub(crate) async fn all_purposes(
    store: &Store,
    tenant: &str,
    attributes: &[String],
) -> Result<Vec<Registered>, Problem> {
    let query = Query {
        entity: "purpose".to_owned(),
        fields: PURPOSE_FIELDS.iter().map(|&field| field.to_owned()).chain(attributes.iter().cloned()).collect(),
        order: vec![Order { field: "key".to_owned(), descending: false, nulls_first: false }],
        page: Page { limit: MAX_PURPOSES, ..Page::default() },
        ..Query::default()
    };
    let guards = Guards::from([("purpose".to_owned(), Arc::default())]);
    let rows = store.page(tenant, &query, &guards).await.map_err(store_problem)?;
    Ok(rows.rows.into_iter().filter_map(|row| purpose(row.values, attributes)).collect())
}

fn purpose(mut values: Vec<Value>, attributes: &[String]) -> Option<Registered> {
    if values.len() != PURPOSE_FIELDS.len() + attributes.len() {
        return None;
    }
    let attributes = attributes.iter().cloned().zip(values.split_off(PURPOSE_FIELDS.len())).collect();
    let [key, legal_basis, direct_marketing, double_opt_in, validity, label_en, label_fr, roles]: [Value; 8] =
        values.try_into().ok()?;
    let text = |value: Value| match value {
        Value::Text(text) => text,
        _ => String::new(),
    };
    let info = PurposeInfo {
        purpose: Purpose {
            key: text(key),
            legal_basis: text(legal_basis),
            direct_marketing: direct_marketing == Value::Boolean(true),
            double_opt_in: double_opt_in == Value::Boolean(true),
            consent_validity_months: months(&validity),
            attributes,
        },
        label_en: text(label_en),
        label_fr: text(label_fr),
    };
    Some(Registered { info, roles: text(roles).split_whitespace().map(str::to_owned).collect() })
}

/// A field of a registered purpose; `None` for one that is not registered.
pub(crate) async fn purpose_field(
    store: &Store,
    tenant: &str,
    key: &str,
    field: &str,
) -> Result<Option<Value>, Problem> {
    let query = Query {
        entity: "purpose".to_owned(),
        fields: vec![field.to_owned()],
        filter: Some(Filter::Field("key".to_owned(), FieldTest::Eq(Value::text(key)))),
        page: Page { limit: 1, ..Page::default() },
        ..Query::default()
    };
    let guards = Guards::from([("purpose".to_owned(), Arc::default())]);
    let rows = store.page(tenant, &query, &guards).await.map_err(store_problem)?.rows;
    Ok(rows.into_iter().next().map(|row| row.values.into_iter().next().unwrap_or_default()))
}

/// The registered purposes that a request names.
///
/// # Errors
///
/// `FORBIDDEN`, alike for a purpose that is not registered and one that the role may not name.
pub(crate) fn named<'a>(
    available: impl IntoIterator<Item = &'a PurposeInfo> + Clone,
    keys: &[String],
) -> Result<Vec<Purpose>, Problem> {
    let mut found = Vec::new();
    for key in keys {
        let Some(info) = available.clone().into_iter().find(|info| info.purpose.key == *key) else {
            let mut problem =
                Problem::new(ErrorCode::Forbidden, "The purpose is not registered, or this role may not act for it")
                    .at("Purpose")
                    .mend("Name one of `viewer { purposes { key } }`; the DPO registers purposes.");
            problem.purposes = available.into_iter().map(|info| info.purpose.key.clone()).collect();
            return Err(problem);
        };
        if !found.contains(&info.purpose) {
            found.push(info.purpose.clone());
        }
    }
    Ok(found)
}

/// The recipient on whose behalf the caller works, as registered now.
///
/// # Errors
///
/// `FORBIDDEN` when the token names a recipient that is no longer registered: unknown is not nobody.
pub(crate) async fn recipient(store: &Store, caller: &Caller, fields: &[String]) -> Result<Option<Recipient>, Problem> {
    let Some(id) = &caller.recipient else { return Ok(None) };
    let query = Query {
        entity: "recipient".to_owned(),
        fields: fields.to_vec(),
        filter: Some(Filter::Field("id".to_owned(), FieldTest::Eq(Value::text(id.clone())))),
        page: Page { limit: 1, ..Page::default() },
        ..Query::default()
    };
    let guards = recipient_guards();
    let rows = store.page(&caller.tenant, &query, &guards).await.map_err(store_problem)?;
    let Some(row) = rows.rows.into_iter().next() else {
        return Err(Problem::new(ErrorCode::Forbidden, "The recipient of this token is not registered any more")
            .mend("Ask the DPO to register the recipient, or use another token."));
    };
    let frozen = store.frozen_by(&caller.tenant, id).await.map_err(store_problem)?;
    Ok(Some(Recipient { frozen, ..recipient_of(id.clone(), fields, row.values) }))
}

/// Every recipient, by id, and whether there are more than are told.
pub(crate) async fn recipients(
    store: &Store,
    tenant: &str,
    fields: &[String],
) -> Result<(Vec<Recipient>, bool), Problem> {
    let query = Query {
        entity: RECIPIENT.to_owned(),
        fields: fields.to_vec(),
        order: vec![Order { field: "id".to_owned(), descending: false, nulls_first: false }],
        page: Page { limit: MAX_RECIPIENTS, ..Page::default() },
        ..Query::default()
    };
    let guards = recipient_guards();
    let rows = store.page(tenant, &query, &guards).await.map_err(store_problem)?;
    let recipients = rows.rows.into_iter().map(|row| recipient_of(row.id, fields, row.values)).collect();
    Ok((recipients, rows.more))
}

/// Who a recipient is among the legal entities is a reference to another register, which is as open.
fn recipient_guards() -> Guards {
    ["recipient", "legal_entity"].map(|register| (register.to_owned(), Arc::default())).into()
}

fn recipient_of(id: String, fields: &[String], values: Vec<Value>) -> Recipient {
    let attributes: Vec<(String, Value)> = fields.iter().cloned().zip(values).collect();
    let name = attributes.iter().find(|(field, _)| field == "name");
    let name = name.and_then(|(_, value)| value.as_text()).unwrap_or_default().to_owned();
    Recipient { id, name, attributes, frozen: None }
}

/// What the core knows a record of a register by: its key, or its id; `None` when it is not there.
pub(crate) async fn key_of(store: &Store, tenant: &str, entity: &Entity, id: &str) -> Result<Option<String>, Problem> {
    let field = if entity.name == PURPOSE { "key" } else { "id" };
    let query = Query {
        entity: entity.name.clone(),
        fields: vec![field.to_owned()],
        filter: Some(Filter::Field("id".to_owned(), FieldTest::Eq(Value::text(id)))),
        page: Page { limit: 1, ..Page::default() },
        ..Query::default()
    };
    let guards = Guards::from([(entity.name.clone(), Arc::default())]);
    let rows = store.page(tenant, &query, &guards).await.map_err(store_problem)?;
    let row = rows.rows.into_iter().next();
    Ok(row.and_then(|row| row.values.into_iter().next()?.as_text().map(str::to_owned)))
}

/// The registers that these policies declared, whole: about purposes and recipients, so no guard
/// narrows them.
///
/// # Errors
///
/// `POLICY_UNAVAILABLE` for a register with more records than policies can be given.
pub(crate) async fn tables<'a>(
    store: &Store,
    catalog: &'a Catalog,
    tenant: &str,
    policies: impl IntoIterator<Item = &'a ActivePolicy>,
) -> Result<Vec<Arc<RegisterTable>>, Problem> {
    let mut tables = Vec::new();
    for entity in declared(catalog, policies) {
        tables.push(Arc::new(table(store, tenant, entity).await?));
    }
    Ok(tables)
}

/// The entities that these policies declared like a reference table.
fn declared<'a>(catalog: &'a Catalog, policies: impl IntoIterator<Item = &'a ActivePolicy>) -> Vec<&'a Entity> {
    let names: BTreeSet<&String> =
        policies.into_iter().flat_map(|policy| &policy.plugin.manifest().references).collect();
    let entities = names.into_iter().filter_map(|name| catalog.entity(name));
    entities.filter(|entity| entity.is_register()).collect()
}

/// A register, whole.
async fn table(store: &Store, tenant: &str, entity: &Entity) -> Result<RegisterTable, Problem> {
    let name = &entity.name;
    let query = Query {
        entity: name.clone(),
        fields: entity.fields.iter().map(|field| field.name.clone()).collect(),
        order: vec![Order { field: "id".to_owned(), descending: false, nulls_first: false }],
        page: Page { limit: MAX_REGISTER, ..Page::default() },
        ..Query::default()
    };
    // References lead to other registers, which are as open.
    let targets = entity.fields.iter().filter_map(|field| field.target());
    let guards: Guards = targets.chain([name.as_str()]).map(|entity| (entity.to_owned(), Arc::default())).collect();
    let found = store.page(tenant, &query, &guards).await.map_err(store_problem)?;
    if found.more {
        return Err(Problem::new(ErrorCode::PolicyUnavailable, format!("The register `{name}` is too large")));
    }
    let columns = std::iter::once("id".to_owned()).chain(query.fields).collect();
    let rows = found.rows.into_iter().map(|row| std::iter::once(Value::text(row.id)).chain(row.values).collect());
    Ok(RegisterTable { name: name.clone(), columns, rows: rows.collect() })
}
