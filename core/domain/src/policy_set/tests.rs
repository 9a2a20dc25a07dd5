//! What of an entry is in force when, over generated changes with and without an end.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

fn entry() -> PolicyEntry {
    PolicyEntry {
        id: "p".to_owned(),
        digest: "d0".to_owned(),
        plugin_version: "1".to_owned(),
        mode: Mode::Enforce,
        settings: json!(0),
        version: 1,
        granted: Needs::default(),
        changes: vec![],
    }
}

fn set() -> PolicySet {
    PolicySet { version: 1, entries: vec![entry()] }
}

fn mode_at(set: &PolicySet, now: i64) -> Option<Mode> {
    set.at(now).entry("p").map(|entry| entry.mode)
}

/// The plain meaning, written another way than the code: the value of the change that began last
/// among those in force, else the entry's own.
fn plain<T>(entry: &PolicyEntry, now: i64, part: impl Fn(&Patch) -> Option<T>, own: T) -> T {
    let mut best: Option<((i64, i64), T)> = None;
    for change in &entry.changes {
        let runs = change.from <= now && change.until.unwrap_or(i64::MAX) > now;
        if let (true, Some(value)) = (runs, part(&change.patch)) {
            let rank = (change.from, change.number);
            if best.as_ref().is_none_or(|(other, _)| *other < rank) {
                best = Some((rank, value));
            }
        }
    }
    best.map_or(own, |(_, value)| value)
}

fn assert_plain(entry: &PolicyEntry, now: i64) {
    let seen = entry.at(now);
    assert_eq!(seen.mode, plain(entry, now, |patch| patch.mode, entry.mode));
    assert_eq!(seen.settings, plain(entry, now, |patch| patch.settings.clone(), entry.settings.clone()));
    let code = |patch: &Patch| patch.component.as_ref().map(|code| code.digest.clone());
    assert_eq!(seen.digest, plain(entry, now, code, entry.digest.clone()));
    assert!(seen.changes.is_empty());
}

fn any_mode() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Off), Just(Mode::Observe), Just(Mode::Enforce)]
}

fn any_patch() -> impl Strategy<Value = Patch> {
    let component = (0_u8..4).prop_map(|n| Component { digest: format!("d{n}"), plugin_version: n.to_string() });
    (prop::option::of(any_mode()), prop::option::of(0_u8..4), prop::option::of(component))
        .prop_map(|(mode, settings, component)| Patch { mode, settings: settings.map(Json::from), component })
}

fn any_entry() -> impl Strategy<Value = PolicyEntry> {
    let change = (0_i64..40, prop::option::of(1_i64..20), any_patch());
    prop::collection::vec(change, 0..8).prop_map(|changes| {
        let changes = (2_i64..).zip(changes).map(|(number, (from, length, patch))| TimedChange {
            number,
            from,
            until: length.map(|length| from + length),
            patch,
        });
        PolicyEntry { changes: changes.collect(), ..entry() }
    })
}

