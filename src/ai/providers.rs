//! Models behind HTTP: chat completions as OpenAI, Ollama, vLLM and llama.cpp serve them, and Anthropic's messages; streamed.
//!
//! PROVIDER-1: nothing is asked again once text was shown. PROVIDER-2: every wait has an end, and all of them together the
//! chatbot's time-out. PROVIDER-3: an answer that did not come to its own end is none. PROVIDER-4: errors hold no text of anybody's.

mod dialect;
mod health;
mod meter;
mod sse;

pub use health::{Health, Healths};
pub(crate) use meter::Usage;
pub use meter::{Meter, estimate};

use crate::ai::prompt::Prompt;
use crate::config::Secret;
use crate::domain::ids::ChatbotId;
use crate::domain::settings::{AiSettings, Provider};
use crate::domain::time::UnixMillis;
use crate::egress::{self, EgressError, Reach};
use crate::secrets::{self, Sealer};
use dialect::Piece;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use url::Url;

const CONNECT: Duration = Duration::from_secs(5);
/// Longest wait for the first piece of text, and for each next event.
const FIRST: Duration = Duration::from_secs(30);
const NEXT: Duration = Duration::from_secs(15);
const ATTEMPTS: u32 = 3;
const BACK_OFF: Duration = Duration::from_millis(400);
/// Most bytes of an answer, of all events together with their wrapping, and of text.
const MAX_BYTES: usize = 4 << 20;
const MAX_TEXT: usize = 24_000;

const OPENAI: &str = "https://api.openai.com/v1";
const ANTHROPIC: &str = "https://api.anthropic.com/v1";

/// All that is needed to ask models for chatbots.
pub struct Providers {
    sealer: Arc<Sealer>,
    reach: Reach,
    pub healths: Healths,
}

/// One model at one address.
pub struct Endpoint {
    pub(crate) provider: Provider,
    pub(crate) base_url: Url,
    pub(crate) key: Option<Secret>,
    pub(crate) model: String,
    pub(crate) max_tokens: u32,
    timeout: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    #[error("the address is not usable: {0}")]
    Address(#[from] EgressError),
    #[error("the stored key can't be decrypted; enter it again")]
    Key,
    #[error("the provider could not be reached")]
    Unreachable,
    #[error("the provider answered {status}{}", hint(*status))]
    Status { status: u16, retry_after: Option<Duration> },
    #[error("the provider answered with neither a stream of events nor JSON")]
    NotAnAnswer,
    #[error("the provider sent what is not its protocol")]
    Malformed,
    #[error("the provider broke off in the middle of an answer")]
    Cut,
    #[error("the provider's answer has no end")]
    TooLong,
    #[error("the provider answered nothing")]
    Empty,
    #[error("the provider took longer than the time-out")]
    TimedOut,
    #[error("the model's answer was not fit to be shown")]
    Unfit,
    /// Not a fault: the answer is not wanted any more.
    #[error("the answer is not wanted any more")]
    Unwanted,
}

fn hint(status: u16) -> &'static str {
    match status {
        401 | 403 => ": check the API key",
        404 => ": check address and model",
        429 => ": too many requests, or no credit",
        300..=399 => ": redirects are not followed",
        _ => "",
    }
}

impl ProviderError {
    fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable => true,
            Self::Status { status, .. } => *status == 429 || *status >= 500,
            _ => false,
        }
    }
}

impl Providers {
    pub fn new(sealer: Arc<Sealer>, reach: Reach) -> Self {
        Self { sealer, reach, healths: Healths::default() }
    }

    /// The endpoint that a chatbot has chosen; `None` for the embedded responder.
    ///
    /// # Errors
    /// When its key can't be decrypted or its address is none.
    pub fn endpoint(&self, chatbot: &ChatbotId, ai: &AiSettings) -> Result<Option<Endpoint>, ProviderError> {
        let base_url = match ai.provider {
            Provider::Embedded => return Ok(None),
            Provider::OpenAi if ai.base_url.is_empty() => OPENAI,
            Provider::Anthropic if ai.base_url.is_empty() => ANTHROPIC,
            Provider::OpenAi | Provider::Anthropic => &ai.base_url,
        };
        let key = ai.api_key.as_ref().map(|sealed| self.sealer.open_secret(&secrets::ai_key(chatbot), sealed));
        Ok(Some(Endpoint {
            provider: ai.provider,
            base_url: base_url.parse().map_err(|_| EgressError::Scheme)?,
            key: key.transpose().map_err(|_| ProviderError::Key)?,
            model: ai.model.clone(),
            max_tokens: ai.max_tokens,
            timeout: Duration::from_secs(ai.timeout_seconds.into()),
        }))
    }

    /// Ask, and hand over pieces of text as they come; the whole text in the end. Dropping the future, or closing `pieces`, breaks
    /// the request off. What it costs is in `meter`, however it ends.
    ///
    /// # Errors
    /// [`ProviderError`]; pieces may have been handed over before.
    pub async fn ask(
        &self,
        endpoint: &Endpoint,
        prompt: &Prompt,
        pieces: mpsc::Sender<String>,
        meter: &mut Meter,
    ) -> Result<String, ProviderError> {
        let deadline = Instant::now() + endpoint.timeout;
        let attempts = self.with_attempts(endpoint, prompt, pieces, meter, deadline);
        tokio::time::timeout_at(deadline, attempts).await.unwrap_or(Err(ProviderError::TimedOut))
    }

