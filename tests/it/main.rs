//! The whole server under test: the real router, the shipped plugins in the real sandbox, SQLite and
//! PostgreSQL.

mod aggregates;
mod architecture;
mod bad_input;
mod bulk;
mod cases;
mod doors;
mod explain;
mod export;
mod flood;
mod graphql;
mod idempotency;
mod import;
mod judging;
mod leaks;
mod life_cycle;
mod metrics;
mod preview;
mod preview_speed;
mod purpose;
mod records;
mod request_facts;
mod restriction;
mod special;
mod toggles;
mod webhooks;
