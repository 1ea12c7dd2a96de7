//! The settings of a chatbot as JSON, and what they may be.

use super::accounts::Faults;
use super::ai_settings_body::AiBody;
use super::error_response::ApiError;
use crate::config::Origin;
use crate::domain::settings::{
    AiSettings, Appearance, ButtonRule, ChatbotSettings, HandoffPolicy, LauncherPosition, SealedSecret, Texts, Trigger,
};
use crate::secrets::SealerError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    #[schema(min_length = 1, max_length = 80)]
    name: String,
    #[schema(pattern = "^#[0-9a-fA-F]{6}$")]
    brand_color: String,
    position: PositionName,
    #[schema(max_length = 1000)]
    greeting: String,
    #[schema(max_items = 6)]
    starters: Vec<String>,
    handoff: HandoffSettings,
    texts: TextSettings,
    /// Addresses that get the e-mail on a handoff.
    #[schema(max_items = 20)]
    notify_emails: Vec<String>,
    /// Exact origins whose pages may embed the widget; empty admits every site.
    #[schema(max_items = 50)]
    allowed_origins: Vec<String>,
    #[schema(minimum = 0, maximum = 1)]
    confidence_threshold: f32,
    #[schema(minimum = 5, maximum = 86400)]
    wait_warning_seconds: u32,
    ai: AiBody,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HandoffSettings {
    enabled: bool,
    button: ButtonSettings,
    on_words: TriggerName,
    on_frustration: TriggerName,
    on_cannot_answer: TriggerName,
    on_keywords: TriggerName,
    #[schema(max_items = 100)]
    keywords: Vec<String>,
    #[schema(minimum = 1, maximum = 1000)]
    turn_limit: Option<u32>,
    /// Visitor messages after an offer without another one for the same reason, and after a no without any.
    #[schema(minimum = 0, maximum = 50)]
    quiet_messages: u32,
    /// "Talk to a human" is also one of the buttons under the greeting.
    starter: bool,
    ai_answers_while_waiting: bool,
}

