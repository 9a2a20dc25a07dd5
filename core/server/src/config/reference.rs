//! The configuration reference: one list of keys, from which `garant config` and
//! `examples/config/REFERENCE.md` come. A test holds it against the structs.

use std::fmt::Write as _;

use super::Config;

/// Every key with what it means; the defaults come from the structs.
pub const KEYS: &[(&str, &str)] = &[
    (
        "secret_file",
        "File with 32 random bytes in hex that seal cursors and key hashes and wrap the keys of dormant data; made (mode 0600) when missing. All server processes of one database need the same. Keep a copy apart from the backups: without it nobody can open the archive of dormant data again.",
    ),
    ("server.listen", "Address and port; port 0 takes a free one."),
    (
        "server.metrics_listen",
        "Address and port where `/metrics` is answered in Prometheus' format, without a token: one that only the operator reaches, such as 127.0.0.1:9464. It tells counts and durations, nothing about people.",
    ),
    ("server.max_body_bytes", "Largest request body."),
    ("server.max_query_bytes", "Longest query text inside the body."),
    ("server.max_depth", "Deepest nesting of a query."),
    ("server.max_complexity", "Most fields that an answer may hold, lists counted by the page asked for."),
    ("server.default_page", "Records on a page that names no size."),
    ("server.max_page", "Most records on a page; at most 1000."),
    ("server.max_batch", "Most records that one mutation may create."),
    ("server.request_timeout_ms", "Longest time for a request, in milliseconds."),
    (
        "server.shutdown_timeout_ms",
        "Longest time for requests under way when the server is told to stop, in milliseconds.",
    ),
    (
        "server.requests_per_minute",
        "Requests that a key (in all its rotations), a user (in all sessions) or, without a credential, an address may send a minute to one server process; more are answered 429 `RATE_LIMITED` with `Retry-After`. A key may have a limit of its own (`createApiKey`).",
    ),
    (
        "server.burst_seconds",
        "Of so many seconds the requests may come at once: 60 lets those of a whole minute come in its first second.",
    ),
    (
        "server.origins",
        "Sites, besides the server's own, whose pages may send requests with the cookie of a session: `https://crm.example.org`.",
    ),
    (
        "server.behind_proxy",
        "Whether a proxy of yours stands before the server, so that the last address in `X-Forwarded-For` is the client's. Without one anybody could write there what they like.",
    ),
    (
        "database.url",
        "Required. `sqlite:path` or `postgres://user:password@host/name`; the variable GARANT_DATABASE_URL wins.",
    ),
    ("database.max_connections", "Most connections."),
    (
        "database.durability",
        "`normal`: the log of reads survives a kill of the process before an answer leaves; `strict`: a power cut too. Changes of policies are always strict.",
    ),
    ("tenant.id", "First part of every key: 1 to 63 of a-z, 0-9 and `-`."),
    ("tenant.zone", "IANA time zone in which days begin and periods end."),
    (
        "tenant.sandbox",
        "`true` where the records are nobody's: everybody may then read explanations, which tell of hidden records, and set their clock. Never for real people.",
    ),
    (
        "tenant.second_person",
        "Whether a change that may weaken an enforced policy (no longer enforcing it, other settings, another version, at once or later) waits until another DPO, or somebody with the role `controller`, has confirmed it.",
    ),
    (
        "tenant.break_glass_roles",
        "Roles that may start a break-glass: half an hour in which policies see `actor.break_glass`, with an alarm for the DPO.",
    ),
    ("people.session_idle_minutes", "A session that is not used for so long is over."),
    ("people.session_hours", "A session is over after so long, however much it is used."),
    ("people.invitation_hours", "An invitation, or a reset of a password, may be used for so long."),
    (
        "people.second_factor_roles",
        "Roles whose users need a second factor besides the password, such as `[\"admin\", \"dpo\"]`: until it is on, they may do nothing but turn it on (`beginTotp`, `confirmTotp`). Everybody else may have one.",
    ),
    (
        "oidc",
        "Providers with which people sign in (OpenID Connect): a table `[[oidc]]` for each, with `id` (part of the paths `/auth/<id>/start` and `/auth/<id>/callback`, the latter to be registered with the provider), `label`, `issuer`, `client_id`, `client_secret_file` (none for a public client), `scopes` (`email` and `profile` unless told), `redirect_base` (scheme and host by which browsers reach this server), `landing` (where a browser goes then, such as `/`). Only known users get in, by their verified e-mail address the first time; `newcomers = { claim = \"groups\", roles = { \"crm-sales\" = \"sales\" } }` makes users of others whose claim names a role.",
    ),
    ("policy.reference_dir", "Folder with reference tables (CSV) that take the place of the built-in ones."),
    ("policy.deadline_ms", "Longest time for one answer of a plugin, in milliseconds."),
    ("policy.setup_deadline_ms", "Longest time for a plugin to describe itself or to check settings, in milliseconds."),
    ("policy.memory_mb", "Most memory of one plugin instance, in MiB."),
    ("policy.max_output_kb", "Most that one call of a plugin may answer, in KiB."),
    ("policy.threads", "Threads that run plugins."),
    (
        "policy.threads_per_plugin",
        "Threads that one plugin may take; fewer than all, so that none can starve the others.",
    ),
    ("policy.queue", "Callers that may wait for a thread; the next one is told that the server is busy."),
    ("policy.allow_unsigned", "Whether a plugin without a signature may be installed. A wrong signature never is."),
    (
        "policy.publishers",
        "Authors whose plugins may be installed, besides the server's own: a table `[[policy.publishers]]` for each, with `name` and `key` as `garant plugin keygen` prints it.",
    ),
    ("webhooks.allow_private", "Whether subscribers may be in private networks, and be posted to over plain HTTP."),
    ("webhooks.timeout_ms", "Longest time that a subscriber may take to answer, in milliseconds."),
    (
        "sweep.every_minutes",
        "Minutes from the beginning of one sweep (archiving, anonymising and erasing what the policies say is due) to that of the next, shared by all servers of one database; 0 for none by itself.",
    ),
    (
        "sweep.trash_days",
        "Days after which a sweep erases what lies in the trash, unless a hold keeps it; it cannot be restored then. 0 for never. The trash of registers is kept as evidence.",
    ),
    (
        "subscriptions.at_once",
        "Most subscriptions over WebSocket that this process serves, and most connections for them; a connection has 20 subscriptions at most.",
    ),
    (
        "subscriptions.records",
        "Most records that one subscription follows, at about 100 bytes of memory each. Webhooks know no such limit.",
    ),
    ("jobs.at_once", "How many imports and exports this server runs at once."),
    (
        "jobs.keep_days",
        "Days after which a job goes with the file that came in, its rejects and its answer, all of which are sealed until then.",
    ),
    ("jobs.max_upload_mb", "Largest file that `POST /import` takes, in MiB."),
    (
        "hosting.external",
        "Whether the records lie on machines of somebody else; leave it out, and policies take the host for unknown.",
    ),
    ("hosting.hds", "Whether the host is certified for health data (HDS)."),
    (
        "hosting.provider",
        "Whose machines: identifier or name of an entry among the legal entities, from where its owners and processors are followed.",
    ),
    ("hosting.country", "Country of the machines (ISO 3166)."),
    ("hosting.key_holder", "Who holds the keys: `customer` (we alone), `eu_third_party` or `provider`."),
    ("hosting.plaintext_needed", "Whether the host can see clear text; left out, it is taken to."),
    (
        "hosting.tool",
        "The contract with the host and, outside the EEA, the tool of the transfer: `contract_until`, `mechanism` (`none`, `adequacy`, `dpf`, `scc`, `bcr`), `mechanism_module`, `mechanism_complete`, `adequacy_scope_ok`, `dpf_active`, `assessment` (`none`, `positive`, `negative`), `assessment_review_at`.",
    ),
    (
        "hosting.chain",
        "Whom we engage besides, or whose software runs there: a table `[[hosting.chain]]` for each, with `provider`, `role`, `country`, `key_holder`, `plaintext_needed`, `licence_only`, `telemetry` and `tool`.",
    ),
    ("log.format", "`json` for machines, `text` for people."),
    ("log.level", "`error`, `warn`, `info` or `debug`, or directives: `info,garant_api=debug`."),
];

