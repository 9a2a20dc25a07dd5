//! The loader: the whole tree under a field is read level by level before it is answered, one call
//! of the service per level and distinct arguments, however many parents there are. What is asked
//! for is what is selected, and nothing else.

mod selection;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use garant_domain::problem::Problem;
use garant_service::{ReviewedPage, ReviewedRow};

use selection::{Nested, Side};
pub use selection::{Selected, child_key};

use crate::operation::Operation;
use crate::schema::aggregate::{self, Aggregated};
use crate::schema::connection;
use crate::schema::model::{Inverse, Reference, Shape};

/// Ids bound in one statement; a level with more is read in as few calls as this allows.
const IDS_PER_CALL: usize = 1_000;

/// A record with everything that was selected below it.
pub struct Node {
    /// The record.
    pub row: ReviewedRow,
    children: HashMap<String, Child>,
}

/// What was selected below a record.
#[derive(Clone)]
pub enum Child {
    /// The record behind a reference, if there is one that may be seen.
    One(Option<Arc<Node>>),
    /// Records that refer to this one.
    Many(Arc<NodePage>),
    /// The level could not be read.
    Failed(Arc<Failure>),
}

/// A page of records.
#[derive(Default)]
pub struct NodePage {
    /// The records, in the order asked for.
    pub nodes: Vec<Arc<Node>>,
    /// More after the last.
    pub has_next_page: bool,
    /// More before the first.
    pub has_previous_page: bool,
    /// All that match, if asked for.
    pub total: Option<i64>,
    /// Counts and measures of all that match, if asked for.
    pub aggregated: Option<Arc<Aggregated>>,
}

/// A level that could not be read; told once, not for every parent.
pub struct Failure {
    problem: Problem,
    told: AtomicBool,
}

impl Failure {
    /// The problem, for the first who asks.
    pub fn once(&self) -> Option<&Problem> {
        (!self.told.swap(true, Ordering::Relaxed)).then_some(&self.problem)
    }
}

impl Node {
    /// Why something below could not be read, at whatever depth.
    pub fn failure(&self) -> Option<&Problem> {
        self.children.values().find_map(|child| match child {
            Child::One(node) => node.as_ref()?.failure(),
            Child::Many(page) => page.nodes.iter().find_map(|node| node.failure()),
            Child::Failed(failure) => Some(&failure.problem),
        })
    }

    /// What was selected below, by [`child_key`].
    pub fn child(&self, key: &str) -> Option<&Child> {
        self.children.get(key)
    }
}

/// Reads everything selected below some rows of one entity.
pub fn attach<'a>(
    operation: &'a Operation,
    shape: &'a Shape,
    rows: Vec<ReviewedRow>,
    selected: &'a Selected<'a>,
) -> BoxFuture<'a, Vec<Arc<Node>>> {
    async move {
        let nested = if rows.is_empty() { vec![] } else { selected.nested(shape) };
        let levels = join_all(nested.iter().map(|nested| level(operation, &rows, nested))).await;
        let node = |row: ReviewedRow| {
            let child = |(nested, level): (&Nested<'_>, &Level)| (nested.key.clone(), level.child(&row, &nested.side));
            let children = nested.iter().zip(&levels).map(child).collect();
            Arc::new(Node { row, children })
        };
        rows.into_iter().map(node).collect()
    }
    .boxed()
}

/// Reads what is selected below the rows of a page.
pub async fn attach_page<'a>(
    operation: &'a Operation,
    shape: &'a Shape,
    page: ReviewedPage,
    selected: &'a Selected<'a>,
) -> NodePage {
    let ReviewedPage { rows, has_next_page, has_previous_page, total } = page;
    let nodes = attach(operation, shape, rows, selected).await;
    NodePage { nodes, has_next_page, has_previous_page, total, aggregated: None }
}

/// One level: what lies behind one selected reference or connection, for all parents.
enum Level {
    References(HashMap<String, Arc<Node>>),
    Inverses(HashMap<String, Arc<NodePage>>, Arc<NodePage>),
    Failed(Arc<Failure>),
}

