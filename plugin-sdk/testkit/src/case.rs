//! Case files: `[[case]]` tables in TOML, each a context, a record with its facts, and what must
//! come out.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use garant_domain::catalog::{Catalog, Entity, Field};
use garant_domain::chain::{self, Graph, Hosting, Part, REGISTERS, Root};
use garant_domain::context::RegisterTable;
use garant_domain::value::{Type, Value};
use serde::Deserialize;

/// One case.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it is about; unique in its file.
    pub name: String,
    /// `read` unless it says otherwise.
    #[serde(default = "read")]
    pub hook: garant_domain::rule::Hook,
    /// `contact` unless it says otherwise.
    #[serde(default = "contact")]
    pub entity: String,
    /// Who asks for what, and when.
    pub context: CaseContext,
    /// Fields that a tenant added to the entity, as in the catalogue.
    #[serde(default)]
    pub custom: Vec<Field>,
    /// Fields of the record; what is absent is null. The fields of a contact that hold facts about the
    /// person become these facts. A mask counts only on a field that is named here, even if as empty.
    #[serde(default)]
    record: BTreeMap<String, toml::Value>,
    /// Facts by call: `"consent.status(marketing,email)" = "given"`. A fact that can be null and is
    /// absent here is null; any other is what the host says when nothing is on file: false, `none`,
    /// or empty.
    #[serde(default)]
    facts: BTreeMap<String, toml::Value>,
    /// Facts, by call, that are null here although they never should be: the record is broken.
    #[serde(default)]
    pub unknown: Vec<String>,
    /// Context attributes beyond those of `context`: `"recipient.country" = "US"`.
    #[serde(default)]
    attributes: BTreeMap<String, toml::Value>,
    /// Records of registers that the plugin declared, by entity.
    #[serde(default)]
    registers: BTreeMap<String, Vec<BTreeMap<String, toml::Value>>>,
    /// Id of the recipient's entry among the legal entities of `registers`.
    #[serde(default)]
    recipient_entity: Option<String>,
    /// Our own hosting, as in the server's configuration; machines of our own unless it says otherwise.
    #[serde(default = "Hosting::own")]
    hosting: Hosting,
    /// Settings that differ from the defaults.
    #[serde(default)]
    pub settings: BTreeMap<String, toml::Value>,
    /// Why no rows of a database can make the facts of this case true; without it, every case is run over
    /// SQL too.
    #[serde(default)]
    pub over_sql: Option<String>,
    /// What must come out.
    pub expect: Expect,
}

/// Who asks for what, and when.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseContext {
    /// Purpose key.
    pub purpose: Option<String>,
    /// Legal basis of the purpose; consent unless it says otherwise.
    #[serde(default = "consent")]
    pub basis: String,
    /// Whether the purpose is direct marketing.
    #[serde(default)]
    pub direct_marketing: bool,
    /// Channel of the request.
    pub channel: Option<String>,
    /// RFC 3339.
    pub now: String,
    /// The tenant's zone.
    #[serde(default = "paris")]
    zone: String,
}

/// What must come out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// `allow`, `flag`, `mask`, `hide`, `refuse`, `reject`, `make-dormant`, `anonymise`, `erase`,
    /// `hold`.
    pub effect: String,
    /// The reasons: for `allow`, one that is given; for anything stronger, exactly those given, without
    /// the ones that another one says more precisely.
    #[serde(default)]
    pub code: OneOrMany,
    /// The smallest group over which aggregates are shown.
    pub min_group: Option<u32>,
    /// Exactly the masked ones of the fields that the record names.
    pub fields: Option<Vec<String>>,
}

/// A code, or several.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// Any.
    #[default]
    None,
    /// One.
    One(String),
    /// Several at once.
    Many(Vec<String>),
}

fn read() -> garant_domain::rule::Hook {
    garant_domain::rule::Hook::Read
}

fn contact() -> String {
    "contact".to_owned()
}

fn consent() -> String {
    "A6-1-a".to_owned()
}

fn paris() -> String {
    chrono_tz::Europe::Paris.name().to_owned()
}

impl OneOrMany {
    /// The codes, sorted.
    #[must_use]
    pub fn sorted(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = match self {
            Self::None => vec![],
            Self::One(code) => vec![code],
            Self::Many(codes) => codes.iter().map(String::as_str).collect(),
        };
        codes.sort_unstable();
        codes
    }
}

