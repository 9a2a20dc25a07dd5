//! One GraphQL operation: who asks, in which language, and the one unit of work in which all its
//! fields are answered. The unit begins with the first field that touches records, so that the
//! administration of policies never waits for a policy.

use std::net::IpAddr;
use std::sync::Arc;

use garant_domain::catalog::Catalog;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::Localised;
use garant_service::{BoundOperation, Caller, Current, Service, Unit, UnitRequest};
use tokio::sync::OnceCell;

use crate::config::ApiConfig;
use crate::journal::{Journal, Told};
use crate::router::App;
use crate::schema::model::Model;
use crate::schemas::{Built, Schemas};

/// The language of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

impl Locale {
    /// The text in this language; the other one where it is missing.
    pub fn pick(self, text: &Localised) -> &str {
        match self {
            Self::Fr if !text.fr.is_empty() => &text.fr,
            Self::En if text.en.is_empty() => &text.fr,
            _ => &text.en,
        }
    }
}

/// What every resolver of an operation shares.
pub struct Operation {
    /// Use cases.
    pub service: Arc<Service>,
    /// Who asks.
    pub caller: Caller,
    /// The language of messages.
    pub locale: Locale,
    /// Limits.
    pub config: ApiConfig,
    /// Names.
    pub model: Arc<Model>,
    /// The schemas of all catalogues.
    pub schemas: Schemas,
    /// What its mutations did, or had done when they were asked before.
    pub journal: Journal,
    /// Address of the client, if it is known.
    pub address: Option<IpAddr>,
    request: UnitRequest,
    bound: Option<BoundOperation>,
    /// In which state the tenant was when the request was read.
    current: Current,
    /// Whether the unit of work reads anew in which state the tenant is: a mutation may have changed it.
    mutation: bool,
    unit: OnceCell<Result<Unit, Problem>>,
}

impl Operation {
    /// An operation that has not begun.
    pub fn new(
        app: &App,
        built: &Built,
        caller: Caller,
        request: UnitRequest,
        locale: Locale,
        current: Current,
    ) -> Self {
        Self {
            service: Arc::clone(&app.service),
            caller,
            locale,
            config: app.config.clone(),
            model: Arc::clone(&built.model),
            schemas: app.schemas.clone(),
            journal: Journal::default(),
            address: None,
            request,
            bound: None,
            current,
            mutation: false,
            unit: OnceCell::new(),
        }
    }

    /// What the request says of itself besides its query.
    pub fn request(&self) -> &UnitRequest {
        &self.request
    }

    /// The operation as approvals bind it.
    pub fn as_bound(&self) -> Option<&BoundOperation> {
        self.bound.as_ref()
    }

    /// The same, asked from an address.
    #[must_use]
    pub fn from(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// The same as one that others can approve.
    #[must_use]
    pub fn bound(self, operation: BoundOperation, mutation: bool) -> Self {
        Self { bound: Some(operation), mutation, ..self }
    }

    /// The same as one that was done before and is told again.
    #[must_use]
    pub fn told_again(self, told: Told) -> Self {
        Self { journal: Journal::again(told), ..self }
    }

    /// The catalogue that the request was read by.
    pub fn catalog(&self) -> &Catalog {
        self.current.catalog()
    }

    /// The operation's unit of work; begun once.
    ///
    /// # Errors
    /// Why it could not begin.
    pub async fn unit(&self) -> Result<&Unit, Problem> {
        let begin = async || {
            let current = (!self.mutation).then(|| self.current.clone());
            let (service, request) = (&self.service, self.request.clone());
            let unit = match (&self.bound, current) {
                (Some(operation), current) => {
                    service.begin_operation(&self.caller, request, operation, current).await?
                }
                (None, Some(current)) => service.begin_in(&self.caller, request, current).await?,
                (None, None) => service.begin(&self.caller, request).await?,
            };
            // What was asked was read by the schema of another catalogue.
            if unit.catalog().digest() != self.current.catalog().digest() {
                return Err(Problem::new(ErrorCode::Conflict, "Fields or objects were changed in the meantime")
                    .mend("Send the request again."));
            }
            Ok(unit)
        };
        self.unit.get_or_init(begin).await.as_ref().map_err(Clone::clone)
    }

    /// The unit of work, if any field needed one.
    pub fn begun(&self) -> Option<&Unit> {
        self.unit.get()?.as_ref().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_language_falls_back_to_the_other() {
        let text = |en: &str, fr: &str| Localised { en: en.into(), fr: fr.into() };
        assert_eq!(Locale::Fr.pick(&text("hidden", "masqué")), "masqué");
        assert_eq!(Locale::En.pick(&text("hidden", "masqué")), "hidden");
        assert_eq!(Locale::Fr.pick(&text("hidden", "")), "hidden");
        assert_eq!(Locale::En.pick(&text("", "masqué")), "masqué");
    }
}
