//! The fold of consent and objection events: the whole table of transitions, ties, channels and the past.

use proptest::prelude::*;

use super::*;

const KINDS: &[EventKind] = &[
    EventKind::Requested,
    EventKind::Deferred,
    EventKind::Given,
    EventKind::Renewed,
    EventKind::Confirmed,
    EventKind::Expired,
    EventKind::Terminated,
    EventKind::Invalidated,
    EventKind::Refused,
    EventKind::Withdrawn,
    EventKind::ObjectionLifted,
    EventKind::ObjectionOverridden,
    EventKind::Objected,
];

fn event(kind: EventKind, purpose: &str, channel: &str, at: i64) -> Event {
    Event {
        id: format!("{at:04}-{kind}"),
        purpose: purpose.to_owned(),
        channel: channel.to_owned(),
        kind,
        at,
        proven: true,
        explicit: false,
        method: "checkbox".to_owned(),
        provenance: Provenance::default(),
    }
}

/// Status of purpose `p`, channel `email`, after events of these kinds at instants 1, 2, 3...
fn after(kinds: &[EventKind]) -> Option<Status> {
    let events: Vec<Event> = (1..).zip(kinds).map(|(at, kind)| event(*kind, "p", "email", at)).collect();
    effective("p", "email", &fold(&events, i64::MAX)).map(|state| state.status)
}

/// Every state and every event: the table a DPO can read.
#[test]
fn the_transition_table() {
    use EventKind as E;
    use Status as S;
    let kept = |from: Option<Status>| from;
    let states = [
        None,
        Some(S::Requested),
        Some(S::Deferred),
        Some(S::Given),
        Some(S::Renewed),
        Some(S::Expired),
        Some(S::Terminated),
        Some(S::Invalidated),
        Some(S::Refused),
        Some(S::Withdrawn),
    ];
    for from in states {
        let stands = from.is_some_and(Status::stands);
        let put_off = matches!(from, None | Some(S::Requested | S::Deferred));
        for (kind, to) in [
            (E::Given, Some(S::Given)),
            (E::Refused, Some(S::Refused)),
            (E::Withdrawn, Some(S::Withdrawn)),
            (E::Requested, if stands { kept(from) } else { Some(S::Requested) }),
            (E::Deferred, if put_off { Some(S::Deferred) } else { kept(from) }),
            (E::Renewed, if stands { Some(S::Renewed) } else { kept(from) }),
            (E::Confirmed, kept(from)),
            (E::Expired, if stands { Some(S::Expired) } else { kept(from) }),
            (E::Terminated, if stands { Some(S::Terminated) } else { kept(from) }),
            (E::Invalidated, if stands { Some(S::Invalidated) } else { kept(from) }),
        ] {
            let way: &[EventKind] = match from {
                None => &[],
                Some(S::Requested) => &[E::Requested],
                Some(S::Deferred) => &[E::Deferred],
                Some(S::Given) => &[E::Given],
                Some(S::Renewed) => &[E::Given, E::Renewed],
                Some(S::Expired) => &[E::Given, E::Expired],
                Some(S::Terminated) => &[E::Given, E::Terminated],
                Some(S::Invalidated) => &[E::Given, E::Invalidated],
                Some(S::Refused) => &[E::Refused],
                Some(S::Withdrawn) => &[E::Withdrawn],
                Some(S::Objected | S::ObjectionOverridden | S::ObjectionLifted) => unreachable!("another track"),
            };
            assert_eq!(after(way), from);
            assert_eq!(after(&[way, &[kind]].concat()), to, "{kind} after {from:?}");
        }
    }
}

#[test]
fn an_event_that_cannot_follow_is_an_error_for_writers() {
    let error = apply(None, &event(EventKind::Renewed, "p", "email", 1)).unwrap_err();
    assert_eq!(error.to_string(), "renewed cannot follow no record");
    let withdrawn = apply(None, &event(EventKind::Withdrawn, "p", "email", 1)).unwrap();
    let error = apply(Some(&withdrawn), &event(EventKind::Confirmed, "p", "email", 2)).unwrap_err();
    assert_eq!(error.to_string(), "confirmed cannot follow withdrawn");
    assert!(apply(None, &event(EventKind::ObjectionLifted, "p", "any", 1)).is_err());
}