/// The reference as a page of Markdown.
#[must_use]
pub fn markdown() -> String {
    let defaults = defaults();
    let mut page = String::from(
        "# Configuration reference\n\nGenerated by `garant config`; a test holds it against the code.\n\n| Key | Default | Meaning |\n|---|---|---|\n",
    );
    for (key, meaning) in KEYS {
        let default = lookup(&defaults, key).map_or_else(|| "none".to_owned(), |value| format!("`{value}`"));
        let default = if *key == "database.url" { "none".to_owned() } else { default };
        let _ = writeln!(page, "| `{key}` | {default} | {meaning} |");
    }
    page
}

fn defaults() -> toml::Table {
    toml::Table::try_from(Config::with_database("sqlite:garant.db")).unwrap_or_default()
}

fn lookup<'a>(table: &'a toml::Table, key: &str) -> Option<&'a toml::Value> {
    match key.split_once('.') {
        Some((section, name)) => table.get(section)?.get(name),
        None => table.get(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_complete() {
        let defaults = defaults();
        let mut keys: Vec<String> = defaults
            .iter()
            .flat_map(|(name, value)| match value {
                toml::Value::Table(section) => section.keys().map(|key| format!("{name}.{key}")).collect(),
                _ => vec![name.clone()],
            })
            .collect();
        // An absent value is not serialised; these are the keys without a default.
        keys.extend(["policy.reference_dir", "server.metrics_listen"].map(str::to_owned));
        let unsaid = ["external", "hds", "provider", "country", "key_holder", "plaintext_needed", "tool"];
        keys.extend(unsaid.map(|key| format!("hosting.{key}")));
        keys.sort();
        let mut listed: Vec<String> = KEYS.iter().map(|(key, _)| (*key).to_owned()).collect();
        listed.sort();
        assert_eq!(listed, keys);
    }

    #[test]
    fn the_page_in_the_repository_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/config/REFERENCE.md");
        let page = std::fs::read_to_string(path).expect("examples/config/REFERENCE.md");
        assert_eq!(page, markdown(), "run: cargo run -- config > examples/config/REFERENCE.md");
    }
}
