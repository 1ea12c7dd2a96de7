//! Settings of a chatbot as JSON in the database. Every field has a default, so that a new setting reads old rows.

use crate::domain::settings::{
    AiSettings, Appearance, ButtonRule, ChatbotSettings, HandoffPolicy, LauncherPosition, Provider, SealedSecret,
    SpendLimits, Texts, Trigger,
};
use serde::{Deserialize, Serialize};

pub(super) fn encode(settings: &ChatbotSettings) -> Result<String, serde_json::Error> {
    serde_json::to_string(&StoredSettings::from(settings.clone()))
}

pub(super) fn decode(text: &str) -> Result<ChatbotSettings, serde_json::Error> {
    serde_json::from_str::<StoredSettings>(text).map(ChatbotSettings::from)
}

/// Pairs of a domain struct and its stored form with the same field names: both conversions, and a default that is the domain's.
macro_rules! stored {
    ($domain:ty as $name:ident, $default:expr, { $($field:ident: $type:ty),+ $(,)? }) => {
        #[derive(Serialize, Deserialize)]
        #[serde(default)]
        struct $name { $($field: $type),+ }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                Self { $($field: value.$field.into()),+ }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                Self { $($field: value.$field.into()),+ }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::from($default)
            }
        }
    };
}

stored!(ChatbotSettings as StoredSettings, ChatbotSettings::new(String::new()), {
    name: String,
    appearance: StoredAppearance,
    handoff: StoredHandoff,
    texts: StoredTexts,
    notify_emails: Vec<String>,
    allowed_origins: Vec<String>,
    confidence_threshold: f32,
    wait_warning_seconds: u32,
    ai: StoredAi,
});

stored!(Appearance as StoredAppearance, ChatbotSettings::new(String::new()).appearance, {
    brand_color: String,
    position: StoredPosition,
    greeting: String,
    starters: Vec<String>,
});

stored!(HandoffPolicy as StoredHandoff, HandoffPolicy::default(), {
    enabled: bool,
    button: StoredButton,
    on_words: StoredTrigger,
    on_frustration: StoredTrigger,
    on_cannot_answer: StoredTrigger,
    on_keywords: StoredTrigger,
    keywords: Vec<String>,
    quiet_messages: u32,
    starter: bool,
    turn_limit: Option<u32>,
    ai_answers_while_waiting: bool,
});

stored!(AiSettings as StoredAi, AiSettings::default(), {
    provider: StoredProvider,
    base_url: String,
    model: String,
    api_key: StoredSecret,
    instructions: String,
    timeout_seconds: u32,
    max_tokens: u32,
    limits: StoredLimits,
    learn_from_agents: bool,
});

stored!(SpendLimits as StoredLimits, SpendLimits::default(), {
    conversation: Option<u64>,
    visitor: Option<u64>,
    chatbot: Option<u64>,
});

stored!(Texts as StoredTexts, Texts::default(), {
    offer: String,
    waiting: String,
    closing: String,
    unsure: String,
    failed: String,
    declined: String,
});

/// As sealed; the plain secret is never here.
#[derive(Serialize, Deserialize, Default)]
#[serde(transparent)]
struct StoredSecret(Option<String>);

impl From<Option<SealedSecret>> for StoredSecret {
    fn from(secret: Option<SealedSecret>) -> Self {
        Self(secret.map(|SealedSecret(text)| text))
    }
}

impl From<StoredSecret> for Option<SealedSecret> {
    fn from(StoredSecret(text): StoredSecret) -> Self {
        text.map(SealedSecret)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredProvider {
    Embedded,
    OpenAi,
    Anthropic,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredPosition {
    BottomRight,
    BottomLeft,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredButton {
    Always,
    AfterAnswers(u32),
    WhenUnsure,
    Never,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredTrigger {
    Off,
    AskFirst,
    AtOnce,
}

/// Two enums with the same variants, both ways.
macro_rules! same_variants {
    ($domain:ident, $stored:ident, $($variant:ident $(($inner:ident))?),+) => {
        impl From<$domain> for $stored {
            fn from(value: $domain) -> Self {
                match value { $($domain::$variant $(($inner))? => Self::$variant $(($inner))?),+ }
            }
        }

        impl From<$stored> for $domain {
            fn from(value: $stored) -> Self {
                match value { $($stored::$variant $(($inner))? => Self::$variant $(($inner))?),+ }
            }
        }
    };
}

same_variants!(LauncherPosition, StoredPosition, BottomRight, BottomLeft);
same_variants!(Provider, StoredProvider, Embedded, OpenAi, Anthropic);
same_variants!(ButtonRule, StoredButton, Always, AfterAnswers(count), WhenUnsure, Never);
same_variants!(Trigger, StoredTrigger, Off, AskFirst, AtOnce);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_survives() {
        let mut settings = ChatbotSettings::new("Help".into());
        settings.appearance = Appearance {
            brand_color: "#123456".into(),
            position: LauncherPosition::BottomLeft,
            greeting: "Hi".into(),
            starters: vec!["Prices".into()],
        };
        settings.handoff = HandoffPolicy {
            enabled: false,
            button: ButtonRule::AfterAnswers(3),
            on_words: Trigger::AtOnce,
            on_frustration: Trigger::Off,
            on_cannot_answer: Trigger::AskFirst,
            on_keywords: Trigger::AskFirst,
            keywords: vec!["lawyer".into()],
            quiet_messages: 5,
            starter: true,
            turn_limit: Some(7),
            ai_answers_while_waiting: false,
        };
        settings.texts.offer = "Shall I call somebody?".into();
        settings.notify_emails = vec!["team@example.com".into()];
        settings.allowed_origins = vec!["https://example.com".into()];
        settings.confidence_threshold = 0.25;
        settings.wait_warning_seconds = 30;
        settings.ai = AiSettings {
            provider: Provider::OpenAi,
            base_url: "http://llm.internal:11434/v1".into(),
            model: "small".into(),
            api_key: Some(SealedSecret("v1.abc.def".into())),
            instructions: "Be brief.".into(),
            timeout_seconds: 12,
            max_tokens: 300,
            limits: SpendLimits { conversation: Some(1), visitor: Some(2), chatbot: Some(3) },
            learn_from_agents: false,
        };
        assert_eq!(decode(&encode(&settings).unwrap()).unwrap(), settings);
    }

    #[test]
    fn rows_from_before_a_setting_existed_get_its_default() {
        let settings = decode(r#"{"name":"Old","handoff":{"enabled":false}}"#).unwrap();
        let expected = ChatbotSettings {
            handoff: HandoffPolicy { enabled: false, ..HandoffPolicy::default() },
            ..ChatbotSettings::new("Old".into())
        };
        assert_eq!(settings, expected);
    }
}
