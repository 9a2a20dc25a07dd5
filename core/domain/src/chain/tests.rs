//! Chains by example and by property: who is found, with how much, and that nothing unknown is passed over.

use proptest::prelude::*;

use super::*;
use crate::value::DECIMAL_SCALE;

const TODAY: i32 = 20_574;

fn entity(country: &str) -> LegalEntity {
    LegalEntity {
        name: country.to_owned(),
        country: Some(country.to_owned()),
        independent_checked_at: Some(TODAY),
        ..LegalEntity::default()
    }
}

fn graph<const N: usize>(entities: [(&str, &str); N]) -> Graph {
    let entities = entities.into_iter().map(|(id, country)| (id.to_owned(), entity(country))).collect();
    Graph { entities, ..Graph::default() }
}

fn share(owner: &str, owned: &str, percent: i64) -> Share {
    Share {
        owned: owned.to_owned(),
        owner: owner.to_owned(),
        percent: Some(percent * DECIMAL_SCALE),
        checked_at: Some(TODAY),
        ..Share::default()
    }
}

fn engaged(by: Option<&str>, whom: &str) -> Link {
    Link { recipient: Some("r".to_owned()), engaged_by: by.map(str::to_owned), part: part(whom), ..Link::default() }
}

fn part(entity: &str) -> Part {
    Part { entity: Some(entity.to_owned()), ..Part::default() }
}

fn root(entity: &str) -> Root {
    Root { of: RECIPIENT, recipient: Some("r".to_owned()), member: true, part: part(entity), engaged: vec![] }
}

fn only(graph: &Graph) -> Member {
    let mut members = resolve(graph, &root("m"), TODAY);
    assert_eq!(members.len(), 1);
    members.remove(0)
}

fn held(member: &Member, by: &str) -> Vec<(i64, i64, bool)> {
    let of = member.holders.iter().filter(|holder| holder.entity == by);
    of.map(|holder| (holder.percent / DECIMAL_SCALE, holder.counted / DECIMAL_SCALE, holder.controls)).collect()
}

#[test]
fn the_ultimate_parent_is_derived_through_holdings() {
    let mut graph = graph([("m", "FR"), ("ie", "IE"), ("us", "US")]);
    graph.shares = vec![share("ie", "m", 60), share("us", "ie", 100)];
    let member = only(&graph);
    assert_eq!(member.ultimate.as_deref(), Some("us"));
    assert_eq!(held(&member, "us"), [(60, 60, true)]);
    let parent = member.holders.iter().find(|holder| holder.entity == "us").unwrap();
    assert_eq!((parent.via.as_slice(), parent.ultimate), (["ie".to_owned()].as_slice(), true));
    // A majority of a majority counts for all that it holds.
    graph.shares = vec![share("ie", "m", 60), share("us", "ie", 51)];
    assert_eq!(held(&only(&graph), "us"), [(30, 60, true)]);
    // A minority of a holder has its part of the part, and controls nobody.
    graph.shares = vec![share("ie", "m", 60), share("us", "ie", 50)];
    let member = only(&graph);
    assert_eq!((held(&member, "us"), member.ultimate.as_deref()), (vec![(30, 30, false)], Some("ie")));
}

#[test]
fn parts_in_several_hands_join_to_control() {
    let mut graph = graph([("m", "FR"), ("a", "DE"), ("b", "LU"), ("us", "US")]);
    graph.shares = vec![share("a", "m", 30), share("b", "m", 30), share("us", "a", 80), share("us", "b", 80)];
    let member = only(&graph);
    assert_eq!(held(&member, "us"), [(24, 30, true), (24, 30, true)], "both ways are told");
    assert_eq!(member.ultimate.as_deref(), Some("us"));
}

#[test]
fn votes_and_other_means_control_without_capital() {
    let mut graph = graph([("m", "FR"), ("us", "US"), ("cn", "CN")]);
    graph.shares = vec![Share { votes: Some(60 * DECIMAL_SCALE), ..share("us", "m", 10) }];
    assert_eq!(held(&only(&graph), "us"), [(60, 60, true)]);
    graph.shares = vec![Share { percent: None, control: true, ..share("cn", "m", 0) }];
    assert_eq!(held(&only(&graph), "cn"), [(0, 0, true)]);
}

