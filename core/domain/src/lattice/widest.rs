//! Which of the hiding conditions the database must look at.

use super::RowEffect;
use crate::rule::Cond;

/// The conditions that hide, without those that only narrow another one: a policy that hides for one
/// general reason and names the special ones besides costs the database one condition. A row passes
/// where all are false, and where the wider one is false, so is the narrower.
pub(super) fn widest(hide: &[RowEffect]) -> Vec<Cond> {
    let needless = |index: usize, cond: &Cond| {
        hide.iter().enumerate().any(|(other, bite)| {
            // Of equal conditions the first stays.
            other != index && cond.narrows(&bite.when) && (other < index || !bite.when.narrows(cond))
        })
    };
    let kept = hide.iter().enumerate().filter(|(index, bite)| !needless(*index, &bite.when));
    kept.map(|(_, bite)| bite.when.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Effect, Operand, conjunction, negation};

    fn is(field: &str) -> Cond {
        Cond::Is(Operand::Field(field.to_owned()))
    }

    fn kept(conds: &[Cond]) -> Vec<Cond> {
        let effect = |(reason, when): (usize, &Cond)| RowEffect {
            effect: Effect::Hide,
            when: when.clone(),
            row: true,
            fields: vec![],
            reason,
        };
        widest(&conds.iter().enumerate().map(effect).collect::<Vec<_>>())
    }

    #[test]
    fn the_general_condition_stands_for_the_special_ones() {
        let general = conjunction([is("a"), negation(is("b"))]);
        let special = conjunction([general.clone(), is("c")]);
        assert_eq!(kept(&[special.clone(), general.clone(), is("d")]), [general.clone(), is("d")]);
        assert_eq!(kept(&[general.clone(), general.clone()]), [general]);
        assert_eq!(kept(&[special.clone(), is("d")]), [special, is("d")]);
    }

    #[test]
    fn a_constant_hides_everything_whatever_the_rest() {
        let always = Cond::Const(Some(true));
        assert_eq!(kept(&[always.clone(), is("a")]), [always, is("a")]);
    }
}
