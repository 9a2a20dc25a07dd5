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
        let of_group = |group: &Group| {
            let lives = fact("subject.country", []).one_of(group.countries.iter().map(String::as_str));
            all([lives, below(group.age), !completed(group.joint)])
        };
        let elsewhere = all([self.unruled(), !completed(true)]);
        let standing = any(channels.iter().map(|one| one.standing()));
        all([standing, any(self.groups.iter().map(of_group).chain([elsewhere]))])
    }

    /// A child of a country without a row, or of none that is known.
    pub(crate) fn unruled(&self) -> Cond {
        let country = || fact("subject.country", []);
        let known = country().one_of(self.known.iter().map(String::as_str));
        all([any([country().is_null(), !known]), below(STRICTEST_AGE)])
    }
}

/// Not yet of this age: on the birthday the person is. Without a date of birth, who is called a child is one.
fn below(age: i32) -> Cond {
    let born = || fact("subject.birth_date", []);
    let child = all([born().is_null(), fact("subject.kind", []).eq("child")]);
    let young = all([!born().is_null(), born().plus_months(age * 12).gt(today())]);
    any([child, young])
}
