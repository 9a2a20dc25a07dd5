//! Whether a plan may be obeyed: every rule type-checks, touches only what is declared, and has an
//! effect that is legal where it stands. One bad rule spoils the plan, so that a policy is never
//! applied in part.

use garant_domain::catalog::{Catalog, Entity};
use garant_domain::fact;
use garant_domain::lattice::check_target;
use garant_domain::rule::{
    CheckEnv, Definitions, Effect, Expr, FactCall, Hook, Node, Rule, RuleError, RuleProblem, Selector, Target, Term,
    parse, parse_with,
};

use crate::bindings::types;
use crate::convert::{duty_in, effect_in, fact_in, node_in, target_in};
use crate::error::{PluginError, cut};
use crate::limits::Limits;
use crate::manifest::Manifest;
use crate::plan::{JudgeRequest, Plan, Verdict};

/// A verdict is one byte, and 0 says nothing.
const MAX_VERDICTS: usize = 255;

/// Where a plan stands.
pub(crate) struct Checker<'a> {
    pub manifest: &'a Manifest,
    pub catalog: &'a Catalog,
    pub entity: &'a Entity,
    pub hook: Hook,
    pub limits: &'a Limits,
}

/// One rule or verdict, for the error.
struct Place<'a> {
    index: usize,
    code: &'a str,
}

impl Place<'_> {
    fn wrong(&self, detail: impl Into<String>) -> PluginError {
        PluginError::BadRule { index: self.index, code: cut(self.code, 64), detail: detail.into() }
    }
}

