//! Arbitrary events, for properties.

use crate::domain::conversation::{
    AgentRef, BriefBy, Event, HandoffBrief, HandoffReason, Party, Source, Tried, VisitorContext,
};
use crate::domain::ids::{AgentId, ClientMessageId, Seq, VisitorId};
use proptest::prelude::*;
use uuid::Uuid;

/// Any event of any kind, with any text a client may have sent.
pub(in crate::store) fn any_event() -> impl Strategy<Value = Event> {
    let turn = || (1..=i64::MAX as u64).prop_map(Seq);
    prop_oneof![
        ("[a-z0-9-]{1,64}", uuid(), context()).prop_map(|(chatbot, visitor, context)| Event::Started {
            chatbot: chatbot.parse().unwrap(),
            visitor: VisitorId(visitor),
            context
        }),
        context().prop_map(|context| Event::VisitorSeen { context }),
        (key(), text()).prop_map(|(key, text)| Event::VisitorWrote { key, text }),
        (turn(), text(), prop::collection::vec(source(), 0..3), any::<bool>())
            .prop_map(|(turn, text, sources, confident)| Event::AiAnswered { turn, text, sources, confident }),
        (reason(), text()).prop_map(|(reason, text)| Event::HandoffOffered { reason, text }),
        text().prop_map(|text| Event::HandoffDeclined { text }),
        (reason(), text(), brief()).prop_map(|(reason, text, brief)| Event::HandoffRequested {
            reason,
            text,
            brief: brief.into()
        }),
        Just(Event::HandoffCancelled),
        agent().prop_map(|agent| Event::AgentJoined { agent }),
        (key(), agent(), text()).prop_map(|(key, agent, text)| Event::AgentWrote { key, agent, text }),
        (key(), agent(), text()).prop_map(|(key, agent, text)| Event::NoteWritten { key, agent, text }),
        (key(), agent(), text()).prop_map(|(key, agent, text)| Event::HintWhispered { key, agent, text }),
        (turn(), text()).prop_map(|(handoff, summary)| Event::HandoffSummarised { handoff, summary }),
        turn().prop_map(|turn| Event::AiPaused { turn }),
        agent().prop_map(|agent| Event::HandedBack { agent }),
        (agent(), agent()).prop_map(|(from, to)| Event::Transferred { from, to }),
        (party(), text()).prop_map(|(by, text)| Event::Ended { by, text }),
        party().prop_map(|by| Event::Reopened { by }),
        (party(), turn()).prop_map(|(by, seq)| Event::ReadUpTo { by, seq }),
    ]
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn key() -> impl Strategy<Value = ClientMessageId> {
    uuid().prop_map(ClientMessageId)
}

fn text() -> impl Strategy<Value = String> {
    any::<String>()
}

fn agent() -> impl Strategy<Value = AgentRef> {
    (uuid(), text()).prop_map(|(id, name)| AgentRef { id: AgentId(id), name })
}

fn source() -> impl Strategy<Value = Source> {
    (text(), prop::option::of(text())).prop_map(|(title, url)| Source { title, url })
}

fn brief() -> impl Strategy<Value = HandoffBrief> {
    let tried = (text(), text(), prop::collection::vec(source(), 0..2), any::<bool>())
        .prop_map(|(question, answer, sources, confident)| Tried { question, answer, sources, confident });
    let by = prop_oneof![Just(BriefBy::Embedded), Just(BriefBy::Model)];
    (text(), text(), prop::collection::vec(tried, 0..3), text(), by)
        .prop_map(|(language, asked, tried, summary, by)| HandoffBrief { language, asked, tried, summary, by })
}

fn party() -> impl Strategy<Value = Party> {
    prop_oneof![Just(Party::Visitor), Just(Party::Agent)]
}

fn reason() -> impl Strategy<Value = HandoffReason> {
    use HandoffReason::{Button, CannotAnswer, Frustration, Keyword, Words};
    prop::sample::select(vec![Button, Words, Frustration, Keyword, CannotAnswer])
}

fn context() -> impl Strategy<Value = VisitorContext> {
    (text(), text(), text(), text(), text(), text(), text()).prop_map(
        |(page_url, page_title, referrer, language, user_agent, ip, country)| VisitorContext {
            page_url,
            page_title,
            referrer,
            language,
            user_agent,
            ip,
            country,
        },
    )
}
