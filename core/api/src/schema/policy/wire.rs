//! What the service tells of policies, as an answer carries it.

use async_graphql::{Value as Wire, value};
use garant_domain::policy_set::{Mode, Needs, PolicyChange};
use garant_domain::reason::Reason;
use garant_service::{
    AlarmView, BreakGlass, InstalledView, ObligationView, PendingView, PolicyTaskView, PolicyView, ScheduledView,
};

use crate::operation::Locale;
use crate::schema::node_policy;
use crate::schema::scalars::instant;

fn optional(at: Option<i64>) -> Wire {
    at.map_or(Wire::Null, instant)
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "OFF",
        Mode::Observe => "OBSERVE",
        Mode::Enforce => "ENFORCE",
    }
}

/// What a plugin asks for, or was granted.
pub fn needs(needs: &Needs) -> Wire {
    json(&serde_json::json!(needs))
}

/// A change that waits for its time, or runs until its end.
fn scheduled(change: &ScheduledView) -> Wire {
    let component = change.patch.component.as_ref();
    value!({
        "change": change.number,
        "effectiveFrom": instant(change.from),
        "expiresAt": optional(change.until),
        "mode": change.patch.mode.map(mode),
        "settings": change.patch.settings.as_ref().map_or(Wire::Null, json),
        "pluginVersion": component.map(|code| code.plugin_version.as_str()),
        "digest": component.map(|code| code.digest.as_str()),
    })
}

/// A change that waits for a second person.
pub fn pending(view: &PendingView) -> Wire {
    value!({
        "id": view.id.as_str(),
        "policy": view.policy.as_str(),
        "at": instant(view.at),
        "actor": view.actor.as_str(),
        "reason": view.reason.as_str(),
        "edit": json(&view.edit),
        "effectiveFrom": optional(view.effective_from),
        "endsAt": optional(view.ends_at),
        "expiresAt": instant(view.expires_at),
    })
}

/// An installed version.
pub fn installed(view: &InstalledView) -> Wire {
    let plugin = &view.plugin;
    value!({
        "id": plugin.plugin.as_str(),
        "version": plugin.version.as_str(),
        "digest": plugin.digest.as_str(),
        "publisher": plugin.publisher.as_deref(),
        "installedAt": instant(plugin.installed_at),
        "installedBy": plugin.installed_by.as_str(),
        "reason": plugin.reason.as_str(),
        "inSet": view.in_set,
        "needs": needs(&plugin.needs),
        "ungranted": needs(&view.ungranted),
    })
}

/// An alarm.
pub fn alarm(view: &AlarmView) -> Wire {
    value!({
        "id": view.id.as_str(),
        "at": instant(view.at),
        "kind": view.kind.as_str(),
        "actor": view.actor.as_str(),
        "role": view.role.as_str(),
        "reason": view.reason.as_str(),
        "endsAt": optional(view.ends_at),
        "seenAt": optional(view.seen_at),
        "seenBy": view.seen_by.as_deref(),
    })
}

/// An obligation.
pub fn obligation(view: &ObligationView) -> Wire {
    let one = &view.obligation;
    value!({
        "id": one.id.as_str(),
        "kind": one.kind.as_str(),
        "cause": one.cause.as_str(),
        "recipientId": one.recipient.as_deref(),
        "recipientName": view.recipient_name.as_deref(),
        "purpose": one.purpose.as_deref(),
        "reference": one.reference.as_str(),
        "recordId": one.record.as_deref(),
        "openedAt": instant(one.opened_at),
        "dueOn": garant_domain::value::Value::Date(one.due_on).display(),
        "overdue": view.overdue,
        "doneAt": optional(one.done_at),
        "doneBy": one.done_by.as_deref(),
        "note": one.note.as_deref(),
    })
}

/// What a policy asked for.
pub fn policy_task(view: &PolicyTaskView, locale: Locale) -> Wire {
    let (one, reason) = (&view.task, view.reason.as_ref());
    value!({
        "id": one.id.as_str(),
        "kind": one.kind.as_str(),
        "name": one.name.as_str(),
        "policy": one.policy.as_str(),
        "code": one.code.as_str(),
        "title": reason.map(|reason| locale.pick(&reason.title)),
        "remedy": reason.map(|reason| locale.pick(&reason.remedy)),
        "article": reason.map(|reason| reason.article.as_str()),
        "recipientId": one.recipient.as_deref(),
        "recipientName": view.recipient_name.as_deref(),
        "openedAt": instant(one.opened_at),
        "doneAt": optional(one.done_at),
        "doneBy": one.done_by.as_deref(),
        "note": one.note.as_deref(),
    })
}

/// A break-glass.
pub fn break_glass(view: &BreakGlass) -> Wire {
    value!({
        "id": view.id.as_str(),
        "startedAt": instant(view.started_at),
        "expiresAt": instant(view.expires_at),
    })
}

/// A policy.
pub fn policy(view: &PolicyView, locale: Locale) -> Wire {
    value!({
        "id": view.id.as_str(),
        "title": locale.pick(&view.title),
        "summary": locale.pick(&view.summary),
        "mode": mode(view.mode),
        "version": view.version,
        "setVersion": view.set_version,
        "pluginVersion": view.plugin_version.as_str(),
        "digest": view.digest.as_str(),
        "settings": json(&view.settings),
        "settingsSchema": json(&view.settings_schema),
        "needs": needs(&view.needs),
        "granted": needs(&view.granted),
        "unavailable": view.unavailable.as_deref(),
        "scheduled": view.scheduled.iter().map(scheduled).collect::<Vec<_>>(),
        "pending": view.pending.iter().map(pending).collect::<Vec<_>>(),
        "reasons": view.reasons.iter().map(|reason| titled(reason, locale)).collect::<Vec<_>>(),
    })
}

fn titled(reason: &Reason, locale: Locale) -> Wire {
    let mut wire = node_policy::reason(reason, locale);
    if let Wire::Object(fields) = &mut wire {
        fields.insert(async_graphql::Name::new("title"), Wire::from(locale.pick(&reason.title)));
    }
    wire
}

/// A change in the history.
pub fn change(change: PolicyChange) -> Wire {
    value!({
        "policy": change.policy,
        "what": change.what,
        "setVersion": change.set_version,
        "at": instant(change.at),
        "actor": change.actor,
        "reason": change.reason,
        "before": json(&change.before),
        "after": json(&change.after),
        "effectiveFrom": optional(change.effective_from),
        "expiresAt": optional(change.expires_at),
        "confirmedBy": change.confirmed_by,
    })
}

fn json(value: &serde_json::Value) -> Wire {
    Wire::from_json(value.clone()).unwrap_or_default()
}
