//! What must hold in a catalogue before anything is built from it.

use std::collections::BTreeSet;

use super::{
    Catalog, CatalogError, Duplicate, Entity, Field, FieldType, Inverse, MERGED_INTO, MergeRule, RowRule,
    SYSTEM_FIELDS, SubjectPath,
};
use crate::fact;
use crate::value::Type;

/// Keys of all known data categories.
const CATEGORIES: &str = include_str!("../../reference/data_categories.txt");
const SPECIAL_KINDS: &[&str] = &["art9", "art10", "national_id"];
const CHANNELS: &[&str] = &["email", "phone", "post"];

/// What is wrong in a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Two things share a name.
    #[error("the name is taken")]
    DuplicateName,
    /// Not a name that GraphQL and both databases take as it is.
    #[error(
        "a name is lower-case letters, digits and single underscores, begins with a letter, and has at most 48 characters"
    )]
    BadName,
    /// A name that every record has, or that the store derives.
    #[error("the name belongs to the system")]
    ReservedName,
    /// No English label.
    #[error("an English label is missing")]
    NoLabel,
    /// Not in the list of categories.
    #[error("`{0}` is no known data category")]
    UnknownCategory(String),
    /// No retention class.
    #[error("the retention class is empty")]
    NoRetention,
    /// A key that would tell one person from another.
    #[error("staff data is not about the people of the records, nor does it lead to them")]
    BadStaff,
    /// See its message.
    #[error("a personal field cannot be unique: a conflict would tell of a hidden record")]
    UniquePersonal,
    /// Nothing that words could be found in, or nothing whose words may be kept beside it.
    #[error("only a text that is no special category can be searched, with a weight from 1 to 10")]
    BadSearchable,
    /// Not a kind of Art. 9, 10 or 87.
    #[error("`{0}` is no special kind")]
    UnknownSpecial(String),
    /// Not a channel that needs a field.
    #[error("`{0}` is no channel that needs a field")]
    UnknownChannel(String),
    /// Not a registered fact that a field can hold.
    #[error("`{0}` is no fact that a field can hold")]
    UnknownFact(String),
    /// The field's type is not the fact's.
    #[error("fact `{0}` has another type than the field")]
    FactType(String),
    /// Two fields hold it.
    #[error("fact `{0}` is held by another field already")]
    DuplicateFact(String),
    /// A fact about a person on a record that is no person.
    #[error("fact `{0}` is about the person, and the record is not the person")]
    FactOffSubject(String),
    /// No keys, an empty one or one twice.
    #[error("a selection needs keys, each once")]
    BadSelect,
    /// The default is no value of the field.
    #[error("the default is no value of the field's type")]
    BadDefault,
    /// A reference to nothing.
    #[error("there is no entity `{0}`")]
    UnknownEntity(String),
    /// The other side does not refer here.
    #[error("`{0}` does not refer to this entity")]
    BadInverse(String),
    /// The path leads to no person.
    #[error("`{0}` is no reference to an entity that is a person")]
    BadSubject(String),
    /// Nothing that could be compared, or nothing whose value may be kept beside it.
    #[error(
        "a reason to take records for duplicates compares texts, selections or references that are no special category, and has a score from 1 to 100"
    )]
    BadDuplicate,
    /// A rule of merging that the type has no meaning for.
    #[error("`any` merges true or false, `latest` dates and instants")]
    BadMerge,
    /// A pointer to something else.
    #[error("`merged_into_id` is a read-only reference to the entity itself")]
    BadPointer,
    /// A constraint names what is not there, or is of the wrong type.
    #[error("a constraint names `{0}`, which is not there or does not fit")]
    BadConstraint(String),
    /// What must hold together with other records would tell of people.
    #[error("a constraint over several records is for entities about nobody")]
    TellingConstraint,
    /// What makes a record an outgoing one, or what such a one carries, is no field of the right type.
    #[error("`{0}` is no selection, or no field for a purpose or channel")]
    BadOutgoing(String),
    /// More than there may be.
    #[error("there are at most {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// No retention rule knows it.
    #[error("the retention class is unknown; use one of {known}")]
    UnknownRetention {
        /// Those that are known.
        known: String,
    },
    /// Erasing a person's field would take a record that others need.
    #[error("erasing it would take the whole record along; `nullify` empties the field")]
    ErasesRecord,
    /// Personal data that nobody would ever erase.
    #[error("personal data cannot outlive the erasure of the person: use `nullify` or `hmac`")]
    OutlivesPerson,
    /// Nobody to whom the law would apply.
    #[error("the object is about nobody, so no policy could protect personal data in it")]
    PersonalOfNobody,
    /// What is said of it is said of people alone.
    #[error("only personal data has a channel, identifies somebody, or is of a special category")]
    NotPersonal,
    /// Evidence has the form that the law gives it.
    #[error("evidence has a form of its own and takes no further fields")]
    Evidence,
    /// Not from 1 to something.
    #[error("a rating goes from 1 to 2 at least and to {0} at most")]
    BadRating(i64),
    /// Not a key.
    #[error("an option is 1 to 48 letters, digits, hyphens and underscores, without blanks")]
    BadOption,
    /// Unlinking needs a link.
    #[error("a row rule can unlink only where a reference leads to the person")]
    NothingToUnlink,
}

