//! Every close code and every refusal code, with what a client does about it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a client does after a close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum AfterClose {
    /// Reconnect with full-jitter back-off and resume from the cursor.
    Reconnect,
    /// Reconnect at once (still with a jitter of up to a second): the server or node is going away.
    ReconnectSoon,
    /// Get new credentials first (agents: log in; visitors: hello without a token).
    Reauthenticate,
    /// Stop; trying again can't help.
    Stop,
}

/// A row of the table of close codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema, TS)]
pub struct CloseRow {
    pub code: u16,
    pub name: &'static str,
    pub after: AfterClose,
    pub meaning: &'static str,
}

macro_rules! close_codes {
    ($($(#[$doc:meta])* $constant:ident = $code:literal, $name:literal, $after:ident, $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $constant: CloseRow =
            CloseRow { code: $code, name: $name, after: AfterClose::$after, meaning: $meaning };)*
        /// All close codes of `baton.v1`. A code not in the table means [`AfterClose::Reconnect`].
        pub const CLOSE_CODES: &[CloseRow] = &[$($constant),*];
    };
}

close_codes! {
    NORMAL = 1000, "normal", Stop, "Closed on purpose by the other side.";
    GOING_AWAY = 1001, "going_away", Reconnect, "The page or the server goes away.";
    PROTOCOL_ERROR = 1002, "protocol_error", Reconnect, "A WebSocket frame broke RFC 6455.";
    INVALID_TEXT = 1007, "invalid_text", Reconnect, "A text message was not UTF-8.";
    POLICY = 1008, "policy", Stop, "The client broke a rule that a retry would break again.";
    TOO_BIG = 1009, "too_big", Reconnect, "A frame, a message or its number of fragments is over the limit.";
    INTERNAL = 1011, "internal", Reconnect, "The server failed; nothing acknowledged is lost.";
    RESTART = 1012, "restart", ReconnectSoon, "The server restarts or hands its clients to another node.";
    TRY_LATER = 1013, "try_later", Reconnect, "The server is at its limit of connections.";
    BAD_HELLO = 4400, "bad_hello", Stop, "The first frame was not a valid hello of a protocol this server speaks.";
    UNAUTHENTICATED = 4401, "unauthenticated", Reauthenticate, "No hello in time, or the session or token is not valid.";
    FORBIDDEN = 4403, "forbidden", Stop, "This page may not embed this chatbot, or the agent may not see this.";
    NOT_FOUND = 4404, "not_found", Stop, "No such chatbot, or the link has expired or was revoked.";
    HEARTBEAT = 4408, "heartbeat", Reconnect, "Nothing was heard for two heartbeats.";
    SLOW = 4413, "slow", Reconnect, "The client read too slowly; it resumes from its cursor.";
    TOO_FAST = 4429, "too_fast", Reconnect, "More frames than the limit allows, in spite of refusals.";
}

/// Why a command was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// The frame is not JSON, or not a frame of this protocol.
    Malformed,
    /// A second hello, or a frame that this kind of client may not send.
    NotAllowed,
    /// There is no such conversation for you.
    NotFound,
    /// The key was used for another message: a fault of the client, which must draw a new key per message.
    KeyReused,
    /// The visitor has not written yet, so there is nothing to act on.
    NotStarted,
    /// The text is empty or only white space.
    EmptyMessage,
    /// The text is longer than 8,000 characters.
    TooLong,
    /// The owner has switched talking to a human off.
    HandoffDisabled,
    /// The visitor already waits for a human.
    AlreadyWaiting,
    /// A human is already in the conversation.
    AlreadyWithAgent,
    /// There is no wait to cancel and no offer to decline.
    NothingPending,
    /// Another agent holds the conversation; `by` says who.
    AlreadyTaken,
    /// Only the agent who holds the conversation can do this.
    NotAssignee,
    /// The conversation has ended already.
    AlreadyEnded,
    /// Nothing would change.
    NoChange,
    /// Too many frames; wait a moment and send again with the same key.
    TooFast,
    /// The server can't write now; send again with the same key. Temporary.
    Unavailable,
}

impl RefusalCode {
    /// Whether the same command may succeed later without any change to it.
    pub fn is_temporary(self) -> bool {
        matches!(self, Self::TooFast | Self::Unavailable)
    }
}
