//! A recipient before a contract is signed: what of each entity it would be shown, by purpose and category
//! of data, if it were registered as drafted. Decided by the same rules as a disclosure; nothing is
//! written, and no record is looked at.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use garant_domain::catalog::{Entity, Field, SubjectPath};
use garant_domain::context::{Actor, Context, Recipient, RegisterTable};
use garant_domain::lattice::{Composition, RowEffect, compose};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::{Localised, Reason};
use garant_domain::rule::{Cond, Effect, Hook, Operand, negation};
use garant_domain::value::{Value, covers};

use crate::admin::require_dpo;
use crate::auth::Caller;
use crate::gate::{Asked, ask, effect_name};
use crate::input::{self, Input};
use crate::published::PublishedSet;
use crate::register::{self, Behind, RECIPIENT, Registered};
use crate::service::Service;
use crate::unit::{CHANNELS, by_client};

/// The table of provider cards.
const CARDS: &str = "provider_cards";

/// After how many days a card should be compared with its source again.
const STALE_DAYS: i64 = 365;

/// A recipient that is not registered yet.
#[derive(Clone, Debug, Default)]
pub struct RecipientDraft {
    /// A provider card to start from.
    pub card: Option<String>,
    /// Fields of the register; they win over the card.
    pub values: Input,
    /// Purposes that are looked at; those of the draft when left out, or all where it names none.
    pub purposes: Vec<String>,
    /// Role of its clients; every role that may name the purpose when left out.
    pub role: Option<String>,
    /// The channel that requests name.
    pub channel: Option<String>,
}

/// What is known of a provider beforehand: columns of the table with their texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderCard {
    /// The columns that are not empty, in the table's order.
    pub values: Vec<(String, String)>,
}

impl ProviderCard {
    /// A column's text.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&str> {
        self.values.iter().find(|(name, _)| name == column).map(|(_, text)| text.as_str())
    }
}

/// What a drafted recipient would be shown.
#[derive(Clone, Debug)]
pub struct RecipientPreview {
    /// Version of the set that decided.
    pub set_version: i64,
    /// The draft as policies saw it, by field.
    pub draft: Vec<(String, Value)>,
    /// The card that it started from.
    pub card: Option<ProviderCard>,
    /// Each entity, purpose and category of data.
    pub flows: Vec<Flow>,
    /// What to bear in mind.
    pub notes: Vec<Localised>,
}

/// What happens to fields of a category for a purpose.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Entity.
    pub entity: String,
    /// Purpose.
    pub purpose: String,
    /// Roles that fare alike.
    pub roles: Vec<String>,
    /// Category of data.
    pub category: String,
    /// Fields of it that fare alike.
    pub fields: Vec<String>,
    /// What is certain for every record: `allowed`, `flagged`, `masked` or `refused`.
    pub outcome: &'static str,
    /// Why, and what may come on top for some records.
    pub reasons: Vec<FlowReason>,
    /// Why policies cannot decide: nothing is shown then.
    pub unavailable: Option<Problem>,
}

/// A reason behind a flow.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowReason {
    /// The reason.
    pub reason: Arc<Reason>,
    /// What it does.
    pub effect: &'static str,
    /// Whether it depends on the record: a consent, a hold, a country.
    pub depends_on_record: bool,
}

impl Service {
    /// The provider cards of today.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but the DPO.
    pub fn provider_cards(&self, caller: &Caller) -> Result<Vec<ProviderCard>, Problem> {
        require_dpo(caller)?;
        let table = self.references.changed(CARDS, &[])?.as_of(CARDS, self.today());
        Ok(cards(table))
    }

