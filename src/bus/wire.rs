//! Messages and facts as text in Redis: the only place of the bus that knows serde. Nodes of different versions talk to each other
//! while an installation is being updated: a message of an unknown version or kind is ignored, unknown fields are skipped, and the
//! store shows what was in it.

use super::{AgentFact, Fact, FactKey, Message, NodeId, Row, TypingBy};
use crate::domain::conversation::{AgentRef, Recorded};
use crate::domain::ids::{AgentId, ChatbotId, ConversationId, Seq, WorkspaceId};
use crate::domain::time::UnixMillis;
use crate::store::{AvailabilityRecord, stored_event};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

/// Raised only when old nodes would misread a new message of a known kind.
const VERSION: u32 = 1;

/// What arrives on a channel.
#[derive(Debug, PartialEq)]
pub(super) enum Heard {
    Message(Message),
    /// The facts of its sender moved from `version - 1` to `version`.
    Facts {
        version: u64,
        changes: Vec<(String, Option<String>)>,
    },
    /// Its sender lost messages.
    Lost,
    /// Its sender is about to end.
    Bye,
    Ping,
}

#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    v: u32,
    node: Uuid,
    kind: &'a str,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    body: Option<&'a RawValue>,
}

#[derive(Serialize, Deserialize)]
struct WireEvent {
    seq: u64,
    at: i64,
    event: Box<RawValue>,
}

#[derive(Serialize, Deserialize)]
struct WireTyping {
    by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    active: bool,
}

#[derive(Serialize, Deserialize)]
struct WireText {
    turn: u64,
    from: u32,
    text: String,
}

#[derive(Serialize, Deserialize)]
struct WireRow {
    conversation: Uuid,
    row: Box<RawValue>,
}

#[derive(Serialize, Deserialize)]
struct WireQueue {
    conversation: Uuid,
    chatbot: String,
    #[serde(default)]
    since: i64,
    seq: u64,
}

#[derive(Serialize, Deserialize)]
struct WireHandled {
    chatbot: String,
    seconds: u32,
}

#[derive(Serialize, Deserialize)]
struct WireFacts {
    version: u64,
    changes: Vec<(String, Option<String>)>,
}

#[derive(Serialize, Deserialize)]
struct WireAgent {
    name: String,
    availability: String,
    console: bool,
}

/// The text of `heard`, said by `node`. `None` when an event can't be written, which the store would have refused before.
pub(super) fn encode(node: NodeId, heard: &Heard) -> Option<String> {
    let (kind, body) = match heard {
        Heard::Message(message) => {
            let (kind, body) = encode_message(message)?;
            (kind, Some(body))
        }
        Heard::Facts { version, changes } => {
            ("facts", Some(raw(&WireFacts { version: *version, changes: changes.clone() })?))
        }
        Heard::Lost => ("lost", None),
        Heard::Bye => ("bye", None),
        Heard::Ping => ("ping", None),
    };
    serde_json::to_string(&Envelope { v: VERSION, node: node.0, kind, body: body.as_deref() }).ok()
}

/// Who said what; `None` for what this version does not know.
pub(super) fn decode(text: &str) -> Option<(NodeId, Heard)> {
    let envelope: Envelope<'_> = serde_json::from_str(text).ok()?;
    if envelope.v != VERSION {
        return None;
    }
    let heard = match envelope.kind {
        "lost" => Heard::Lost,
        "bye" => Heard::Bye,
        "ping" => Heard::Ping,
        "facts" => {
            let WireFacts { version, changes } = parse(envelope.body?)?;
            Heard::Facts { version, changes }
        }
        kind => Heard::Message(decode_message(kind, envelope.body?)?),
    };
    Some((NodeId(envelope.node), heard))
}

fn raw<T: Serialize>(body: &T) -> Option<Box<RawValue>> {
    serde_json::value::to_raw_value(body).ok()
}

fn parse<'a, T: Deserialize<'a>>(body: &'a RawValue) -> Option<T> {
    serde_json::from_str(body.get()).ok()
}

