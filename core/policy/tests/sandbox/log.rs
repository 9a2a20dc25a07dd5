//! What guests may write to the log.

use std::fmt::{Debug, Write};
use std::sync::{Mutex, Once};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::guest::{Guest, engine};
use crate::judging::{judge, judging, page};

/// Every event of the process, as text: guests run on threads of their own.
static EVENTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Keeper;

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Keeper {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("garant_policy")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        EVENTS.lock().unwrap().push(text.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn events_with(part: &str) -> Vec<String> {
    EVENTS.lock().unwrap().iter().filter(|event| event.contains(part)).cloned().collect()
}

fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Keeper).unwrap());
}

#[tokio::test]
async fn a_flood_of_log_lines_is_cut() {
    keep();
    let guest = Guest::doing(include_str!("../../../testkit/guests/hostile/log_flood.wat"));
    let name = guest.load(&engine()).await.unwrap().digest()[..12].to_owned();
    assert_eq!(guest.decide(&engine()).await.unwrap().rules.len(), 1);
    let lines = events_with(&name);
    assert_eq!(lines.len(), 21, "20 lines and how many were dropped");
    assert!(lines[0].contains("a line of a flood"), "{}", lines[0]);
    assert!(lines.iter().all(|line| line.len() < 3_000), "a line is cut");
    assert!(lines[20].contains("dropped=980"), "{}", lines[20]);
}

#[tokio::test]
async fn what_a_guest_sees_of_records_never_reaches_the_log() {
    keep();
    let mut page = page();
    let garant_policy::ColumnData::Texts(values) = &mut page.columns[0].data else { panic!("texts") };
    values[0] = "Ada Lovelace".to_owned();
    let guest = judging(include_str!("../../../testkit/guests/hostile/log_values.wat"));
    assert_eq!(judge(&guest, page).await, Ok(vec![0, 0, 0]));
    assert_eq!(events_with("Lovelace"), Vec::<String>::new());
}