impl Checker<'_> {
    pub(crate) fn plan(&self, output: types::PlanOutput) -> Result<Plan, PluginError> {
        let count = output.rules.len();
        if count > self.limits.rules {
            return Err(PluginError::TooManyRules { count, limit: self.limits.rules });
        }
        let shared = self.shared(output.shared)?;
        let rules = output.rules.into_iter().enumerate();
        let rules = rules.map(|(index, rule)| self.rule(index, rule, &shared)).collect::<Result<_, _>>()?;
        let judge = output.judge.map(|request| self.judge(request)).transpose()?;
        Ok(Plan { rules, judge })
    }

    /// What several rules ask, checked once.
    fn shared(&self, shared: Vec<Vec<types::Node>>) -> Result<Definitions, PluginError> {
        let (count, limit) = (shared.len(), self.limits.rules);
        if count > limit {
            return Err(PluginError::TooManyRules { count, limit });
        }
        let mut definitions = Definitions::default();
        for (index, nodes) in shared.into_iter().enumerate() {
            let place = Place { index, code: "shared" };
            let added = definitions.add(nodes.into_iter().map(node_in).collect(), &self.env());
            added.map_err(|error| told(&place, error))?;
        }
        Ok(definitions)
    }

    fn rule(&self, index: usize, rule: types::Rule, shared: &Definitions) -> Result<Rule, PluginError> {
        let types::Rule { when, effect, target, code, duties } = rule;
        let place = Place { index, code: &code };
        let (effect, target) = (effect_in(effect), target_in(target));
        self.decision(&place, effect, &target)?;
        let nodes = when.into_iter().map(node_in).collect();
        let when = parse_with(nodes, shared, &self.env()).map_err(|error| told(&place, error))?;
        if effect == Effect::Refuse && depends_on_row(&when) {
            return Err(place.wrong(
                "`refuse` may depend on the context alone, or it would tell of hidden records; use `hide` or `mask`",
            ));
        }
        let duties = duties.into_iter().map(duty_in).collect();
        Ok(Rule { when, effect, target, code, duties })
    }

    fn judge(&self, request: types::JudgeRequest) -> Result<JudgeRequest, PluginError> {
        let columns = Place { index: 0, code: "judge" };
        let facts: Vec<FactCall> = request.facts.into_iter().map(fact_in).collect();
        // A column is checked as a rule that asks whether it is null, so one place knows what exists.
        let fields = request.fields.iter().cloned().map(Node::Field);
        for node in fields.chain(facts.iter().cloned().map(Node::Fact)) {
            parse(vec![node, Node::IsNull], &self.env()).map_err(|error| told(&columns, error))?;
        }
        if let Some(call) = facts.iter().find(|call| fact::is_of_request(&call.name)) {
            return Err(columns.wrong(format!("`{}` is about the request and no column of records", call.name)));
        }
        if request.verdicts.is_empty() || request.verdicts.len() > MAX_VERDICTS {
            return Err(columns.wrong(format!("between 1 and {MAX_VERDICTS} verdicts can be announced")));
        }
        let mut verdicts = Vec::with_capacity(request.verdicts.len());
        for (index, verdict) in request.verdicts.into_iter().enumerate() {
            let (effect, target) = (effect_in(verdict.effect), target_in(verdict.target));
            let place = Place { index, code: &verdict.code };
            self.decision(&place, effect, &target)?;
            if matches!(effect, Effect::Refuse | Effect::MinGroup(_)) || self.hook == Hook::Retention {
                return Err(place.wrong("a verdict is about one record: it cannot refuse, group or destroy"));
            }
            verdicts.push(Verdict { effect, target, code: verdict.code });
        }
        Ok(JudgeRequest { fields: request.fields, facts, verdicts })
    }

    /// The effect is legal at this hook, hits something, and has a reason.
    fn decision(&self, place: &Place<'_>, effect: Effect, target: &Target) -> Result<(), PluginError> {
        if self.manifest.reason(place.code).is_none() {
            return Err(place.wrong("its reason code is not in the manifest"));
        }
        if !is_legal(self.hook, effect) {
            return Err(place.wrong(format!("{effect:?} is not an effect of the hook {:?}", self.hook)));
        }
        for selector in &target.selectors {
            if let Selector::Field(name) = selector
                && !self.manifest.fields.contains(name)
            {
                return Err(undeclared("field", name));
            }
        }
        check_target(target, self.entity).map_err(|error| place.wrong(cut(&error.to_string(), 300)))?;
        let only_row = !target.complement && target.selectors.iter().all(|selector| *selector == Selector::Row);
        if matches!(effect, Effect::Mask(_)) && only_row {
            return Err(place.wrong("`mask` needs fields as its target"));
        }
        Ok(())
    }

    fn env(&self) -> CheckEnv<'_> {
        CheckEnv {
            catalog: self.catalog,
            entity: self.entity,
            fields: &self.manifest.fields,
            facts: &self.manifest.facts,
            bound_attributes: &self.manifest.bound_attributes,
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function of the error in map_err")]
fn told(place: &Place<'_>, error: RuleError) -> PluginError {
    match &error.problem {
        RuleProblem::Undeclared { kind, name } => undeclared(kind, name),
        _ => place.wrong(cut(&error.to_string(), 300)),
    }
}

fn undeclared(what: &'static str, name: &str) -> PluginError {
    PluginError::Undeclared { what, name: cut(name, 64) }
}

fn is_legal(hook: Hook, effect: Effect) -> bool {
    match effect {
        Effect::Allow | Effect::Flag => true,
        Effect::Mask(_) | Effect::Hide | Effect::MinGroup(_) => matches!(hook, Hook::Read | Hook::Transfer),
        Effect::Refuse => hook != Hook::Retention,
        Effect::Reject => hook == Hook::Write,
        Effect::MakeDormant | Effect::Anonymise | Effect::Erase | Effect::Hold => hook == Hook::Retention,
    }
}

fn depends_on_row(expr: &Expr) -> bool {
    match expr {
        Expr::Compare(_, a, b) | Expr::Covers(a, b) => is_of_row(a) || is_of_row(b),
        Expr::Is(term) | Expr::OneOf(term, _) | Expr::IsNull(term) => is_of_row(term),
        Expr::All(parts) | Expr::Any(parts) => parts.iter().any(depends_on_row),
        Expr::Not(part) => depends_on_row(part),
        Expr::Shared(part) => depends_on_row(part),
    }
}

fn is_of_row(term: &Term) -> bool {
    match term {
        Term::Fact(call) => !fact::is_of_request(&call.name),
        Term::Field(_) | Term::Related { .. } => true,
        Term::Plus(term, _) | Term::LocalDate(term) => is_of_row(term),
        Term::Context(_) | Term::Literal(_) | Term::Now | Term::Today => false,
    }
}
