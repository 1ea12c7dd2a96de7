//! Identities. Each is its own type, so that one can't be passed for another.

use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh, time-ordered id (UUID version 7).
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

uuid_id!(
    /// A company: the tenant. Everything belongs to exactly one workspace.
    WorkspaceId
);
uuid_id!(
    /// The customer in the widget.
    VisitorId
);
uuid_id!(
    /// A team member, or the holder of an agent portal link.
    AgentId
);
uuid_id!(
    /// Made by the client for each message it sends; the same id is the same message (deduplication).
    ClientMessageId
);
uuid_id!(
    /// One conversation: one log.
    ConversationId
);

/// Namespace of [`ConversationId::of_visitor`]; fixed for ever, because stored ids derive from it.
const CONVERSATION_NAMESPACE: Uuid = Uuid::from_u128(0x6f1c_8f5e_3c0a_4f8e_9d0b_2a7a_5b61_7001);

impl ConversationId {
    /// The conversation of a visitor with a chatbot. Derived, not drawn: a first message that is sent again over a new socket
    /// before its first commit was seen lands in the same log, so it can't open a second conversation.
    pub fn of_visitor(chatbot: &ChatbotId, visitor: VisitorId) -> Self {
        let name = format!("{}/{}", chatbot.as_str(), visitor);
        Self(Uuid::new_v5(&CONVERSATION_NAMESPACE, name.as_bytes()))
    }
}

/// One widget with its AI and settings; the value of `data-chatbot`. 1 to 64 characters of `[a-z0-9-]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChatbotId(std::sync::Arc<str>);

/// The text is not a chatbot id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a chatbot id has 1 to 64 characters of a-z, 0-9 and -")]
pub struct InvalidChatbotId;

impl ChatbotId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ChatbotId {
    type Err = InvalidChatbotId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits { Ok(Self(text.into())) } else { Err(InvalidChatbotId) }
    }
}

impl fmt::Display for ChatbotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Position in a conversation's log: 1, 2, 3 … without gaps; 0 is "before the first event".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seq(pub u64);

impl Seq {
    pub const ZERO: Self = Self(0);

    pub fn get(self) -> u64 {
        self.0
    }

    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
