//! What a policy is told when it is asked for a plan: hook, entity, context attributes and
//! reference tables. Only what the manifest declares is there.

use crate::table::Table;
use crate::value::{Date, Value};
use crate::wit::types::{Attribute, Hook, ReferenceTable};

/// The context of one plan.
pub struct Context {
    /// Where the rules will apply.
    pub hook: Hook,
    /// The entity whose records they are about.
    pub entity: String,
    attributes: Vec<Attribute>,
    tables: Vec<ReferenceTable>,
}

impl Context {
    pub(crate) fn new(hook: Hook, entity: String, attributes: Vec<Attribute>, tables: Vec<ReferenceTable>) -> Self {
        Self { hook, entity, attributes, tables }
    }

    /// A context attribute; null when the host knows none.
    #[must_use]
    pub fn value(&self, key: &str) -> &Value {
        self.attributes.iter().find(|attribute| attribute.key == key).map_or(&Value::Null, |found| &found.value)
    }

    /// A text attribute.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.value(key).as_text()
    }

    /// A text attribute that must be there.
    ///
    /// # Errors
    /// When it is absent: the plan fails, and the host refuses.
    pub fn required(&self, key: &str) -> Result<&str, String> {
        self.text(key).ok_or_else(|| format!("the context has no `{key}`"))
    }

    /// A boolean attribute; `None` when unknown, which is rarely the same as false.
    #[must_use]
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.value(key).as_bool()
    }

    /// An integer attribute.
    #[must_use]
    pub fn integer(&self, key: &str) -> Option<i64> {
        self.value(key).as_integer()
    }

    /// A date attribute.
    #[must_use]
    pub fn date(&self, key: &str) -> Option<Date> {
        self.value(key).as_date()
    }

    /// A reference table, with the rows that are valid at the time of the request.
    ///
    /// # Errors
    /// When the host gave no such table: the plan fails, and the host refuses.
    pub fn table(&self, name: &str) -> Result<Table<'_>, String> {
        let found = self.tables.iter().find(|table| table.name == name);
        found.map(Table::new).ok_or_else(|| format!("no reference table `{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_null() {
        let attributes = vec![Attribute { key: "purpose.key".to_owned(), value: Value::from("marketing") }];
        let columns = vec!["iso".to_owned(), "area".to_owned()];
        let rows = vec![vec![Value::from("FR"), Value::from("EEA")], vec![Value::from("KE"), Value::from("")]];
        let table = crate::table::pack("territories", columns, rows);
        let ctx = Context::new(Hook::Read, "contact".to_owned(), attributes, vec![table]);
        assert_eq!(ctx.required("purpose.key"), Ok("marketing"));
        assert_eq!(ctx.flag("recipient.present"), None);
        assert!(ctx.required("channel").is_err());
        assert!(ctx.table("adequacy").is_err());
        let area = |iso| ctx.table("territories").ok().and_then(|table| table.find("iso", iso)?.text("area"));
        assert_eq!(area("FR"), Some("EEA"));
        assert_eq!(area("KE"), None);
    }
}
