//! Providers with which people sign in (OpenID Connect, authorization code with PKCE). The library holds the
//! standard: discovery, the exchange of the code, and the checks of the ID token (signature by the provider's
//! published keys, issuer, audience, end, nonce). Whose log-in it is, the service says.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use garant_domain::clock::SharedClock;
use garant_domain::problem::{ErrorCode, Problem};
use garant_service::{SignInUnderWay, Vouched};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

/// How long a browser may be away.
const AWAY_MICROS: i64 = 10 * 60 * 1_000_000;

/// How long what a provider says of itself, its keys too, is taken from memory.
const KNOWN_MICROS: i64 = 60 * 60 * 1_000_000;

/// Keys that are older are fetched anew for a word that they do not fit: a provider changes its keys.
const FRESH_MICROS: i64 = 60 * 1_000_000;

/// How long a provider may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A provider, as the operator describes it.
#[derive(Clone, Debug)]
pub struct OidcConfig {
    /// Part of the paths.
    pub id: String,
    /// For people.
    pub label: String,
    /// As the provider calls itself, to the letter.
    pub issuer: String,
    /// As the provider calls this server.
    pub client_id: String,
    /// By which the provider knows it; none for a public client.
    pub client_secret: Option<String>,
    /// Asked for besides `openid`.
    pub scopes: Vec<String>,
    /// Where browsers reach this server: scheme and host.
    pub redirect_base: String,
    /// Where a browser goes with its session; it is told to close the page without.
    pub landing: Option<String>,
    /// Who may come whom nobody here knows: a claim, and the role for each of its values.
    pub newcomers: Option<(String, BTreeMap<String, String>)>,
}

/// Claims besides those of the standard.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Claims(HashMap<String, serde_json::Value>);

impl AdditionalClaims for Claims {}

type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// The library's client of a provider that was discovered.
type Relying = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What a provider said of itself, and when.
struct Known {
    at: i64,
    relying: Arc<Relying>,
}

/// A provider.
pub struct Provider {
    /// As the operator describes it.
    pub config: OidcConfig,
    http: reqwest::Client,
    clock: SharedClock,
    known: Mutex<Option<Known>>,
}

