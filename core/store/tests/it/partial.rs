//! Partial values, computed in SQL, against what a calendar says.

use chrono::{DateTime, Datelike, Days, NaiveDate};
use garant_domain::rule::Mask;
use garant_domain::value::Value;

use crate::both;
use crate::support::*;

async fn shown(db: &Db, entity: &str, field: &str, kind: Mask) -> Vec<Option<String>> {
    let mut all = query(entity, &[field]);
    all.page.limit = 1_000;
    let rows = read(&db.store, &all, &with(entity, mask(&[field], kind, always()))).await;
    assert!(rows.rows.iter().all(|row| row.values[0].is_null() && row.bitten == [true]));
    rows.rows.into_iter().map(|mut row| row.display.pop().map(|(_, part)| part)).collect()
}

both!(the_year_of_a_date_is_exact, |db: Db| async move {
    let epoch = NaiveDate::from_ymd_opt(1970, 1, 1).expect("a date");
    let mut dates = vec![NaiveDate::MIN, NaiveDate::MAX];
    for year in [-401, -400, -1, 0, 1, 1582, 1899, 1900, 1969, 1970, 1999, 2000, 2023, 2024, 2100, 9999] {
        let new_year = NaiveDate::from_ymd_opt(year, 1, 1).expect("a date");
        let march = NaiveDate::from_ymd_opt(year, 3, 1).expect("a date");
        dates.extend(
            [new_year, march].iter().flat_map(|date| [date.checked_sub_days(Days::new(1)).expect("a date"), *date]),
        );
    }
    let (mut deals, mut contacts) = (Vec::new(), Vec::new());
    for (index, date) in dates.iter().enumerate() {
        let days = date.signed_duration_since(epoch).num_days();
        let id = format!("{index:03}");
        deals.push(record(&id, &[("closed_on", Value::Date(i32::try_from(days).expect("days")))]));
        for (suffix, micros) in [("a", 0), ("b", 86_399_999_999)] {
            let at = days.checked_mul(86_400_000_000).and_then(|at| at.checked_add(micros)).unwrap_or(i64::MAX);
            contacts.push((record(&format!("{id}{suffix}"), &[("relation_end_at", Value::Instant(at))]), at));
        }
    }
    let expected: Vec<Option<String>> = dates.iter().map(|date| Some(date.year().to_string())).collect();
    put(&db.store, TENANT, "deal", deals).await;
    assert_eq!(shown(&db, "deal", "closed_on", Mask::YearOnly).await, expected);
    let expected: Vec<Option<String>> = contacts
        .iter()
        .map(|(_, at)| Some(DateTime::from_timestamp_micros(*at).map_or(294_247, |at| at.year()).to_string()))
        .collect();
    let at: Vec<i64> = contacts.iter().map(|(_, at)| *at).collect();
    put(&db.store, TENANT, "contact", contacts.into_iter().map(|(record, _)| record).collect()).await;
    let years = shown(&db, "contact", "relation_end_at", Mask::YearOnly).await;
    assert_eq!(years.len(), expected.len());
    for ((year, expected), at) in years.iter().zip(&expected).zip(at) {
        assert_eq!(year, expected, "{at}");
    }
});

both!(a_part_is_never_the_whole, |db: Db| async move {
    let texts = ["0612345678", "5678", "678", "", "é€𝄞abcd"];
    let mut records: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(id, text)| record(&id.to_string(), &[("phone", t(text)), ("country", t("FR"))]))
        .collect();
    records.push(record("9", &[("phone", Value::Null)]));
    put(&db.store, TENANT, "contact", records).await;
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        shown(&db, "contact", "phone", Mask::KeepLast(4)).await,
        [some("5678"), None, None, None, some("abcd"), None]
    );
    assert_eq!(
        shown(&db, "contact", "phone", Mask::RegionOnly).await,
        [some("06"), some("56"), some("67"), None, some("é€"), None]
    );
    for (field, mask) in [
        ("country", Mask::RegionOnly),
        ("phone", Mask::KeepLast(0)),
        ("phone", Mask::None),
        ("phone", Mask::KeyedHash),
        ("phone", Mask::YearOnly),
        ("own_customer", Mask::KeepLast(2)),
    ] {
        assert_eq!(shown(&db, "contact", field, mask).await, vec![None; 6], "{field} {mask:?}");
    }
});
