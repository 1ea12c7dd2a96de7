//! Events as JSON in the database: the only place where a stored form is known. Rows are never rewritten, so a change here must
//! still read what older versions wrote: add fields with a default, never rename or reuse a `kind`.

use crate::domain::conversation::{
    AgentRef, BriefBy, Event, HandoffBrief, HandoffReason, Party, Source, Tried, VisitorContext,
};
use crate::domain::ids::{AgentId, ClientMessageId, Seq, VisitorId};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;
use uuid::Uuid;

/// Write `event` to the end of `into`. The buffer is the caller's, so that the writer thread needs no allocation per event.
pub(crate) fn encode(event: &Event, into: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    serde_json::to_writer(into, &Stored::from(event))
}

/// Fails for kinds and values that this version does not know.
pub(crate) fn decode(body: &str) -> Result<Event, serde_json::Error> {
    serde_json::from_str::<Stored<'_>>(body)?.try_into()
}

/// The kind alone, for readers that look for a few kinds among many events.
pub(super) fn kind(body: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Kind<'a> {
        #[serde(borrow)]
        kind: Cow<'a, str>,
    }
    serde_json::from_str::<Kind<'_>>(body).map(|stored| stored.kind)
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Stored<'a> {
    Started {
        chatbot: Cow<'a, str>,
        visitor: Uuid,
        context: StoredContext<'a>,
    },
    VisitorSeen {
        context: StoredContext<'a>,
    },
    VisitorWrote {
        key: Uuid,
        text: Cow<'a, str>,
    },
    AiAnswered {
        turn: u64,
        text: Cow<'a, str>,
        sources: Vec<StoredSource<'a>>,
        confident: bool,
    },
    HandoffOffered {
        reason: StoredReason,
        text: Cow<'a, str>,
    },
    HandoffDeclined {
        text: Cow<'a, str>,
    },
    HandoffRequested {
        reason: StoredReason,
        text: Cow<'a, str>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        brief: Option<StoredBrief<'a>>,
    },
    HandoffCancelled,
    AgentJoined {
        agent: StoredAgent<'a>,
    },
    AgentWrote {
        key: Uuid,
        agent: StoredAgent<'a>,
        text: Cow<'a, str>,
    },
    NoteWritten {
        key: Uuid,
        agent: StoredAgent<'a>,
        text: Cow<'a, str>,
    },
    HintWhispered {
        key: Uuid,
        agent: StoredAgent<'a>,
        text: Cow<'a, str>,
    },
    HandoffSummarised {
        handoff: u64,
        summary: Cow<'a, str>,
    },
    AiPaused {
        turn: u64,
    },
    HandedBack {
        agent: StoredAgent<'a>,
    },
    Transferred {
        from: StoredAgent<'a>,
        to: StoredAgent<'a>,
    },
    Ended {
        by: StoredParty,
        text: Cow<'a, str>,
    },
    Reopened {
        by: StoredParty,
    },
    ReadUpTo {
        by: StoredParty,
        seq: u64,
    },
}

#[derive(Serialize, Deserialize)]
struct StoredAgent<'a> {
    id: Uuid,
    name: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
struct StoredSource<'a> {
    title: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct StoredBrief<'a> {
    language: Cow<'a, str>,
    asked: Cow<'a, str>,
    tried: Vec<StoredTried<'a>>,
    summary: Cow<'a, str>,
    by: StoredBriefBy,
}

#[derive(Serialize, Deserialize)]
struct StoredTried<'a> {
    question: Cow<'a, str>,
    answer: Cow<'a, str>,
    sources: Vec<StoredSource<'a>>,
    confident: bool,
}

#[derive(Clone, Copy, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum StoredBriefBy {
    #[default]
    Embedded,
    Model,
}

/// Absent fields are empty ones: most visitors leave most of them out.
#[derive(Serialize, Deserialize)]
struct StoredContext<'a> {
    #[serde(default, skip_serializing_if = "str::is_empty")]
    page_url: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    page_title: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    referrer: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    language: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    user_agent: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    ip: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    country: Cow<'a, str>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredParty {
    Visitor,
    Agent,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredReason {
    Button,
    Words,
    Frustration,
    Keyword,
    CannotAnswer,
}