impl Level {
    fn child(&self, row: &ReviewedRow, side: &Side<'_>) -> Child {
        match (self, side) {
            (Self::References(nodes), Side::Reference(reference)) => {
                Child::One(row.get(&reference.field).as_text().and_then(|id| nodes.get(id)).cloned())
            }
            (Self::Inverses(pages, empty), _) => Child::Many(Arc::clone(pages.get(row.id()).unwrap_or(empty))),
            (Self::References(_), Side::Inverse(_)) => Child::One(None),
            (Self::Failed(failure), _) => Child::Failed(Arc::clone(failure)),
        }
    }
}

async fn level(operation: &Operation, rows: &[ReviewedRow], nested: &Nested<'_>) -> Level {
    let loaded = match nested.side {
        Side::Reference(reference) => references(operation, rows, reference, nested).await,
        Side::Inverse(inverse) => inverses(operation, rows, inverse, nested).await,
    };
    loaded.unwrap_or_else(|problem| Level::Failed(Arc::new(Failure { problem, told: AtomicBool::new(false) })))
}

async fn references(
    operation: &Operation,
    rows: &[ReviewedRow],
    reference: &Reference,
    nested: &Nested<'_>,
) -> Result<Level, Problem> {
    let target = operation.model.require(&reference.target)?;
    let mut ids: Vec<String> =
        rows.iter().filter_map(|row| row.get(&reference.field).as_text()).map(str::to_owned).collect();
    ids.sort_unstable();
    ids.dedup();
    let fields = nested.selected.columns(target);
    let unit = operation.unit().await?;
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(IDS_PER_CALL) {
        found.extend(unit.by_ids(&target.entity, ids.to_vec(), fields.clone()).await?.into_values());
    }
    let nodes = attach(operation, target, found, &nested.selected).await;
    Ok(Level::References(nodes.into_iter().map(|node| (node.row.id().to_owned(), node)).collect()))
}

async fn inverses(
    operation: &Operation,
    rows: &[ReviewedRow],
    inverse: &Inverse,
    nested: &Nested<'_>,
) -> Result<Level, Problem> {
    let other = operation.model.require(&inverse.entity)?;
    let unit = operation.unit().await?;
    let query = connection::query(operation, unit, other, &nested.arguments, &nested.selected)?;
    let total = query.total.then_some(0);
    let parents: Vec<String> = rows.iter().map(|row| row.id().to_owned()).collect();
    let mut pages = Vec::with_capacity(parents.len());
    let measures = aggregate::selected(other, &nested.selected);
    let mut aggregated: HashMap<String, Arc<Aggregated>> = HashMap::new();
    for parents in parents.chunks(IDS_PER_CALL) {
        if let Some(measures) = &measures {
            let wanted = aggregate::of_query(&query, measures);
            let groups = unit.aggregate_per_parent(wanted, &inverse.via, parents).await?;
            aggregated.extend(groups.into_iter().map(|(parent, group)| (parent, Aggregated::new(measures, group))));
        }
        pages.extend(unit.page_per_parent(query.clone(), &inverse.via, parents).await?);
    }
    // All parents' records together, so that the next level is one call too.
    let mut all = Vec::new();
    let mut parts = Vec::with_capacity(pages.len());
    for (parent, page) in pages {
        parts.push((parent, page.rows.len(), page.has_next_page, page.has_previous_page, page.total));
        all.extend(page.rows);
    }
    let selected = nested.selected.records();
    let mut nodes = attach(operation, other, all, &selected).await.into_iter();
    let page = |(parent, count, has_next_page, has_previous_page, total)| {
        let nodes = nodes.by_ref().take(count).collect();
        let aggregated = aggregated.remove(&parent);
        (parent, Arc::new(NodePage { nodes, has_next_page, has_previous_page, total, aggregated }))
    };
    let mut pages: HashMap<String, Arc<NodePage>> = parts.into_iter().map(page).collect();
    // A parent without records on its page has an aggregate all the same.
    for (parent, aggregated) in aggregated {
        pages.insert(parent, Arc::new(NodePage { total, aggregated: Some(aggregated), ..NodePage::default() }));
    }
    Ok(Level::Inverses(pages, Arc::new(NodePage { total, ..NodePage::default() })))
}
