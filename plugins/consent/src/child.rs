//! Children's consent to online services (Art. 8): the age of the member state, and whether child and
//! parent consent together. A country without a row gets the strictest of both, and a flag.

use garant_plugin_sdk::prelude::*;

use crate::evidence::Evidence;

/// The highest age that a member state may set.
const STRICTEST_AGE: i32 = 16;
/// Whoever is of age consents alone.
const BOTH: [&str; 1] = ["both"];
const GUARDIAN: [&str; 2] = ["guardian", "both"];

/// Who is a child, where.
pub(crate) struct Children {
    groups: Vec<Group>,
    known: Vec<String>,
}

/// Countries with the same rule.
struct Group {
    age: i32,
    joint: bool,
    countries: Vec<String>,
}

impl Children {
    /// # Errors
    /// When the host gave no table of ages, or one that does not read.
    pub(crate) fn of(ctx: &Context) -> Result<Self, String> {
        let table = ctx.table("child_age")?;
        let mut groups: Vec<Group> = vec![];
        let mut known = vec![];
        for row in table.rows() {
            let (Some(country), Some(age)) = (row.text("country"), row.text("age")) else { continue };
            let age = age.parse().map_err(|_| format!("child_age: `{age}` is no age"))?;
            let joint = row.text("joint") == Some("yes");
            known.push(country.to_owned());
            match groups.iter_mut().find(|group| group.age == age && group.joint == joint) {
                Some(group) => group.countries.push(country.to_owned()),
                None => groups.push(Group { age, joint, countries: vec![country.to_owned()] }),
            }
        }
        Ok(Self { groups, known })
    }

    /// A child whose consent nobody completed, through any of the channels.
    pub(crate) fn alone(&self, channels: &[&Evidence]) -> Cond {
        let completed = |joint: bool| {
            any(channels.iter().map(|one| {
                let by = if joint { one.given_by(BOTH) } else { one.given_by(GUARDIAN) };
                all([one.standing(), by])
            }))
        };
        let child = all([!completed(false), self.below(false)]);
        let joint = all([!completed(true), any([self.below(true), self.unruled()])]);
        let standing = any(channels.iter().map(|one| one.standing()));
        all([standing, any([child, joint])])
    }

    /// Not yet of the age of their country, among those where both consent together or the others. Each
    /// thing is asked once for all countries: a plan is made anew for every context.
    fn below(&self, joint: bool) -> Cond {
        let groups: Vec<&Group> = self.groups.iter().filter(|group| group.joint == joint).collect();
        let lives = |groups: &[&Group]| {
            let countries = groups.iter().flat_map(|group| &group.countries).map(String::as_str);
            fact("subject.country", []).one_of(countries)
        };
        let called = all([unborn(), fact("subject.kind", []).eq("child"), lives(&groups)]);
        let young = any(groups.iter().map(|group| all([lives(&[group]), younger(group.age)])));
        any([called, all([!unborn(), young])])
    }

    /// A child of a country without a row, or of none that is known.
    pub(crate) fn unruled(&self) -> Cond {
        let country = || fact("subject.country", []);
        let known = country().one_of(self.known.iter().map(String::as_str));
        let called = all([unborn(), fact("subject.kind", []).eq("child")]);
        let young = all([!unborn(), younger(STRICTEST_AGE)]);
        all([any([country().is_null(), !known]), any([called, young])])
    }
}

/// The date of birth is not on file: who is called a child is one.
fn unborn() -> Cond {
    fact("subject.birth_date", []).is_null()
}

/// Not yet of this age: on the birthday the person is.
fn younger(age: i32) -> Cond {
    fact("subject.birth_date", []).plus_months(age * 12).gt(today())
}
