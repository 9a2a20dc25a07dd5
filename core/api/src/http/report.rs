//! `extensions.policy`: the rules in force, the fields that were searched and the masks of the rows shown.

use async_graphql::Value as Wire;
use garant_service::Report;
use serde_json::json;

use crate::operation::Locale;
use crate::schema::names::camel;

/// The report of a unit of work.
pub fn policy(report: &Report, locale: Locale) -> Wire {
    let rules: Vec<_> = report
        .rules
        .iter()
        .map(|rule| {
            json!({
                "entity": camel(&rule.entity),
                "effect": rule.effect,
                "fields": rule.fields.iter().map(|field| camel(field)).collect::<Vec<_>>(),
                "reason": rule.reason.full_code(),
                "article": rule.reason.article,
                "title": locale.pick(&rule.reason.title),
            })
        })
        .collect();
    let masks: Vec<_> = report
        .masks
        .iter()
        .map(|(entity, field, reason, count)| {
            json!({
                "entity": camel(entity),
                "field": camel(field),
                "reason": reason.full_code(),
                "plugin": reason.plugin,
                "code": reason.code,
                "article": reason.article,
                "message": locale.pick(&reason.message),
                "remedy": locale.pick(&reason.remedy),
                "count": count,
            })
        })
        .collect();
    let mut policy = json!({ "setVersion": report.set_version, "rules": rules, "masks": masks });
    if !report.searched.is_empty() {
        let searched = report.searched.iter().map(|(entity, fields)| {
            json!({ "entity": camel(entity), "fields": fields.iter().map(|field| camel(field)).collect::<Vec<_>>() })
        });
        policy["searched"] = searched.collect();
    }
    Wire::from_json(policy).unwrap_or_default()
}
