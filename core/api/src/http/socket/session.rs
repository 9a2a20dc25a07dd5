//! Whose connection it is. The credential is looked at again for each unit of work, so that a token that was
//! revoked, a role that was changed or a purpose that was closed count with the next event.

use std::net::IpAddr;
use std::sync::Arc;

use async_graphql::Response;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::role::Role;
use garant_service::UnitRequest;
use serde_json::Value as Json;

use super::super::{client, failed, headers, prepare, report};
use crate::error::classify;
use crate::operation::{Locale, Operation};
use crate::router::App;
use crate::schema::Following;
use crate::schemas::Built;

/// What of `connection_init` counts, under the names that the headers of a request have.
const SAID: [&str; 4] = ["authorization", "purpose", "channel", "accept-language"];

/// Somebody who has said who they are.
pub struct Session {
    app: Arc<App>,
    token: String,
    request: UnitRequest,
    address: Option<IpAddr>,
    /// The language of messages.
    pub locale: Locale,
}

impl Session {
    /// Finds out who it is: by what `connection_init` says, else by the headers of the upgrade. A cookie counts
    /// only with a page of ours.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `FORBIDDEN` for a page of another site, `BAD_USER_INPUT`.
    pub(super) async fn begin(
        app: &Arc<App>,
        upgrade: &HeaderMap,
        payload: Option<Json>,
        address: Option<IpAddr>,
    ) -> Result<Self, Problem> {
        let mut said = upgrade.clone();
        for (name, value) in payload.as_ref().and_then(Json::as_object).into_iter().flatten() {
            let name = name.to_ascii_lowercase();
            let Some(name) = SAID.iter().find(|known| **known == name) else { continue };
            let value = value.as_str().and_then(|text| HeaderValue::from_str(text).ok());
            let value = value.ok_or_else(|| Problem::input(*name, "The value is no text that a header could hold"))?;
            said.insert(HeaderName::from_static(name), value);
        }
        let locale = headers::locale(&said);
        let request = UnitRequest { purposes: headers::purposes(&said)?, channel: headers::channel(&said)? };
        let token = client::token(app, &said)?.unwrap_or_default().to_owned();
        let caller = app.service.authenticate(Some(&token)).await?;
        app.rates.count(&caller).map_err(|(_, problem)| problem)?;
        Ok(Self { app: Arc::clone(app), token, request, address, locale })
    }

    /// Limits of subscriptions.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// What its role may do by now, if the credential still counts.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`; `INTERNAL` when nobody can tell.
    pub async fn role(&self) -> Result<Arc<Role>, Problem> {
        Ok(self.app.service.authenticate_again(Some(&self.token)).await?.role())
    }

    /// An operation that has not begun, of whoever it is by now.
    ///
    /// # Errors
    /// As [`Self::role`]; `CONFLICT` once fields or objects are others than those of the schema.
    pub async fn operation(&self, built: &Arc<Built>) -> Result<Operation, Problem> {
        let caller = self.app.service.authenticate_again(Some(&self.token)).await?;
        let current = self.app.service.current(&caller).await?;
        if !built.is_of(current.catalog()) {
            return Err(Problem::new(ErrorCode::Conflict, "Fields or objects were changed in the meantime")
                .mend("Subscribe again."));
        }
        let operation = Operation::new(&self.app, built, caller, self.request.clone(), self.locale, current);
        Ok(operation.from(self.address))
    }

    /// The answers to a subscription. The one with an error is the last.
    pub(super) fn subscribe(self: Arc<Self>, request: async_graphql::Request) -> BoxStream<'static, Response> {
        let begun = async move {
            match self.begun(request).await {
                Ok(answers) => answers,
                Err(response) => stream::iter([*response]).boxed(),
            }
        };
        let classified = move |mut response: Response| {
            classify(&mut response);
            response
        };
        stream::once(begun).flatten().map(classified).boxed()
    }

    async fn begun(
        self: Arc<Self>,
        mut request: async_graphql::Request,
    ) -> Result<BoxStream<'static, Response>, Box<Response>> {
        let app = Arc::clone(&self.app);
        let refused = |problem: Problem| Box::new(failed(&problem, self.locale));
        app.persisted.settle(&mut request, app.config.max_query_bytes).map_err(refused)?;
        let caller = app.service.authenticate_again(Some(&self.token)).await.map_err(refused)?;
        app.rates.count(&caller).map_err(|(_, problem)| refused(problem))?;
        let current = app.service.current(&caller).await.map_err(refused)?;
        let built = app.schemas.of(current.catalog()).await.map_err(refused)?;
        let kind = prepare(&app, &built, &mut request).map_err(|error| Box::new(Response::from_errors(vec![error])))?;
        if !kind.subscription {
            let problem = Problem::input("query", "Only subscriptions are answered over a WebSocket")
                .mend("POST queries and mutations to /graphql.");
            return Err(refused(problem));
        }
        if kind.keys.len() != 1 || kind.acts.len() != 1 {
            let problem = Problem::input("query", "A subscription asks for one field")
                .mend("Send each field as a subscription of its own; a connection takes several.");
            return Err(refused(problem));
        }
        let operation = Operation::new(&app, &built, caller, self.request.clone(), self.locale, current);
        let following = Arc::new(Following::new(Arc::clone(&self), Arc::clone(&built)));
        let request = request.data(Arc::new(operation)).data(Arc::clone(&following));
        let locale = self.locale;
        let answers = built.schema.execute_stream(request).map(move |mut response| {
            if let Some(policy) = following.take_report().filter(|_| response.errors.is_empty()) {
                response.extensions.insert("policy".to_owned(), report::policy(&policy, locale));
            }
            response
        });
        Ok(answers.boxed())
    }
}