#[test]
fn shares_and_engagements_have_their_days() {
    let mut graph = graph([("m", "FR"), ("us", "US"), ("sub", "IN")]);
    let until = |to| Span { from: Some(TODAY - 10), to: Some(to) };
    graph.shares = vec![Share { span: until(TODAY), ..share("us", "m", 100) }];
    graph.links = vec![Link { span: until(TODAY), ..engaged(None, "sub") }];
    let on = |day| resolve(&graph, &root("m"), day);
    assert_eq!(on(TODAY - 11).len(), 1);
    assert_eq!(on(TODAY - 10).len(), 2);
    assert_eq!(on(TODAY).first().unwrap().holders.len(), 1);
    assert_eq!(on(TODAY).first().unwrap().changed_at, Some(TODAY - 10));
    let after = on(TODAY + 1);
    assert_eq!((after.len(), after.first().unwrap().holders.len()), (1, 0));
    assert_eq!(after.first().unwrap().changed_at, Some(TODAY + 1), "an end is a change");
}

#[test]
fn a_group_is_under_one_ultimate_parent() {
    let mut graph = graph([("m", "KE"), ("ours", "FR"), ("top", "US"), ("other", "US")]);
    graph.shares = vec![share("top", "ours", 100), share("top", "m", 51)];
    assert!(!only(&graph).group, "nobody said which company is ours");
    graph.entities.get_mut("ours").unwrap().own = true;
    assert!(only(&graph).group, "a sister");
    graph.shares = vec![share("top", "ours", 100), share("top", "m", 50), share("other", "m", 50)];
    assert!(!only(&graph).group, "half is no control");
    graph.shares = vec![share("m", "ours", 60)];
    assert!(only(&graph).group, "the parent");
    graph.shares = vec![share("ours", "m", 60)];
    assert!(only(&graph).group, "a subsidiary");
    graph.shares.clear();
    assert!(!only(&graph).group);
    graph.entities.get_mut("m").unwrap().own = true;
    assert!(only(&graph).group, "one of ours itself");
}

#[test]
fn engagements_are_of_their_chain() {
    let mut graph = graph([("m", "FR"), ("sub", "DE"), ("deep", "US"), ("other", "CN"), ("ours", "FR")]);
    graph.links = vec![
        engaged(None, "sub"),
        Link { recipient: None, ..engaged(Some("sub"), "deep") },
        Link { recipient: Some("another".to_owned()), ..engaged(None, "other") },
        Link { recipient: None, hosting: true, ..engaged(None, "ours") },
        // Engaged by nobody in particular: of no chain.
        Link { recipient: None, ..engaged(None, "other") },
    ];
    let found = |root: &Root| -> Vec<(String, u32)> {
        resolve(&graph, root, TODAY).into_iter().map(|m| (m.part.entity.unwrap(), m.depth)).collect()
    };
    let named = |list: &[(&str, u32)]| list.iter().map(|(id, depth)| ((*id).to_owned(), *depth)).collect::<Vec<_>>();
    assert_eq!(found(&root("m")), named(&[("m", 0), ("sub", 1), ("deep", 2)]));
    let own = Root { of: HOSTING, engaged: vec![part("sub")], ..Root::default() };
    assert_eq!(found(&own), named(&[("sub", 1), ("ours", 1), ("deep", 2)]));
}

