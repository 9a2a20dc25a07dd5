//! From what was found of the members to rules: the highest level of the chain decides, for ordinary and for
//! sensitive data apart.

use garant_plugin_sdk::prelude::*;

use crate::member::Judgement;
use crate::{CloudAct, Level};

/// The findings of all members, as far as they decide.
pub(crate) struct Decision<'a> {
    policy: &'a CloudAct,
    /// Codes for which nothing leaves.
    refused: Vec<&'static str>,
    /// Codes for which sensitive data is withheld.
    withheld: Vec<&'static str>,
    /// Codes that are noted, with the task that they open.
    noted: Vec<(&'static str, Option<&'static str>)>,
    /// Somebody only licenses software.
    licensed: bool,
    /// Where such software sends data within reach.
    sent_home: Vec<Cond>,
    /// Where somebody within reach has ciphertext alone.
    unreadable: Vec<Cond>,
    unknown: Vec<Cond>,
    held: Vec<Cond>,
    qualified: Vec<Cond>,
    changed: Vec<Cond>,
    reached: bool,
}

impl<'a> Decision<'a> {
    pub(crate) fn new(policy: &'a CloudAct) -> Self {
        Self {
            policy,
            refused: vec![],
            withheld: vec![],
            noted: vec![],
            licensed: false,
            sent_home: vec![],
            unreadable: vec![],
            unknown: vec![],
            held: vec![],
            qualified: vec![],
            changed: vec![],
            reached: false,
        }
    }

    pub(crate) fn add(&mut self, found: Judgement) {
        if found.ordered {
            self.refused.push("TRF-25");
        }
        self.changed.extend(found.changed);
        let doubt = if found.reach.is_empty() { found.unknown.clone() } else { Some(Cond::always()) };
        if let Some(telemetry) = found.licence {
            // Whoever only licenses holds nothing, but for what the software sends home.
            self.sent_home.extend(doubt.filter(|_| telemetry));
            self.licensed = true;
            return;
        }
        if found.ciphertext {
            // What nobody can read may be ordered.
            self.unreadable.extend(doubt);
            return;
        }
        self.reached |= !found.reach.is_empty();
        let mut worst = Level::None;
        for reach in &found.reach {
            worst = worst.max(reach.level);
            self.at(reach.level, reach.code, reach.never);
        }
        for code in found.aggravating {
            self.aggravate(worst, code);
        }
        self.unknown.extend(found.unknown);
        self.held.extend(found.held);
        self.qualified.extend(found.qualified);
    }

    fn at(&mut self, level: Level, code: &'static str, never: bool) {
        if never || level > self.policy.ordinary_allowed {
            self.refused.push(code);
            return;
        }
        if level > self.policy.sensitive_allowed {
            self.withheld.push(code);
        }
        self.noted.push((code, (level == Level::Indirect).then_some("reach-review")));
    }

    /// Beside the level stands why it bites: keys, clear text, a member further down.
    fn aggravate(&mut self, level: Level, code: &'static str) {
        if level > self.policy.ordinary_allowed {
            return;
        }
        if level > self.policy.sensitive_allowed {
            self.withheld.push(code);
        }
        self.noted.push((code, None));
    }

    /// The rules. Where the purpose needs nothing about people, they are masked and the rest may leave.
    pub(crate) fn plan(mut self, anonymous: bool) -> Plan {
        let always = Cond::always;
        let mut plan = Plan::new();
        for code in distinct(&mut self.refused) {
            plan.push(match (anonymous, code) {
                // An order freezes everything: what it demands is not what the purpose needs.
                (_, "TRF-25") => order(),
                (true, _) => Rule::mask(always(), personal()).code(code),
                (false, _) => Rule::refuse(always()).code(code),
            });
        }
        if anonymous {
            plan.push(Rule::allow(always()).code("REA-15"));
        }
        for code in distinct(&mut self.withheld) {
            plan.push(Rule::mask(always(), self.sensitive()).code(code));
        }
        let unknown = (!self.unknown.is_empty()).then(|| any(self.unknown.clone()));
        if let Some(unknown) = &unknown
            && self.policy.sensitive_allowed < Level::Direct
        {
            plan.push(Rule::mask(unknown.clone(), self.sensitive()).code("REA-10"));
        }
        if !anonymous {
            self.noted.sort_unstable();
            self.noted.dedup();
            for (code, task) in &self.noted {
                let flag = Rule::flag(always()).code(code);
                plan.push(task.map_or(flag.clone(), |task| flag.task(task)));
            }
            plan = plan
                .rules(joined(&self.sent_home).map(|when| Rule::flag(when).code("REA-08")))
                .rules(unknown.clone().map(|when| Rule::flag(when).code("REA-10").task("ownership-check")))
                .rules(joined(&self.held).map(|when| Rule::flag(when).code("REA-09").task("ownership-review")))
                .rules(joined(&self.changed).map(|when| Rule::flag(when).code("REA-11").task("ownership-review")));
        }
        plan = plan.rules(joined(&self.qualified).map(|when| Rule::allow(when).code("REA-16")));
        if !self.reached {
            let known = unknown.map_or_else(always, |unknown| !unknown);
            plan.push(Rule::allow(known).code("REA-00"));
        }
        plan.rules(self.licensed.then(|| Rule::allow(always()).code("REA-08")))
            .rules(joined(&self.unreadable).map(|when| Rule::allow(when).code("REA-04")))
    }

    fn sensitive(&self) -> Target {
        let kinds = special("art9") | special("art10") | special("national_id");
        self.policy.sensitive_categories.iter().fold(kinds, |target, key| target | category(key))
    }
}

/// An order of a third country that somebody in the chain has received: nothing leaves until the DPO has spoken.
fn order() -> Rule {
    Rule::refuse(Cond::always()).code("TRF-25").alarm("third-country-order").freeze("recipient").task("art-48")
}

fn joined(conds: &[Cond]) -> Option<Cond> {
    (!conds.is_empty()).then(|| any(conds.to_vec()))
}

fn distinct(codes: &mut Vec<&'static str>) -> Vec<&'static str> {
    codes.sort_unstable();
    codes.dedup();
    std::mem::take(codes)
}
