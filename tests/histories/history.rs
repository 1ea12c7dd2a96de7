//! What happened as each client knows it, and the log as it was read in the end.

use super::link::Cut;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// One client over all its connections.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub client: String,
    pub happened: Vec<Happened>,
    /// Where the client stood when the load was over, with a live connection: the conversations it follows.
    pub follows: Vec<Uuid>,
    /// Longest time from the first sending of a message to its acknowledgement here, or to its arrival here.
    pub longest_gap: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// A new connection: what was opened on the last one is no longer open.
    Connected,
    /// It ended, and not because the load was over.
    Ended(Cut),
    /// The first time that a message goes out. Later times carry the same key.
    Sent {
        conversation: Uuid,
        key: Uuid,
        text: String,
    },
    /// After a cut, with the same key: whether the first time counted is not known.
    SentAgain {
        key: Uuid,
    },
    Acked {
        conversation: Uuid,
        key: Uuid,
        seq: u64,
    },
    /// A keyed message was refused.
    Refused {
        conversation: Uuid,
        key: Uuid,
        code: String,
    },
    /// All after `cursor` follows.
    Resumed {
        conversation: Uuid,
        cursor: u64,
    },
    /// The client starts anew at `seq`; `cursor` is what it had asked to go on from.
    Snapshot {
        conversation: Uuid,
        seq: u64,
        cursor: Option<u64>,
    },
    Shown {
        conversation: Uuid,
        line: Line,
    },
}

/// An entry of a log as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub seq: u64,
    /// The key of a message.
    pub key: Option<Uuid>,
    /// What a message says.
    pub text: Option<String>,
    pub sight: Sight,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// The whole entry, as JSON.
    Open(String),
    /// In a log: the whole entry, of which visitors see only that there is one.
    TeamOnly(String),
    /// In a log: an entry of which visitors see a part.
    Partly { team: String, visitors: String },
    /// Shown to a visitor in the place of such an entry.
    Hidden,
}

/// The logs of all conversations in the order in which they were read.
pub type Logs = BTreeMap<Uuid, Vec<Line>>;
