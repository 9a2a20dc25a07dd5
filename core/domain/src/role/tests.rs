//! What roles grant.

use super::*;
use crate::catalog::Catalog;

#[test]
fn names_lead_back() {
    assert!(Act::ALL.into_iter().all(|act| Act::of(act.key()) == Some(act)));
    assert!(Scope::ALL.into_iter().all(|scope| Scope::of(scope.key()) == Some(scope)));
    assert!(Duty::ALL.into_iter().all(|duty| Duty::of(duty.key()) == Some(duty)));
}

#[test]
fn a_role_that_names_an_entity_says_all_about_it() {
    let mut role = Role::shipped("sales");
    role.records.insert("deal".to_owned(), Rights { acts: [(Act::Read, Scope::Own)].into(), ..Rights::default() });
    assert_eq!(role.rights("deal").scope(Act::Read), Scope::Own);
    assert_eq!(role.rights("deal").scope(Act::Update), Scope::None);
    assert_eq!(role.rights("company").scope(Act::Update), Scope::All);
    role.records.remove(ANY_ENTITY);
    assert_eq!(role.rights("company").scope(Act::Read), Scope::None);
}

#[test]
fn the_catalogue_bounds_what_a_role_may() {
    let catalog = Catalog::standard().unwrap();
    let entity = |name: &str| catalog.entity(name).unwrap();
    let (dpo, sales) = (Role::shipped("dpo"), Role::shipped("sales"));
    assert_eq!(dpo.scope(entity("purpose"), Act::Update), Scope::All);
    assert_eq!(sales.scope(entity("purpose"), Act::Update), Scope::None);
    assert_eq!(sales.scope(entity("purpose"), Act::Read), Scope::All);
    assert_eq!(dpo.scope(entity("consent_event"), Act::Update), Scope::None);
    assert_eq!(sales.scope(entity("user"), Act::Merge), Scope::None);
}

#[test]
fn nobody_grants_what_they_may_not_do() {
    let role = Role::shipped;
    assert!(role("dpo").covers(&role("admin")) && role("admin").covers(&role("sales")));
    assert!(!role("admin").covers(&role("dpo")) && !role("admin").covers(&role("controller")));
}