impl Case {
    /// The entity, with what the tenant added.
    ///
    /// # Errors
    /// When the catalogue has no such entity.
    pub fn entity(&self, catalog: &Catalog) -> Result<Entity, String> {
        let found = catalog.entity(&self.entity).ok_or_else(|| format!("there is no entity `{}`", self.entity))?;
        let mut entity = found.clone();
        entity.fields.extend(self.custom.iter().cloned());
        Ok(entity)
    }

    /// Whether the record names a field.
    #[must_use]
    pub fn names(&self, field: &str) -> bool {
        self.record.contains_key(field)
    }

    /// The instant of the request, in microseconds UTC.
    ///
    /// # Errors
    /// When the file does not say one.
    pub fn now(&self) -> Result<i64, String> {
        match Value::parse(Type::Instant, &self.context.now) {
            Ok(Value::Instant(at)) => Ok(at),
            _ => Err(format!("context.now `{}` is no instant", self.context.now)),
        }
    }

    /// The tenant's zone.
    ///
    /// # Errors
    /// When the file names one that does not exist.
    pub fn zone(&self) -> Result<Tz, String> {
        self.context.zone.parse().map_err(|_| format!("there is no zone `{}`", self.context.zone))
    }

    /// A field of the record as a value of a type; null when the file does not say.
    ///
    /// # Errors
    /// When the file says a value of another type.
    pub fn field(&self, name: &str, ty: Type) -> Result<Value, String> {
        self.record.get(name).map_or(Ok(Value::Null), |value| typed(&format!("record.{name}"), ty, value))
    }

    /// A fact, by call, as a value of a type; `None` when the file does not say.
    ///
    /// # Errors
    /// When the file says a value of another type.
    pub fn fact(&self, call: &str, ty: Type) -> Result<Option<Value>, String> {
        self.facts.get(call).map(|value| typed(&format!("facts.{call}"), ty, value)).transpose()
    }

    /// Names of the fields and calls of the facts that the file mentions.
    #[must_use]
    pub fn mentioned(&self) -> (Vec<&str>, Vec<&str>) {
        let facts = self.facts.keys().chain(&self.unknown).map(String::as_str).collect();
        (self.record.keys().map(String::as_str).collect(), facts)
    }

    /// A context attribute as the host would give it.
    ///
    /// # Errors
    /// When the file says a value of another type.
    pub fn attribute(&self, key: &str, ty: Type) -> Result<Value, String> {
        if let Some(value) = self.attributes.get(key) {
            return typed(&format!("attributes.{key}"), ty, value);
        }
        let context = &self.context;
        let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
        let with_purpose = |value: Value| if context.purpose.is_some() { value } else { Value::Null };
        Ok(match key {
            "purpose.key" => text(&context.purpose),
            "purpose.legal_basis" => with_purpose(Value::text(context.basis.clone())),
            "purpose.direct_marketing" => with_purpose(Value::Boolean(context.direct_marketing)),
            "purpose.double_opt_in" | "purpose.online_service" => with_purpose(Value::Boolean(false)),
            "channel" => text(&context.channel),
            "actor.break_glass" | "request.of_past" => Value::Boolean(false),
            "hosting.external" => self.hosting.external.map_or(Value::Null, Value::Boolean),
            "hosting.hds" => self.hosting.hds.map_or(Value::Null, Value::Boolean),
            "recipient.present" => Value::Boolean(self.attributes.keys().any(|key| key.starts_with("recipient."))),
            _ => Value::Null,
        })
    }

    /// A declared table that the host makes of registers: one of them whole, or the chain of the recipient.
    /// `None` for any other.
    ///
    /// # Errors
    /// As [`Self::register`].
    pub fn derived(&self, name: &str, catalog: &Catalog) -> Result<Option<RegisterTable>, String> {
        if name == chain::NAME {
            return self.chain(catalog).map(Some);
        }
        catalog.entity(name).map(|register| self.register(register)).transpose()
    }

