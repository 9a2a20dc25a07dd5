//! `garant token create`.

use anyhow::{Context as _, ensure};
use garant_domain::clock::{Clock, SystemClock, new_id};
use garant_service::{Secret, token_hash};
use garant_store::NewToken;

use crate::cli::TokenCreate;
use crate::open_store;

const DAY_MICROS: i64 = 86_400_000_000;

pub(super) async fn create(args: TokenCreate) -> anyhow::Result<()> {
    let config = super::load(&args.place)?;
    let country = args.country.as_deref();
    ensure!(
        country.is_none_or(garant_domain::country::is_code),
        "--country is no ISO 3166-1 alpha-2 code; use two capital letters, such as FR or DE"
    );
    let store = open_store(&config, &super::catalog()?).await?;
    let secret = Secret::key();
    let now = SystemClock.now();
    store
        .put_token(
            &NewToken {
                hash: token_hash(secret.reveal()),
                prefix: secret.beginning(),
                id: new_id(),
                tenant: config.tenant.id,
                actor_id: new_id(),
                name: args.name,
                role: args.role,
                country: args.country,
                recipient_id: args.recipient,
                purposes: (!args.only_purpose.is_empty()).then_some(args.only_purpose),
                default_purpose: args.purpose,
                expires_at: args.expires_days.map(|days| now + i64::from(days) * DAY_MICROS),
                requests_per_minute: args.requests_per_minute,
                created_by: Some("local".to_owned()),
            },
            now,
        )
        .await
        .context("the token could not be stored")?;
    eprintln!("Keep this token; it is not shown again and cannot be restored:");
    println!("{}", secret.reveal());
    Ok(())
}
