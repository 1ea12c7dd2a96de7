//! The two ways in which providers are asked and answer.

use super::{Endpoint, ProviderError, Usage};
use crate::ai::prompt::Prompt;
use crate::domain::settings::Provider;
use serde::{Deserialize, Serialize};

const ANTHROPIC_VERSION: &str = "2023-06-01";

/// What one event of a stream says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    Text(String),
    Usage(Usage),
    /// The answer is complete.
    End,
    Nothing,
}

/// An answer in one piece.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Whole {
    pub(super) text: String,
    pub(super) usage: Usage,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct OpenAiRequest<'a> {
    model: &'a str,
    messages: [Message<'a>; 2],
    max_tokens: u32,
    stream: bool,
    stream_options: StreamOptions,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct AnthropicRequest<'a> {
    model: &'a str,
    system: &'a str,
    messages: [Message<'a>; 1],
    max_tokens: u32,
    stream: bool,
}

/// The request for `prompt`, with the key in the header that the provider reads.
pub(super) fn request(
    client: &reqwest::Client,
    endpoint: &Endpoint,
    prompt: &Prompt,
) -> Result<reqwest::RequestBuilder, ProviderError> {
    let (path, body) = match endpoint.provider {
        Provider::Anthropic => {
            let messages = [Message { role: "user", content: &prompt.user }];
            let (model, system, max_tokens) = (&endpoint.model, &prompt.system, endpoint.max_tokens);
            ("messages", serde_json::to_vec(&AnthropicRequest { model, system, messages, max_tokens, stream: true }))
        }
        Provider::OpenAi | Provider::Embedded => {
            let messages =
                [Message { role: "system", content: &prompt.system }, Message { role: "user", content: &prompt.user }];
            let stream_options = StreamOptions { include_usage: true };
            let (model, max_tokens) = (&endpoint.model, endpoint.max_tokens);
            let body = OpenAiRequest { model, messages, max_tokens, stream: true, stream_options };
            ("chat/completions", serde_json::to_vec(&body))
        }
    };
    let url = format!("{}/{path}", endpoint.base_url.as_str().trim_end_matches('/'));
    let mut request = client
        .post(url)
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .body(body.map_err(|_| ProviderError::Malformed)?);
    if endpoint.provider == Provider::Anthropic {
        request = request.header("anthropic-version", ANTHROPIC_VERSION);
    }
    if let Some(key) = &endpoint.key {
        request = match endpoint.provider {
            Provider::Anthropic => request.header("x-api-key", key.reveal()),
            Provider::OpenAi | Provider::Embedded => request.bearer_auth(key.reveal()),
        };
    }
    Ok(request)
}

#[derive(Deserialize)]
struct OpenAiChunk {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<OpenAiUsage>,
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Option<Delta>,
}

#[derive(Deserialize)]
struct OpenAiAnswer {
    choices: Vec<WholeChoice>,
    usage: Option<OpenAiUsage>,
}

#[derive(Deserialize)]
struct WholeChoice {
    message: Delta,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
}

#[derive(Deserialize)]
struct OpenAiUsage {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum AnthropicEvent {
    MessageStart {
        message: AnthropicMessage,
    },
    ContentBlockDelta {
        delta: AnthropicDelta,
    },
    MessageDelta {
        usage: Option<AnthropicUsage>,
    },
    MessageStop,
    Error,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct AnthropicMessage {
    usage: Option<AnthropicUsage>,
}

#[derive(Deserialize)]
struct AnthropicDelta {
    text: Option<String>,
}

#[derive(Deserialize)]
struct AnthropicAnswer {
    content: Vec<AnthropicDelta>,
    usage: Option<AnthropicUsage>,
}

#[derive(Deserialize)]
struct AnthropicUsage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

/// Read the data of one event.
pub(super) fn read(provider: Provider, data: &str) -> Result<Piece, ProviderError> {
    match provider {
        Provider::Anthropic => read_anthropic(data),
        Provider::OpenAi | Provider::Embedded => read_openai(data),
    }
}

/// Read the body of an answer that was not streamed.
pub(super) fn read_whole(provider: Provider, body: &[u8]) -> Result<Whole, ProviderError> {
    let malformed = |_| ProviderError::Malformed;
    match provider {
        Provider::Anthropic => {
            let answer: AnthropicAnswer = serde_json::from_slice(body).map_err(malformed)?;
            let text = answer.content.into_iter().filter_map(|block| block.text).collect();
            let usage = answer.usage.map(AnthropicUsage::counted).unwrap_or_default();
            Ok(Whole { text, usage })
        }
        Provider::OpenAi | Provider::Embedded => {
            let answer: OpenAiAnswer = serde_json::from_slice(body).map_err(malformed)?;
            let text = answer.choices.into_iter().filter_map(|choice| choice.message.content).collect();
            let usage = answer.usage.map(OpenAiUsage::counted).unwrap_or_default();
            Ok(Whole { text, usage })
        }
    }
}

impl OpenAiUsage {
    fn counted(self) -> Usage {
        Usage { input: Some(self.prompt_tokens), output: Some(self.completion_tokens) }
    }
}

impl AnthropicUsage {
    fn counted(self) -> Usage {
        Usage { input: self.input_tokens, output: self.output_tokens }
    }
}

fn read_openai(data: &str) -> Result<Piece, ProviderError> {
    if data.trim() == "[DONE]" {
        return Ok(Piece::End);
    }
    let chunk: OpenAiChunk = serde_json::from_str(data).map_err(|_| ProviderError::Malformed)?;
    if chunk.error.is_some() {
        return Err(ProviderError::Cut);
    }
    let text: String = chunk.choices.into_iter().filter_map(|choice| choice.delta?.content).collect();
    match chunk.usage {
        _ if !text.is_empty() => Ok(Piece::Text(text)),
        Some(usage) => Ok(Piece::Usage(usage.counted())),
        None => Ok(Piece::Nothing),
    }
}

fn read_anthropic(data: &str) -> Result<Piece, ProviderError> {
    let usage = |usage: Option<AnthropicUsage>| usage.map_or(Piece::Nothing, |usage| Piece::Usage(usage.counted()));
    Ok(match serde_json::from_str(data).map_err(|_| ProviderError::Malformed)? {
        AnthropicEvent::MessageStart { message } => usage(message.usage),
        AnthropicEvent::ContentBlockDelta { delta } => delta.text.map_or(Piece::Nothing, Piece::Text),
        AnthropicEvent::MessageDelta { usage: spent } => usage(spent),
        AnthropicEvent::MessageStop => Piece::End,
        AnthropicEvent::Error => return Err(ProviderError::Cut),
        AnthropicEvent::Other => Piece::Nothing,
    })
}