#[test]
fn what_is_not_known_is_said() {
    let kinds = |graph: &Graph, root: &Root| -> Vec<(GapKind, i64)> {
        let members = resolve(graph, root, TODAY);
        members.iter().flat_map(|m| m.gaps.iter().map(|gap| (gap.kind, gap.percent / DECIMAL_SCALE))).collect()
    };
    let nobody = Root { part: Part::default(), ..root("m") };
    assert_eq!(kinds(&Graph::default(), &nobody), [(GapKind::NoEntity, 100)]);
    let mut graph = graph([("m", "FR"), ("eu", "DE")]);
    assert_eq!(kinds(&graph, &root("m")), []);
    graph.entities.get_mut("m").unwrap().independent_checked_at = None;
    assert_eq!(kinds(&graph, &root("m")), [(GapKind::NoOwners, 100)]);
    assert_eq!(only(&graph).checked_at, None);
    graph.shares = vec![share("eu", "m", 45)];
    assert_eq!(kinds(&graph, &root("m")), [(GapKind::Remainder, 55)]);
    graph.shares = vec![share("eu", "m", 100)];
    graph.entities.get_mut("eu").unwrap().independent_checked_at = None;
    assert_eq!(kinds(&graph, &root("m")), [(GapKind::NoOwners, 100)], "of the parent");
    graph.shares.push(share("m", "eu", 100));
    assert_eq!(kinds(&graph, &root("m")), [(GapKind::OwnerCycle, 100)]);
    graph.shares.clear();
    graph.entities.insert("m".to_owned(), entity("FR"));
    graph.links = vec![engaged(None, "eu"), engaged(Some("eu"), "m")];
    graph.entities.insert("eu".to_owned(), entity("DE"));
    assert_eq!(kinds(&graph, &root("m")), [(GapKind::LinkCycle, 0)]);
    graph.entities.get_mut("m").unwrap().country = None;
    graph.links.clear();
    assert_eq!(kinds(&graph, &root("m")), [(GapKind::NoSeat, 100)]);
}

#[test]
fn the_oldest_check_counts() {
    let mut graph = graph([("m", "FR"), ("eu", "DE")]);
    graph.shares = vec![Share { checked_at: Some(TODAY - 400), ..share("eu", "m", 100) }];
    assert_eq!(only(&graph).checked_at, Some(TODAY - 400));
    graph.entities.get_mut("eu").unwrap().independent_checked_at = Some(TODAY - 500);
    assert_eq!(only(&graph).checked_at, Some(TODAY - 500));
    graph.shares[0].checked_at = None;
    assert_eq!(only(&graph).checked_at, None);
}

#[test]
fn an_entity_is_found_by_identifier_or_by_a_name_of_its_own() {
    let mut graph = graph([("a", "FR"), ("b", "FR"), ("c", "DE")]);
    graph.entities.get_mut("b").unwrap().identifier = Some("LEI-1".to_owned());
    assert_eq!(graph.named("LEI-1"), Some("b"));
    assert_eq!(graph.named("DE"), Some("c"));
    assert_eq!(graph.named("FR"), None, "two have this name");
    assert_eq!(graph.named("nobody"), None);
}

/// Graphs over eight entities, with circles, several shares of one pair, and days.
fn graphs() -> impl Strategy<Value = Graph> {
    let span = (prop::option::of(-3..3i32), prop::option::of(-3..3i32))
        .prop_map(|(from, to)| Span { from: from.map(|day| TODAY + day), to: to.map(|day| TODAY + day) });
    let shares = prop::collection::vec((0..8u8, 0..8u8, 0..101i64, any::<bool>(), span.clone()), 0..14);
    let links = prop::collection::vec((prop::option::of(0..8u8), 0..8u8, span), 0..10);
    (shares, links).prop_map(|(shares, links)| {
        let mut graph = Graph::default();
        for number in 0..8u8 {
            graph.entities.insert(number.to_string(), entity("FR"));
        }
        for (owner, owned, percent, control, span) in shares {
            let control = control && percent == 100;
            graph.shares.push(Share { control, span, ..share(&owner.to_string(), &owned.to_string(), percent) });
        }
        for (by, whom, span) in links {
            graph.links.push(Link { span, ..engaged(by.map(|by| by.to_string()).as_deref(), &whom.to_string()) });
        }
        graph
    })
}