#[test]
fn compelling_grounds_override_the_objections_that_they_answer() {
    let (objected, overridden) = (EventKind::Objected, EventKind::ObjectionOverridden);
    let states = |events: &[(EventKind, &str)]| {
        let events: Vec<Event> =
            (1..).zip(events).map(|(at, (kind, purpose))| event(*kind, purpose, "any", at)).collect();
        let states = fold(&events, i64::MAX);
        (super::objected("p", &states), super::overridden("p", &states))
    };
    assert_eq!(states(&[]), (false, false));
    assert_eq!(states(&[(overridden, "p")]), (false, false), "there was nothing to override");
    assert_eq!(states(&[(objected, "p")]), (true, false));
    assert_eq!(states(&[(objected, "p"), (overridden, "p")]), (true, true));
    assert_eq!(states(&[(objected, "p"), (overridden, "p"), (objected, "p")]), (true, false), "a new objection");
    assert_eq!(states(&[(objected, "p"), (objected, "p.q"), (overridden, "p")]), (true, false), "one is unanswered");
    assert_eq!(states(&[(objected, "p"), (overridden, "p"), (EventKind::ObjectionLifted, "p")]), (false, false));
}

#[test]
fn double_opt_in_is_confirmed_per_consent() {
    use EventKind as E;
    let confirmed = |kinds: &[EventKind]| {
        let events: Vec<Event> = (1..).zip(kinds).map(|(at, kind)| event(*kind, "p", "email", at)).collect();
        effective("p", "email", &fold(&events, i64::MAX)).map(|state| (state.confirmed, state.at))
    };
    assert_eq!(confirmed(&[E::Given]), Some((false, 1)));
    assert_eq!(confirmed(&[E::Given, E::Confirmed]), Some((true, 1)), "the consent began when it was given");
    assert_eq!(confirmed(&[E::Given, E::Confirmed, E::Renewed]), Some((true, 3)));
    assert_eq!(confirmed(&[E::Given, E::Confirmed, E::Given]), Some((false, 3)), "a new consent, a new confirmation");
    assert_eq!(confirmed(&[E::Given, E::Confirmed, E::Withdrawn]), Some((false, 3)));
    assert_eq!(confirmed(&[E::Requested, E::Confirmed]), Some((false, 1)), "nothing was given");
}

#[test]
fn the_past_is_answered_as_of_the_past() {
    let events = [
        event(EventKind::Given, "p", "email", 10),
        event(EventKind::Confirmed, "p", "email", 20),
        event(EventKind::Withdrawn, "p", "email", 30),
    ];
    let at = |instant| effective("p", "email", &fold(&events, instant)).map(|state| (state.status, state.confirmed));
    assert_eq!(at(9), None);
    assert_eq!(at(10), Some((Status::Given, false)));
    assert_eq!(at(20), Some((Status::Given, true)));
    assert_eq!(at(29), Some((Status::Given, true)));
    assert_eq!(at(30), Some((Status::Withdrawn, false)));
}

#[test]
fn withdrawal_wins_at_the_same_instant() {
    // On one key, whatever came in first.
    for kind in [EventKind::Withdrawn, EventKind::Refused, EventKind::Invalidated, EventKind::Expired] {
        let events = [event(kind, "p", "email", 5), event(EventKind::Given, "p", "email", 5)];
        let status = effective("p", "email", &fold(&events, 5)).map(|state| state.status.key());
        assert_eq!(status, Some(kind.key()));
    }
    // Between keys: an ancestor's, or that of any channel.
    for (purpose, channel) in [("p", "email"), ("p.q", "any"), ("p", "any")] {
        let events = [event(EventKind::Withdrawn, purpose, channel, 5), event(EventKind::Given, "p.q", "email", 5)];
        let status = effective("p.q", "email", &fold(&events, 5)).map(|state| state.status);
        assert_eq!(status, Some(Status::Withdrawn), "{purpose} {channel}");
    }
}

