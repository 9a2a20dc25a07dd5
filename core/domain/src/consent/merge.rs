//! Records of one person that become one: their events become one history, in which no later consent on
//! one record may undo what the person said no to on another.

use super::{ANY_CHANNEL, ConsentState, Event, EventKind, Key, States, Status, Track, effective, fold};
use crate::value::covers;

/// What must be said again when the events of several records become one history: each withdrawal,
/// refusal and objection that stands on one record, and that the joined history would undo.
#[must_use]
pub fn said_again(records: &[Vec<Event>]) -> Vec<(Key, EventKind)> {
    let states: Vec<States> = records.iter().map(|events| fold(events, i64::MAX)).collect();
    let joined = fold(&records.concat(), i64::MAX);
    let mut again: Vec<(Key, EventKind)> = Vec::new();
    for (place, own) in states.iter().enumerate() {
        for (key, state) in own {
            let Some(kind) = no(key, state, own) else { continue };
            let mut others =
                states.iter().enumerate().filter(|(other, _)| *other != place).flat_map(|(_, other)| other);
            let undone = match key.track {
                Track::Objection => joined.get(key).map(|state| state.status) != Some(Status::Objected),
                Track::Consent => others.any(|(other, with)| undoes(key, state, other, with)),
            };
            if undone && !again.contains(&(key.clone(), kind)) {
                again.push((key.clone(), kind));
            }
        }
    }
    again
}

/// What the person said no with, where it is what counts on their own record.
fn no(key: &Key, state: &ConsentState, own: &States) -> Option<EventKind> {
    match state.status {
        Status::Objected => Some(EventKind::Objected),
        Status::Withdrawn | Status::Refused if effective(&key.purpose, &key.channel, own) == Some(state) => {
            Some(if state.status == Status::Withdrawn { EventKind::Withdrawn } else { EventKind::Refused })
        }
        _ => None,
    }
}

/// Whether a consent of another record, given later, would count for what was said no to.
fn undoes(key: &Key, state: &ConsentState, other: &Key, with: &ConsentState) -> bool {
    let purposes = covers(&key.purpose, &other.purpose) || covers(&other.purpose, &key.purpose);
    let channels = key.channel == other.channel || key.channel == ANY_CHANNEL || other.channel == ANY_CHANNEL;
    other.track == Track::Consent && with.status.stands() && with.at > state.at && purposes && channels
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::consent::{Provenance, objected};

    const PURPOSES: [&str; 3] = ["marketing", "marketing.email", "sales"];
    const CHANNELS: [&str; 3] = ["any", "email", "call"];
    const KINDS: [EventKind; 7] = [
        EventKind::Requested,
        EventKind::Given,
        EventKind::Withdrawn,
        EventKind::Refused,
        EventKind::ObjectionLifted,
        EventKind::ObjectionOverridden,
        EventKind::Objected,
    ];

    fn event(id: &str, purpose: &str, channel: &str, kind: EventKind, at: i64) -> Event {
        let (purpose, channel) = (purpose.to_owned(), channel.to_owned());
        Event {
            id: id.to_owned(),
            purpose,
            channel,
            kind,
            at,
            proven: true,
            explicit: false,
            method: String::new(),
            provenance: Provenance::default(),
        }
    }

    /// The states of the joined history with what is said again at its end.
    fn joined(records: &[Vec<Event>]) -> States {
        let mut events = records.concat();
        for (number, (key, kind)) in said_again(records).into_iter().enumerate() {
            events.push(event(&format!("z{number}"), &key.purpose, &key.channel, kind, 1_000));
        }
        fold(&events, i64::MAX)
    }

    #[test]
    fn a_later_consent_on_another_record_undoes_no_withdrawal() {
        let withdrawn = vec![
            event("1", "marketing", "email", EventKind::Given, 1),
            event("2", "marketing", "any", EventKind::Withdrawn, 2),
        ];
        let given = vec![event("3", "marketing", "email", EventKind::Given, 3)];
        let status = |states: &States| effective("marketing", "email", states).map(|state| state.status);
        assert_eq!(status(&joined(&[withdrawn.clone(), given.clone()])), Some(Status::Withdrawn));
        assert_eq!(status(&joined(&[given.clone(), withdrawn])), Some(Status::Withdrawn));
        // On one record the person may always consent anew.
        let anew = vec![
            event("1", "marketing", "email", EventKind::Withdrawn, 1),
            event("2", "marketing", "email", EventKind::Given, 2),
        ];
        assert_eq!(status(&joined(&[anew, given])), Some(Status::Given));
    }

    proptest! {
        #[test]
        fn whatever_was_said_no_to_stays_so(
            given in proptest::collection::vec((0..3_usize, 0..3_usize, 0..3_usize, 0..7_usize, 0..20_i64), 0..14),
        ) {
            let mut records = vec![vec![], vec![], vec![]];
            for (number, (record, purpose, channel, kind, at)) in given.into_iter().enumerate() {
                let event = event(&number.to_string(), PURPOSES[purpose], CHANNELS[channel], KINDS[kind], at);
                records[record].push(event);
            }
            let after = joined(&records);
            for own in records.iter().map(|events| fold(events, i64::MAX)) {
                for key in own.keys() {
                    let before = effective(&key.purpose, &key.channel, &own).map(|state| state.status);
                    if matches!(before, Some(Status::Withdrawn | Status::Refused)) {
                        let now = effective(&key.purpose, &key.channel, &after);
                        prop_assert!(!now.is_some_and(|state| state.status.stands()), "{:?}", key);
                    }
                }
                for (key, state) in own.iter().filter(|(_, state)| state.status == Status::Objected) {
                    prop_assert!(objected(&key.purpose, &after), "{:?} {:?}", key, state);
                    prop_assert_eq!(after.get(key).map(|state| state.status), Some(Status::Objected));
                }
            }
        }
    }
}