/// `count` belongs to `after_answers`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ButtonSettings {
    rule: ButtonRuleName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 100)]
    count: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TextSettings {
    #[schema(min_length = 1, max_length = 1000)]
    offer: String,
    #[schema(min_length = 1, max_length = 1000)]
    waiting: String,
    /// May be empty: nothing is said then.
    #[schema(max_length = 1000)]
    closing: String,
    #[schema(min_length = 1, max_length = 1000)]
    unsure: String,
    #[schema(min_length = 1, max_length = 1000)]
    failed: String,
    #[schema(min_length = 1, max_length = 1000)]
    declined: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PositionName {
    BottomRight,
    BottomLeft,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ButtonRuleName {
    Always,
    AfterAnswers,
    WhenUnsure,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TriggerName {
    Off,
    AskFirst,
    AtOnce,
}

impl From<&ChatbotSettings> for Settings {
    fn from(settings: &ChatbotSettings) -> Self {
        let ChatbotSettings { appearance, handoff, texts, .. } = settings.clone();
        let (rule, count) = match handoff.button {
            ButtonRule::Always => (ButtonRuleName::Always, None),
            ButtonRule::AfterAnswers(count) => (ButtonRuleName::AfterAnswers, Some(count)),
            ButtonRule::WhenUnsure => (ButtonRuleName::WhenUnsure, None),
            ButtonRule::Never => (ButtonRuleName::Never, None),
        };
        Self {
            name: settings.name.clone(),
            brand_color: appearance.brand_color,
            position: match appearance.position {
                LauncherPosition::BottomRight => PositionName::BottomRight,
                LauncherPosition::BottomLeft => PositionName::BottomLeft,
            },
            greeting: appearance.greeting,
            starters: appearance.starters,
            handoff: HandoffSettings {
                enabled: handoff.enabled,
                button: ButtonSettings { rule, count },
                on_words: handoff.on_words.into(),
                on_frustration: handoff.on_frustration.into(),
                on_cannot_answer: handoff.on_cannot_answer.into(),
                on_keywords: handoff.on_keywords.into(),
                keywords: handoff.keywords,
                quiet_messages: handoff.quiet_messages,
                starter: handoff.starter,
                turn_limit: handoff.turn_limit,
                ai_answers_while_waiting: handoff.ai_answers_while_waiting,
            },
            texts: TextSettings {
                offer: texts.offer,
                waiting: texts.waiting,
                closing: texts.closing,
                unsure: texts.unsure,
                failed: texts.failed,
                declined: texts.declined,
            },
            notify_emails: settings.notify_emails.clone(),
            allowed_origins: settings.allowed_origins.clone(),
            confidence_threshold: settings.confidence_threshold,
            wait_warning_seconds: settings.wait_warning_seconds,
            ai: AiBody::from(&settings.ai),
        }
    }
}

impl Settings {
    /// The settings when every field is allowed. `old` are those that they replace: a key that is not given stays. `seal` encrypts one.
    pub(super) fn checked(
        self,
        old: &AiSettings,
        seal: impl FnOnce(&str) -> Result<SealedSecret, SealerError>,
    ) -> Result<ChatbotSettings, ApiError> {
        let mut faults = Faults::default();
        let color = self.brand_color.to_ascii_lowercase();
        if !(color.len() == 7 && color.starts_with('#') && color.bytes().skip(1).all(|b| b.is_ascii_hexdigit())) {
            faults.add("brand_color", "must be a colour such as #2f5bea");
        }
        if !(0.0..=1.0).contains(&self.confidence_threshold) {
            faults.add("confidence_threshold", "must be from 0 to 1");
        }
        if !(5..=86_400).contains(&self.wait_warning_seconds) {
            faults.add("wait_warning_seconds", "must be from 5 to 86400");
        }
        let settings = ChatbotSettings {
            name: faults.line("name", &self.name, 1, 80),
            appearance: Appearance {
                brand_color: color,
                position: match self.position {
                    PositionName::BottomRight => LauncherPosition::BottomRight,
                    PositionName::BottomLeft => LauncherPosition::BottomLeft,
                },
                greeting: faults.text("greeting", &self.greeting, 0, 1000),
                starters: lines(&mut faults, "starters", &self.starters, 6, 120),
            },
            handoff: self.handoff.checked(&mut faults),
            texts: self.texts.checked(&mut faults),
            notify_emails: addresses(&mut faults, &self.notify_emails),
            allowed_origins: origins(&mut faults, &self.allowed_origins),
            confidence_threshold: self.confidence_threshold,
            wait_warning_seconds: self.wait_warning_seconds,
            ai: self.ai.checked(&mut faults, old, seal),
        };
        faults.check()?;
        Ok(settings)
    }
}

impl HandoffSettings {
    fn checked(self, faults: &mut Faults) -> HandoffPolicy {
        if self.button.count.is_some_and(|count| !(1..=100).contains(&count)) {
            faults.add("handoff.button.count", "must be from 1 to 100");
        }
        let button = match (self.button.rule, self.button.count) {
            (ButtonRuleName::Always, _) => ButtonRule::Always,
            (ButtonRuleName::WhenUnsure, _) => ButtonRule::WhenUnsure,
            (ButtonRuleName::Never, _) => ButtonRule::Never,
            (ButtonRuleName::AfterAnswers, Some(count)) => ButtonRule::AfterAnswers(count),
            (ButtonRuleName::AfterAnswers, None) => {
                faults.add("handoff.button.count", "says after how many answers, from 1 to 100");
                ButtonRule::Never
            }
        };
        if self.turn_limit.is_some_and(|limit| !(1..=1000).contains(&limit)) {
            faults.add("handoff.turn_limit", "must be from 1 to 1000, or null for none");
        }
        if self.quiet_messages > 50 {
            faults.add("handoff.quiet_messages", "must be from 0 to 50");
        }
        HandoffPolicy {
            enabled: self.enabled,
            button,
            on_words: self.on_words.into(),
            on_frustration: self.on_frustration.into(),
            on_cannot_answer: self.on_cannot_answer.into(),
            on_keywords: self.on_keywords.into(),
            keywords: lines(faults, "handoff.keywords", &self.keywords, 100, 80),
            turn_limit: self.turn_limit,
            quiet_messages: self.quiet_messages,
            starter: self.starter,
            ai_answers_while_waiting: self.ai_answers_while_waiting,
        }
    }
}

impl TextSettings {
    fn checked(self, faults: &mut Faults) -> Texts {
        Texts {
            offer: faults.text("texts.offer", &self.offer, 1, 1000),
            waiting: faults.text("texts.waiting", &self.waiting, 1, 1000),
            closing: faults.text("texts.closing", &self.closing, 0, 1000),
            unsure: faults.text("texts.unsure", &self.unsure, 1, 1000),
            failed: faults.text("texts.failed", &self.failed, 1, 1000),
            declined: faults.text("texts.declined", &self.declined, 1, 1000),
        }
    }
}

fn lines(faults: &mut Faults, field: &str, list: &[String], most: usize, length: usize) -> Vec<String> {
    if list.len() > most {
        faults.add(field, format!("must have at most {most} entries"));
    }
    list.iter().map(|text| faults.line(field, text, 1, length)).collect()
}

fn addresses(faults: &mut Faults, list: &[String]) -> Vec<String> {
    if list.len() > 20 {
        faults.add("notify_emails", "must have at most 20 entries");
    }
    let mut addresses: Vec<String> = list.iter().map(|text| faults.email("notify_emails", text)).collect();
    let mut seen = std::collections::HashSet::new();
    addresses.retain(|address| seen.insert(address.to_lowercase()));
    addresses
}

fn origins(faults: &mut Faults, list: &[String]) -> Vec<String> {
    if list.len() > 50 {
        faults.add("allowed_origins", "must have at most 50 entries");
    }
    let mut origins = Vec::new();
    for text in list {
        match Origin::parse(text.trim()) {
            Ok(origin) => origins.push(origin.to_string()),
            Err(error) => faults.add("allowed_origins", error.to_string()),
        }
    }
    origins
}

impl From<Trigger> for TriggerName {
    fn from(trigger: Trigger) -> Self {
        match trigger {
            Trigger::Off => Self::Off,
            Trigger::AskFirst => Self::AskFirst,
            Trigger::AtOnce => Self::AtOnce,
        }
    }
}

impl From<TriggerName> for Trigger {
    fn from(name: TriggerName) -> Self {
        match name {
            TriggerName::Off => Self::Off,
            TriggerName::AskFirst => Self::AskFirst,
            TriggerName::AtOnce => Self::AtOnce,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn checked(settings: Settings) -> Result<ChatbotSettings, ApiError> {
        settings.checked(&AiSettings::default(), |key| Ok(SealedSecret(format!("sealed {key}"))))
    }

    fn with(pointer: &str, value: Value) -> Result<ChatbotSettings, ApiError> {
        let mut body = serde_json::to_value(Settings::from(&ChatbotSettings::new("Shop".into()))).unwrap();
        *body.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        checked(serde_json::from_value(body).unwrap())
    }

    #[test]
    fn settings_survive_the_trip() {
        let mut settings = ChatbotSettings::new("Shop".into());
        settings.handoff.button = ButtonRule::AfterAnswers(3);
        settings.handoff.turn_limit = Some(9);
        settings.notify_emails = vec!["ana@example.com".into()];
        settings.allowed_origins = vec!["https://shop.example".into()];
        let body = serde_json::to_string(&Settings::from(&settings)).unwrap();
        let back = checked(serde_json::from_str(&body).unwrap()).unwrap();
        assert_eq!(back, settings);
    }

    #[test]
    fn what_is_not_allowed_is_named() {
        for (pointer, value, field) in [
            ("/name", json!("  "), "name"),
            ("/brand_color", json!("red;}"), "brand_color"),
            ("/confidence_threshold", json!(1.5), "confidence_threshold"),
            ("/wait_warning_seconds", json!(1), "wait_warning_seconds"),
            ("/handoff/button", json!({"rule": "after_answers"}), "handoff.button.count"),
            ("/handoff/turn_limit", json!(0), "handoff.turn_limit"),
            ("/handoff/quiet_messages", json!(51), "handoff.quiet_messages"),
            ("/handoff/keywords", json!([""]), "handoff.keywords"),
            ("/texts/offer", json!(""), "texts.offer"),
            ("/notify_emails", json!(["ana@example.com\nBcc: eve@example.com"]), "notify_emails"),
            ("/allowed_origins", json!(["https://*.example.com"]), "allowed_origins"),
            ("/starters", json!(["1", "2", "3", "4", "5", "6", "7"]), "starters"),
        ] {
            let Err(ApiError::Invalid(fields)) = with(pointer, value) else { panic!("{pointer} was allowed") };
            assert_eq!(fields.keys().collect::<Vec<_>>(), [field]);
        }
    }

    #[test]
    fn lists_are_tidied() {
        let settings = with("/notify_emails", json!(["Ana@example.com", " ana@example.com"])).unwrap();
        assert_eq!(settings.notify_emails, ["Ana@example.com"]);
        let settings = with("/allowed_origins", json!(["HTTPS://Shop.example:443/"])).unwrap();
        assert_eq!(settings.allowed_origins, ["https://shop.example"]);
    }
}
