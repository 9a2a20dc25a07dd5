//! What can go wrong between the host and a plugin, each with a stable code. To a caller all of
//! them are one: the policy is unavailable, nothing is shown.

use garant_domain::problem::SettingProblem;

/// The engine could not be built.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A limit makes no sense.
    #[error("the limit `{limit}` must be {rule}")]
    Limit {
        /// Its name in [`crate::Limits`].
        limit: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// wasmtime refused the configuration.
    #[error("the sandbox could not be configured")]
    Wasmtime(#[source] wasmtime::Error),
    /// A thread could not be started.
    #[error("a thread of the sandbox could not be started")]
    Thread(#[source] std::io::Error),
}

/// A plugin could not be loaded, or could not decide.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PluginError {
    /// The file is not a plugin at all.
    #[error("this is not a policy plugin: {detail}")]
    NotAPlugin {
        /// What was found.
        detail: String,
    },
    /// The file is larger than a plugin may be.
    #[error("the plugin has {bytes} bytes, more than the {limit} allowed")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// It imports something other than the contract's `host` interface.
    #[error("the plugin imports `{name}`; a policy may import only `garant:policy/host`")]
    ForbiddenImport {
        /// The import.
        name: String,
    },
    /// It speaks another version of the contract.
    #[error("the plugin speaks another contract than garant:policy@1.0.0: {found}")]
    AbiVersion {
        /// What was found.
        found: String,
    },
    /// It crashed.
    #[error("the plugin crashed: {detail}")]
    Trap {
        /// wasmtime's name of the trap.
        detail: String,
    },
    /// It called itself too deeply.
    #[error("the plugin used up its stack of {limit} bytes")]
    Stack {
        /// The limit in bytes.
        limit: usize,
    },
    /// It did not answer in time.
    #[error("the plugin did not answer within {limit_ms} ms")]
    Deadline {
        /// The limit in milliseconds.
        limit_ms: u64,
    },
    /// It wanted more memory than it may have.
    #[error("the plugin wanted more than its {limit} bytes of memory")]
    Memory {
        /// The limit in bytes.
        limit: usize,
    },
    /// It answered with more data than it may.
    #[error("the plugin answered with more than {limit} bytes")]
    OutputTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Its answer is not well-formed: a pointer outside its memory, text that is not UTF-8, a
    /// variant that does not exist.
    #[error("the plugin's answer is malformed: {detail}")]
    BadOutput {
        /// What is wrong.
        detail: String,
    },
    /// All places in the sandbox, or all places of this plugin, are taken.
    #[error("the sandbox is busy; try again shortly")]
    Busy,
    /// What it says about itself does not hold.
    #[error("the plugin's manifest is wrong: {}", problems.join("; "))]
    BadManifest {
        /// Each problem, a sentence.
        problems: Vec<String>,
    },
    /// A rule does not type-check, or is not legal where it stands.
    #[error("rule {index} (`{code}`) is wrong: {detail}")]
    BadRule {
        /// Position in the plan, or of the verdict.
        index: usize,
        /// The reason code that the rule names.
        code: String,
        /// What is wrong.
        detail: String,
    },
    /// It touches something that its manifest does not declare.
    #[error("the {what} `{name}` is not declared in the plugin's manifest")]
    Undeclared {
        /// `field`, `fact`, `bound attribute`, `hook`, `entity`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The plan has too many rules.
    #[error("the plan has {count} rules, more than the {limit} allowed")]
    TooManyRules {
        /// How many.
        count: usize,
        /// The limit.
        limit: usize,
    },
    /// The plugin itself refused to answer.
    #[error("the plugin says: {message}")]
    PluginSaid {
        /// Its words, cut to a sensible length.
        message: String,
    },
    /// `judge` answered with the wrong number of verdicts, or with one that was not announced.
    #[error("the plugin's verdicts are wrong: {detail}")]
    BadVerdict {
        /// What is wrong.
        detail: String,
    },
    /// The caller gave the plugin something incomplete: a reference table is missing, columns
    /// differ in length.
    #[error("the plugin was asked wrongly: {detail}")]
    BadRequest {
        /// What is wrong.
        detail: String,
    },
    /// The sandbox itself failed.
    #[error("the sandbox failed: {detail}")]
    Host {
        /// What happened.
        detail: String,
    },
}

impl PluginError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAPlugin { .. } => "NOT_A_PLUGIN",
            Self::TooLarge { .. } => "TOO_LARGE",
            Self::ForbiddenImport { .. } => "FORBIDDEN_IMPORT",
            Self::AbiVersion { .. } => "ABI_VERSION",
            Self::Trap { .. } => "TRAP",
            Self::Stack { .. } => "STACK",
            Self::Deadline { .. } => "DEADLINE",
            Self::Memory { .. } => "MEMORY",
            Self::OutputTooLarge { .. } => "OUTPUT_TOO_LARGE",
            Self::BadOutput { .. } => "BAD_OUTPUT",
            Self::Busy => "BUSY",
            Self::BadManifest { .. } => "BAD_MANIFEST",
            Self::BadRule { .. } => "BAD_RULE",
            Self::Undeclared { .. } => "UNDECLARED",
            Self::TooManyRules { .. } => "TOO_MANY_RULES",
            Self::PluginSaid { .. } => "PLUGIN_SAID",
            Self::BadVerdict { .. } => "BAD_VERDICT",
            Self::BadRequest { .. } => "BAD_REQUEST",
            Self::Host { .. } => "HOST",
        }
    }
}

/// Settings were not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigureError {
    /// The settings are wrong; each problem says where and how to mend it.
    #[error("the settings have {} problem(s)", .0.len())]
    Problems(Vec<SettingProblem>),
    /// The plugin could not check them.
    #[error("the plugin could not check its settings")]
    Unavailable(#[source] PluginError),
}

impl From<PluginError> for ConfigureError {
    fn from(error: PluginError) -> Self {
        Self::Unavailable(error)
    }
}

/// A guest's text, cut so that it cannot flood an error or a log.
pub(crate) fn cut(text: &str, max_chars: usize) -> String {
    match text.char_indices().nth(max_chars) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
