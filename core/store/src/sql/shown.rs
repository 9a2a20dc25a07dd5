//! Shown values: what is left of a record once the masks have been applied. Masked values, and
//! references to hidden records, are null before they leave the database.

use garant_domain::query::MaskRule;
use garant_domain::rule::{Cond, Mask};
use garant_domain::value::Type;
use sea_query::{CaseStatement, Expr, ExprTrait};

use super::partial::partial;
use super::{Compiler, Table, all, any, is_not_true};
use crate::error::StoreError;

/// A field as the caller may see it.
pub(crate) struct Shown {
    /// The raw column.
    pub(crate) column: Expr,
    /// Its type.
    pub(crate) ty: Type,
    /// Where it is shown.
    pub(crate) when: When,
}

/// Where a field is shown.
pub(crate) enum When {
    Always,
    Never,
    /// Where this is true.
    If(Expr),
}

impl Shown {
    /// The shown value: null where it is masked.
    pub(crate) fn value(self) -> Expr {
        match self.when {
            When::Always => self.column,
            When::Never => null(self.ty),
            When::If(condition) => CaseStatement::new().case(condition, self.column).into(),
        }
    }
}

/// A null of a type: PostgreSQL would take a bare one for text.
fn null(ty: Type) -> Expr {
    Expr::Value(match ty {
        Type::Boolean => sea_query::Value::Bool(None),
        Type::Text => sea_query::Value::String(None),
        Type::Integer | Type::Decimal | Type::Date | Type::Instant => sea_query::Value::BigInt(None),
    })
}

impl<'a> Compiler<'a> {
    /// A field under the masks of its entity's guard.
    pub(crate) fn shown(&self, table: &Table<'a>, field: &str) -> Result<Shown, StoreError> {
        let (column, ty) = self.raw(table, field)?;
        Ok(Shown { column, ty, when: self.shown_when(table, field)? })
    }

    /// Where a field is shown: no mask bites, and a reference leads to a record that is there.
    pub(crate) fn shown_when(&self, table: &Table<'a>, field: &str) -> Result<When, StoreError> {
        let unmasked = self.unmasked_when(table, field)?;
        Ok(match (unmasked, self.leads_somewhere(table, field)?) {
            (When::Never, _) => When::Never,
            (when, None) => when,
            (When::Always, Some(leads)) => When::If(leads),
            (When::If(unmasked), Some(leads)) => When::If(all(vec![unmasked, leads])),
        })
    }

    /// Where no mask bites on a field.
    pub(crate) fn unmasked_when(&self, table: &Table<'a>, field: &str) -> Result<When, StoreError> {
        let masks = self.masks(table, field)?;
        if masks.iter().any(|mask| always(mask)) {
            return Ok(When::Never);
        }
        let passes = masks.iter().filter(|mask| !never(mask)).map(|mask| self.truth(table, &mask.when, false));
        let conditions = passes.collect::<Result<Vec<_>, _>>()?;
        Ok(if conditions.is_empty() { When::Always } else { When::If(all(conditions)) })
    }

    /// For a reference: that its record is there for the caller.
    fn leads_somewhere(&self, table: &Table<'a>, field: &str) -> Result<Option<Expr>, StoreError> {
        let Some(target) = table.entity.field(field).and_then(|field| field.target()) else { return Ok(None) };
        let other = self.table(self.entity(target)?);
        let mut select = self.select_visible(&other, false)?;
        select.expr(Expr::val(1i64)).and_where(other.column("id").eq(table.column(field)));
        Ok(Some(Expr::exists(select)))
    }

    /// A field as an operand of a filter or an order: refused where it is masked for every record.
    pub(crate) fn operand(&self, table: &Table<'a>, field: &str) -> Result<Shown, StoreError> {
        let shown = self.shown(table, field)?;
        if matches!(shown.when, When::Never) {
            return Err(StoreError::MaskedOperand { field: field.to_owned() });
        }
        Ok(shown)
    }

    /// Whether a mask bites, as a column of the answer.
    pub(crate) fn bites(&self, table: &Table<'a>, mask: &MaskRule) -> Result<Expr, StoreError> {
        Ok(is_not_true(self.truth(table, &mask.when, false)?))
    }

    /// Partial values of a field: one column for each kind of mask that leaves something. It is shown
    /// where masks of this kind bite and none of another does, since unlike masks join to nothing.
    pub(crate) fn displays(&self, table: &Table<'a>, field: &str) -> Result<Vec<Expr>, StoreError> {
        let masks: Vec<&MaskRule> = self.masks(table, field)?.into_iter().filter(|mask| !never(mask)).collect();
        let (column, ty) = self.raw(table, field)?;
        // A reference has no part that says less than the whole.
        if table.entity.field(field).is_some_and(|field| field.target().is_some()) {
            return Ok(vec![]);
        }
        let mut kinds: Vec<Mask> = Vec::new();
        for mask in &masks {
            if !kinds.contains(&mask.mask) {
                kinds.push(mask.mask);
            }
        }
        let mut columns = Vec::new();
        for kind in kinds {
            let Some(part) = partial(kind, ty, column.clone()) else { continue };
            let (same, others): (Vec<&MaskRule>, Vec<&MaskRule>) = masks.iter().partition(|mask| mask.mask == kind);
            let bitten = same.iter().map(|mask| self.bites(table, mask)).collect::<Result<Vec<_>, _>>()?;
            let mut conditions = vec![Expr::Tuple(vec![any(bitten)])];
            for other in others {
                conditions.push(self.truth(table, &other.when, false)?);
            }
            columns.push(CaseStatement::new().case(all(conditions), part).into());
        }
        Ok(columns)
    }

    fn masks(&self, table: &Table<'a>, field: &str) -> Result<Vec<&'a MaskRule>, StoreError> {
        let guard = self.guard(table.entity)?;
        Ok(guard.masks.iter().filter(|mask| mask.fields.iter().any(|name| name == field)).collect())
    }
}

/// Whether a mask bites on every record: it holds for the whole context, or nobody can tell.
pub(crate) fn always(mask: &MaskRule) -> bool {
    matches!(mask.when, Cond::Const(Some(true) | None))
}

/// Whether a mask bites on no record.
pub(crate) fn never(mask: &MaskRule) -> bool {
    mask.when == Cond::Const(Some(false))
}
