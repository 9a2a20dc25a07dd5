//! What somebody said for an address holds for everybody who shares it: an objection or a withdrawal
//! covers each contact with that address or number, also one that is entered later. A consent never
//! does: nobody consents for another.

use super::{ConsentState, Event, EventKind, Key, States, Track, fold};

/// Kinds of events that hold for whoever shares the address.
pub const CARRIED: [EventKind; 4] =
    [EventKind::Withdrawn, EventKind::ObjectionLifted, EventKind::ObjectionOverridden, EventKind::Objected];

/// An event that came about for an address of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The contact who said it, by id; `None` where it was said for the address itself, by whoever
    /// receives what is sent there.
    pub source: Option<String>,
    /// What was said.
    pub event: Event,
}

impl EventKind {
    /// Whether it holds for whoever shares the address.
    #[must_use]
    pub fn is_carried(self) -> bool {
        CARRIED.contains(&self)
    }
}

/// The states of a person, from their own events and those of whoever shares an address with them, in
/// any order. Events after the instant do not count.
///
/// A withdrawal ends the person's consent as their own would, and their own later consent stands. What
/// was said for the address itself counts like the person's own word. Objections of others are folded
/// for each of them alone, and the most restrictive stands: what one lifts, another may still uphold.
#[must_use]
pub fn fold_shared(own: &[Event], shared: &[Shared], as_of: i64) -> States {
    let carried: Vec<&Shared> = shared.iter().filter(|one| one.event.kind.is_carried()).collect();
    let as_own = |one: &&&Shared| one.source.is_none() || one.event.kind.track() == Track::Consent;
    let mut events = own.to_vec();
    events.extend(carried.iter().filter(as_own).map(|one| one.event.clone()));
    let mut states = fold(&events, as_of);
    let mut sources: Vec<&str> =
        carried.iter().filter(|one| !as_own(one)).filter_map(|one| one.source.as_deref()).collect();
    sources.sort_unstable();
    sources.dedup();
    for source in sources {
        let theirs = |one: &&&Shared| !as_own(one) && one.source.as_deref() == Some(source);
        let theirs: Vec<Event> = carried.iter().filter(theirs).map(|one| one.event.clone()).collect();
        fold(&theirs, as_of).into_iter().for_each(|(key, state)| uphold(&mut states, key, state));
    }
    states
}

/// Keeps the more restrictive of two states about the same.
fn uphold(states: &mut States, key: Key, state: ConsentState) {
    let weight = |state: &ConsentState| (state.status.rank(), state.at);
    if states.get(&key).is_none_or(|known| weight(known) < weight(&state)) {
        states.insert(key, state);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::consent::{Provenance, Status, effective, objected};

    fn event(id: &str, kind: EventKind, at: i64) -> Event {
        Event {
            id: id.to_owned(),
            purpose: "p".to_owned(),
            channel: "email".to_owned(),
            kind,
            at,
            proven: true,
            explicit: false,
            method: "checkbox".to_owned(),
            provenance: Provenance::default(),
        }
    }

    fn said(source: Option<&str>, kind: EventKind, at: i64) -> Shared {
        let id = format!("{}-{kind}-{at}", source.unwrap_or_default());
        Shared { source: source.map(str::to_owned), event: event(&id, kind, at) }
    }

    fn status(own: &[Event], shared: &[Shared]) -> Option<Status> {
        effective("p", "email", &fold_shared(own, shared, i64::MAX)).map(|state| state.status)
    }

    #[test]
    fn a_withdrawal_ends_the_consent_of_all_and_a_consent_gives_none() {
        let given = event("g", EventKind::Given, 1);
        let withdrawn = [said(Some("b"), EventKind::Withdrawn, 2)];
        assert_eq!(status(std::slice::from_ref(&given), &withdrawn), Some(Status::Withdrawn));
        assert_eq!(
            status(&[given, event("h", EventKind::Given, 3)], &withdrawn),
            Some(Status::Given),
            "their own, later"
        );
        assert_eq!(status(&[], &[said(Some("b"), EventKind::Given, 1)]), None);
        let again = [said(Some("b"), EventKind::Withdrawn, 2), said(Some("b"), EventKind::Given, 3)];
        assert_eq!(status(&[event("g", EventKind::Given, 1)], &again), Some(Status::Withdrawn), "for themselves alone");
        assert_eq!(status(&[event("g", EventKind::Given, 2)], &withdrawn), Some(Status::Withdrawn), "a tie");
    }

    #[test]
    fn an_objection_is_lifted_by_who_raised_it() {
        let stands = |own: &[Event], shared: &[Shared]| objected("p", &fold_shared(own, shared, i64::MAX));
        let theirs = said(Some("b"), EventKind::Objected, 1);
        let lifted = said(Some("b"), EventKind::ObjectionLifted, 2);
        assert!(stands(&[], std::slice::from_ref(&theirs)));
        assert!(!stands(&[], &[theirs.clone(), lifted.clone()]));
        assert!(stands(&[event("o", EventKind::ObjectionLifted, 2)], std::slice::from_ref(&theirs)), "not by another");
        assert!(stands(&[event("o", EventKind::Objected, 0)], &[theirs.clone(), lifted.clone()]), "one's own stands");
        assert!(stands(&[], &[theirs, lifted, said(Some("c"), EventKind::Objected, 0)]), "a third one's stands");
        let unnamed = said(None, EventKind::Objected, 1);
        assert!(stands(&[], std::slice::from_ref(&unnamed)));
        assert!(!stands(&[event("o", EventKind::ObjectionLifted, 2)], &[unnamed]), "whoever has the address lifts it");
    }

    proptest! {
        #[test]
        fn what_others_say_never_gives_consent_and_lifts_no_objection(
            own in prop::collection::vec((prop::sample::select(vec![EventKind::Given, EventKind::Withdrawn, EventKind::Objected, EventKind::Refused]), 0..6i64), 0..6),
            others in prop::collection::vec((0..3usize, prop::sample::select(EventKind::from_key("given").into_iter().chain(CARRIED).collect::<Vec<_>>()), 0..6i64), 0..8),
        ) {
            let own: Vec<Event> = own.into_iter().enumerate().map(|(i, (kind, at))| event(&format!("o{i}"), kind, at)).collect();
            let others: Vec<Shared> = others.into_iter().enumerate().map(|(i, (source, kind, at))| Shared {
                source: Some(["a", "b", "c"][source].to_owned()),
                event: event(&format!("s{i}"), kind, at),
            }).collect();
            let (alone, with) = (fold(&own, 9), fold_shared(&own, &others, 9));
            let stands = |states: &States| effective("p", "email", states).is_some_and(|state| state.status.stands());
            prop_assert!(stands(&alone) || !stands(&with));
            prop_assert!(!objected("p", &alone) || objected("p", &with));
            let mut reversed = others.clone();
            reversed.reverse();
            prop_assert_eq!(fold_shared(&own, &reversed, 9), with);
        }
    }
}