/// Whether the owners above an entity lead back to anybody above it, found without the code under test.
fn leads_back(graph: &Graph, at: &str, trail: &[&str]) -> bool {
    graph.shares.iter().filter(|share| share.owned == at && share.span.holds(TODAY)).any(|share| {
        let owner = share.owner.as_str();
        let longer = [trail, &[owner]].concat();
        trail.contains(&owner) || leads_back(graph, owner, &longer)
    })
}

proptest! {
    #[test]
    fn every_chain_ends_and_its_parts_are_parts(graph in graphs()) {
        for member in resolve(&graph, &root("0"), TODAY) {
            for holder in &member.holders {
                prop_assert!((0..=WHOLE).contains(&holder.percent) && holder.percent <= holder.counted);
                prop_assert!(!holder.via.contains(&holder.entity) && Some(&holder.entity) != member.part.entity.as_ref());
                prop_assert!(!holder.ultimate || holder.controls);
            }
        }
    }

    #[test]
    fn a_circle_of_owners_is_said_and_none_is_made_up(graph in graphs()) {
        let graph = Graph { links: vec![], ..graph };
        let members = resolve(&graph, &root("0"), TODAY);
        let has = |kind| members.iter().any(|member| member.gaps.iter().any(|gap| gap.kind == kind));
        prop_assume!(!has(GapKind::TooLarge));
        prop_assert_eq!(has(GapKind::OwnerCycle), leads_back(&graph, "0", &["0"]));
    }

    #[test]
    fn the_order_of_the_register_does_not_matter(graph in graphs()) {
        let mut turned = graph.clone();
        turned.shares.reverse();
        let facts = |graph: &Graph| {
            let members = resolve(&Graph { links: vec![], ..graph.clone() }, &root("0"), TODAY);
            let mut holders: Vec<_> = members.iter().flat_map(|member| member.holders.clone()).collect();
            holders.sort_by(|one, other| format!("{one:?}").cmp(&format!("{other:?}")));
            let member = members.first().cloned();
            (holders, member.map(|member| (member.ultimate.is_some(), member.checked_at, member.changed_at, member.gaps)))
        };
        let one = facts(&graph);
        let gaps = one.1.as_ref().is_some_and(|(.., gaps)| gaps.iter().any(|gap| gap.kind == GapKind::TooLarge));
        prop_assume!(!gaps);
        prop_assert_eq!(one, facts(&turned));
    }

    #[test]
    fn a_further_engagement_takes_nobody_out(graph in graphs(), by in 0..8u8, whom in 0..8u8) {
        let who = |graph: &Graph| -> std::collections::BTreeSet<String> {
            resolve(graph, &root("0"), TODAY).into_iter().filter_map(|member| member.part.entity).collect()
        };
        let before = resolve(&graph, &root("0"), TODAY);
        let too_large = |members: &[Member]| members.iter().any(|m| m.gaps.iter().any(|gap| gap.kind == GapKind::TooLarge));
        prop_assume!(!too_large(&before));
        let mut more = graph.clone();
        more.links.push(engaged(Some(&by.to_string()), &whom.to_string()));
        prop_assume!(!too_large(&resolve(&more, &root("0"), TODAY)));
        prop_assert!(who(&graph).is_subset(&who(&more)));
    }

    #[test]
    fn a_majority_all_the_way_up_is_control(shares in prop::collection::vec(51..101i64, 1..6)) {
        let mut graph = Graph::default();
        graph.entities.insert("m".to_owned(), entity("FR"));
        for (number, percent) in shares.iter().enumerate() {
            graph.entities.insert(number.to_string(), entity("US"));
            let owned = number.checked_sub(1).map_or_else(|| "m".to_owned(), |below| below.to_string());
            graph.shares.push(share(&number.to_string(), &owned, *percent));
        }
        let member = only(&graph);
        let top = (shares.len() - 1).to_string();
        prop_assert_eq!(member.ultimate.as_ref(), Some(&top));
        prop_assert!(member.holders.iter().all(|holder| holder.controls && holder.counted == shares[0] * DECIMAL_SCALE));
    }
}