impl Provider {
    /// A provider that nobody has asked yet.
    ///
    /// # Errors
    /// When the TLS of this build cannot be set up.
    pub fn new(config: OidcConfig, clock: SharedClock) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            // A provider's answer must not send our secrets elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { config, http, clock, known: Mutex::new(None) })
    }

    /// Where a browser goes, and what it keeps meanwhile.
    ///
    /// # Errors
    /// The provider cannot be reached, or is not who it should be.
    pub async fn begin(&self) -> Result<(String, SignInUnderWay), Problem> {
        let relying = self.relying(KNOWN_MICROS).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let mut request = relying.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        for scope in &self.config.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
        let under_way = SignInUnderWay {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            until: self.clock.now().saturating_add(AWAY_MICROS),
        };
        Ok((url.to_string(), under_way))
    }

    /// For whom the provider vouches with a code.
    ///
    /// # Errors
    /// The provider does not take the code, or its word does not hold.
    pub async fn vouches(&self, code: String, under_way: SignInUnderWay) -> Result<Vouched, Problem> {
        let mut relying = self.relying(KNOWN_MICROS).await?;
        let exchange = relying.exchange_code(AuthorizationCode::new(code)).map_err(|error| self.unusable(&error))?;
        let verifier = PkceCodeVerifier::new(under_way.verifier);
        let answer = exchange.set_pkce_verifier(verifier).request_async(&self.http).await.map_err(|error| {
            // The chain may quote the provider's answer, and with it tokens.
            let refused = matches!(error, openidconnect::RequestTokenError::ServerResponse(_));
            tracing::warn!(provider = self.config.id, refused, "a code was not exchanged");
            let message = "The provider did not take the code: it was used, is over, or is not for this server";
            if refused { failed(message) } else { self.unreachable() }
        })?;
        let token = answer.id_token().ok_or_else(|| failed("The provider gave no ID token"))?;
        let nonce = Nonce::new(under_way.nonce);
        if token.claims(&self.verifier(&relying), &nonce).is_err() {
            // It may have changed its keys.
            relying = self.relying(FRESH_MICROS).await?;
        }
        let verifier = self.verifier(&relying);
        let doubtful = |what: &str| {
            tracing::warn!(provider = self.config.id, what, "an ID token does not hold");
            failed("The provider's word does not hold: signature, issuer, audience, end or nonce is wrong")
        };
        let claims = token.claims(&verifier, &nonce).map_err(|_| doubtful("claims"))?;
        if let Some(expected) = claims.access_token_hash() {
            let (alg, key) = (token.signing_alg(), token.signing_key(&verifier));
            let (Ok(alg), Ok(key)) = (alg, key) else { return Err(doubtful("key")) };
            let actual = AccessTokenHash::from_token(answer.access_token(), alg, key);
            if !actual.is_ok_and(|actual| actual == *expected) {
                return Err(doubtful("access token"));
            }
        }
        let mut person = Person {
            email: claims.email().map(|email| email.to_string()),
            verified: claims.email_verified() == Some(true),
            name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
            claims: claims.additional_claims().clone(),
        };
        if person.email.is_none() && relying.user_info_url().is_some() {
            let asked = relying.user_info(answer.access_token().to_owned(), Some(claims.subject().clone()));
            let asked = asked.map_err(|error| self.unusable(&error))?.request_async(&self.http).await;
            let more: UserInfoClaims<Claims, CoreGenderClaim> = asked.map_err(|_| doubtful("user info"))?;
            person.add(&more);
        }
        Ok(Vouched {
            issuer: self.config.issuer.clone(),
            subject: claims.subject().to_string(),
            role: self.role(&person.claims),
            verified_email: person.email.filter(|_| person.verified),
            name: person.name,
        })
    }

    /// The role of a newcomer.
    fn role(&self, claims: &Claims) -> Option<String> {
        let (claim, roles) = self.config.newcomers.as_ref()?;
        let value = claims.0.get(claim)?;
        let values: Vec<&str> = match value {
            serde_json::Value::Array(values) => values.iter().filter_map(serde_json::Value::as_str).collect(),
            single => single.as_str().into_iter().collect(),
        };
        // In the order of the configuration's keys, so that it does not depend on the provider's.
        roles.iter().find(|(value, _)| values.contains(&value.as_str())).map(|(_, role)| role.clone())
    }

    fn verifier<'a>(&self, relying: &'a Relying) -> openidconnect::IdTokenVerifier<'a, CoreJsonWebKey> {
        let clock = Arc::clone(&self.clock);
        relying
            .id_token_verifier()
            .set_time_fn(move || DateTime::from_timestamp_micros(clock.now()).unwrap_or_default())
    }

    /// The client of the provider, of what it said of itself not longer ago than this.
    async fn relying(&self, oldest_micros: i64) -> Result<Arc<Relying>, Problem> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        if let Some(known) = known.as_ref().filter(|known| now.saturating_sub(known.at) < oldest_micros) {
            return Ok(Arc::clone(&known.relying));
        }
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(|error| self.unusable(&error))?;
        let said = CoreProviderMetadata::discover_async(issuer, &self.http).await.map_err(|error| {
            tracing::warn!(provider = self.config.id, error = &error as &dyn std::error::Error, "no discovery");
            self.unreachable()
        })?;
        let redirect = format!("{}/auth/{}/callback", self.config.redirect_base, self.config.id);
        let redirect = RedirectUrl::new(redirect).map_err(|error| self.unusable(&error))?;
        let secret = self.config.client_secret.clone().map(ClientSecret::new);
        let client = ClientId::new(self.config.client_id.clone());
        let relying = Arc::new(Relying::from_provider_metadata(said, client, secret).set_redirect_uri(redirect));
        *known = Some(Known { at: now, relying: Arc::clone(&relying) });
        Ok(relying)
    }

    fn unreachable(&self) -> Problem {
        failed(&format!("The provider `{}` cannot be reached, or is not who it should be", self.config.id))
            .mend("Try again in a moment; the operator finds in the server's log what is wrong.")
    }

    fn unusable(&self, error: &(dyn std::error::Error + 'static)) -> Problem {
        tracing::error!(provider = self.config.id, error, "a provider cannot be used");
        self.unreachable()
    }
}

/// What is known of whom a provider vouches for.
struct Person {
    email: Option<String>,
    verified: bool,
    name: Option<String>,
    claims: Claims,
}

impl Person {
    /// Adds what the provider tells beside its word; what it signed stays.
    fn add(&mut self, more: &UserInfoClaims<Claims, CoreGenderClaim>) {
        self.email = more.email().map(|email| email.to_string());
        self.verified = more.email_verified() == Some(true);
        self.name = self.name.take().or_else(|| Some(more.name()?.get(None)?.to_string()));
        for (name, value) in &more.additional_claims().0 {
            self.claims.0.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
}

/// A log-in that came to nothing.
pub fn failed(message: &str) -> Problem {
    Problem::new(ErrorCode::Unauthenticated, message).mend("Begin the log-in again.")
}
