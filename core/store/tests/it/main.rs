//! The store against both databases. Each test has a database of its own.

mod calendar;
mod consent;
mod custom;
mod facts;
mod filters;
mod leaks;
mod log;
mod migrations;
mod noninterference;
mod paging;
mod partial;
mod plans;
mod policies;
mod property;
mod registers;
mod search;
mod shapes;
mod shared;
mod statements;
mod support;
mod sweeps;
mod tally;
mod tenants;
mod writes;
