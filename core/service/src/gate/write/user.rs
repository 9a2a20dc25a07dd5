//! A new user, with the e-mail that the server alone writes.

use garant_domain::context::Operation;
use garant_domain::problem::Problem;
use garant_domain::value::Value;
use garant_store::Change;

use crate::auth::USER;
use crate::error::store_problem;
use crate::gate::door::Door;
use crate::input::Input;
use crate::unit::Unit;

impl Unit {
    /// Creates the record of a user; answers its id.
    pub(crate) async fn create_user(&self, input: Input, email: &str) -> Result<String, Problem> {
        let entity = self.writable(USER, Door::Create).await?;
        let mut tx = self.begin_write().await?;
        let id = self.insert(&mut tx, entity, input, None).await?;
        let values = Input::from([("email".to_owned(), Value::text(email))]);
        let change = Change { values, now: self.context.now };
        tx.update(USER, &id, 1, &change).await.map_err(store_problem)?;
        self.history(&mut tx, entity, &id, Operation::Update, vec!["email".to_owned()]).await?;
        self.log_write(&mut tx, Operation::Create, entity, std::slice::from_ref(&id)).await?;
        self.commit(tx).await?;
        Ok(id)
    }
}
