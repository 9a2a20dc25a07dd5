//! Following records for one subscription. What is in view is kept as ids with a digest of what is shown of
//! each; whatever wakes the subscription, it looks what is in view now and tells the difference. So it does not
//! matter why a record comes, changes or goes, what may not be seen is never told, and nothing is lost while a
//! client is slow: the difference waits, not the events.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::dynamic::{FieldValue, ResolverContext};
use async_graphql::{Error, Value as Wire};
use futures::stream::{self, Stream};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::Query;
use garant_domain::role::Role;
use garant_service::{Seen, Watch, Woken, only};

use super::{Event, Following, Kind};
use crate::error::to_server_error;
use crate::load::{self, Selected};
use crate::operation::Operation;
use crate::schema::filter;
use crate::schema::model::Shape;
use crate::schema::scalars::text;

/// Ids that one subscription may name.
const MOST_IDS: usize = 1_000;
/// The least time between two looks at everything, however often registers change.
const LEAST: Duration = Duration::from_secs(1);

/// The events of a subscription; the first problem is the last item.
pub(super) async fn follow<'a>(
    ctx: ResolverContext<'a>,
    shape: Arc<Shape>,
) -> Result<impl Stream<Item = Result<FieldValue<'a>, Error>> + Send + 'a, Error> {
    let following = ctx.data::<Arc<Following>>().map(Arc::clone)?;
    let locale = following.session.locale;
    let told = move |problem: Problem| {
        let error = to_server_error(&problem, locale, None);
        Error { message: error.message, source: None, extensions: error.extensions }
    };
    let followed = Followed::begin(ctx, shape, following).await.map_err(told)?;
    Ok(stream::unfold(Some(followed), move |followed| async move {
        let mut followed = followed?;
        match followed.next().await {
            Ok(event) => Some((Ok(FieldValue::owned_any(event)), Some(followed))),
            Err(problem) => Some((Err(told(problem)), None)),
        }
    }))
}

struct Followed<'a> {
    ctx: ResolverContext<'a>,
    shape: Arc<Shape>,
    following: Arc<Following>,
    watch: Watch,
    /// Which records, with the fields whose change is told.
    watched: Query,
    /// The same with the fields that are shown.
    shown: Query,
    /// What the subscriber sees, as far as it was told or was there at the beginning.
    view: BTreeMap<String, Seen>,
    /// What differs from that: records in view as they are now, and records that left.
    due: BTreeMap<String, Option<Seen>>,
    /// When everything was looked at last, and what the role could do then.
    looked_at: Instant,
    role: Arc<Role>,
}

impl<'a> Followed<'a> {
    async fn begin(ctx: ResolverContext<'a>, shape: Arc<Shape>, following: Arc<Following>) -> Result<Self, Problem> {
        let shown = query(&ctx, &shape, &following)?;
        let mut watched = shown.clone();
        if watched.fields.is_empty() {
            let all = shape.columns.iter().map(|column| &column.name);
            watched.fields = all.filter(|name| !matches!(name.as_str(), "id" | "version")).cloned().collect();
        }
        let existing = ctx.args.get("existing").is_some_and(|value| *value.as_value() == Wire::Boolean(true));
        // First, so that nothing that commits from now on is missed by what follows.
        let app = following.session.app();
        let most = app.config.subscriptions.per_process;
        let caller = following.session.operation(&following.built).await?.caller;
        let watch = app.service.watch(&caller.tenant, &shape.entity, most).await?;
        let (view, due) = (BTreeMap::new(), BTreeMap::new());
        let (looked_at, role) = (Instant::now(), caller.role());
        let mut followed = Self { ctx, shape, following, watch, watched, shown, view, due, looked_at, role };
        followed.look(None).await?;
        if !existing {
            let there = std::mem::take(&mut followed.due);
            followed.view = there.into_iter().filter_map(|(id, seen)| Some((id, seen?))).collect();
        }
        Ok(followed)
    }

    /// The next thing that happened, however long it takes to happen.
    async fn next(&mut self) -> Result<Event, Problem> {
        loop {
            if let Some((id, seen)) = self.due.pop_first() {
                match self.tell(id, seen).await? {
                    Some(event) => return Ok(event),
                    None => continue,
                }
            }
            let limits = self.following.session.app().config.subscriptions.clone();
            let woken = self.watch.next(limits.check).await;
            let since = self.looked_at.elapsed();
            match woken {
                _ if since >= limits.recheck => self.look(None).await?,
                Woken::Changed(ids) => self.look(Some(&ids)).await?,
                Woken::Everything => {
                    tokio::time::sleep(LEAST.saturating_sub(since)).await;
                    self.look(None).await?;
                }
                Woken::Nothing => {
                    if self.following.session.role().await? != self.role {
                        self.look(None).await?;
                    }
                }
            }
        }
    }