impl<'a> From<&'a Event> for Stored<'a> {
    fn from(event: &'a Event) -> Self {
        match event {
            Event::Started { chatbot, visitor, context } => {
                Self::Started { chatbot: chatbot.as_str().into(), visitor: visitor.0, context: context.into() }
            }
            Event::VisitorSeen { context } => Self::VisitorSeen { context: context.into() },
            Event::VisitorWrote { key, text } => Self::VisitorWrote { key: key.0, text: text.into() },
            Event::AiAnswered { turn, text, sources, confident } => Self::AiAnswered {
                turn: turn.get(),
                text: text.into(),
                sources: sources.iter().map(StoredSource::from).collect(),
                confident: *confident,
            },
            Event::HandoffOffered { reason, text } => {
                Self::HandoffOffered { reason: (*reason).into(), text: text.into() }
            }
            Event::HandoffDeclined { text } => Self::HandoffDeclined { text: text.into() },
            Event::HandoffRequested { reason, text, brief } => {
                Self::HandoffRequested { reason: (*reason).into(), text: text.into(), brief: stored_brief(brief) }
            }
            Event::HandoffCancelled => Self::HandoffCancelled,
            Event::AgentJoined { agent } => Self::AgentJoined { agent: agent.into() },
            Event::AgentWrote { key, agent, text } => {
                Self::AgentWrote { key: key.0, agent: agent.into(), text: text.into() }
            }
            Event::NoteWritten { key, agent, text } => {
                Self::NoteWritten { key: key.0, agent: agent.into(), text: text.into() }
            }
            Event::HintWhispered { key, agent, text } => {
                Self::HintWhispered { key: key.0, agent: agent.into(), text: text.into() }
            }
            Event::HandoffSummarised { handoff, summary } => {
                Self::HandoffSummarised { handoff: handoff.get(), summary: summary.into() }
            }
            Event::AiPaused { turn } => Self::AiPaused { turn: turn.get() },
            Event::HandedBack { agent } => Self::HandedBack { agent: agent.into() },
            Event::Transferred { from, to } => Self::Transferred { from: from.into(), to: to.into() },
            Event::Ended { by, text } => Self::Ended { by: (*by).into(), text: text.into() },
            Event::Reopened { by } => Self::Reopened { by: (*by).into() },
            Event::ReadUpTo { by, seq } => Self::ReadUpTo { by: (*by).into(), seq: seq.get() },
        }
    }
}

impl TryFrom<Stored<'_>> for Event {
    type Error = serde_json::Error;

    fn try_from(stored: Stored<'_>) -> Result<Self, Self::Error> {
        Ok(match stored {
            Stored::Started { chatbot, visitor, context } => Self::Started {
                chatbot: chatbot.parse().map_err(serde::de::Error::custom)?,
                visitor: VisitorId(visitor),
                context: context.into(),
            },
            Stored::VisitorSeen { context } => Self::VisitorSeen { context: context.into() },
            Stored::VisitorWrote { key, text } => Self::VisitorWrote { key: ClientMessageId(key), text: text.into() },
            Stored::AiAnswered { turn, text, sources, confident } => Self::AiAnswered {
                turn: Seq(turn),
                text: text.into(),
                sources: sources.into_iter().map(Source::from).collect(),
                confident,
            },
            Stored::HandoffOffered { reason, text } => {
                Self::HandoffOffered { reason: reason.into(), text: text.into() }
            }
            Stored::HandoffDeclined { text } => Self::HandoffDeclined { text: text.into() },
            Stored::HandoffRequested { reason, text, brief } => {
                let brief = Arc::new(brief.map(HandoffBrief::from).unwrap_or_default());
                Self::HandoffRequested { reason: reason.into(), text: text.into(), brief }
            }
            Stored::HandoffCancelled => Self::HandoffCancelled,
            Stored::AgentJoined { agent } => Self::AgentJoined { agent: agent.into() },
            Stored::AgentWrote { key, agent, text } => {
                Self::AgentWrote { key: ClientMessageId(key), agent: agent.into(), text: text.into() }
            }
            Stored::NoteWritten { key, agent, text } => {
                Self::NoteWritten { key: ClientMessageId(key), agent: agent.into(), text: text.into() }
            }
            Stored::HintWhispered { key, agent, text } => {
                Self::HintWhispered { key: ClientMessageId(key), agent: agent.into(), text: text.into() }
            }
            Stored::HandoffSummarised { handoff, summary } => {
                Self::HandoffSummarised { handoff: Seq(handoff), summary: summary.into() }
            }
            Stored::AiPaused { turn } => Self::AiPaused { turn: Seq(turn) },
            Stored::HandedBack { agent } => Self::HandedBack { agent: agent.into() },
            Stored::Transferred { from, to } => Self::Transferred { from: from.into(), to: to.into() },
            Stored::Ended { by, text } => Self::Ended { by: by.into(), text: text.into() },
            Stored::Reopened { by } => Self::Reopened { by: by.into() },
            Stored::ReadUpTo { by, seq } => Self::ReadUpTo { by: by.into(), seq: Seq(seq) },
        })
    }
}