#[test]
fn the_latest_over_ancestors_and_channels_counts() {
    let events = [
        event(EventKind::Given, "marketing", "any", 1),
        event(EventKind::Withdrawn, "marketing.email", "email", 2),
        event(EventKind::Given, "marketing.email.news", "email", 3),
    ];
    let states = fold(&events, i64::MAX);
    let status = |purpose: &str, channel: &str| effective(purpose, channel, &states).map(|state| state.status);
    assert_eq!(status("marketing", "email"), Some(Status::Given));
    assert_eq!(status("marketing.email", "email"), Some(Status::Withdrawn));
    assert_eq!(status("marketing.email", "call"), Some(Status::Given), "the withdrawal was for e-mail");
    assert_eq!(status("marketing.email.news", "email"), Some(Status::Given));
    assert_eq!(status("marketing.email.offers", "email"), Some(Status::Withdrawn));
    assert_eq!(status("marketings", "email"), None);
    assert_eq!(status("profiling", "email"), None);
}

#[test]
fn consent_for_a_part_is_none_for_the_whole() {
    let states = fold(&[event(EventKind::Given, "marketing.email", "email", 1)], 1);
    assert!(effective("marketing", "email", &states).is_none());
    assert!(effective("marketing.email", "any", &states).is_none());
}

#[test]
fn the_nearest_key_counts_at_a_full_tie() {
    let with = |purpose: &str, channel: &str, method: &str| Event {
        method: method.to_owned(),
        ..event(EventKind::Given, purpose, channel, 1)
    };
    let states = fold(&[with("p", "email", "far"), with("p.q", "any", "near"), with("p.q", "email", "named")], 1);
    assert_eq!(effective("p.q", "email", &states).map(|state| state.method.as_str()), Some("named"));
    assert_eq!(effective("p.q", "call", &states).map(|state| state.method.as_str()), Some("near"));
}

#[test]
fn another_channel_is_told_from_none() {
    let states = fold(&[event(EventKind::Given, "p", "email", 1)], 1);
    assert!(other_channel("p", "call", &states));
    assert!(!other_channel("p", "email", &states), "it stands for this very channel");
    assert!(!other_channel("q", "call", &states));
    let everywhere = fold(&[event(EventKind::Given, "p", "any", 1)], 1);
    assert!(!other_channel("p", "call", &everywhere));
    let withdrawn = fold(&[event(EventKind::Given, "p", "email", 1), event(EventKind::Withdrawn, "p", "any", 2)], 2);
    assert!(!other_channel("p", "call", &withdrawn));
}

#[test]
fn objections_stand_until_lifted_and_give_no_consent() {
    let objection = event(EventKind::Objected, "marketing.email", "any", 1);
    let states = fold(std::slice::from_ref(&objection), 1);
    assert!(objected("marketing.email", &states));
    assert!(objected("marketing", &states), "part of what is asked for is objected to");
    assert!(objected("marketing.email.news", &states));
    assert!(!objected("marketing.post", &states));
    assert!(effective("marketing.email", "email", &states).is_none(), "an objection is no consent state");

    let lifted = event(EventKind::ObjectionLifted, "marketing.email", "any", 2);
    assert!(!objected("marketing", &fold(&[objection.clone(), lifted.clone()], 2)));
    assert!(objected("marketing", &fold(&[objection.clone(), lifted], 1)), "as of before");
    let elsewhere = event(EventKind::ObjectionLifted, "marketing", "any", 2);
    assert!(objected("marketing", &fold(&[objection.clone(), elsewhere], 2)), "another objection was lifted");
    let same_instant = event(EventKind::ObjectionLifted, "marketing.email", "any", 1);
    assert!(objected("marketing", &fold(&[objection.clone(), same_instant], 1)), "the objection wins");
    let consent = event(EventKind::Given, "marketing.email", "any", 2);
    assert!(objected("marketing", &fold(&[objection, consent], 2)), "consent lifts no objection");
}