    /// Finds what differs from what the subscriber sees: among some records, or all.
    async fn look(&mut self, ids: Option<&BTreeSet<String>>) -> Result<(), Problem> {
        let most = self.following.session.app().config.subscriptions.records;
        let query = match ids {
            Some(ids) => only(self.watched.clone(), &ids.iter().map(String::as_str).collect::<Vec<_>>()),
            None => self.watched.clone(),
        };
        let look = async {
            let operation = self.operation().await?;
            Ok((operation.caller.role(), operation.unit().await?.look(&query, most).await?))
        };
        let (role, seen) = self.in_time(look).await?;
        let gone = |id: &&String| ids.is_none_or(|ids| ids.contains(*id)) && !seen.contains_key(*id);
        let gone: Vec<String> = self.view.keys().filter(gone).cloned().collect();
        self.due.extend(gone.into_iter().map(|id| (id, None)));
        for (id, seen) in seen {
            if self.view.get(&id) == Some(&seen) {
                // It may have gone and come back before anybody was told.
                self.due.remove(&id);
            } else {
                self.due.insert(id, Some(seen));
            }
        }
        if ids.is_none() {
            (self.looked_at, self.role) = (Instant::now(), role);
        }
        Ok(())
    }

    /// Reads what is to be told of one record, in a unit of work of its own; nothing, where that has passed.
    async fn tell(&mut self, id: String, seen: Option<Seen>) -> Result<Option<Event>, Problem> {
        let most = self.following.session.app().config.subscriptions.records;
        let Some(seen) = seen else {
            if self.view.remove(&id).is_none() {
                return Ok(None);
            }
            let mut trash = self.shown.clone();
            trash.trashed = true;
            trash.fields.clear();
            let deleted = self.in_time(async { self.row(&trash, &id).await.map(|(_, row)| row.is_some()) }).await?;
            let kind = if deleted { Kind::Deleted } else { Kind::AccessEnded };
            return Ok(Some(Event { kind, id, node: None }));
        };
        let node = self
            .in_time(async {
                let (operation, row) = self.row(&self.shown, &id).await?;
                let Some(row) = row else { return Ok(None) };
                let selected = Selected::of(self.ctx.field()).named("node");
                let node = load::attach(&operation, &self.shape, vec![row], &selected).await.pop();
                match node.as_ref().and_then(|node| node.failure()) {
                    Some(problem) => Err(problem.clone()),
                    None => Ok(node),
                }
            })
            .await?;
        // It has gone since it was looked at; whatever took it away wakes us again.
        let Some(node) = node else { return Ok(None) };
        let kind = if self.view.insert(id.clone(), seen).is_some() { Kind::Updated } else { Kind::Created };
        if self.view.len() > most {
            return Err(Problem::new(
                ErrorCode::QueryTooComplex,
                format!("More than {most} records are in view by now"),
            )
            .at("filter")
            .mend("Narrow the filter or name `ids`; a webhook tells of any number of records."));
        }
        Ok(Some(Event { kind, id, node: Some(node) }))
    }

    async fn row(&self, query: &Query, id: &str) -> Result<(Operation, Option<garant_service::ReviewedRow>), Problem> {
        let operation = self.operation().await?;
        let unit = operation.unit().await?;
        let row = unit.told(query, id).await?;
        self.following.put_report(unit.report());
        Ok((operation, row))
    }

    async fn operation(&self) -> Result<Operation, Problem> {
        self.following.session.operation(&self.following.built).await
    }

    async fn in_time<T>(&self, work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
        let longest = self.following.session.app().config.timeout;
        let slow = |_| {
            Problem::new(ErrorCode::QueryTooComplex, format!("The answer took longer than {} s", longest.as_secs()))
                .mend("Narrow the filter, or ask for fewer fields.")
        };
        tokio::time::timeout(longest, work).await.map_err(slow)?
    }
}

/// The query that the arguments and the selection ask for.
fn query(ctx: &ResolverContext<'_>, shape: &Shape, following: &Following) -> Result<Query, Problem> {
    let argument = |name: &str| ctx.args.get(name).map(|value| value.as_value()).filter(|value| **value != Wire::Null);
    let most = following.session.app().config.max_filter_tests;
    let filter = argument("filter").map(|wire| filter::parse(&following.built.model, shape, wire, most)).transpose()?;
    let fields = Selected::of(ctx.field()).named("node").columns(shape);
    let query = Query { entity: shape.entity.clone(), fields, filter, ..Query::default() };
    let ids = match argument("ids") {
        None => return Ok(query),
        Some(Wire::List(ids)) => ids.iter().map(text).collect::<Vec<_>>(),
        Some(one) => vec![text(one)],
    };
    if ids.is_empty() || ids.len() > MOST_IDS {
        return Err(Problem::input("ids", format!("The list names between 1 and {MOST_IDS} records"))
            .mend("Name fewer, or leave the argument out."));
    }
    Ok(only(query, &ids.iter().map(AsRef::as_ref).collect::<Vec<_>>()))
}