    /// Tells what a recipient would be shown if it were registered so.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND` for a card or purpose, `BAD_USER_INPUT` naming the field,
    /// `POLICY_UNAVAILABLE` where the set cannot be loaded.
    pub async fn preview_recipient(&self, caller: &Caller, draft: RecipientDraft) -> Result<RecipientPreview, Problem> {
        require_dpo(caller)?;
        if let Some(channel) = &draft.channel
            && !CHANNELS.contains(&channel.as_str())
        {
            return Err(Problem::input("draft.channel", "There is no such channel")
                .mend(format!("Use one of: {}.", CHANNELS.join(", "))));
        }
        let now = self.clock.now();
        let set = self.publisher.current(&caller.tenant, now).await?;
        let card = draft.card.as_deref().map(|key| self.card(caller, key)).transpose()?;
        let recipient = self.drafted(&draft, card.as_ref())?;
        let purposes = self.drafted_purposes(caller, &draft, &recipient).await?;
        let registers = register::tables(&self.store, &self.catalog, &caller.tenant, set.asked()).await?;
        let behind = Behind::load(self, &caller.tenant, set.asked()).await?;
        let registers = behind.join(self, &registers, Some(&recipient), now);
        let base = Context {
            tenant: caller.tenant.clone(),
            actor: caller.actor.clone(),
            purposes: vec![],
            channel: draft.channel.clone(),
            transfer: by_client(Some(&recipient)),
            recipient: Some(recipient.clone()),
            now,
            zone: self.zone,
            set_version: set.version,
            registers,
            hosting: Arc::clone(&self.hosting),
            break_glass: None,
            operation: None,
            of_past: false,
        };
        let mut flows = Vec::new();
        for entity in set.catalog.catalog.entities.iter().filter(|entity| entity.subject != SubjectPath::None) {
            for purpose in &purposes {
                let roles = draft.role.clone().map_or_else(|| purpose.roles.clone(), |role| vec![role]);
                for role in roles {
                    let context = Context {
                        actor: Actor { role: role.clone(), ..base.actor.clone() },
                        purposes: vec![purpose.info.purpose.clone()],
                        ..base.clone()
                    };
                    for flow in self.flows(&set, &context, entity).await? {
                        put(&mut flows, flow, &role);
                    }
                }
            }
        }
        let notes = card.as_ref().and_then(|card| self.unchecked(card)).into_iter().collect();
        let draft = recipient.attributes;
        Ok(RecipientPreview { set_version: set.version, draft, card, flows, notes })
    }

    fn today(&self) -> NaiveDate {
        let now = DateTime::from_timestamp_micros(self.clock.now());
        now.map(|instant| instant.with_timezone(&self.zone).date_naive()).unwrap_or_default()
    }

    fn card(&self, caller: &Caller, key: &str) -> Result<ProviderCard, Problem> {
        let cards = self.provider_cards(caller)?;
        cards.into_iter().find(|card| card.get("card") == Some(key)).ok_or_else(|| {
            Problem::new(ErrorCode::NotFound, "There is no such provider card").at("draft.card").mend(
                "`providerCards { card name }` lists them; the operator adds rows to the file `provider_cards.csv`.",
            )
        })
    }

    /// A card that nobody compared with its source, or not lately.
    fn unchecked(&self, card: &ProviderCard) -> Option<Localised> {
        let checked = card.get("checked").and_then(|date| date.parse::<NaiveDate>().ok());
        if checked.is_some_and(|checked| (self.today() - checked).num_days() <= STALE_DAYS) {
            return None;
        }
        Some(Localised {
            en: "Nobody compared the provider card with its source within a year: check its entity, parents and framework entry before you rely on it.".to_owned(),
            fr: "Personne n'a comparé la fiche du fournisseur avec sa source depuis un an : vérifiez l'entité, les sociétés mères et l'inscription avant de vous y fier.".to_owned(),
        })
    }

