//! What `judge` says about the records of the cases, and whether that is what `plan` announced.
//!
//! The host calls `judge` with whole pages and takes each verdict for the record at its place. So a
//! verdict may depend on nothing but that record, and may be none but an announced one; a policy
//! that breaks this is found here, before a host fails closed on it.

use garant_domain::catalog::{Catalog, Entity, Field, SYSTEM_FIELDS};
use garant_domain::rule::{CheckEnv, Effect, Hook, RowView, Rule};
use garant_plugin_sdk::Policy;
use garant_plugin_sdk::wit::{Guest, types as wit};

use crate::case::Case;
use crate::convert;
use crate::native::Native;
use crate::row::CaseRow;

/// A call of `judge` that a case leads to.
struct Call {
    request: wit::JudgeRequest,
    context: Vec<wit::Attribute>,
    blob: Vec<u8>,
    columns: Vec<wit::Column>,
}

impl<P: Policy> Native<P> {
    /// What the plugin decides about the record of a case: its rules, and the verdict that it gives,
    /// as a rule that always bites.
    ///
    /// # Errors
    /// What the host would refuse: settings, the plan, a rule, an announced verdict, a verdict.
    pub fn decide(&self, case: &Case) -> Result<Vec<Rule>, String> {
        let mut rules = self.rules(case)?;
        let catalog = Catalog::standard().map_err(|error| error.to_string())?;
        let entity = case.entity(&catalog)?;
        let Some(call) = self.call(case, &catalog, &entity)? else { return Ok(rules) };
        let announced = self.announced(case, &call.request, &catalog, &entity)?;
        let given = ask::<P>(case, call, |_| {})?;
        let verdict = given.first().and_then(|byte| usize::from(*byte).checked_sub(1));
        rules.extend(verdict.and_then(|number| announced.into_iter().nth(number)));
        Ok(rules)
    }

    /// Where `plan` and `judge` disagree over all cases: a record judged otherwise in a page than
    /// alone, or the second time, a page without records that cannot be judged, and a verdict that is
    /// announced and never given.
    #[must_use]
    pub fn disagreements(&self, cases: &[Case]) -> Vec<String> {
        let mut failures = vec![];
        let mut announced: Vec<(String, bool)> = vec![];
        for case in cases {
            match self.compare(case, cases, &mut announced) {
                Ok(()) => {}
                // What is wrong with one case alone is told by running it.
                Err(None) => {}
                Err(Some(error)) => failures.push(format!("{}: {error}", case.name)),
            }
        }
        let never = announced.iter().filter(|(_, given)| !given);
        failures.extend(
            never.map(|(verdict, _)| format!("`plan` announces {verdict}, and in no case does `judge` give it")),
        );
        failures
    }

    fn compare(&self, case: &Case, cases: &[Case], announced: &mut Vec<(String, bool)>) -> Result<(), Option<String>> {
        let catalog = Catalog::standard().map_err(|_| None)?;
        let call = |case: &Case| {
            let entity = case.entity(&catalog).ok()?;
            self.call(case, &catalog, &entity).ok()?
        };
        let Some(alone) = call(case) else { return Err(None) };
        let names: Vec<String> =
            alone.request.verdicts.iter().map(|one| format!("{} ({:?})", one.code, one.effect)).collect();
        // Records that one page could hold: the same question in the same context.
        let same = |other: &&Case| {
            other.hook == case.hook
                && other.entity == case.entity
                && call(other).is_some_and(|other| {
                    other.blob == alone.blob
                        && format!("{:?}{:?}", other.context, other.request)
                            == format!("{:?}{:?}", alone.context, alone.request)
                })
        };
        let page: Vec<&Case> = cases.iter().filter(same).collect();
        let own = page.iter().position(|other| std::ptr::eq(*other, case)).ok_or(None)?;
        let others: Vec<Call> = page.iter().filter_map(|other| call(other)).collect();
        let verdict = *ask::<P>(case, alone, |_| {}).map_err(|_| None)?.first().ok_or(None)?;
        let again = ask::<P>(case, call(case).ok_or(None)?, |_| {}).map_err(Some)?;
        if again.first() != Some(&verdict) {
            return Err(Some(format!(
                "`judge` says {verdict} of this record and {} when asked again; the same columns must get the same \
                 verdict",
                again.first().map_or_else(|| "nothing".to_owned(), u8::to_string),
            )));
        }
        // The host asks about a page without records too: that a policy fails must not depend on what is there.
        ask::<P>(case, call(case).ok_or(None)?, |columns| columns.iter_mut().for_each(empty))
            .map_err(|error| Some(format!("on a page without records: {error}")))?;
        for name in names.iter().enumerate().map(|(index, name)| (name, usize::from(verdict) == index + 1)) {
            match announced.iter_mut().find(|(known, _)| known == name.0) {
                Some((_, given)) => *given |= name.1,
                None => announced.push((name.0.clone(), name.1)),
            }
        }
        for reversed in [false, true] {
            let rows = others.len();
            let place = if reversed { rows - 1 - own } else { own };
            let Some(first) = call(case) else { return Err(None) };
            let together = ask::<P>(case, first, |columns| {
                for (index, column) in columns.iter_mut().enumerate() {
                    let parts = others.iter().filter_map(|other| other.columns.get(index));
                    let parts: Vec<&wit::Column> = if reversed { parts.rev().collect() } else { parts.collect() };
                    *column = joined(&parts);
                }
            })
            .map_err(Some)?;
            let in_page = together.get(place).copied();
            if in_page != Some(verdict) {
                let place = place + 1;
                return Err(Some(format!(
                    "`judge` says {verdict} of this record alone and {} where it is row {place} of {rows}; a verdict may \
                     depend on its record only",
                    in_page.map_or_else(|| "nothing".to_owned(), |verdict| verdict.to_string()),
                )));
            }
        }
        Ok(())
    }

