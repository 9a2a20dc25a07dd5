//! Users, with the e-mail that the server alone writes: new ones, another e-mail, and erasing.

use garant_domain::context::Operation;
use garant_domain::problem::Problem;
use garant_domain::value::Value;
use garant_store::{AccessChange, Change};

use crate::auth::USER;
use crate::error::store_problem;
use crate::gate::door::Door;
use crate::input::Input;
use crate::unit::Unit;

/// What an erased user is called.
const ERASED: &str = "Erased user";

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

    /// Gives a user another e-mail, which the server alone writes, and lets them sign in with it.
    pub(crate) async fn change_user_email(
        &self,
        id: &str,
        email: &str,
        login: &str,
        note: &AccessChange,
    ) -> Result<(), Problem> {
        let entity = self.writable(USER, Door::Update).await?;
        let mut tx = self.begin_write().await?;
        let found = tx.records_by(USER, "id", &[id.to_owned()]).await.map_err(store_problem)?;
        let record =
            found.first().filter(|record| !record.deleted).ok_or_else(|| super::not_found(entity, "userId"))?;
        let values = Input::from([("email".to_owned(), Value::text(email))]);
        let change = Change { values, now: self.context.now };
        tx.update(USER, id, record.version, &change).await.map_err(store_problem)?;
        self.history(&mut tx, entity, id, Operation::Update, vec!["email".to_owned()]).await?;
        self.log_write(&mut tx, Operation::Update, entity, &[id.to_owned()]).await?;
        tx.set_login(id, login).await.map_err(store_problem)?;
        tx.note_access(note).await.map_err(store_problem)?;
        self.commit(tx).await
    }

    /// Takes out of a user what tells who they are, and the account with it. The record goes into the trash: who
    /// owns what is known by its id until the trash is emptied.
    pub(crate) async fn erase_user(&self, id: &str, note: &AccessChange) -> Result<(), Problem> {
        let entity = self.writable(USER, Door::Delete).await?;
        let ids = [id.to_owned()];
        let mut tx = self.begin_write().await?;
        let found = tx.records_by(USER, "id", &ids).await.map_err(store_problem)?;
        if let Some(record) = found.first() {
            let values = Input::from([
                ("name".to_owned(), Value::text(ERASED)),
                ("email".to_owned(), Value::Null),
                ("team_id".to_owned(), Value::Null),
            ]);
            let version = tx.overwrite(USER, record, &values, self.context.now).await.map_err(store_problem)?;
            tx.forget_keys(USER, &ids).await.map_err(store_problem)?;
            tx.forget_history(USER, &ids).await.map_err(store_problem)?;
            if !record.deleted {
                tx.set_deleted(USER, id, version, true, self.context.now).await.map_err(store_problem)?;
            }
            self.log_write(&mut tx, Operation::Delete, entity, &ids).await?;
        }
        tx.drop_account(id).await.map_err(store_problem)?;
        tx.note_access(note).await.map_err(store_problem)?;
        self.commit(tx).await
    }
}
