//! The roles as shipped, as a page that a DPO can read. A file in the repository holds it, and a test walks
//! through the real server as each role.

use std::fmt::Write as _;

use super::{ANY_ROLE, Act, Duty, Role, SHIPPED, Scope};
use crate::catalog::Catalog;

const WIDTH: usize = 12;

/// The page.
#[must_use]
pub fn matrix(catalog: &Catalog) -> String {
    let roles: Vec<Role> = SHIPPED.iter().map(|(key, ..)| Role::shipped(key)).collect();
    let mut page = String::from(
        "# Who may do what, as shipped. Made by `garant_domain::role::matrix`; a test holds it against the server.\n\
         # What a role grants, purposes and policies narrow further. `setRole` changes it for a tenant.\n\
         #\n\
         # Qui peut faire quoi, à la livraison. Ce qu'un rôle permet, finalités et politiques le restreignent encore.\n\
         # `setRole` le change pour une organisation.\n\n## Roles / Rôles\n\n",
    );
    for (key, en, fr, _) in SHIPPED {
        let _ = writeln!(page, "{key:WIDTH$}{en} / {fr}");
    }
    page.push_str("\n## Duties / Administration\n\n");
    for duty in Duty::ALL {
        let (en, fr) = duty.label();
        let _ = writeln!(page, "{:20}{en} / {fr}", duty.key());
    }
    page.push('\n');
    head(&mut page, 28);
    for duty in Duty::ALL {
        let cells = roles.iter().map(|role| if role.may(duty) { "x" } else { "-" }.to_owned());
        row(&mut page, duty.key(), cells);
    }
    page.push_str(
        "\n## Records / Fiches\n\n\
         # r read/lire, c create/créer, u update/modifier, d delete/supprimer, e export/exporter, i import/importer,\n\
         # m merge/fusionner: all records; r(own), r(team): those of the user or the team / les siennes, celles de l'équipe\n\n",
    );
    head(&mut page, 28);
    for entity in &catalog.entities {
        let cell = |role: &Role| {
            let act = |act: Act| {
                let letter = act.key().chars().next().unwrap_or('?');
                match role.scope(entity, act) {
                    Scope::None => "-".to_owned(),
                    Scope::All => letter.to_string(),
                    scope => format!("{letter}({})", scope.key()),
                }
            };
            Act::ALL.into_iter().map(act).collect::<String>()
        };
        row(&mut page, &entity.name, roles.iter().map(cell));
    }
    page
}

fn head(page: &mut String, first: usize) {
    let _ = write!(page, "{:first$}", "");
    for (key, ..) in SHIPPED {
        let key = if *key == ANY_ROLE { "*" } else { key };
        let _ = write!(page, "{key:WIDTH$}");
    }
    end(page);
}

fn row(page: &mut String, name: &str, cells: impl Iterator<Item = String>) {
    let _ = write!(page, "{name:28}");
    for cell in cells {
        let _ = write!(page, "{cell:WIDTH$}");
    }
    end(page);
}

/// Ends a line without blanks at its end.
fn end(page: &mut String) {
    page.truncate(page.trim_end_matches(' ').len());
    page.push('\n');
}
