//! What a visitor and an agent do, and how they say it.

use super::link::Side;
use super::random::Random;
use baton::protocol::PROTOCOL;
use baton::protocol::agent::AgentFrame;
use baton::protocol::shared::Cursor;
use baton::protocol::visitor::{Page, VisitorFrame};
use serde::Serialize;
use std::collections::HashSet;
use uuid::Uuid;

pub enum Role {
    /// With the token and conversation of its first welcome.
    Visitor(Option<(String, Uuid)>),
    /// Signed in by cookie.
    Agent { cookie: String },
}

#[derive(Debug, Clone)]
pub struct Message {
    pub conversation: Uuid,
    pub key: Uuid,
    pub text: String,
    /// For the team only.
    pub note: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
pub enum Frame {
    Visitor(VisitorFrame),
    Agent(AgentFrame),
}

impl Role {
    pub fn side(&self) -> Side {
        match self {
            Self::Visitor(_) => Side::Visitor,
            Self::Agent { .. } => Side::Agent,
        }
    }

    pub fn cookie(&self) -> Option<&str> {
        match self {
            Self::Visitor(_) => None,
            Self::Agent { cookie } => Some(cookie),
        }
    }

    pub fn conversation(&self) -> Option<Uuid> {
        match self {
            Self::Visitor(known) => known.as_ref().map(|(_, conversation)| *conversation),
            Self::Agent { .. } => None,
        }
    }

    pub fn known(&mut self, token: String, conversation: Uuid) {
        if let Self::Visitor(known) = self {
            known.get_or_insert((token, conversation));
        }
    }

    pub fn hello(&self, cursor: Option<Cursor>) -> Frame {
        let protocol = PROTOCOL.into();
        match self {
            Self::Visitor(known) => Frame::Visitor(VisitorFrame::Hello {
                protocol,
                chatbot: super::CHATBOT.into(),
                token: known.as_ref().map(|(token, _)| token.clone()),
                cursor,
                page: Page { url: "http://shop.test/bikes".into(), ..Page::default() },
            }),
            Self::Agent { .. } => Frame::Agent(AgentFrame::Hello { protocol, portal_token: None }),
        }
    }

    pub fn open(&self, conversation: Uuid, cursor: Option<Cursor>) -> Frame {
        Frame::Agent(AgentFrame::Open { conversation, cursor })
    }

    pub fn ping(&self) -> Frame {
        match self {
            Self::Visitor(_) => Frame::Visitor(VisitorFrame::Ping { id: 1 }),
            Self::Agent { .. } => Frame::Agent(AgentFrame::Ping { id: 1 }),
        }
    }

    pub fn encode(&self, message: &Message) -> Frame {
        let Message { conversation, key, text, note } = message.clone();
        match self {
            Self::Visitor(_) => Frame::Visitor(VisitorFrame::Send { key, text }),
            Self::Agent { .. } if note => Frame::Agent(AgentFrame::Note { conversation, key, text }),
            Self::Agent { .. } => Frame::Agent(AgentFrame::Send { conversation, key, text }),
        }
    }

    /// Where to do something next.
    pub fn choose(&self, open: &HashSet<Uuid>, random: &mut Random) -> Option<Uuid> {
        match self {
            Self::Visitor(_) => self.conversation(),
            Self::Agent { .. } if open.is_empty() => None,
            Self::Agent { .. } => open.iter().nth(random.below(open.len() as u64) as usize).copied(),
        }
    }

    /// Something other than a message, now and then.
    pub fn gesture(&self, conversation: Uuid, cursor: u64, random: &mut Random) -> Option<Frame> {
        let dice = random.below(100);
        let frame = match self {
            Self::Visitor(_) => Frame::Visitor(match dice {
                0..14 => VisitorFrame::Read { seq: cursor },
                14..22 => VisitorFrame::RequestHandoff,
                22..24 => VisitorFrame::CancelHandoff,
                24..26 => VisitorFrame::End,
                26..30 => {
                    let page = Page { url: format!("http://shop.test/{}", random.below(9)), ..Page::default() };
                    VisitorFrame::Navigate { page }
                }
                30..34 => VisitorFrame::Typing { active: true },
                _ => return None,
            }),
            Self::Agent { .. } => Frame::Agent(match dice {
                0..14 => AgentFrame::Read { conversation, seq: cursor },
                14..34 => AgentFrame::Accept { conversation },
                34..39 => AgentFrame::HandBack { conversation },
                39..42 => AgentFrame::End { conversation },
                42..45 => AgentFrame::Watch { chatbot: None },
                45..48 => AgentFrame::Typing { conversation, active: true },
                _ => return None,
            }),
        };
        Some(frame)
    }

    /// Each text once in the world, some of them for the AI and its triggers, some long.
    pub fn text(&self, client: &str, number: u64, random: &mut Random) -> String {
        let words = match random.below(12) {
            0 => "How long does delivery take?".to_owned(),
            1 => "Can I talk to a real person please?".to_owned(),
            2 => "long ".repeat(random.below(400) as usize),
            _ => "hello".to_owned(),
        };
        format!("{client} {number}: {words}")
    }
}
