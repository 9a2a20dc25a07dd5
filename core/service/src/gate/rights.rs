//! What the caller's role leaves, before any policy is asked: whether an act may be done at all, on whose
//! records, and which fields are shown and written. It is part of every guard, so that lists, counts,
//! searches, cursors, relation filters, exports and webhooks follow alike, and it only narrows.

use std::sync::Arc;

use garant_domain::catalog::{Entity, Field, OWNER, RowRule, SubjectPath};
use garant_domain::context::TransferKind;
use garant_domain::lattice::BoundRule;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{FieldTest, Filter, Guards, Page, Query};
use garant_domain::reason::{Localised, Reason};
use garant_domain::role::{Act, Role, Scope};
use garant_domain::rule::{CompareOp, Cond, Effect, Mask, Operand, Selector, Target};
use garant_domain::value::Value;
use garant_store::WriteTx;

use super::plan::Asked;
use crate::auth::USER;
use crate::error::store_problem;
use crate::input::Input;
use crate::unit::Unit;

/// The most members of a team whose records are looked for.
const MOST_MEMBERS: u32 = 1_000;

/// What the role leaves of an entity.
#[derive(Clone, Debug, Default)]
pub(crate) struct Narrowing {
    /// A record is there only where each is false.
    pub hide: Vec<Cond>,
    /// Fields that are not shown.
    pub fields: Vec<String>,
}

impl Narrowing {
    /// What everybody of a role is kept from, whoever it is: own and team records differ from one to the next.
    pub(crate) fn of_role(role: &Role, entity: &Entity) -> Self {
        let nothing = role.scope(entity, Act::Read) == Scope::None;
        let hide = nothing.then_some(Cond::Const(Some(true))).into_iter().collect();
        Self { hide, fields: hidden_fields(role, entity) }
    }

    /// Joins it to what the policies say of an entity, as rules of the core.
    pub(crate) fn join(&self, asked: &mut Asked) {
        let mut rule = |when: Cond, effect: Effect, selectors: Vec<Selector>| {
            asked.reasons.push(reason(effect != Effect::Hide));
            let target = Target { selectors, complement: false };
            asked.rules.push(BoundRule { when, effect, target, reason: asked.reasons.len() - 1, enforced: true });
        };
        for hide in &self.hide {
            rule(hide.clone(), Effect::Hide, vec![Selector::Row]);
        }
        if !self.fields.is_empty() {
            let fields = self.fields.iter().cloned().map(Selector::Field).collect();
            rule(Cond::Const(Some(true)), Effect::Mask(Mask::None), fields);
        }
    }
}

/// Fields that a role is not shown.
fn hidden_fields(role: &Role, entity: &Entity) -> Vec<String> {
    let hidden = role.rights(&entity.name).hidden_fields;
    entity.fields.iter().map(|field| field.name.clone()).filter(|name| hidden.contains(name)).collect()
}

/// Why a record or a field is not there: the role.
pub(super) fn reason(of_fields: bool) -> Arc<Reason> {
    let text = |en: &str, fr: &str| Localised { en: en.to_owned(), fr: fr.to_owned() };
    let (code, title, message) = if of_fields {
        (
            "ROLE-FIELD",
            text("Not shown to this role", "Non montré à ce rôle"),
            text("This role is not shown this field.", "Ce rôle ne voit pas ce champ."),
        )
    } else {
        (
            "ROLE-SCOPE",
            text("Not within this role's records", "Hors des fiches de ce rôle"),
            text(
                "This role works with its own records, or its team's, alone.",
                "Ce rôle ne travaille qu'avec ses fiches ou celles de son équipe.",
            ),
        )
    };
    Arc::new(Reason {
        plugin: "core".to_owned(),
        code: code.to_owned(),
        title,
        message,
        remedy: text(
            "An administrator says with `setRole` what a role may do.",
            "Un administrateur définit avec `setRole` ce qu'un rôle permet.",
        ),
        article: "GDPR 25(2), 32".to_owned(),
    })
}

impl Unit {
    /// On which records of an entity an act may be done.
    fn scope(&self, entity: &Entity, act: Act) -> Scope {
        self.role.scope(entity, act)
    }

    /// On which records reading goes; what leaves for a recipient in a file or by a webhook must be open to
    /// both.
    fn reading_scope(&self, entity: &Entity) -> Scope {
        let leaves = self.context.transfer.is_some_and(|transfer| transfer.kind != TransferKind::Client);
        let reading = self.scope(entity, Act::Read);
        if leaves { reading.min(self.scope(entity, Act::Export)) } else { reading }
    }

    /// Refuses what the role may do on no record of an entity.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`.
    pub(super) fn permit(&self, entity: &Entity, act: Act) -> Result<(), Problem> {
        let scope = if matches!(act, Act::Read) { self.reading_scope(entity) } else { self.scope(entity, act) };
        if scope > Scope::None {
            return Ok(());
        }
        let (role, act, name) = (&self.context.actor.role, act.key(), &entity.name);
        Err(Problem::new(ErrorCode::Forbidden, format!("The role `{role}` may not {act} `{name}`"))
            .mend("An administrator says with `setRole` what a role may do."))
    }