    /// The recipient as the register would hold it.
    fn drafted(&self, draft: &RecipientDraft, card: Option<&ProviderCard>) -> Result<Recipient, Problem> {
        let entity = self
            .catalog
            .entity(RECIPIENT)
            .ok_or_else(|| Problem::new(ErrorCode::Internal, "the catalogue has no register of recipients"))?;
        let mut values = Input::new();
        for (name, text) in card.iter().flat_map(|card| &card.values) {
            if let Some(field) = entity.field(name) {
                let value = Value::parse(field.value_type(), text).map_err(|_| {
                    Problem::input("draft.card", format!("The card's `{name}` does not fit the register"))
                        .mend("Tell the operator: the file `provider_cards.csv` is to be mended.")
                })?;
                values.insert(name.clone(), value);
            }
        }
        values.extend(draft.values.clone());
        values.entry("name".to_owned()).or_insert_with(|| Value::text("A draft"));
        let values = input::for_create(entity, values).map_err(|problem| {
            let field = problem.field.as_deref().unwrap_or_default().replacen("input", "draft.set", 1);
            problem.at(field)
        })?;
        let attribute = |name: &String| (name.clone(), values.get(name).cloned().unwrap_or_default());
        let attributes: Vec<(String, Value)> = self.recipient_fields.iter().map(attribute).collect();
        let name = values.get("name").and_then(Value::as_text).unwrap_or_default().to_owned();
        Ok(Recipient { id: "draft".to_owned(), name, attributes, frozen: None })
    }

    async fn drafted_purposes(
        &self,
        caller: &Caller,
        draft: &RecipientDraft,
        recipient: &Recipient,
    ) -> Result<Vec<Registered>, Problem> {
        let all = register::all_purposes(&self.store, &caller.tenant, &self.purpose_fields).await?;
        if let Some(unknown) =
            draft.purposes.iter().find(|key| !all.iter().any(|known| known.info.purpose.key == **key))
        {
            let known: Vec<&str> = all.iter().map(|known| known.info.purpose.key.as_str()).collect();
            let key: String = unknown.chars().take(64).collect();
            return Err(Problem::new(ErrorCode::NotFound, format!("There is no purpose `{key}`"))
                .at("draft.purposes")
                .mend(format!("Use some of: {}.", known.join(", "))));
        }
        let named: Vec<String> = if draft.purposes.is_empty() {
            let keys = recipient.attributes.iter().find(|(name, _)| name == "purposes");
            let keys = keys.and_then(|(_, keys)| keys.as_text()).unwrap_or_default();
            keys.split_whitespace().map(str::to_owned).collect()
        } else {
            draft.purposes.clone()
        };
        let wanted = |purpose: &Registered| {
            let key = &purpose.info.purpose.key;
            named.is_empty()
                || named.iter().any(|named| if draft.purposes.is_empty() { covers(named, key) } else { named == key })
        };
        Ok(all.into_iter().filter(wanted).collect())
    }

    /// What one kind of request would be shown of an entity, by category.
    async fn flows(&self, set: &PublishedSet, context: &Context, entity: &Entity) -> Result<Vec<Flow>, Problem> {
        let decided = match ask(self, set, context, entity, &[Hook::Read, Hook::Transfer]).await {
            Err(problem) if problem.code == ErrorCode::PolicyUnavailable => Err(problem),
            asked => {
                let asked = asked?;
                match compose(entity, &asked.rules) {
                    Ok(joined) => Ok((asked, joined)),
                    Err(error) => Err(Problem::new(
                        ErrorCode::PolicyUnavailable,
                        format!("The rules on `{}` cannot be applied: {error}", entity.name),
                    )),
                }
            }
        };
        let purpose = context.purposes.first().map(|purpose| purpose.key.clone()).unwrap_or_default();
        let mut flows: Vec<Flow> = Vec::new();
        for field in entity.fields.iter().filter(|field| field.is_personal()) {
            let (outcome, reasons, unavailable) = match &decided {
                Ok((asked, joined)) => {
                    let (outcome, reasons) = cell(entity, field, asked, joined);
                    (outcome, reasons, None)
                }
                Err(problem) => ("refused", vec![], Some(problem.clone())),
            };
            let flow = Flow {
                entity: entity.name.clone(),
                purpose: purpose.clone(),
                roles: vec![],
                category: field.category.clone(),
                fields: vec![field.name.clone()],
                outcome,
                reasons,
                unavailable,
            };
            let same = |known: &&mut Flow| {
                Flow { fields: vec![], ..(**known).clone() } == Flow { fields: vec![], ..flow.clone() }
            };
            match flows.iter_mut().find(same) {
                Some(known) => known.fields.push(field.name.clone()),
                None => flows.push(flow),
            }
        }
        Ok(flows)
    }
}

