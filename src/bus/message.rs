//! What nodes tell each other. Nothing here is needed for anything but speed: whoever missed it finds it in the store, except what
//! is ephemeral, where the newest wins.

use crate::domain::conversation::{AgentRef, Recorded};
use crate::domain::ids::{AgentId, ChatbotId, ConversationId, Seq};
use crate::domain::time::UnixMillis;

#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    // --- to `Topic::Conversation` -------------------------------------------------------------------------------------------
    /// Committed together, in order.
    Events(Vec<Recorded>),
    /// The log goes on at least up to here; who told it does not know the events.
    Tail(Seq),
    Typing {
        by: TypingBy,
        active: bool,
    },
    /// A piece of the AI's answer to `turn`, after `from` UTF-16 code units.
    AiText {
        turn: Seq,
        from: u32,
        text: String,
    },

    // --- to `Topic::Inbox` --------------------------------------------------------------------------------------------------
    Rows(Vec<Row>),

    // --- to `Topic::Workspace` ----------------------------------------------------------------------------------------------
    /// Waits for a human since `since`, as of `seq` of its log.
    Waiting {
        conversation: ConversationId,
        chatbot: ChatbotId,
        since: UnixMillis,
        seq: Seq,
    },
    /// Does not wait any more, as of `seq`.
    Left {
        conversation: ConversationId,
        chatbot: ChatbotId,
        seq: Seq,
    },
    /// A human's part of a conversation is over.
    Handled {
        chatbot: ChatbotId,
        seconds: u32,
    },
    /// The agent chose online, away or offline: the store knows which.
    Chose {
        agent: AgentId,
    },
    SettingsChanged {
        chatbot: ChatbotId,
    },
    KnowledgeChanged {
        chatbot: ChatbotId,
    },
    LinksRevoked {
        conversation: ConversationId,
    },

    // --- to `Topic::Everyone` -----------------------------------------------------------------------------------------------
    /// The session with this SHA-256 of its cookie has ended.
    SignedOut {
        login: [u8; 32],
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypingBy {
    Visitor,
    Agent(AgentRef),
    Ai,
}

/// A changed row of the inbox, encoded as consoles get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub conversation: ConversationId,
    pub json: String,
}