/// Checks a catalogue; the first flaw is the answer. Names and fields come first, so that what is
/// wrong with a field is not blamed on those who refer to it.
pub(super) fn check(catalog: &Catalog) -> Result<(), CatalogError> {
    let flawed = |place: String| move |flaw| CatalogError::Flawed { place, flaw };
    let mut names = BTreeSet::new();
    for entity in &catalog.entities {
        check_entity(entity, &mut names).map_err(flawed(entity.name.clone()))?;
    }
    let mut facts = BTreeSet::new();
    for entity in &catalog.entities {
        let mut members = BTreeSet::new();
        for field in &entity.fields {
            check_field(catalog, entity, field, &mut members, &mut facts)
                .map_err(flawed(format!("{}.{}", entity.name, field.name)))?;
        }
        for inverse in &entity.inverses {
            check_name(&inverse.name, &mut members).map_err(flawed(format!("{}.{}", entity.name, inverse.name)))?;
        }
    }
    for entity in &catalog.entities {
        check_outgoing(entity).map_err(flawed(entity.name.clone()))?;
    }
    for entity in &catalog.entities {
        check_subject(catalog, entity).map_err(flawed(entity.name.clone()))?;
        check_constraints(entity).map_err(flawed(entity.name.clone()))?;
    }
    for entity in &catalog.entities {
        let mut names = BTreeSet::new();
        for reason in &entity.duplicates {
            check_duplicate(entity, reason, &mut names).map_err(flawed(format!("{}.{}", entity.name, reason.name)))?;
        }
    }
    for entity in &catalog.entities {
        for inverse in &entity.inverses {
            check_inverse(catalog, entity, inverse).map_err(flawed(format!("{}.{}", entity.name, inverse.name)))?;
        }
    }
    Ok(())
}

fn check_outgoing(entity: &Entity) -> Result<(), Flaw> {
    let Some(outgoing) = &entity.outgoing else { return Ok(()) };
    let keys = |name: &str| match entity.field(name).map(|field| &field.ty) {
        Some(FieldType::Select(keys)) => Some(keys),
        _ => None,
    };
    let bad = |name: &str| Err(Flaw::BadOutgoing(name.to_owned()));
    for one in &outgoing.when {
        if !keys(&one.field).is_some_and(|keys| one.is.iter().all(|value| keys.contains(value))) {
            return bad(&one.field);
        }
    }
    if !entity.field(&outgoing.purpose).is_some_and(|field| field.ty == FieldType::Text) {
        return bad(&outgoing.purpose);
    }
    if keys(&outgoing.channel).is_none() { bad(&outgoing.channel) } else { Ok(()) }
}