    /// The announced verdicts as rules, checked as the host does.
    fn announced(
        &self,
        case: &Case,
        request: &wit::JudgeRequest,
        catalog: &Catalog,
        entity: &Entity,
    ) -> Result<Vec<Rule>, String> {
        let env = self.env(catalog, entity);
        let codes = self.codes();
        if request.verdicts.is_empty() {
            return Err("`plan` asks to judge and announces no verdict".to_owned());
        }
        request.verdicts.iter().map(|verdict| announced(case, verdict, &env, &codes)).collect()
    }

    fn call(&self, case: &Case, catalog: &Catalog, entity: &Entity) -> Result<Option<Call>, String> {
        let (output, context, blob) = self.planned(case)?;
        let Some(request) = output.judge else { return Ok(None) };
        let row = CaseRow::new(case, entity, catalog)?;
        let env = self.env(catalog, entity);
        let mut columns = vec![];
        for name in &request.fields {
            let system = || SYSTEM_FIELDS.iter().find(|(system, _)| system == name).map(|(_, ty)| *ty);
            let ty = entity.field(name).map(Field::value_type).or_else(system);
            let ty = ty.filter(|_| env.fields.contains(name));
            let ty = ty.ok_or_else(|| format!("`plan` asks for the column `{name}`, which is not declared"))?;
            columns.push(convert::column(name.clone(), ty, vec![row.field(name)]));
        }
        for call in request.facts.iter().map(convert::fact) {
            let known = garant_domain::fact::find(&call.name).filter(|_| env.facts.contains(&call.name));
            let known = known.ok_or_else(|| format!("`plan` asks for the fact `{call}`, which is not declared"))?;
            columns.push(convert::column(call.to_string(), known.ty, vec![row.fact(&call)]));
        }
        Ok(Some(Call { request, context, blob, columns }))
    }
}

fn announced(case: &Case, verdict: &wit::Verdict, env: &CheckEnv<'_>, codes: &[String]) -> Result<Rule, String> {
    let rule = convert::verdict(verdict, env)?;
    let code = &verdict.code;
    if !codes.contains(code) {
        return Err(format!("`plan` announces the verdict `{code}`, which the manifest lacks"));
    }
    if matches!(rule.effect, Effect::Refuse | Effect::MinGroup(_)) || case.hook == Hook::Retention {
        return Err(format!(
            "`plan` announces `{code}`: a verdict is about one record and cannot refuse, group or destroy"
        ));
    }
    Ok(rule)
}

/// Calls `judge` and holds its answer to what was announced.
fn ask<P: Policy>(case: &Case, call: Call, page: impl FnOnce(&mut [wit::Column])) -> Result<Vec<u8>, String> {
    let Call { request, context, blob, mut columns } = call;
    page(&mut columns);
    let rows = columns.first().map_or(1, |column| column.present.len());
    let hook = convert::hook(case.hook);
    let verdicts = <P as Guest>::judge(hook, case.entity.clone(), context, blob, columns)
        .map_err(|error| format!("`plan` asks to judge and `judge` fails: {error}"))?;
    if verdicts.len() != rows {
        return Err(format!("`judge` gives {} verdicts for {rows} records", verdicts.len()));
    }
    match verdicts.iter().find(|verdict| usize::from(**verdict) > request.verdicts.len()) {
        Some(verdict) => {
            Err(format!("`judge` gives verdict {verdict}, and `plan` announced {}", request.verdicts.len()))
        }
        None => Ok(verdicts),
    }
}

fn empty(column: &mut wit::Column) {
    column.present.clear();
    match &mut column.data {
        wit::ColumnData::Integers(values) => values.clear(),
        wit::ColumnData::Texts(values) => values.clear(),
    }
}

fn joined(parts: &[&wit::Column]) -> wit::Column {
    let mut present = vec![];
    let (mut integers, mut texts) = (vec![], vec![]);
    for part in parts {
        present.extend_from_slice(&part.present);
        match &part.data {
            wit::ColumnData::Integers(values) => integers.extend_from_slice(values),
            wit::ColumnData::Texts(values) => texts.extend_from_slice(values),
        }
    }
    let is_text = parts.first().is_some_and(|part| matches!(part.data, wit::ColumnData::Texts(_)));
    let data = if is_text { wit::ColumnData::Texts(texts) } else { wit::ColumnData::Integers(integers) };
    wit::Column { name: parts.first().map(|part| part.name.clone()).unwrap_or_default(), present, data }
}
