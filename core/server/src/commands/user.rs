//! `garant user`: the first administrator, and whatever an administrator cannot do from outside.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::anyhow;
use garant_domain::clock::SystemClock;
use garant_domain::context::Actor;
use garant_domain::problem::Problem;
use garant_service::{Access, AccountView, Caller, Invited, NewUser, Service};

use crate::cli::{Place, UserCreate, UserNamed, UserRole};
use crate::compose;

/// Whoever may run commands on the server may give every role.
const ROLE: &str = "dpo";

async fn open(place: &Place) -> anyhow::Result<(Arc<Service>, Caller)> {
    let config = super::load(place)?;
    let app = compose(&config, Arc::new(SystemClock)).await?;
    let caller = Caller {
        tenant: config.tenant.id,
        actor: Actor { id: "local:user".to_owned(), role: ROLE.to_owned(), country: None },
        name: "garant user".to_owned(),
        recipient: None,
        default_purpose: None,
        access: Access::default(),
    };
    Ok((app.service, caller))
}

pub(super) async fn create(args: UserCreate) -> anyhow::Result<()> {
    let (service, caller) = open(&args.place).await?;
    let new = NewUser { name: args.name, email: args.email, role: args.role, team: args.team, country: args.country };
    let invited = service.invite_user(&caller, new).await.map_err(told);
    service.store().close().await;
    tell(&invited?)
}

pub(super) async fn list(place: &Place) -> anyhow::Result<()> {
    let (service, caller) = open(place).await?;
    let accounts = service.accounts(&caller).await.map_err(told);
    service.store().close().await;
    let mut out = std::io::stdout().lock();
    for account in accounts? {
        line(&mut out, &account)?;
    }
    Ok(())
}

pub(super) async fn role(args: &UserRole) -> anyhow::Result<()> {
    let (service, caller) = open(&args.named.place).await?;
    let changed = service.set_user_role(&caller, &args.named.user, &args.role).await.map_err(told);
    service.store().close().await;
    line(&mut std::io::stdout().lock(), &changed?)
}

pub(super) async fn set_active(args: &UserNamed, active: bool) -> anyhow::Result<()> {
    let (service, caller) = open(&args.place).await?;
    let changed = service.set_user_active(&caller, &args.user, active).await.map_err(told);
    service.store().close().await;
    line(&mut std::io::stdout().lock(), &changed?)
}

pub(super) async fn reset(args: &UserNamed) -> anyhow::Result<()> {
    let (service, caller) = open(&args.place).await?;
    let invited = service.reset_password(&caller, &args.user).await.map_err(told);
    service.store().close().await;
    tell(&invited?)
}

pub(super) async fn reset_totp(args: &UserNamed) -> anyhow::Result<()> {
    let (service, caller) = open(&args.place).await?;
    let changed = service.reset_totp(&caller, &args.user).await.map_err(told);
    service.store().close().await;
    line(&mut std::io::stdout().lock(), &changed?)
}

pub(super) async fn erase(args: &UserNamed) -> anyhow::Result<()> {
    let (service, caller) = open(&args.place).await?;
    let erased = service.erase_user(&caller, &args.user).await.map_err(told);
    service.store().close().await;
    erased
}

fn tell(invited: &Invited) -> anyhow::Result<()> {
    eprintln!("User {}. Hand this to the user, who sets a password with it; it is not shown again:", invited.user_id);
    writeln!(std::io::stdout(), "{}", invited.ticket.reveal())?;
    Ok(())
}

fn line(out: &mut impl std::io::Write, account: &AccountView) -> anyhow::Result<()> {
    let state = account.state.key().to_lowercase();
    let (email, name) = (account.email.as_deref().unwrap_or("-"), account.name.as_deref().unwrap_or("-"));
    writeln!(out, "{} {state} {} {email} {name}", account.user_id, account.role)?;
    Ok(())
}

/// A problem in the words of the command line.
fn told(problem: Problem) -> anyhow::Error {
    let field = problem.field.as_deref().map(|field| format!("{field}: ")).unwrap_or_default();
    anyhow!("{field}{problem}; {}", problem.remedy.as_deref().unwrap_or("nothing was changed"))
}
