//! What is wrong with a change, in words for whoever made it: at which part of the input, and how to mend
//! it.

use garant_domain::catalog::Flaw;
use garant_domain::catalog::custom::{CustomField, Edit, EditError, LeftOut};
use garant_domain::problem::{ErrorCode, Problem};

/// A change that makes no sense.
pub(super) fn edit(error: &EditError) -> Problem {
    let (code, field, remedy) = match error {
        EditError::NoField { .. } => {
            (ErrorCode::NotFound, "name", "`customCatalog { fields { entity name } }` lists them.")
        }
        EditError::NoObject(_) => (ErrorCode::NotFound, "name", "`customCatalog { objects { name } }` lists them."),
        EditError::OptionTaken(_) => {
            (ErrorCode::BadUserInput, "input.options", "List all options, the old ones among them.")
        }
        EditError::NoOptions => (ErrorCode::BadUserInput, "input.options", "Leave the options out."),
        EditError::Nothing => (ErrorCode::BadUserInput, "input", "Name something that is otherwise."),
        EditError::NoFields => (ErrorCode::BadUserInput, "input.fields", "Give at least one field."),
    };
    Problem::new(code, sentence(&error.to_string())).at(field).mend(remedy)
}

/// A change that does not hold together.
pub(super) fn flaw(edit: &Edit, left: &LeftOut) -> Problem {
    let member = left.place.split_once('.').map(|(_, member)| member);
    let is_it = |field: &CustomField| member.is_some_and(|name| field.fields().iter().any(|made| made.name == name));
    let path = match edit {
        Edit::AddObject(_, fields) => match fields.iter().position(is_it) {
            Some(index) => format!("input.fields.{index}"),
            None => "input".to_owned(),
        },
        _ => "input".to_owned(),
    };
    let (part, remedy) = told(&left.flaw);
    let problem = Problem::input(format!("{path}.{part}"), format!("`{}`: {}", left.place, left.flaw));
    problem.mend(remedy)
}

/// The part of the input, and how to mend it.
fn told(flaw: &Flaw) -> (&'static str, &'static str) {
    match flaw {
        Flaw::DuplicateName | Flaw::BadName | Flaw::ReservedName => ("name", "Choose another name."),
        Flaw::NoLabel => ("label", "Give a label in English."),
        Flaw::UnknownCategory(_) => {
            ("category", "Use a key of the data categories of fideslang, such as user.contact.email.")
        }
        Flaw::NoRetention | Flaw::UnknownRetention { .. } => ("retention", "Use one of the retention classes."),
        Flaw::ErasesRecord | Flaw::OutlivesPerson => ("erasure", "Use NULLIFY."),
        Flaw::UnknownSpecial(_) => ("special", "Use art9, art10 or national_id, as the category demands."),
        Flaw::UnknownChannel(_) => ("channel", "An EMAIL serves `email`, a PHONE `phone`, a TEXT `post`."),
        Flaw::BadSearchable => ("searchable", "Leave the weight out."),
        Flaw::BadSelect | Flaw::BadOption => ("options", "Give keys such as red or size_42, each once."),
        Flaw::TooMany { what: "options", .. } => ("options", "Give fewer."),
        Flaw::TooMany { .. } => ("name", "Fields and objects that are out of use count too."),
        Flaw::UnknownEntity(_) => ("entity", "Use the name of an object, such as contact."),
        Flaw::BadSubject(_) => ("about", "Name `contact`, or leave it out for what is about nobody."),
        Flaw::BadRating(_) => ("max", "Give the best rating that can be had."),
        Flaw::PersonalOfNobody => {
            ("category", "Use a category below `system`, or define it on an object that is about a person.")
        }
        Flaw::NotPersonal => ("category", "Use a category below `user`."),
        Flaw::Evidence => ("entity", "Define it on the person instead."),
        _ => ("name", "Change the definition."),
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
