//! Who words the answers, as JSON. The API key goes in and never comes out (S66).

use super::accounts::Faults;
use crate::domain::settings::{AiSettings, Provider, SealedSecret, SpendLimits};
use crate::secrets::SealerError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AiBody {
    provider: ProviderName,
    /// Where the provider is, such as `http://127.0.0.1:11434/v1`; empty for the vendor's own address.
    #[schema(max_length = 500)]
    base_url: String,
    /// As the provider names it.
    #[schema(max_length = 200)]
    model: String,
    /// Write only. Absent or null keeps the stored key, unless provider or address change; empty forgets it.
    #[serde(default)]
    #[schema(max_length = 500)]
    api_key: Option<String>,
    /// Read only: a key is stored.
    #[serde(default)]
    #[schema(read_only)]
    api_key_set: bool,
    /// What the model is told about tone and subject.
    #[schema(max_length = 8000)]
    instructions: String,
    #[schema(minimum = 3, maximum = 120)]
    timeout_seconds: u32,
    #[schema(minimum = 16, maximum = 8000)]
    max_tokens: u32,
    limits: LimitsBody,
    /// What agents answer after a handoff is proposed as knowledge.
    learn_from_agents: bool,
}

/// Tokens, in and out; null for no limit. Days are those of UTC. No answer begins once a limit is reached; answers under way count
/// with the most that they may cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsBody {
    /// In one conversation, from its start or its last reopening.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_u64)]
    conversation: Option<u64>,
    /// For one visitor in a day.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_u64)]
    visitor: Option<u64>,
    /// For all conversations of the chatbot in a day.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_u64)]
    chatbot: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ProviderName {
    Embedded,
    Openai,
    Anthropic,
}

impl From<&AiSettings> for AiBody {
    fn from(ai: &AiSettings) -> Self {
        let SpendLimits { conversation, visitor, chatbot } = ai.limits;
        Self {
            provider: ai.provider.into(),
            base_url: ai.base_url.clone(),
            model: ai.model.clone(),
            api_key: None,
            api_key_set: ai.api_key.is_some(),
            instructions: ai.instructions.clone(),
            timeout_seconds: ai.timeout_seconds,
            max_tokens: ai.max_tokens,
            limits: LimitsBody { conversation, visitor, chatbot },
            learn_from_agents: ai.learn_from_agents,
        }
    }
}

impl AiBody {
    pub(super) fn checked(
        self,
        faults: &mut Faults,
        old: &AiSettings,
        seal: impl FnOnce(&str) -> Result<SealedSecret, SealerError>,
    ) -> AiSettings {
        if !(3..=120).contains(&self.timeout_seconds) {
            faults.add("ai.timeout_seconds", "must be from 3 to 120");
        }
        if !(16..=8_000).contains(&self.max_tokens) {
            faults.add("ai.max_tokens", "must be from 16 to 8000");
        }
        let LimitsBody { conversation, visitor, chatbot } = self.limits;
        for (name, limit) in [("conversation", conversation), ("visitor", visitor), ("chatbot", chatbot)] {
            if limit.is_some_and(|limit| !(1..=1_000_000_000_000).contains(&limit)) {
                faults.add(format!("ai.limits.{name}"), "must be from 1 to 1000000000000, or null for none");
            }
        }
        let provider = Provider::from(self.provider);
        let model = faults.line("ai.model", &self.model, 0, 200);
        if provider != Provider::Embedded && model.is_empty() {
            faults.add("ai.model", "must name a model of the provider");
        }
        let base_url = faults.line("ai.base_url", &self.base_url, 0, 500).trim_end_matches('/').to_owned();
        if !base_url.is_empty()
            && let Err(why) = check_base_url(&base_url)
        {
            faults.add("ai.base_url", why);
        }
        // A key goes only where its owner sent it: whoever may change the address must not be able to lead it elsewhere.
        let same_place = provider == old.provider && base_url == old.base_url;
        let api_key = match self.api_key.as_deref().map(str::trim) {
            None if same_place => old.api_key.clone(),
            None | Some("") => None,
            Some(key) => {
                let key = faults.line("ai.api_key", key, 1, 500);
                if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                    faults.add("ai.api_key", "must be printable ASCII without blanks");
                }
                match seal(&key) {
                    Ok(sealed) => Some(sealed),
                    Err(error) => {
                        tracing::error!(error = ?error, "a key could not be encrypted");
                        faults.add("ai.api_key", "could not be encrypted; nothing was saved");
                        None
                    }
                }
            }
        };
        AiSettings {
            provider,
            base_url,
            model,
            api_key,
            instructions: faults.text("ai.instructions", &self.instructions, 0, 8_000),
            timeout_seconds: self.timeout_seconds,
            max_tokens: self.max_tokens,
            limits: SpendLimits { conversation, visitor, chatbot },
            learn_from_agents: self.learn_from_agents,
        }
    }
}