fn encode_message(message: &Message) -> Option<(&'static str, Box<RawValue>)> {
    Some(match message {
        Message::Events(events) => {
            let wire: Option<Vec<WireEvent>> = events.iter().map(encode_event).collect();
            ("events", raw(&wire?)?)
        }
        Message::Tail(seq) => ("tail", raw(&seq.get())?),
        Message::Typing { by, active } => {
            let (by, agent) = match by {
                TypingBy::Visitor => ("visitor", None),
                TypingBy::Ai => ("ai", None),
                TypingBy::Agent(agent) => ("agent", Some(agent)),
            };
            let wire = WireTyping {
                by: by.into(),
                agent: agent.map(|agent| agent.id.0),
                name: agent.map(|agent| agent.name.clone()),
                active: *active,
            };
            ("typing", raw(&wire)?)
        }
        Message::AiText { turn, from, text } => {
            ("ai_text", raw(&WireText { turn: turn.get(), from: *from, text: text.clone() })?)
        }
        Message::Rows(rows) => {
            let wire: Option<Vec<WireRow>> = rows
                .iter()
                .map(|row| {
                    let json = RawValue::from_string(row.json.clone()).ok()?;
                    Some(WireRow { conversation: row.conversation.0, row: json })
                })
                .collect();
            ("rows", raw(&wire?)?)
        }
        Message::Waiting { conversation, chatbot, since, seq } => {
            ("waiting", queue(conversation, chatbot, since.0, *seq)?)
        }
        Message::Left { conversation, chatbot, seq } => ("left", queue(conversation, chatbot, 0, *seq)?),
        Message::Handled { chatbot, seconds } => {
            ("handled", raw(&WireHandled { chatbot: chatbot.to_string(), seconds: *seconds })?)
        }
        Message::Chose { agent } => ("chose", raw(&agent.0)?),
        Message::SettingsChanged { chatbot } => ("settings", raw(&chatbot.as_str())?),
        Message::KnowledgeChanged { chatbot } => ("knowledge", raw(&chatbot.as_str())?),
        Message::LinksRevoked { conversation } => ("links_revoked", raw(&conversation.0)?),
        Message::SignedOut { login } => ("signed_out", raw(login)?),
    })
}

fn queue(conversation: &ConversationId, chatbot: &ChatbotId, since: i64, seq: Seq) -> Option<Box<RawValue>> {
    raw(&WireQueue { conversation: conversation.0, chatbot: chatbot.to_string(), since, seq: seq.get() })
}

fn encode_event(recorded: &Recorded) -> Option<WireEvent> {
    let mut body = Vec::with_capacity(128);
    stored_event::encode(&recorded.event, &mut body).ok()?;
    let event = RawValue::from_string(String::from_utf8(body).ok()?).ok()?;
    Some(WireEvent { seq: recorded.seq.get(), at: recorded.at.0, event })
}

fn decode_message(kind: &str, body: &RawValue) -> Option<Message> {
    Some(match kind {
        "events" => {
            let wire: Vec<WireEvent> = parse(body)?;
            let events: Option<Vec<Recorded>> = wire
                .into_iter()
                .map(|WireEvent { seq, at, event }| {
                    // An event of a newer version ends the message here; the gap that this leaves is looked up in the store.
                    let event = stored_event::decode(event.get()).ok()?;
                    Some(Recorded { seq: Seq(seq), at: UnixMillis(at), event })
                })
                .collect();
            Message::Events(events?)
        }
        "tail" => Message::Tail(Seq(parse(body)?)),
        "typing" => {
            let WireTyping { by, agent, name, active } = parse(body)?;
            let by = match by.as_str() {
                "visitor" => TypingBy::Visitor,
                "ai" => TypingBy::Ai,
                "agent" => TypingBy::Agent(AgentRef { id: AgentId(agent?), name: name? }),
                _ => return None,
            };
            Message::Typing { by, active }
        }
        "ai_text" => {
            let WireText { turn, from, text } = parse(body)?;
            Message::AiText { turn: Seq(turn), from, text }
        }
        "rows" => {
            let wire: Vec<WireRow> = parse(body)?;
            let row = |WireRow { conversation, row }: WireRow| Row {
                conversation: ConversationId(conversation),
                json: row.get().to_owned(),
            };
            Message::Rows(wire.into_iter().map(row).collect())
        }
        "waiting" => {
            let WireQueue { conversation, chatbot, since, seq } = parse(body)?;
            let (conversation, chatbot) = (ConversationId(conversation), chatbot.parse().ok()?);
            Message::Waiting { conversation, chatbot, since: UnixMillis(since), seq: Seq(seq) }
        }
        "left" => {
            let WireQueue { conversation, chatbot, seq, .. } = parse(body)?;
            let (conversation, chatbot) = (ConversationId(conversation), chatbot.parse().ok()?);
            Message::Left { conversation, chatbot, seq: Seq(seq) }
        }
        "handled" => {
            let WireHandled { chatbot, seconds } = parse(body)?;
            Message::Handled { chatbot: chatbot.parse().ok()?, seconds }
        }
        "chose" => Message::Chose { agent: AgentId(parse(body)?) },
        "settings" => Message::SettingsChanged { chatbot: parse::<String>(body)?.parse().ok()? },
        "knowledge" => Message::KnowledgeChanged { chatbot: parse::<String>(body)?.parse().ok()? },
        "links_revoked" => Message::LinksRevoked { conversation: ConversationId(parse(body)?) },
        "signed_out" => Message::SignedOut { login: parse(body)? },
        _ => return None,
    })
}