fn check_entity<'a>(entity: &'a Entity, names: &mut BTreeSet<&'a str>) -> Result<(), Flaw> {
    check_name(&entity.name, names)?;
    check_name(&entity.plural, names)?;
    if entity.label.en.is_empty() { Err(Flaw::NoLabel) } else { Ok(()) }
}

/// Constraints name fields of the entity that are of a type for it.
fn check_constraints(entity: &Entity) -> Result<(), Flaw> {
    let has = |name: &String, types: &[Type]| match entity.field(name) {
        Some(field) if types.is_empty() || types.contains(&field.value_type()) => Ok(()),
        _ => Err(Flaw::BadConstraint(name.clone())),
    };
    let over_records = !entity.sum_limits.is_empty()
        || !entity.acyclic.is_empty()
        || entity.fields.iter().any(|field| field.below_known);
    if over_records && entity.is_personal() {
        return Err(Flaw::TellingConstraint);
    }
    for limit in &entity.sum_limits {
        has(&limit.field, &[Type::Decimal])?;
        has(&limit.per, &[])?;
        limit.days.iter().try_for_each(|day| has(day, &[Type::Date]))?;
    }
    for acyclic in &entity.acyclic {
        has(&acyclic.from, &[Type::Text])?;
        has(&acyclic.to, &[Type::Text])?;
        acyclic.days.iter().try_for_each(|day| has(day, &[Type::Date]))?;
    }
    entity.any_of.iter().flatten().try_for_each(|name| has(name, &[]))?;
    for field in &entity.fields {
        if let Some(after) = &field.after {
            has(after, &[field.value_type()])?;
        }
        if let Some(when) = &field.required_when {
            has(&when.field, &[Type::Text])?;
        }
        if field.range.is_some() {
            has(&field.name, &[Type::Decimal, Type::Integer])?;
        }
    }
    Ok(())
}

fn check_subject(catalog: &Catalog, entity: &Entity) -> Result<(), Flaw> {
    let leads_to_people = entity.fields.iter().filter_map(|field| catalog.entity(field.target()?));
    if entity.staff && (entity.subject != SubjectPath::None || leads_to_people.into_iter().any(|to| to.needs_purpose()))
    {
        return Err(Flaw::BadStaff);
    }
    match &entity.subject {
        SubjectPath::Via(link) => {
            let target = entity.field(link).and_then(Field::target).and_then(|target| catalog.entity(target));
            let leads = target.is_some_and(|target| target.subject == SubjectPath::Itself);
            if leads { Ok(()) } else { Err(Flaw::BadSubject(link.clone())) }
        }
        SubjectPath::Itself | SubjectPath::None if entity.row_rule == RowRule::Unlink => Err(Flaw::NothingToUnlink),
        SubjectPath::Itself | SubjectPath::None => Ok(()),
    }
}

fn check_field<'a>(
    catalog: &Catalog,
    entity: &Entity,
    field: &'a Field,
    members: &mut BTreeSet<&'a str>,
    facts: &mut BTreeSet<&'a str>,
) -> Result<(), Flaw> {
    check_name(&field.name, members)?;
    if SYSTEM_FIELDS.iter().any(|(name, _)| *name == field.name)
        || field.name.ends_with("_fold")
        || field.name == "tenant_id"
    {
        return Err(Flaw::ReservedName);
    }
    if field.label.en.is_empty() {
        return Err(Flaw::NoLabel);
    }
    if !CATEGORIES.lines().any(|category| category == field.category && !category.starts_with('#')) {
        return Err(Flaw::UnknownCategory(field.category.clone()));
    }
    if field.retention.is_empty() {
        return Err(Flaw::NoRetention);
    }
    if field.unique && field.is_personal() {
        return Err(Flaw::UniquePersonal);
    }
    if let Some(special) = field.special.as_ref().filter(|special| !SPECIAL_KINDS.contains(&special.as_str())) {
        return Err(Flaw::UnknownSpecial(special.clone()));
    }
    if let Some(channel) = field.channel.as_ref().filter(|channel| !CHANNELS.contains(&channel.as_str())) {
        return Err(Flaw::UnknownChannel(channel.clone()));
    }
    check_type(catalog, &field.ty)?;
    let words = field.ty == FieldType::Text && field.special.is_none();
    if field.searchable.is_some_and(|weight| !words || !(1..=10).contains(&weight)) {
        return Err(Flaw::BadSearchable);
    }
    check_merge(entity, field)?;
    if field.default.as_ref().is_some_and(|default| field.parse(default).is_err()) {
        return Err(Flaw::BadDefault);
    }
    field.fact.as_ref().map_or(Ok(()), |fact| check_fact(entity, field, fact, facts))
}