/// Roles that fare alike are told together.
fn put(flows: &mut Vec<Flow>, flow: Flow, role: &str) {
    let same = |known: &&mut Flow| Flow { roles: vec![], ..(**known).clone() } == flow;
    match flows.iter_mut().find(same) {
        Some(known) => known.roles.push(role.to_owned()),
        None => flows.push(Flow { roles: vec![role.to_owned()], ..flow }),
    }
}

/// What the rules do to a field: what is certain for every record, and every reason.
fn cell(entity: &Entity, field: &Field, asked: &Asked, joined: &Composition) -> (&'static str, Vec<FlowReason>) {
    let certain =
        |cond: &Cond| cond.as_const().is_some_and(|value| value != Some(false)) || is_about_somebody(entity, cond);
    let touches = |effect: &&RowEffect| effect.row || effect.fields.contains(&field.name);
    let mut found: Vec<(usize, Effect, bool)> =
        joined.refuse.iter().map(|reason| (*reason, Effect::Refuse, true)).collect();
    found.extend(joined.hide.iter().map(|hide| (hide.reason, Effect::Hide, certain(&hide.when))));
    let masks = joined.guard.masks.iter().filter(|mask| mask.fields.contains(&field.name));
    found.extend(masks.map(|mask| (mask.reason, Effect::Mask(mask.mask), certain(&mask.when))));
    for judge in asked.judges.iter().filter(|judge| judge.is_enforced()) {
        // A verdict is about a record.
        let bites = |joined: &Composition| {
            let masked = joined.guard.masks.iter().any(|mask| mask.fields.contains(&field.name));
            masked || !joined.hide.is_empty() || joined.flags.iter().any(|flag| touches(&flag))
        };
        found.extend(
            judge.announced().filter(|(_, _, joined)| bites(joined)).map(|(reason, effect, _)| (reason, effect, false)),
        );
    }
    found.extend(joined.flags.iter().filter(touches).map(|flag| (flag.reason, Effect::Flag, certain(&flag.when))));
    let any = |wanted: fn(&Effect) -> bool| found.iter().any(|(_, effect, certain)| *certain && wanted(effect));
    let outcome = match () {
        () if any(|effect| matches!(effect, Effect::Refuse | Effect::Hide)) => "refused",
        () if any(|effect| matches!(effect, Effect::Mask(_))) => "masked",
        () if any(|effect| matches!(effect, Effect::Flag)) => "flagged",
        () => "allowed",
    };
    let mut reasons: Vec<FlowReason> = Vec::new();
    for (reason, effect, certain) in found {
        let Some(reason) = asked.reasons.get(reason) else { continue };
        let reason =
            FlowReason { reason: Arc::clone(reason), effect: effect_name(effect), depends_on_record: !certain };
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons.sort_by_key(|reason| reason.depends_on_record);
    (outcome, reasons)
}

/// Whether a condition says no more than that a record is about somebody.
fn is_about_somebody(entity: &Entity, cond: &Cond) -> bool {
    match &entity.subject {
        SubjectPath::Via(link) => *cond == negation(Cond::IsNull(Operand::Field(link.clone()))),
        SubjectPath::Itself | SubjectPath::None => false,
    }
}

fn cards(table: RegisterTable) -> Vec<ProviderCard> {
    let RegisterTable { columns, rows, .. } = table;
    let card = |row: Vec<Value>| {
        let texts = columns.iter().cloned().zip(row).filter_map(|(column, cell)| match cell {
            Value::Text(text) => Some((column, text)),
            _ => None,
        });
        ProviderCard { values: texts.collect() }
    };
    rows.into_iter().map(card).collect()
}