/// Field and value of a fact in its node's hash.
pub(super) fn encode_fact(fact: &Fact) -> (String, String) {
    let value = match fact {
        Fact::Visitor(..) | Fact::Watcher(..) => String::new(),
        Fact::Viewer(_, _, _, name) => name.clone(),
        Fact::Agent(_, _, agent) => {
            let wire = WireAgent {
                name: agent.name.clone(),
                availability: availability_name(agent.availability).into(),
                console: agent.in_console,
            };
            serde_json::to_string(&wire).unwrap_or_default()
        }
    };
    (encode_key(&fact.key()), value)
}

pub(super) fn encode_key(key: &FactKey) -> String {
    match key {
        FactKey::Visitor(workspace, conversation) => format!("v:{workspace}:{conversation}"),
        FactKey::Agent(workspace, agent) => format!("a:{workspace}:{agent}"),
        FactKey::Viewer(workspace, conversation, agent) => format!("l:{workspace}:{conversation}:{agent}"),
        FactKey::Watcher(workspace) => format!("w:{workspace}"),
    }
}

/// `None` for a fact that this version does not know.
pub(super) fn decode_key(field: &str) -> Option<FactKey> {
    let mut parts = field.split(':');
    let kind = parts.next()?;
    let workspace: WorkspaceId = parts.next()?.parse().ok()?;
    let mut id = || parts.next()?.parse::<Uuid>().ok();
    Some(match kind {
        "v" => FactKey::Visitor(workspace, ConversationId(id()?)),
        "a" => FactKey::Agent(workspace, AgentId(id()?)),
        "l" => FactKey::Viewer(workspace, ConversationId(id()?), AgentId(id()?)),
        "w" => FactKey::Watcher(workspace),
        _ => return None,
    })
}

pub(super) fn decode_fact(field: &str, value: &str) -> Option<Fact> {
    Some(match decode_key(field)? {
        FactKey::Visitor(workspace, conversation) => Fact::Visitor(workspace, conversation),
        FactKey::Watcher(workspace) => Fact::Watcher(workspace),
        FactKey::Viewer(workspace, conversation, agent) => {
            Fact::Viewer(workspace, conversation, agent, value.to_owned())
        }
        FactKey::Agent(workspace, agent) => {
            let WireAgent { name, availability, console } = serde_json::from_str(value).ok()?;
            let availability =
                ALL_AVAILABILITIES.into_iter().find(|choice| availability_name(*choice) == availability)?;
            Fact::Agent(workspace, agent, AgentFact { name, availability, in_console: console })
        }
    })
}

const ALL_AVAILABILITIES: [AvailabilityRecord; 3] =
    [AvailabilityRecord::Online, AvailabilityRecord::Away, AvailabilityRecord::Offline];