#[test]
fn keys_are_those_of_the_catalogue() {
    let catalog = crate::catalog::Catalog::standard().unwrap();
    let field = |name: &str| catalog.entity("consent_event").and_then(|entity| entity.field(name)).cloned().unwrap();
    let crate::catalog::FieldType::Select(keys) = field("state").ty else { panic!("a selection") };
    let kinds: Vec<EventKind> = keys.iter().map(|key| EventKind::from_key(key).unwrap()).collect();
    assert_eq!(kinds.len(), KINDS.len());
    assert!(KINDS.iter().all(|kind| kinds.contains(kind)));
    let crate::catalog::FieldType::Select(channels) = field("channel").ty else { panic!("a selection") };
    assert!(channels.iter().any(|channel| channel == ANY_CHANNEL));
    for track in [Track::Consent, Track::Objection] {
        assert_eq!(Track::from_key(track.key()), Some(track));
    }
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let purpose = prop::sample::select(vec!["p", "p.q", "p.q.r", "pq"]);
    let channel = prop::sample::select(vec!["any", "email", "call"]);
    let one = (prop::sample::select(KINDS), purpose, channel, 0..6i64, any::<bool>(), any::<u8>()).prop_map(
        |(kind, purpose, channel, at, proven, id)| Event {
            proven,
            id: format!("{id:03}"),
            ..event(kind, purpose, channel, at)
        },
    );
    prop::collection::vec(one, 0..12).prop_map(|mut events| {
        // Ids are unique in the store.
        for (index, event) in events.iter_mut().enumerate() {
            event.id = format!("{}-{index}", event.id);
        }
        events
    })
}

/// Whether the consent that counts stands.
fn stands(states: &States) -> bool {
    effective("p.q", "email", states).is_some_and(|state| state.status.stands())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn the_order_of_reading_does_not_matter((shuffled, events) in events().prop_flat_map(|events| {
        (Just(events.clone()).prop_shuffle(), Just(events))
    })) {
        prop_assert_eq!(fold(&shuffled, 5), fold(&events, 5));
    }

    #[test]
    fn the_future_does_not_count(events in events(), as_of in 0..6i64) {
        let past: Vec<Event> = events.iter().filter(|event| event.at <= as_of).cloned().collect();
        prop_assert_eq!(fold(&past, i64::MAX), fold(&events, as_of));
    }

    #[test]
    fn after_a_withdrawal_only_a_new_consent_stands(events in events(), purpose in prop::sample::select(vec!["p", "p.q"]),
        channel in prop::sample::select(vec!["any", "email"]), at in 0..6i64)
    {
        let mut events = events;
        events.push(Event { id: "w".to_owned(), ..event(EventKind::Withdrawn, purpose, channel, at) });
        let later = events.iter().any(|event| matches!(event.kind, EventKind::Given | EventKind::Renewed) && event.at > at);
        prop_assert!(later || !stands(&fold(&events, 5)));
    }

    #[test]
    fn what_takes_consent_away_never_gives_it(events in events(), kind in prop::sample::select(vec![
        EventKind::Refused, EventKind::Withdrawn, EventKind::Expired, EventKind::Terminated, EventKind::Invalidated,
    ])) {
        let before = fold(&events, 5);
        let mut more = events;
        more.push(Event { id: "z".to_owned(), ..event(kind, "p.q", "email", 5) });
        prop_assert!(stands(&before) || !stands(&fold(&more, 5)));
    }

    /// What a state says of itself when it is written is what whoever asks would find.
    #[test]
    fn of_a_purpose_the_state_that_counts_knows_it(events in events(), channel in prop::sample::select(vec!["email", "sms", "call"])) {
        let all = fold(&events, 5);
        for purpose in ["p", "p.q"] {
            let of_purpose: States =
                all.iter().filter(|(key, _)| key.purpose == purpose).map(|(key, state)| (key.clone(), state.clone())).collect();
            let counting: Vec<&ConsentState> = of_purpose
                .iter()
                .filter(|(key, _)| key.track == Track::Consent && counts_for(key, channel, &all))
                .map(|(_, state)| state)
                .collect();
            prop_assert_eq!(counting.first().copied(), effective(purpose, channel, &of_purpose));
            prop_assert!(counting.len() <= 1);
        }
    }

    #[test]
    fn nothing_but_lifting_it_ends_an_objection(events in events()) {
        let mut events: Vec<Event> =
            events.into_iter().filter(|event| event.kind != EventKind::ObjectionLifted).collect();
        events.push(event(EventKind::Objected, "p", "any", 0));
        prop_assert!(objected("p.q", &fold(&events, 5)));
    }
}
