//! Our own hosting as a recipient: what the operator says of the machines on which the records lie.

use serde::{Deserialize, Serialize};

use super::{Graph, HOSTING, Part, Root, Tool};

/// Where our own records lie, and who can lay hands on them there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hosting {
    /// On machines of somebody else; none where nobody has said, which no policy takes for ours.
    pub external: Option<bool>,
    /// Certified for hosting health data (HDS).
    pub hds: Option<bool>,
    /// Whose machines: the identifier or the name of a legal entity of the register.
    pub provider: Option<String>,
    /// ISO 3166 country of the machines.
    pub country: Option<String>,
    /// Who holds the keys: `customer`, `eu_third_party` or `provider`.
    pub key_holder: Option<String>,
    /// Whether the provider can see clear text.
    pub plaintext_needed: Option<bool>,
    /// The contract with the provider, and the tool of a transfer to it.
    pub tool: Option<Tool>,
    /// Those whom we engage besides, or whose software runs there.
    pub chain: Vec<Engaged>,
}

/// One whom we engage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engaged {
    /// The identifier or the name of a legal entity of the register.
    pub provider: String,
    /// What it does.
    #[serde(default)]
    pub role: Option<String>,
    /// Country where it holds or sees the data.
    #[serde(default)]
    pub country: Option<String>,
    /// Who holds the keys.
    #[serde(default)]
    pub key_holder: Option<String>,
    /// Whether it can see clear text.
    #[serde(default)]
    pub plaintext_needed: Option<bool>,
    /// Whether it only licenses software that runs on machines of others.
    #[serde(default)]
    pub licence_only: bool,
    /// Whether that software sends data home.
    #[serde(default)]
    pub telemetry: Option<bool>,
    /// Its contract, and the tool of a transfer to it.
    #[serde(default)]
    pub tool: Option<Tool>,
}

/// Who may hold keys.
pub const KEY_HOLDERS: [&str; 3] = ["customer", "eu_third_party", "provider"];

impl Hosting {
    /// Machines of our own, with nobody else behind them.
    #[must_use]
    pub fn own() -> Self {
        Self { external: Some(false), ..Self::default() }
    }

    /// Where the chain of our own hosting begins. Only machines that are said to be ours have no
    /// provider: one of whom nothing is said is a member of whom nothing is known.
    #[must_use]
    pub fn root(&self, graph: &Graph) -> Root {
        let find = |name: &String| graph.named(name).map(str::to_owned);
        let engaged = self.chain.iter().map(|engaged| Part {
            entity: find(&engaged.provider),
            role: engaged.role.clone(),
            location: engaged.country.clone(),
            plaintext_needed: engaged.plaintext_needed,
            key_holder: engaged.key_holder.clone(),
            licence_only: engaged.licence_only,
            telemetry: engaged.telemetry,
            tool: engaged.tool.clone().unwrap_or_default(),
        });
        Root {
            of: HOSTING,
            recipient: None,
            member: self.external != Some(false),
            part: Part {
                entity: self.provider.as_ref().and_then(find),
                role: Some("host".to_owned()),
                location: self.country.clone(),
                plaintext_needed: self.plaintext_needed,
                key_holder: self.key_holder.clone(),
                tool: self.tool.clone().unwrap_or_default(),
                ..Part::default()
            },
            engaged: engaged.collect(),
        }
    }
}