fn availability_name(availability: AvailabilityRecord) -> &'static str {
    match availability {
        AvailabilityRecord::Online => "online",
        AvailabilityRecord::Away => "away",
        AvailabilityRecord::Offline => "offline",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::conversation::{Event, Party};

    fn back(heard: Heard) -> Heard {
        let node = NodeId::generate();
        let (from, heard) = decode(&encode(node, &heard).expect("encoded")).expect("known");
        assert_eq!(from, node);
        heard
    }

    fn all() -> Vec<Message> {
        let agent = AgentRef { id: AgentId::generate(), name: "Kim \"K\" ☕".into() };
        let conversation = ConversationId::generate();
        let chatbot: ChatbotId = "shop".parse().expect("id");
        let ended = Event::Ended { by: Party::Agent, text: "Bye".into() };
        vec![
            Message::Events(vec![Recorded { seq: Seq(7), at: UnixMillis(-3), event: ended }]),
            Message::Tail(Seq(9)),
            Message::Typing { by: TypingBy::Visitor, active: true },
            Message::Typing { by: TypingBy::Ai, active: true },
            Message::Typing { by: TypingBy::Agent(agent.clone()), active: false },
            Message::AiText { turn: Seq(2), from: 5, text: "and so on\n".into() },
            Message::Rows(vec![Row { conversation, json: "{\"a\":1}".into() }]),
            Message::Waiting { conversation, chatbot: chatbot.clone(), since: UnixMillis(12), seq: Seq(3) },
            Message::Left { conversation, chatbot: chatbot.clone(), seq: Seq(4) },
            Message::Handled { chatbot: chatbot.clone(), seconds: 90 },
            Message::Chose { agent: agent.id },
            Message::SettingsChanged { chatbot: chatbot.clone() },
            Message::KnowledgeChanged { chatbot },
            Message::LinksRevoked { conversation },
            Message::SignedOut { login: [9; 32] },
        ]
    }

    #[test]
    fn every_message_comes_back_as_it_was() {
        for message in all() {
            assert_eq!(back(Heard::Message(message.clone())), Heard::Message(message));
        }
        let changes = vec![("w:1".to_owned(), None), ("v:2".to_owned(), Some(String::new()))];
        assert_eq!(back(Heard::Facts { version: 3, changes: changes.clone() }), Heard::Facts { version: 3, changes });
        assert_eq!(back(Heard::Ping), Heard::Ping);
    }

    /// Nodes of two versions work side by side during an update.
    #[test]
    fn what_a_newer_node_says_is_ignored_not_misread() {
        let node = Uuid::new_v4();
        let unknown = |text: String| assert_eq!(decode(&text), None, "{text}");
        unknown(format!(r#"{{"v":2,"node":"{node}","kind":"tail","body":5}}"#));
        unknown(format!(r#"{{"v":1,"node":"{node}","kind":"reaction","body":{{"emoji":"x"}}}}"#));
        unknown(format!(
            r#"{{"v":1,"node":"{node}","kind":"events","body":[{{"seq":1,"at":1,"event":{{"kind":"sang"}}}}]}}"#
        ));
        unknown("nonsense".into());
        let with_more =
            format!(r#"{{"v":1,"node":"{node}","kind":"handled","body":{{"chatbot":"a","seconds":1,"x":1}},"y":2}}"#);
        assert!(matches!(decode(&with_more), Some((_, Heard::Message(Message::Handled { seconds: 1, .. })))));
        assert_eq!(decode_fact("z:5", ""), None);
    }

    #[test]
    fn facts_come_back_as_they_were() {
        let (workspace, conversation, agent) =
            (WorkspaceId::generate(), ConversationId::generate(), AgentId::generate());
        let kim = AgentFact { name: "Kim:K".into(), availability: AvailabilityRecord::Away, in_console: true };
        for fact in [
            Fact::Visitor(workspace, conversation),
            Fact::Watcher(workspace),
            Fact::Viewer(workspace, conversation, agent, "Kim:K".into()),
            Fact::Agent(workspace, agent, kim),
        ] {
            let (field, value) = encode_fact(&fact);
            assert_eq!(decode_key(&field), Some(fact.key()));
            assert_eq!(decode_fact(&field, &value), Some(fact));
        }
    }
}
