//! What the owner of a chatbot may choose. Every change takes effect at once, in open widgets too.

/// All settings of one chatbot.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatbotSettings {
    /// Shown in the widget's header and in the console.
    pub name: String,
    pub appearance: Appearance,
    pub handoff: HandoffPolicy,
    pub texts: Texts,
    /// Addresses that get the e-mail on a handoff.
    pub notify_emails: Vec<String>,
    /// Exact origins (scheme, host, port) whose pages may embed the widget; empty admits every site.
    pub allowed_origins: Vec<String>,
    /// Confidence from 0 to 1 below which the AI says that it does not know.
    pub confidence_threshold: f32,
    /// After how many seconds of waiting the console marks a conversation amber.
    pub wait_warning_seconds: u32,
    pub ai: AiSettings,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Appearance {
    /// `#rrggbb`
    pub brand_color: String,
    pub position: LauncherPosition,
    pub greeting: String,
    /// Buttons shown under the greeting; a press sends the text.
    pub starters: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LauncherPosition {
    BottomRight,
    BottomLeft,
}

/// The triggers of PRODUCT.md section 2.
#[derive(Debug, Clone, PartialEq)]
pub struct HandoffPolicy {
    /// Off: nothing ever offers a human.
    pub enabled: bool,
    pub button: ButtonRule,
    pub on_words: Trigger,
    pub on_frustration: Trigger,
    pub on_cannot_answer: Trigger,
    pub on_keywords: Trigger,
    /// The words that `on_keywords` looks for.
    pub keywords: Vec<String>,
    /// Visitor messages after an offer in which the same reason makes no new one, and after a "no" in which none does.
    pub quiet_messages: u32,
    /// "Talk to a human" is among the buttons under the greeting, whatever `button` says.
    pub starter: bool,
    /// AI answers after which the AI counts as unable to answer; `None` for no limit.
    pub turn_limit: Option<u32>,
    /// The AI goes on answering while the visitor waits.
    pub ai_answers_while_waiting: bool,
}

/// When the "Talk to a human" button shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonRule {
    Always,
    /// After this many AI answers (1: after the first).
    AfterAnswers(u32),
    /// Only when the last AI answer was "I don't know".
    WhenUnsure,
    Never,
}

/// What a detected wish for a human does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    Off,
    AskFirst,
    AtOnce,
}

/// Sentences the visitor reads, in the owner's words.
#[derive(Debug, Clone, PartialEq)]
pub struct Texts {
    pub offer: String,
    pub waiting: String,
    pub closing: String,
    /// What the AI says when it does not know.
    pub unsure: String,
    /// What the AI says when it failed.
    pub failed: String,
    pub declined: String,
}

impl ChatbotSettings {
    /// Sensible settings for a new chatbot.
    pub fn new(name: String) -> Self {
        Self {
            name,
            appearance: Appearance {
                brand_color: "#2f5bea".into(),
                position: LauncherPosition::BottomRight,
                greeting: "Hello! Ask me anything, or talk to our team.".into(),
                starters: Vec::new(),
            },
            handoff: HandoffPolicy::default(),
            texts: Texts::default(),
            notify_emails: Vec::new(),
            allowed_origins: Vec::new(),
            confidence_threshold: 0.5,
            wait_warning_seconds: 120,
            ai: AiSettings::default(),
        }
    }
}

/// Who words the answers, and what that may cost.
#[derive(Debug, Clone, PartialEq)]
pub struct AiSettings {
    pub provider: Provider,
    /// Where the provider is; empty for the vendor's own address.
    pub base_url: String,
    /// As the provider names it.
    pub model: String,
    /// Encrypted under a secret of the installation; only `secrets::Sealer` reads it.
    pub api_key: Option<SealedSecret>,
    /// What the owner tells the model about tone and subject.
    pub instructions: String,
    /// The whole answer must be there within this time.
    pub timeout_seconds: u32,
    /// Longest answer.
    pub max_tokens: u32,
    pub limits: SpendLimits,
    /// What agents answer after a handoff is proposed as knowledge.
    pub learn_from_agents: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Passages of the knowledge base, word by word; no network.
    Embedded,
    /// Chat completions as OpenAI, Ollama, vLLM and llama.cpp serve them.
    OpenAi,
    /// Anthropic messages.
    Anthropic,
}

/// A secret that is encrypted. Its text tells nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret(pub String);

impl std::fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedSecret")
    }
}

/// Tokens, in and out, that may be spent; `None` for no limit. Days are those of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SpendLimits {
    /// In one conversation, from its start or its last reopening, or anew after thirty days without an answer.
    pub conversation: Option<u64>,
    /// For one visitor in a day.
    pub visitor: Option<u64>,
    /// For all conversations of the chatbot in a day.
    pub chatbot: Option<u64>,
}

impl Default for AiSettings {
    fn default() -> Self {
        Self {
            provider: Provider::Embedded,
            base_url: String::new(),
            model: String::new(),
            api_key: None,
            instructions: String::new(),
            timeout_seconds: 30,
            max_tokens: 800,
            limits: SpendLimits::default(),
            learn_from_agents: true,
        }
    }
}

impl Default for HandoffPolicy {
    fn default() -> Self {
        Self {
            enabled: true,
            button: ButtonRule::Always,
            on_words: Trigger::AskFirst,
            on_frustration: Trigger::AskFirst,
            on_cannot_answer: Trigger::AskFirst,
            on_keywords: Trigger::AtOnce,
            keywords: Vec::new(),
            quiet_messages: 3,
            starter: false,
            turn_limit: None,
            ai_answers_while_waiting: true,
        }
    }
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            offer: "I'd be happy to connect you with our team. Would you like me to notify a team member to join this chat?".into(),
            waiting: "I've notified our team and someone will join you shortly. In the meantime, is there anything else I can help you with?".into(),
            closing: "This conversation was marked as resolved. Write again at any time to reopen it.".into(),
            unsure: "I don't have an answer to that in what I know.".into(),
            failed: "I couldn't answer that just now. Your message is kept.".into(),
            declined: "All right, I'll keep helping you here.".into(),
        }
    }
}
