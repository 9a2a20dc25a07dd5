//! `garant demo`.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use garant_domain::clock::SystemClock;
use garant_service::Service;

use crate::cli::Demo;
use crate::demo::{self, Token};
use crate::{compose, logging, serve};

pub(super) async fn run(args: Demo) -> anyhow::Result<()> {
    let mut config = demo::config(&args.data_dir);
    config.server.listen = args.listen;
    logging::start(&config.log);
    std::fs::create_dir_all(&args.data_dir)
        .with_context(|| format!("{}: cannot be made; name another folder with --data-dir", args.data_dir.display()))?;
    let listener = serve::bind(config.server.listen).await?;
    let app = compose(&config, Arc::new(SystemClock)).await?;
    let tokens = demo::seed(&app.service, &app.secret).await?;
    let versions = versions(&app.service, &tokens).await?;
    let url = format!("http://{}", listener.local_addr()?);
    std::io::stdout().write_all(screen(&url, &args, &tokens, &versions).as_bytes())?;
    serve::serve(app, listener, Duration::from_millis(config.server.shutdown_timeout_ms)).await
}

/// The current version of each policy, which a change must name.
async fn versions(service: &Arc<Service>, tokens: &[Token]) -> anyhow::Result<HashMap<String, i64>> {
    let dpo = tokens.iter().find(|token| token.name == "dpo").map(|token| token.secret.as_str());
    let caller = service.authenticate(dpo).await?;
    Ok(service.policies(&caller).await?.into_iter().map(|policy| (policy.id, policy.version)).collect())
}

fn screen(url: &str, args: &Demo, tokens: &[Token], versions: &HashMap<String, i64>) -> String {
    let secrets: HashMap<&str, &str> = tokens.iter().map(|token| (token.name, token.secret.as_str())).collect();
    let mut lines = vec![format!("Garant demo: an invented company; its data stays in {}", args.data_dir.display())];
    lines.push(url.to_owned());
    lines.extend(tokens.iter().map(|token| format!("{}: {}", token.name, token.secret)));
    lines.push("\nThree queries to paste into another terminal:".to_owned());
    for query in demo::queries(versions) {
        let token = secrets.get(query.asks.as_str()).copied().unwrap_or_default();
        lines.push(format!("\n# {}\n{}", query.shows, query.command(url, token)));
    }
    lines.push("\nCtrl-C stops the demo.\n".to_owned());
    lines.join("\n")
}