fn check_base_url(text: &str) -> Result<(), &'static str> {
    let url: url::Url = text.parse().map_err(|_| "must be an address such as https://api.example.com/v1")?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err("must start with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not have a user name; the key has a field of its own");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must end with the path");
    }
    Ok(())
}

impl From<Provider> for ProviderName {
    fn from(provider: Provider) -> Self {
        match provider {
            Provider::Embedded => Self::Embedded,
            Provider::OpenAi => Self::Openai,
            Provider::Anthropic => Self::Anthropic,
        }
    }
}

impl From<ProviderName> for Provider {
    fn from(name: ProviderName) -> Self {
        match name {
            ProviderName::Embedded => Self::Embedded,
            ProviderName::Openai => Self::OpenAi,
            ProviderName::Anthropic => Self::Anthropic,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> AiSettings {
        AiSettings {
            provider: Provider::OpenAi,
            base_url: "https://llm.example/v1".into(),
            model: "small".into(),
            api_key: Some(SealedSecret("sealed".into())),
            ..AiSettings::default()
        }
    }

    fn checked(change: impl FnOnce(&mut AiBody)) -> Result<AiSettings, String> {
        let mut body = AiBody::from(&stored());
        change(&mut body);
        let mut faults = Faults::default();
        let settings = body.checked(&mut faults, &stored(), |key| Ok(SealedSecret(format!("sealed {key}"))));
        match faults.check() {
            Ok(()) => Ok(settings),
            Err(error) => Err(format!("{error:?}")),
        }
    }

    #[test]
    fn a_key_never_comes_out_and_stays_until_it_is_replaced() {
        let body = serde_json::to_value(AiBody::from(&stored())).unwrap();
        assert_eq!((&body["api_key"], &body["api_key_set"]), (&serde_json::Value::Null, &true.into()));
        assert_eq!(checked(|_| {}).unwrap(), stored());
        let sealed = |body: fn(&mut AiBody)| checked(body).unwrap().api_key.map(|SealedSecret(text)| text);
        assert_eq!(sealed(|body| body.api_key = Some("sk-new".into())).as_deref(), Some("sealed sk-new"));
        assert_eq!(sealed(|body| body.api_key = Some(String::new())), None);
    }

    /// Whoever changes the address would otherwise be sent the key at the next question.
    #[test]
    fn a_key_does_not_follow_to_another_address() {
        let changes: [fn(&mut AiBody); 3] = [
            |body| body.base_url = "https://evil.example/v1".into(),
            |body| body.base_url = "http://llm.example/v1".into(),
            |body| body.provider = ProviderName::Anthropic,
        ];
        for change in changes {
            assert_eq!(checked(change).unwrap().api_key, None);
        }
    }

    #[test]
    fn what_is_not_allowed_is_named() {
        type Case = (&'static str, fn(&mut AiBody));
        let cases: [Case; 9] = [
            ("ai.base_url", |body| body.base_url = "file:///etc/passwd".into()),
            ("ai.base_url", |body| body.base_url = "gopher://x/".into()),
            ("ai.base_url", |body| body.base_url = "https://user:secret@llm.example/v1".into()),
            ("ai.base_url", |body| body.base_url = "https://llm.example/v1?key=1".into()),
            ("ai.model", |body| body.model = String::new()),
            ("ai.api_key", |body| body.api_key = Some("a\r\nb".into())),
            ("ai.timeout_seconds", |body| body.timeout_seconds = 0),
            ("ai.max_tokens", |body| body.max_tokens = 1_000_000),
            ("ai.limits.visitor", |body| body.limits.visitor = Some(0)),
        ];
        for (field, change) in cases {
            let why = checked(change).expect_err(field);
            assert!(why.contains(field), "{why}");
        }
    }
}