fn check_merge(entity: &Entity, field: &Field) -> Result<(), Flaw> {
    let fits = match field.merge {
        None => true,
        Some(MergeRule::Any) => field.ty == FieldType::Boolean,
        Some(MergeRule::Latest) => matches!(field.ty, FieldType::Date | FieldType::Instant),
    };
    let pointer = field.target() == Some(&entity.name) && field.read_only;
    match (fits, field.name == MERGED_INTO && !pointer) {
        (false, _) => Err(Flaw::BadMerge),
        (_, true) => Err(Flaw::BadPointer),
        _ => Ok(()),
    }
}

fn check_duplicate<'a>(entity: &Entity, reason: &'a Duplicate, names: &mut BTreeSet<&'a str>) -> Result<(), Flaw> {
    check_name(&reason.name, names)?;
    let compared = |name: &String| {
        let field = entity.field(name).filter(|field| field.special.is_none());
        field.is_some_and(|field| field.value_type() == Type::Text)
    };
    let good = !reason.fields.is_empty() && reason.fields.iter().all(compared) && (1..=100).contains(&reason.score);
    if good { Ok(()) } else { Err(Flaw::BadDuplicate) }
}

fn check_type(catalog: &Catalog, ty: &FieldType) -> Result<(), Flaw> {
    match ty {
        FieldType::Reference(target) if catalog.entity(target).is_none() => Err(Flaw::UnknownEntity(target.clone())),
        FieldType::Select(keys) | FieldType::MultiSelect(keys) => {
            let distinct: BTreeSet<&String> = keys.iter().filter(|key| !key.is_empty()).collect();
            if keys.is_empty() || distinct.len() < keys.len() { Err(Flaw::BadSelect) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

fn check_fact<'a>(entity: &Entity, field: &Field, name: &'a str, facts: &mut BTreeSet<&'a str>) -> Result<(), Flaw> {
    // Facts with arguments are computed; no field holds them.
    let Some(def) = fact::find(name).filter(|def| def.args.is_empty()) else {
        return Err(Flaw::UnknownFact(name.to_owned()));
    };
    if entity.subject != SubjectPath::Itself {
        return Err(Flaw::FactOffSubject(name.to_owned()));
    }
    if def.ty != field.value_type() {
        return Err(Flaw::FactType(name.to_owned()));
    }
    if facts.insert(name) { Ok(()) } else { Err(Flaw::DuplicateFact(name.to_owned())) }
}

fn check_inverse(catalog: &Catalog, entity: &Entity, inverse: &Inverse) -> Result<(), Flaw> {
    let other = catalog.entity(&inverse.entity).ok_or_else(|| Flaw::UnknownEntity(inverse.entity.clone()))?;
    let target = other.field(&inverse.via).and_then(Field::target);
    if target == Some(&entity.name) { Ok(()) } else { Err(Flaw::BadInverse(inverse.via.clone())) }
}

fn check_name<'a>(name: &'a str, taken: &mut BTreeSet<&'a str>) -> Result<(), Flaw> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    // 48 leaves room for the suffixes of shadow columns and indexes below PostgreSQL's 63 bytes.
    let good = name.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
        && name.len() <= 48
        && name.bytes().all(allowed)
        && !name.contains("__")
        && !name.ends_with('_');
    if !good {
        return Err(Flaw::BadName);
    }
    if taken.insert(name) { Ok(()) } else { Err(Flaw::DuplicateName) }
}
