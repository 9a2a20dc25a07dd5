//! Calendar arithmetic from the expression to the database: an expression that moves a value of the
//! row is bound to a request, and what is left says the same in SQL and natively as moving the value
//! itself would have said.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use garant_domain::calendar;
use garant_domain::rule::{BindEnv, CompareOp, Cond, Expr, Operand, Period, RowView, Term, bind, evaluate};
use garant_domain::value::{Type, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::both;
use crate::property::{View, agree, operand, sample, value, world};
use crate::support::*;

/// An expression with calendar arithmetic over one operand of the row, and the same said without
/// binding: what the row's value is moved by, and what it is compared with.
#[derive(Debug)]
struct Moved {
    operand: Operand,
    steps: Vec<Step>,
    op: CompareOp,
    constant: Value,
    zone: Tz,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Plus(Period),
    LocalDate,
}

impl Moved {
    /// As a plugin would write it.
    fn expr(&self) -> Expr {
        let base = match &self.operand {
            Operand::Field(name) => Term::Field(name.clone()),
            Operand::Related { via, field } => Term::Related { via: via.clone(), field: field.clone() },
            Operand::Fact(call) => Term::Fact(call.clone()),
            Operand::Literal(value) => Term::Literal(value.clone()),
        };
        let moved = self.steps.iter().fold(base, |term, step| match step {
            Step::Plus(period) => Term::Plus(Box::new(term), *period),
            Step::LocalDate => Term::LocalDate(Box::new(term)),
        });
        Expr::Compare(self.op, moved, Term::Literal(self.constant.clone()))
    }

    fn bound(&self) -> Cond {
        bind(&self.expr(), &BindEnv { now: NOW, zone: self.zone, context: &|_| Value::Null })
    }

    /// The row's own value moved, which no database could do.
    fn directly(&self, view: &View<'_>) -> Option<bool> {
        let value = match &self.operand {
            Operand::Field(name) => view.field(name),
            Operand::Related { via, field } => view.related(via, field),
            Operand::Fact(call) => view.fact(call),
            Operand::Literal(value) => value.clone(),
        };
        let order = moved(value, &self.steps, self.zone).compare(&self.constant)?;
        Some(match self.op {
            CompareOp::Eq => order.is_eq(),
            CompareOp::Ne => order.is_ne(),
            CompareOp::Lt => order.is_lt(),
            CompareOp::Le => order.is_le(),
            CompareOp::Gt => order.is_gt(),
            CompareOp::Ge => order.is_ge(),
        })
    }
}

fn moved(value: Value, steps: &[Step], zone: Tz) -> Value {
    steps.iter().fold(value, |value, step| match (value, step) {
        (Value::Date(date), Step::Plus(period)) => Value::Date(calendar::shift_date(date, *period)),
        (Value::Instant(at), Step::Plus(period)) => Value::Instant(calendar::shift_instant(at, *period, zone)),
        (Value::Instant(at), Step::LocalDate) => Value::Date(calendar::local_date(at, zone)),
        _ => Value::Null,
    })
}

fn moved_exprs(entity: &'static str) -> BoxedStrategy<Moved> {
    let ty = proptest::sample::select(vec![Type::Date, Type::Instant]);
    let zones = vec![chrono_tz::Europe::Paris, chrono_tz::America::St_Johns, chrono_tz::Pacific::Apia];
    let ops = vec![CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le, CompareOp::Gt, CompareOp::Ge];
    let period = (-40..40i32, -60..60i32).prop_map(|(months, days)| Period { months, days });
    let shape = (proptest::collection::vec(period, 1..3), any::<bool>());
    let rest = (proptest::sample::select(zones), proptest::sample::select(ops), -1..2i32, 0..4u8);
    (ty.prop_flat_map(move |ty| (Just(ty), operand(entity, ty), value(ty))), shape, rest)
        .prop_map(|((ty, operand, near), (periods, local), (zone, op, off, end))| {
            let mut steps: Vec<Step> = periods.into_iter().map(Step::Plus).collect();
            if local && ty == Type::Instant {
                steps.insert(usize::from(end % 2), Step::LocalDate);
            }
            // Where a value of the row would land, or just beside: only there can a bound be wrong.
            let constant = match moved(near, &steps, zone) {
                Value::Date(date) => Value::Date(date.saturating_add(off)),
                Value::Instant(at) => Value::Instant(at.saturating_add(off.into())),
                other => other,
            };
            Moved { operand, steps, op, constant, zone }
        })
        .boxed()
}

both!(calendar_arithmetic_bound_to_a_request_is_the_same_in_sql, |db: Db| async move {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[43; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let world = world(&db, &mut runner).await;
    let mut cases = 0;
    let mut told = BTreeMap::<Option<bool>, usize>::new();
    for _ in 0..20 {
        for entity in ["contact", "deal"] {
            let exprs: Vec<Moved> = (0..15).map(|_| sample(&mut runner, &moved_exprs(entity))).collect();
            let conds: Vec<Cond> = exprs.iter().map(Moved::bound).collect();
            cases += agree(&db, &world, entity, &conds).await;
            let records = if entity == "contact" { &world.contacts } else { &world.deals };
            for (id, values) in records {
                let subject = if entity == "contact" { Some(id.as_str()) } else { values["contact_id"].as_text() };
                let view = View { world: &world, values, subject };
                for (expr, cond) in exprs.iter().zip(&conds) {
                    let expected = expr.directly(&view);
                    assert_eq!(evaluate(cond, &view), expected, "{:?} on {values:?}", expr.expr());
                    *told.entry(expected).or_default() += 1;
                }
            }
        }
    }
    assert!(cases > 10_000, "only {cases} cases");
    assert!(told.len() == 3 && told.values().all(|count| *count > 500), "too little of one answer: {told:?}");
});
