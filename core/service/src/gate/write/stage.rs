//! The stage of a deal. A pipeline has stages of its own, each of which is open, won or lost; `stage` says the
//! same in four words that are alike for all pipelines. Whoever writes one of the two moves the other with it,
//! so that both are true, and each change is noted in the write's own transaction.

use garant_domain::catalog::Entity;
use garant_domain::clock::new_id;
use garant_domain::problem::Problem;
use garant_domain::query::{FieldTest, Filter, Guards, Order, Page, Query};
use garant_domain::value::Value;
use garant_store::{StageChange, WriteTx};

use crate::error::store_problem;
use crate::input::Input;
use crate::unit::Unit;

const DEAL: &str = "deal";
const STAGES: &str = "pipeline_stage";
const STAGE: &str = "stage";
const PIPELINE: &str = "pipeline_id";
const PIPELINE_STAGE: &str = "pipeline_stage_id";
/// What a deal is that has begun and is neither won nor lost.
const UNDER_WAY: &str = "engaging";
const OPEN: &str = "open";

/// A stage of a pipeline.
struct Stage {
    pipeline: Option<String>,
    outcome: String,
}

impl Unit {
    /// Brings `stage` and the pipeline's stage together in what is written to a deal; `given` names what the
    /// caller wrote themselves.
    pub(super) async fn settle_stage(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        before: &Input,
        values: &mut Input,
        given: &[String],
    ) -> Result<(), Problem> {
        if entity.name != DEAL {
            return Ok(());
        }
        let wrote = |name: &str| given.iter().any(|given| given == name);
        let named = wrote(PIPELINE_STAGE).then(|| text(values, PIPELINE_STAGE)).flatten();
        if let Some(id) = named {
            // One that is not there is told where references are checked.
            let Some(stage) = stage_of(tx, &id).await? else { return Ok(()) };
            return follow(&stage, before, values, &wrote);
        }
        let kept = text(before, PIPELINE_STAGE).filter(|_| !wrote(PIPELINE_STAGE));
        let Some(kept) = kept else { return Ok(()) };
        let Some(stage) = stage_of(tx, &kept).await? else { return Ok(()) };
        if wrote(PIPELINE) && text(values, PIPELINE) != stage.pipeline {
            return Err(Problem::input("input.pipeline_stage_id", "The deal stands in a stage of another pipeline")
                .mend("Name a stage of the new pipeline with it, or null for none."));
        }
        let now = text(values, STAGE).unwrap_or_default();
        let means = outcome(&now);
        if !wrote(STAGE) || means == stage.outcome {
            return Ok(());
        }
        let Some(pipeline) = stage.pipeline else { return Ok(()) };
        let Some(moved) = first_stage(tx, &pipeline, means).await? else {
            return Err(Problem::input(
                "input.stage",
                format!("The deal's pipeline has no stage that means `{means}`"),
            )
            .mend("Add one to the pipeline, or name another stage of it as `pipelineStageId`."));
        };
        values.insert(PIPELINE_STAGE.to_owned(), Value::Text(moved));
        Ok(())
    }

    /// Notes that a deal's stage changed, if it did.
    pub(super) async fn note_stage(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        id: &str,
        before: &Input,
        after: &Input,
    ) -> Result<(), Problem> {
        let moved = [STAGE, PIPELINE_STAGE].iter().any(|name| text(before, name) != text(after, name));
        if entity.name != DEAL || !moved {
            return Ok(());
        }
        let change = StageChange {
            id: new_id(),
            at: self.context.now,
            actor: self.context.actor.id.clone(),
            from: text(before, STAGE),
            to: text(after, STAGE),
            from_pipeline_stage: text(before, PIPELINE_STAGE),
            to_pipeline_stage: text(after, PIPELINE_STAGE),
        };
        tx.note_stage(DEAL, id, &change).await.map_err(store_problem)
    }
}

/// `stage` and the pipeline follow the pipeline's stage.
fn follow(stage: &Stage, before: &Input, values: &mut Input, wrote: &impl Fn(&str) -> bool) -> Result<(), Problem> {
    if wrote(PIPELINE) && text(values, PIPELINE) != stage.pipeline {
        return Err(Problem::input("input.pipeline_stage_id", "The stage belongs to another pipeline")
            .mend("Leave `pipelineId` out: the pipeline is the stage's own."));
    }
    if text(values, PIPELINE) != stage.pipeline && text(before, PIPELINE) != stage.pipeline {
        let pipeline = stage.pipeline.clone().map_or(Value::Null, Value::Text);
        values.insert(PIPELINE.to_owned(), pipeline);
    }
    let now = text(values, STAGE).or_else(|| text(before, STAGE)).unwrap_or_default();
    if outcome(&now) == stage.outcome {
        return Ok(());
    }
    if wrote(STAGE) {
        let message = format!("`stage` is `{now}`, and the stage of the pipeline means `{}`", stage.outcome);
        return Err(Problem::input("input.stage", message).mend("Leave one of them out; the other follows."));
    }
    let follows = if stage.outcome == OPEN { UNDER_WAY } else { stage.outcome.as_str() };
    values.insert(STAGE.to_owned(), Value::text(follows));
    Ok(())
}

/// What a deal's `stage` means.
fn outcome(stage: &str) -> &str {
    match stage {
        "won" | "lost" => stage,
        _ => OPEN,
    }
}

/// A stage, raw: it is about nobody.
async fn stage_of(tx: &mut WriteTx, id: &str) -> Result<Option<Stage>, Problem> {
    let found = tx.get(STAGES, id, false).await.map_err(store_problem)?;
    Ok(found.map(|record| Stage {
        pipeline: text(&record.values, PIPELINE),
        outcome: text(&record.values, "outcome").unwrap_or_else(|| OPEN.to_owned()),
    }))
}

/// The first stage of a pipeline that means something.
async fn first_stage(tx: &mut WriteTx, pipeline: &str, means: &str) -> Result<Option<String>, Problem> {
    let is = |field: &str, value: &str| Filter::Field(field.to_owned(), FieldTest::Eq(Value::text(value)));
    let guards: Guards =
        [STAGES, "pipeline"].into_iter().map(|name| (name.to_owned(), std::sync::Arc::default())).collect();
    let query = Query {
        entity: STAGES.to_owned(),
        filter: Some(Filter::And(vec![is(PIPELINE, pipeline), is("outcome", means)])),
        order: vec![Order { field: "position".to_owned(), descending: false, nulls_first: false }],
        page: Page { limit: 1, ..Page::default() },
        ..Query::default()
    };
    let found = tx.page(&query, &guards).await.map_err(store_problem)?;
    Ok(found.rows.into_iter().next().map(|row| row.id))
}

fn text(values: &Input, name: &str) -> Option<String> {
    values.get(name).and_then(Value::as_text).map(str::to_owned)
}