impl<'a> From<&'a AgentRef> for StoredAgent<'a> {
    fn from(agent: &'a AgentRef) -> Self {
        Self { id: agent.id.0, name: Cow::Borrowed(&agent.name) }
    }
}

impl From<StoredAgent<'_>> for AgentRef {
    fn from(stored: StoredAgent<'_>) -> Self {
        Self { id: AgentId(stored.id), name: stored.name.into() }
    }
}

impl<'a> From<&'a Source> for StoredSource<'a> {
    fn from(source: &'a Source) -> Self {
        Self { title: Cow::Borrowed(&source.title), url: source.url.as_deref().map(Cow::Borrowed) }
    }
}

impl From<StoredSource<'_>> for Source {
    fn from(stored: StoredSource<'_>) -> Self {
        Self { title: stored.title.into(), url: stored.url.map(Cow::into_owned) }
    }
}

/// Nothing where nothing is known: rows from before briefs existed look the same.
fn stored_brief(brief: &HandoffBrief) -> Option<StoredBrief<'_>> {
    (*brief != HandoffBrief::default()).then(|| brief.into())
}

impl<'a> From<&'a HandoffBrief> for StoredBrief<'a> {
    fn from(brief: &'a HandoffBrief) -> Self {
        Self {
            language: Cow::Borrowed(&brief.language),
            asked: Cow::Borrowed(&brief.asked),
            tried: brief.tried.iter().map(StoredTried::from).collect(),
            summary: Cow::Borrowed(&brief.summary),
            by: brief.by.into(),
        }
    }
}

impl From<StoredBrief<'_>> for HandoffBrief {
    fn from(stored: StoredBrief<'_>) -> Self {
        Self {
            language: stored.language.into(),
            asked: stored.asked.into(),
            tried: stored.tried.into_iter().map(Tried::from).collect(),
            summary: stored.summary.into(),
            by: stored.by.into(),
        }
    }
}

impl<'a> From<&'a Tried> for StoredTried<'a> {
    fn from(tried: &'a Tried) -> Self {
        let sources = tried.sources.iter().map(StoredSource::from).collect();
        let (question, answer) = (Cow::Borrowed(tried.question.as_str()), Cow::Borrowed(tried.answer.as_str()));
        Self { question, answer, sources, confident: tried.confident }
    }
}

impl From<StoredTried<'_>> for Tried {
    fn from(stored: StoredTried<'_>) -> Self {
        let sources = stored.sources.into_iter().map(Source::from).collect();
        Self { question: stored.question.into(), answer: stored.answer.into(), sources, confident: stored.confident }
    }
}

impl<'a> From<&'a VisitorContext> for StoredContext<'a> {
    fn from(context: &'a VisitorContext) -> Self {
        Self {
            page_url: Cow::Borrowed(&context.page_url),
            page_title: Cow::Borrowed(&context.page_title),
            referrer: Cow::Borrowed(&context.referrer),
            language: Cow::Borrowed(&context.language),
            user_agent: Cow::Borrowed(&context.user_agent),
            ip: Cow::Borrowed(&context.ip),
            country: Cow::Borrowed(&context.country),
        }
    }
}

impl From<StoredContext<'_>> for VisitorContext {
    fn from(stored: StoredContext<'_>) -> Self {
        Self {
            page_url: stored.page_url.into(),
            page_title: stored.page_title.into(),
            referrer: stored.referrer.into(),
            language: stored.language.into(),
            user_agent: stored.user_agent.into(),
            ip: stored.ip.into(),
            country: stored.country.into(),
        }
    }
}

/// Two enums with the same variants, both ways.
macro_rules! same_variants {
    ($domain:ident, $stored:ident, $($variant:ident)+) => {
        impl From<$domain> for $stored {
            fn from(value: $domain) -> Self {
                match value { $($domain::$variant => Self::$variant),+ }
            }
        }

        impl From<$stored> for $domain {
            fn from(value: $stored) -> Self {
                match value { $($stored::$variant => Self::$variant),+ }
            }
        }
    };
}

same_variants!(Party, StoredParty, Visitor Agent);
same_variants!(BriefBy, StoredBriefBy, Embedded Model);
same_variants!(HandoffReason, StoredReason, Button Words Frustration Keyword CannotAnswer);
