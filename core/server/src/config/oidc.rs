//! Providers with which people sign in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use garant_api::OidcConfig;
use serde::{Deserialize, Serialize};

use super::{Config, ConfigError};

/// `[[oidc]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// Part of the paths.
    pub id: String,
    /// For people.
    pub label: String,
    /// As the provider calls itself, to the letter.
    pub issuer: String,
    /// As the provider calls this server.
    pub client_id: String,
    /// File with what the provider knows it by; none for a public client.
    pub client_secret_file: Option<PathBuf>,
    /// Asked for besides `openid`.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// Where browsers reach this server: scheme and host.
    pub redirect_base: String,
    /// Where a browser goes with its session.
    pub landing: Option<String>,
    /// Who may come whom nobody here knows.
    pub newcomers: Option<Newcomers>,
}

/// `newcomers` of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newcomers {
    /// The claim that says it: a text, or a list of them.
    pub claim: String,
    /// The role for each of its values; of several the first one here.
    pub roles: BTreeMap<String, String>,
}

fn scopes() -> Vec<String> {
    ["email", "profile"].map(str::to_owned).to_vec()
}

impl Oidc {
    /// The provider with its secret.
    ///
    /// # Errors
    /// The file of the secret cannot be read.
    pub fn read(&self, config: &Config) -> Result<OidcConfig, ConfigError> {
        let secret = |file: &PathBuf| {
            let text = std::fs::read_to_string(file).map_err(|_| {
                let remedy = "write the secret that the provider gave into the file";
                config.unusable("oidc.client_secret_file", "cannot be read", remedy)
            })?;
            Ok(text.trim().to_owned())
        };
        Ok(OidcConfig {
            id: self.id.clone(),
            label: self.label.clone(),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret_file.as_ref().map(secret).transpose()?,
            scopes: self.scopes.clone(),
            redirect_base: self.redirect_base.clone(),
            landing: self.landing.clone(),
            newcomers: self.newcomers.as_ref().map(|new| (new.claim.clone(), new.roles.clone())),
        })
    }
}

/// What makes no sense about the providers: key, message and remedy.
pub(super) fn wrong(providers: &[Oidc]) -> Option<(&'static str, &'static str, &'static str)> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    for (index, provider) in providers.iter().enumerate() {
        let id = &provider.id;
        if id.is_empty() || id.len() > 63 || !id.chars().all(plain) {
            return Some(("oidc.id", "is no id of a provider", "use 1 to 63 of a-z, 0-9 and -"));
        }
        if providers.iter().take(index).any(|other| other.id == *id) {
            return Some(("oidc.id", "names two providers", "give each an id of its own"));
        }
        if !url::Url::parse(&provider.issuer).is_ok_and(|url| is_safe(&url)) {
            return Some(("oidc.issuer", "is no https address", "write it as the provider does"));
        }
        let base = url::Url::parse(&provider.redirect_base);
        let site = |url: url::Url| is_safe(&url) && url.origin().ascii_serialization() == provider.redirect_base;
        if !base.is_ok_and(site) {
            let remedy = "write scheme and host alone, such as https://crm.example.org";
            return Some(("oidc.redirect_base", "is no https origin", remedy));
        }
        let empty = |new: &Newcomers| new.claim.is_empty() || new.roles.is_empty();
        if provider.newcomers.as_ref().is_some_and(empty) {
            let remedy = "name a claim and a role for at least one of its values, or leave it out";
            return Some(("oidc.newcomers", "lets nobody come", remedy));
        }
    }
    None
}

/// Whether nobody on the way can read or change what goes there.
fn is_safe(url: &url::Url) -> bool {
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && here)
}
