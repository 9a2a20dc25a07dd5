//! Partial values: what a mask still shows of a value, computed inside the database, since the rest
//! must not leave it.

use garant_domain::rule::Mask;
use garant_domain::value::Type;
use sea_query::{CaseStatement, Expr, ExprTrait, Func};

use super::cond::int4;

const DAY_MICROS: i64 = 86_400_000_000;
/// Days in 400 years, after which the Gregorian calendar repeats.
const ERA_DAYS: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: i64 = 719_468;
/// Eras added so that every date lies after day 0, where integer division rounds as it should.
const SHIFT_ERAS: i64 = 800_000;

/// The partial value as text, or nothing where the mask leaves none for this type. A keyed hash is a
/// column filled at write, which does not exist yet; until then it shows nothing.
pub(crate) fn partial(mask: Mask, ty: Type, column: Expr) -> Option<Expr> {
    match (mask, ty) {
        // A text that is not longer than what is kept would be shown whole.
        (Mask::KeepLast(count), Type::Text) if count > 0 => {
            let length = || Expr::from(Func::cust("length").arg(column.clone()));
            let start = length().sub(i64::from(count)).add(1i64);
            let tail = Func::cust("substr").arg(column.clone()).arg(int4(start));
            Some(CaseStatement::new().case(length().gt(i64::from(count)), tail).into())
        }
        (Mask::RegionOnly, Type::Text) => {
            let head = Func::cust("substr").arg(column.clone()).arg(1i32).arg(2i32);
            Some(CaseStatement::new().case(Expr::from(Func::cust("length").arg(column)).gt(2i64), head).into())
        }
        (Mask::YearOnly, Type::Date) => Some(year(column)),
        (Mask::YearOnly, Type::Instant) => {
            // Division rounds to zero; days before 1970 need the next lower one.
            let rest: Expr =
                CaseStatement::new().case(column.clone().modulo(DAY_MICROS).lt(0i64), 1i64).finally(0i64).into();
            Some(year(column.div(DAY_MICROS).sub(rest)))
        }
        _ => None,
    }
}

/// The year of a count of days since 1970-01-01, in whole numbers (Howard Hinnant, "chrono-compatible
/// low-level date algorithms": years begin in March, so that the leap day is the last one). UTC for
/// instants.
fn year(days: Expr) -> Expr {
    let shifted = days.add(EPOCH_DAYS + SHIFT_ERAS * ERA_DAYS);
    let era = shifted.clone().div(ERA_DAYS);
    let day = || shifted.clone().modulo(ERA_DAYS);
    let year_of_era =
        || day().sub(day().div(1_460i64)).add(day().div(36_524i64)).sub(day().div(146_096i64)).div(365i64);
    let day_of_year = day().sub(year_of_era().mul(365i64).add(year_of_era().div(4i64)).sub(year_of_era().div(100i64)));
    // January and February, from day 306 of a year that began in March, are of the next year.
    let next: Expr = CaseStatement::new().case(day_of_year.gte(306i64), 1i64).finally(0i64).into();
    let number = year_of_era().add(era.sub(SHIFT_ERAS).mul(400i64)).add(next);
    number.cast_as("text")
}