    /// What the role leaves of an entity; `None` where it leaves all.
    pub(super) async fn narrowing(&self, entity: &Entity) -> Result<Option<Narrowing>, Problem> {
        let mut hide = Vec::new();
        let own = Operand::Field(OWNER.to_owned());
        hide.extend(self.outside(self.reading_scope(entity), own_operand(entity, own)).await?);
        // What belongs to a record goes with it.
        for field in &entity.fields {
            let Some(target) = field.target().and_then(|target| self.catalog().entity(target)) else { continue };
            if !belongs_by(entity, field, target) {
                continue;
            }
            let owner = Operand::Related { via: field.name.clone(), field: OWNER.to_owned() };
            if let Some(outside) = self.outside(self.reading_scope(target), own_operand(target, owner)).await? {
                let linked = Cond::Not(Box::new(Cond::IsNull(Operand::Field(field.name.clone()))));
                hide.push(if field.required { outside } else { Cond::All(vec![linked, outside]) });
            }
        }
        let fields = hidden_fields(&self.role, entity);
        Ok((!hide.is_empty() || !fields.is_empty()).then_some(Narrowing { hide, fields }))
    }

    /// Where a record lies outside of a scope; nowhere where it is `all`.
    async fn outside(&self, scope: Scope, owner: Option<Operand>) -> Result<Option<Cond>, Problem> {
        let Some(owner) = owner else {
            return Ok((scope != Scope::All).then_some(Cond::Const(Some(true))));
        };
        let within = match scope {
            Scope::All => return Ok(None),
            Scope::None => return Ok(Some(Cond::Const(Some(true)))),
            Scope::Own => {
                Cond::Compare(CompareOp::Eq, owner, Operand::Literal(Value::text(self.context.actor.id.clone())))
            }
            Scope::Team => Cond::OneOf(owner, self.team().await?.iter().cloned().map(Value::Text).collect()),
        };
        Ok(Some(Cond::Not(Box::new(within))))
    }

    /// The users of the caller's team, and the caller.
    async fn team(&self) -> Result<&[String], Problem> {
        let read = async || {
            let own = self.context.actor.id.clone();
            let Some(team) = &self.team_id else { return Ok(vec![own]) };
            let query = Query {
                entity: USER.to_owned(),
                filter: Some(Filter::Field("team_id".to_owned(), FieldTest::Eq(Value::text(team.clone())))),
                page: Page { limit: MOST_MEMBERS, ..Page::default() },
                ..Query::default()
            };
            let guards: Guards = [USER, "team"].map(|entity| (entity.to_owned(), Arc::default())).into();
            let found = self.store().page(&self.context.tenant, &query, &guards).await.map_err(store_problem)?;
            let mut members: Vec<String> = found.rows.into_iter().map(|row| row.id).collect();
            members.push(own);
            Ok(members)
        };
        self.members.get_or_try_init(read).await.map(Vec::as_slice)
    }

    /// Refuses an act on a record that the caller sees, and that is not among those of the act.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`.
    pub(super) async fn permit_on(&self, entity: &Entity, act: Act, values: &Input) -> Result<(), Problem> {
        let owner = values.get(OWNER).and_then(Value::as_text);
        let within = match self.scope(entity, act) {
            Scope::All => true,
            Scope::None => false,
            Scope::Own => owner == Some(self.context.actor.id.as_str()),
            Scope::Team => {
                let members = self.team().await?;
                owner.is_some_and(|owner| members.iter().any(|member| member == owner))
            }
        };
        if within {
            return Ok(());
        }
        self.permit(entity, act)?;
        let (role, act, name) = (&self.context.actor.role, act.key(), &entity.name);
        let message = format!("The role `{role}` may {act} no `{name}` of others");
        Err(Problem::new(ErrorCode::Forbidden, message)
            .at(format!("input.{OWNER}"))
            .mend("Ask the owner of the record, or an administrator."))
    }

    /// Refuses to put a visible record into the trash, or to take it out, that is not among those of the role.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`.
    pub(super) async fn permit_delete(&self, tx: &mut WriteTx, entity: &Entity, id: &str) -> Result<(), Problem> {
        // Most roles are not narrowed: the record is looked at for the others alone.
        if self.scope(entity, Act::Delete) == Scope::All {
            return Ok(());
        }
        let raw = tx.get(&entity.name, id, true).await.map_err(store_problem)?;
        self.permit_on(entity, Act::Delete, &raw.map(|raw| raw.values).unwrap_or_default()).await
    }

    /// Refuses fields that the role does not write.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` naming the field.
    pub(super) fn permit_fields(&self, entity: &Entity, fields: &[String]) -> Result<(), Problem> {
        let rights = self.role.rights(&entity.name);
        let fixed =
            fields.iter().find(|field| rights.fixed_fields.contains(*field) || rights.hidden_fields.contains(*field));
        let Some(field) = fixed else { return Ok(()) };
        let role = &self.context.actor.role;
        Err(Problem::new(ErrorCode::Forbidden, format!("The role `{role}` may not write `{field}`"))
            .at(format!("input.{field}"))
            .mend("Leave the field out, or ask an administrator."))
    }

    /// Whoever signed in owns what they create, unless they say otherwise.
    pub(super) fn own(&self, entity: &Entity, values: &mut Input) {
        let owns = entity.field(OWNER).is_some() && !values.contains_key(OWNER);
        if owns && self.is_user {
            values.insert(OWNER.to_owned(), Value::text(self.context.actor.id.clone()));
        }
    }
}

/// What tells who owns a record, if anything does.
fn own_operand(entity: &Entity, owner: Operand) -> Option<Operand> {
    entity.field(OWNER).is_some().then_some(owner)
}

/// Whether a record belongs to the one that a reference leads to: it cannot be without it, is about the person
/// there and absent when they are, or has no owner but that one's.
fn belongs_by(entity: &Entity, field: &Field, target: &Entity) -> bool {
    let subject = matches!(&entity.subject, SubjectPath::Via(link) if *link == field.name);
    let ownerless = entity.field(OWNER).is_none() && target.field(OWNER).is_some();
    field.required || (subject && entity.row_rule != RowRule::Unlink) || ownerless
}