    fn chain(&self, catalog: &Catalog) -> Result<RegisterTable, String> {
        let registers = REGISTERS.iter().filter_map(|name| catalog.entity(name));
        let tables = registers.map(|register| self.register(register)).collect::<Result<Vec<_>, _>>()?;
        let graph = Graph::from_tables(&tables);
        let mut roots = vec![self.hosting.root(&graph)];
        if self.attribute("recipient.present", Type::Boolean)? == Value::Boolean(true) {
            let text = |key: &str| Ok::<_, String>(self.attribute(key, Type::Text)?.as_text().map(str::to_owned));
            roots.push(Root {
                of: chain::RECIPIENT,
                // The one recipient of a case; its links name it so.
                recipient: Some("recipient".to_owned()),
                member: true,
                part: Part {
                    entity: self.recipient_entity.clone(),
                    role: text("recipient.role")?,
                    location: text("recipient.country")?,
                    plaintext_needed: match self.attribute("recipient.plaintext_needed", Type::Boolean)? {
                        Value::Boolean(needed) => Some(needed),
                        _ => None,
                    },
                    key_holder: text("recipient.key_holder")?,
                    ..Part::default()
                },
                engaged: vec![],
            });
        }
        let day = garant_domain::calendar::local_date(self.now()?, self.zone()?);
        Ok(chain::table(&graph, &roots, day))
    }

    /// The rows of a register, with the columns that the host gives.
    ///
    /// # Errors
    /// When the file names a field that the register lacks, or a value of another type.
    pub fn register(&self, register: &Entity) -> Result<RegisterTable, String> {
        let columns: Vec<&Field> = register.fields.iter().collect();
        let mut rows = vec![];
        for (index, record) in self.registers.get(&register.name).into_iter().flatten().enumerate() {
            if let Some(name) = record.keys().find(|name| *name != "id" && register.field(name).is_none()) {
                return Err(format!("{} has no field `{name}`", register.name));
            }
            let id = record.get("id").and_then(toml::Value::as_str).map_or_else(|| index.to_string(), str::to_owned);
            let cell = |field: &&Field| match (record.get(&field.name), &field.default) {
                (Some(value), _) => {
                    typed(&format!("registers.{}.{}", register.name, field.name), field.value_type(), value)
                }
                (None, Some(default)) => field.parse(default).map_err(|error| error.to_string()),
                (None, None) => Ok(Value::Null),
            };
            let cells = columns.iter().map(cell).collect::<Result<Vec<_>, _>>()?;
            rows.push(std::iter::once(Value::text(id)).chain(cells).collect());
        }
        let names = columns.iter().map(|field| field.name.clone());
        Ok(RegisterTable {
            name: register.name.clone(),
            columns: std::iter::once("id".to_owned()).chain(names).collect(),
            rows,
        })
    }

    /// Attributes that no host knows.
    #[must_use]
    pub fn unknown_attributes(&self) -> Vec<&str> {
        let known = |key: &str| {
            let lists = [garant_domain::context::ATTRIBUTES, garant_domain::context::BOUND_ATTRIBUTES];
            lists.iter().any(|list| list.iter().any(|(name, _)| *name == key))
        };
        self.attributes.keys().map(String::as_str).filter(|key| !known(key)).collect()
    }
}

fn typed(what: &str, ty: Type, value: &toml::Value) -> Result<Value, String> {
    let json = match value {
        toml::Value::Datetime(at) => serde_json::Value::String(at.to_string()),
        other => serde_json::to_value(other).map_err(|error| format!("{what}: {error}"))?,
    };
    Value::from_json(ty, &json).map_err(|error| format!("{what}: {error}"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

/// The cases of a file.
///
/// # Errors
/// When the file is no case file, or two cases share a name.
pub fn load_cases(path: &str) -> Result<Vec<Case>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let file: File = toml::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
    for (index, case) in file.case.iter().enumerate() {
        if file.case.iter().take(index).any(|other| other.name == case.name) {
            return Err(format!("{path}: two cases are called `{}`", case.name));
        }
    }
    Ok(file.case)
}

/// The cases of every `.toml` file of a folder, in the order of the names.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn load_folder(folder: &str) -> Result<Vec<Case>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{folder}: {error}"))?;
    let mut paths: Vec<String> = entries
        .flatten()
        .map(|entry| entry.path().display().to_string())
        .filter(|path| path.ends_with(".toml"))
        .collect();
    paths.sort();
    let mut cases = vec![];
    for path in paths {
        cases.extend(load_cases(&path)?);
    }
    Ok(cases)
}