    async fn with_attempts(
        &self,
        endpoint: &Endpoint,
        prompt: &Prompt,
        pieces: mpsc::Sender<String>,
        meter: &mut Meter,
        deadline: Instant,
    ) -> Result<String, ProviderError> {
        let mut attempt = 1;
        loop {
            let error = match self.open(endpoint, prompt, meter).await {
                Ok((Form::Stream, response)) => return read(endpoint.provider, response, pieces, meter).await,
                Ok((Form::Whole, response)) => return read_whole(endpoint.provider, response, pieces, meter).await,
                Err(error) => error,
            };
            let asked_for = match &error {
                ProviderError::Status { retry_after, .. } => *retry_after,
                _ => None,
            };
            let pause = asked_for.unwrap_or(BACK_OFF * 2_u32.pow(attempt - 1));
            // Waiting past the time-out would only end in another error; this one says more.
            if !error.is_temporary() || attempt == ATTEMPTS || Instant::now() + pause >= deadline {
                return Err(error);
            }
            attempt += 1;
            tokio::time::sleep(pause).await;
        }
    }

    /// Up to the head of an answer.
    async fn open(
        &self,
        endpoint: &Endpoint,
        prompt: &Prompt,
        meter: &mut Meter,
    ) -> Result<(Form, reqwest::Response), ProviderError> {
        let client = egress::client_for(&endpoint.base_url, self.reach, CONNECT).await?;
        let request = dialect::request(&client, endpoint, prompt)?;
        meter.asking(prompt);
        let response = request.send().await.map_err(|error| {
            // A request that got lost later than that may have been read.
            if error.is_builder() || error.is_connect() {
                meter.refused();
            }
            if error.is_builder() { ProviderError::Malformed } else { ProviderError::Unreachable }
        })?;
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        if status != 200 {
            let retry_after =
                header("retry-after").and_then(|value| value.trim().parse().ok()).map(Duration::from_secs);
            meter.refused();
            return Err(ProviderError::Status { status, retry_after });
        }
        let kind = header("content-type").unwrap_or_default().trim_start().to_ascii_lowercase();
        if kind.starts_with("text/event-stream") {
            Ok((Form::Stream, response))
        } else if kind.starts_with("application/json") {
            Ok((Form::Whole, response))
        } else {
            meter.refused();
            Err(ProviderError::NotAnAnswer)
        }
    }
}

/// How an answer comes.
enum Form {
    Stream,
    /// In one piece: some servers can't stream, though they are asked to.
    Whole,
}

async fn read(
    provider: Provider,
    mut response: reqwest::Response,
    pieces: mpsc::Sender<String>,
    meter: &mut Meter,
) -> Result<String, ProviderError> {
    let (mut decoder, mut text) = (sse::Decoder::default(), String::new());
    let (mut bytes_read, mut ended) = (0, false);
    while !ended {
        let wait = if text.is_empty() { FIRST } else { NEXT };
        let chunk = tokio::time::timeout(wait, response.chunk()).await.map_err(|_| ProviderError::TimedOut)?;
        let Some(bytes) = chunk.map_err(|_| ProviderError::Cut)? else { break };
        bytes_read += bytes.len();
        if bytes_read > MAX_BYTES {
            return Err(ProviderError::TooLong);
        }
        for data in decoder.push(&bytes).map_err(|_| ProviderError::Malformed)? {
            match dialect::read(provider, &data)? {
                Piece::Text(piece) => {
                    meter.text(&piece);
                    text.push_str(&piece);
                    if text.len() > MAX_TEXT {
                        return Err(ProviderError::TooLong);
                    }
                    pieces.send(piece).await.map_err(|_| ProviderError::Unwanted)?;
                }
                Piece::Usage(usage) => meter.usage(usage),
                Piece::End => ended = true,
                Piece::Nothing => {}
            }
        }
    }
    if !ended {
        return Err(ProviderError::Cut);
    }
    meter.ended();
    if text.trim().is_empty() {
        return Err(ProviderError::Empty);
    }
    Ok(text)
}

async fn read_whole(
    provider: Provider,
    mut response: reqwest::Response,
    pieces: mpsc::Sender<String>,
    meter: &mut Meter,
) -> Result<String, ProviderError> {
    let mut body = Vec::new();
    loop {
        let chunk = tokio::time::timeout(FIRST, response.chunk()).await.map_err(|_| ProviderError::TimedOut)?;
        let Some(bytes) = chunk.map_err(|_| ProviderError::Cut)? else { break };
        if body.len() + bytes.len() > MAX_BYTES {
            return Err(ProviderError::TooLong);
        }
        body.extend_from_slice(&bytes);
    }
    let dialect::Whole { text, usage } = dialect::read_whole(provider, &body)?;
    meter.text(&text);
    meter.usage(usage);
    meter.ended();
    if text.trim().is_empty() {
        return Err(ProviderError::Empty);
    }
    if text.len() > MAX_TEXT {
        return Err(ProviderError::TooLong);
    }
    pieces.send(text.clone()).await.map_err(|_| ProviderError::Unwanted)?;
    Ok(text)
}

/// What the tokens of a chatbot's day (UTC) are counted under.
pub fn day_scope(chatbot: &ChatbotId, now: UnixMillis) -> String {
    format!("chatbot:{chatbot}:{}", now.0.div_euclid(86_400_000))
}

/// Tokens of so many bytes, roughly.
fn about(bytes: usize) -> u64 {
    bytes.div_ceil(4) as u64
}