/// An edit, when it begins and ends counted from when it is made, and how long after the one before.
fn any_edit() -> impl Strategy<Value = (Edit, Option<i64>, Option<i64>, i64)> {
    let edit = prop_oneof![
        any_mode().prop_map(Edit::Mode),
        (0_u8..4).prop_map(|n| Edit::Settings(json!(n))),
        (0_u8..4).prop_map(|n| Edit::Component {
            component: Component { digest: format!("d{n}"), plugin_version: n.to_string() },
            settings: None,
        }),
    ];
    (edit, prop::option::of(0_i64..10), prop::option::of(1_i64..20), 0_i64..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_in_force_is_what_began_last(entry in any_entry(), now in -5_i64..70) {
        assert_plain(&entry, now);
    }

    #[test]
    fn settling_changes_nothing_from_then_on(entry in any_entry(), settled_at in -5_i64..70, later in 0_i64..70) {
        let settled = entry.settled(settled_at);
        prop_assert_eq!(settled.at(settled_at + later), entry.at(settled_at + later));
        prop_assert!(settled.changes.len() <= entry.changes.len());
        prop_assert_eq!(&settled.settled(settled_at), &settled);
    }

    #[test]
    fn between_two_turns_nothing_changes(entry in any_entry(), now in -5_i64..70) {
        let until = entry.turns(now).first().copied().unwrap_or(now + 5);
        for at in now..until {
            prop_assert_eq!(entry.at(at), entry.at(now));
        }
        prop_assert!(entry.turns(now).windows(2).all(|pair| pair[0] < pair[1]));
    }

    /// A history of edits, held against the list of them: nothing that was said is forgotten, and
    /// what has ended gives way to what was before.
    #[test]
    fn a_history_of_edits_means_the_list_of_them(edits in prop::collection::vec(any_edit(), 0..12)) {
        let (mut set, mut list, mut now) = (set(), entry(), 0);
        for (edit, delay, length, pause) in edits {
            now += pause;
            let from = now + delay.unwrap_or(0);
            let timing = Timing { from: delay.map(|_| from), until: length.map(|length| from + length) };
            let Ok(edited) = set.edited("p", &edit, timing, &Needs::default(), now) else { continue };
            let patch = match edit {
                Edit::Mode(mode) => Patch { mode: Some(mode), ..Patch::default() },
                Edit::Settings(settings) => Patch { settings: Some(settings), ..Patch::default() },
                Edit::Component { component, .. } => Patch { component: Some(component), ..Patch::default() },
                _ => unreachable!("not generated"),
            };
            list.changes.push(TimedChange { number: edited.set.version, from, until: timing.until, patch });
            prop_assert_eq!(edited.set.version, set.version + 1);
            prop_assert_eq!(edited.set.entry("p").map(|entry| entry.version), set.entry("p").map(|entry| entry.version + 1));
            set = edited.set;
            for at in now..now + 40 {
                let seen = set.entry("p").expect("is there").at(at);
                let meant = list.at(at);
                prop_assert_eq!((seen.mode, &seen.settings, &seen.digest), (meant.mode, &meant.settings, &meant.digest));
            }
        }
    }

    /// May be weaker exactly when an instant exists at which an enforced policy is not enforced as it was.
    #[test]
    fn weaker_is_what_does_not_enforce_the_same(before in any_entry(), after in any_entry(), now in -5_i64..70, gone in any::<bool>()) {
        let before = PolicySet { version: 1, entries: vec![before] };
        let after = PolicySet { version: 2, entries: if gone { vec![] } else { vec![after] } };
        let in_force = |set: &PolicySet, at| {
            let then = set.at(at);
            let entry = then.entry("p").filter(|entry| entry.mode == Mode::Enforce);
            entry.map(|entry| (entry.digest.clone(), entry.settings.clone()))
        };
        let other = (now..now + 80).any(|at| in_force(&before, at).is_some_and(|old| in_force(&after, at) != Some(old)));
        prop_assert_eq!(after.may_be_weaker_than(&before, "p", now), other);
    }
}

#[test]
fn an_expired_change_gives_way_by_itself() {
    let timing = Timing { from: Some(10), until: Some(20) };
    let changed = set().edited("p", &Edit::Mode(Mode::Off), timing, &Needs::default(), 5).expect("is legal").set;
    let modes = [5, 9, 10, 19, 20, 99].map(|at| mode_at(&changed, at));
    let (on, off) = (Some(Mode::Enforce), Some(Mode::Off));
    assert_eq!(modes, [on, on, off, off, on, on]);
    assert_eq!((changed.next_turn(5), changed.next_turn(10), changed.next_turn(20)), (Some(10), Some(20), None));
    // A later word for good ends what runs.
    let back =
        changed.edited("p", &Edit::Mode(Mode::Observe), Timing::default(), &Needs::default(), 15).expect("legal");
    assert_eq!([15, 25].map(|at| mode_at(&back.set, at)), [Some(Mode::Observe); 2]);
    assert!(back.set.entries[0].changes.is_empty(), "nothing is left to wait for");
    let cancelled = changed.edited("p", &Edit::Cancel(2), Timing::default(), &Needs::default(), 15).expect("legal");
    assert_eq!(mode_at(&cancelled.set, 15), on);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let edit = |edit: &Edit, from, until| {
        set().edited("p", edit, Timing { from, until }, &Needs::default(), 10).expect_err("is refused")
    };
    let off = Edit::Mode(Mode::Off);
    assert_eq!(edit(&off, Some(9), None), EditError::Past);
    assert_eq!(edit(&off, None, Some(10)), EditError::NeverInForce);
    assert_eq!(edit(&off, Some(20), Some(15)), EditError::NeverInForce);
    assert_eq!(edit(&Edit::Remove, Some(20), None), EditError::Untimed);
    assert_eq!(edit(&Edit::Cancel(7), None, None), EditError::NoSuchChange);
    let add = Edit::Add {
        component: Component { digest: "d".to_owned(), plugin_version: "1".to_owned() },
        mode: Mode::Off,
        settings: json!({}),
    };
    assert_eq!(edit(&add, None, None), EditError::Present);
    let unknown = set().edited("q", &off, Timing::default(), &Needs::default(), 10);
    assert_eq!(unknown.expect_err("is refused"), EditError::Unknown);
    let mut full = set();
    for n in 0.. {
        let timing = Timing { from: Some(20 + n), until: None };
        match full.edited("p", &off, timing, &Needs::default(), 10) {
            Ok(edited) => full = edited.set,
            Err(error) => {
                assert_eq!((error, n), (EditError::TooMany, 16));
                break;
            }
        }
    }
}

#[test]
fn a_policy_that_comes_back_never_has_an_old_version() {
    let gone = set().edited("p", &Edit::Remove, Timing::default(), &Needs::default(), 1).expect("legal").set;
    assert!(gone.entries.is_empty());
    let back = gone.edited("p", &Edit::Restore(Box::new(entry())), Timing::default(), &Needs::default(), 2);
    assert_eq!(back.expect("legal").set.entries[0].version, 3);
}

#[test]
fn a_grant_is_what_was_asked_beyond_it() {
    let needs = |entities: &[&str], facts: &[&str]| Needs {
        entities: entities.iter().map(ToString::to_string).collect(),
        facts: facts.iter().map(ToString::to_string).collect(),
        ..Needs::default()
    };
    let granted = needs(&["contact"], &["subject.country"]);
    assert!(granted.beyond(&granted).is_empty());
    let more = needs(&["contact", "deal"], &["subject.country", "subject.restricted"]).beyond(&granted);
    assert_eq!(more.names(), ["entity deal", "fact subject.restricted"]);
    assert_eq!(needs(&["*"], &[]).beyond(&granted).names(), ["entity *"]);
    assert!(needs(&["deal"], &[]).beyond(&needs(&["*"], &[])).is_empty(), "every entity was granted");
    assert!(more.beyond(&granted.and(&more)).is_empty());
    let timing = Timing::default();
    let edited = set().edited("p", &Edit::Mode(Mode::Off), timing, &granted, 1).expect("legal").set;
    let again = edited.edited("p", &Edit::Mode(Mode::Enforce), timing, &Needs::default(), 2).expect("legal").set;
    assert_eq!(again.entries[0].granted, granted, "what was granted stays granted");
}

#[test]
fn a_set_of_an_older_server_is_read() {
    let old = r#"{"version":1,"entries":[{"id":"p","digest":"d0","plugin_version":"1","mode":"enforce","settings":0,"version":1}]}"#;
    assert_eq!(serde_json::from_str::<PolicySet>(old).expect("is read"), set());
    assert_eq!(serde_json::from_str::<PolicySet>(&json!(set()).to_string()).expect("is read"), set());
}
