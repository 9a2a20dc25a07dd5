//! Records that stand for reaching out to a person carry the purpose and the channel. They are judged by
//! these besides the request's own: whoever may see a person for `sales` may not call them for
//! `marketing`.

use garant_domain::catalog::Entity;
use garant_domain::context::Context;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::value::Value;

use crate::input::Input;
use crate::register;
use crate::unit::{CHANNELS, Unit};

impl Unit {
    /// Gives an outgoing record the purpose and the channel of the request where it names none; a call
    /// is made through `call`, an e-mail through `email`.
    pub(super) fn carry(&self, entity: &Entity, values: &mut Input) -> Result<(), Problem> {
        let Some(outgoing) = entity.outgoing.as_ref().filter(|outgoing| outgoing.is(|name| text(values, name))) else {
            return Ok(());
        };
        let by_kind = outgoing.when.iter().filter_map(|one| text(values, &one.field));
        let by_kind = by_kind.into_iter().find(|value| CHANNELS.contains(&value.as_str()));
        let purpose = self.context.purposes.first().map(|purpose| purpose.key.clone());
        for (field, found, what) in [
            (&outgoing.purpose, purpose, "the key of the purpose"),
            (&outgoing.channel, self.context.channel.clone().or(by_kind), "the channel"),
        ] {
            if text(values, field).is_some() {
                continue;
            }
            let value = found.ok_or_else(|| missing(field, what))?;
            values.insert(field.clone(), Value::Text(value));
        }
        Ok(())
    }

    /// The context in which an outgoing record is judged besides the request's own; `None` for any other
    /// record, and where both are the same.
    pub(super) async fn context_of(
        &self,
        entity: &Entity,
        values: &Input,
        written: &[String],
    ) -> Result<Option<Context>, Problem> {
        let Some(outgoing) = entity.outgoing.as_ref().filter(|outgoing| outgoing.is(|name| text(values, name))) else {
            return Ok(None);
        };
        let link = entity.fields.iter().filter(|field| field.target().is_some()).map(|field| field.name.as_str());
        if !outgoing.fields().chain(link).any(|field| written.iter().any(|written| written == field)) {
            return Ok(None);
        }
        let Some(purpose) = text(values, &outgoing.purpose) else {
            return Err(missing(&outgoing.purpose, "the key of the purpose"));
        };
        let service = &self.service;
        let all = register::all_purposes(&service.store, &self.context.tenant, &service.purpose_fields).await?;
        let role = &self.context.actor.role;
        let found = all.into_iter().find(|known| known.info.purpose.key == purpose && known.roles.contains(role));
        let Some(found) = found else {
            return Err(Problem::new(
                ErrorCode::Forbidden,
                "The purpose is not registered, or this role may not act for it",
            )
            .at(format!("input.{}", outgoing.purpose))
            .mend("Name one of `viewer { purposes { key } }`; the DPO registers purposes."));
        };
        let purposes = vec![found.info.purpose];
        let channel = text(values, &outgoing.channel);
        if purposes == self.context.purposes && channel == self.context.channel {
            return Ok(None);
        }
        Ok(Some(Context { purposes, channel, ..Context::clone(&self.context) }))
    }
}

fn missing(field: &str, what: &str) -> Problem {
    Problem::input(format!("input.{field}"), format!("What reaches a person carries {what}"))
        .mend("Give it, so that it can be told whether the person may be reached.")
}

fn text(values: &Input, name: &str) -> Option<String> {
    values.get(name).and_then(Value::as_text).filter(|text| !text.is_empty()).map(str::to_owned)
}
