//! What a replay found, as JSON lines for programs or as a table for people.

use crate::ai::replay::{Act, Called, Knew, Moment, Why};
use crate::domain::conversation::{Assent, HandoffStep, Signals};
use crate::domain::hidden::reveal;
use crate::domain::ids::{ChatbotId, ConversationId};
use serde::Serialize;
use std::io::{Result, Write};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    JsonLines,
    Table,
}

/// Characters of a message that the table shows.
const SHOWN: usize = 44;

pub(super) struct Report<'a, W> {
    form: Form,
    out: &'a mut W,
    conversations: usize,
    messages: usize,
    would: usize,
    did: usize,
    differ: usize,
}

#[derive(Serialize)]
struct Line<'a> {
    conversation: String,
    chatbot: &'a str,
    seq: u64,
    /// Milliseconds since 1970.
    at: i64,
    act: &'static str,
    text: Option<&'a str>,
    /// How the conversation would stand before this.
    status: &'static str,
    signals: Vec<&'static str>,
    answered: Option<&'static str>,
    would: Option<Step>,
    why: Option<&'static str>,
    did: Option<Step>,
}

#[derive(Serialize)]
struct Step {
    step: &'static str,
    reason: &'static str,
}

impl<'a, W: Write> Report<'a, W> {
    pub(super) fn new(form: Form, out: &'a mut W) -> Self {
        Self { form, out, conversations: 0, messages: 0, would: 0, did: 0, differ: 0 }
    }

    pub(super) fn conversation(&mut self, id: ConversationId, chatbot: &ChatbotId, moments: &[Moment]) -> Result<()> {
        self.conversations += 1;
        if self.form == Form::Table {
            writeln!(self.out, "conversation {id}, chatbot {chatbot}")?;
            self.row("seq", "visitor", "would", "did")?;
        }
        for moment in moments {
            self.messages += usize::from(matches!(moment.act, Act::Wrote(_)));
            self.would += usize::from(moment.would.is_some());
            self.did += usize::from(moment.did.is_some());
            let differs = moment.would != moment.did;
            self.differ += usize::from(differs);
            match self.form {
                Form::JsonLines => {
                    serde_json::to_writer(&mut *self.out, &line(id, chatbot, moment))?;
                    writeln!(self.out)?;
                }
                Form::Table => self.moment(moment)?,
            }
        }
        if self.form == Form::Table { writeln!(self.out) } else { Ok(()) }
    }

    pub(super) fn end(self) -> Result<()> {
        let Self { form, out, conversations, messages, would, did, differ } = self;
        if form == Form::Table {
            writeln!(
                out,
                "{conversations} conversations, {messages} messages: a human would be called {would} times and was called {did} \
                 times; {differ} differ"
            )?;
        }
        out.flush()
    }

    fn moment(&mut self, moment: &Moment) -> Result<()> {
        let said = match &moment.act {
            Act::Wrote(text) => shortened(text),
            Act::Pressed => "(pressed the button)".to_owned(),
        };
        let would = match (moment.would, moment.why) {
            (Some(called), Some(why)) => format!("{}: {}", step(called), why.words()),
            _ => "-".to_owned(),
        };
        let did = moment.did.map_or("-".to_owned(), |called| format!("{} ({})", step(called), called.reason.as_str()));
        self.row(&moment.seq.to_string(), &said, &would, &did)
    }

    fn row(&mut self, seq: &str, said: &str, would: &str, did: &str) -> Result<()> {
        writeln!(self.out, "{seq:>5}  {said:<SHOWN$}  {would:<34}  {did}")
    }
}

fn line<'a>(id: ConversationId, chatbot: &'a ChatbotId, moment: &'a Moment) -> Line<'a> {
    let (act, text) = match &moment.act {
        Act::Wrote(text) => ("message", Some(text.as_str())),
        Act::Pressed => ("button", None),
    };
    Line {
        conversation: id.to_string(),
        chatbot: chatbot.as_str(),
        seq: moment.seq.get(),
        at: moment.at.0,
        act,
        text,
        status: moment.status.as_str(),
        signals: names(moment.signals),
        answered: moment.answered.map(|knew| match knew {
            Knew::Sure => "sure",
            Knew::Unsure => "unsure",
        }),
        would: moment.would.map(in_words),
        why: moment.why.map(Why::as_str),
        did: moment.did.map(in_words),
    }
}

fn in_words(called: Called) -> Step {
    Step { step: step(called), reason: called.reason.as_str() }
}

fn step(called: Called) -> &'static str {
    match called.step {
        HandoffStep::Offered => "offered",
        HandoffStep::Requested => "requested",
    }
}

fn names(signals: Signals) -> Vec<&'static str> {
    let Signals { wants_human, frustrated, keyword, assent } = signals;
    let named = [
        (wants_human, "wants_human"),
        (frustrated, "frustrated"),
        (keyword, "keyword"),
        (assent == Assent::Yes, "yes"),
        (assent == Assent::No, "no"),
    ];
    named.into_iter().filter_map(|(read, name)| read.then_some(name)).collect()
}

/// One line, with what can't be seen as marks: a message may hold orders to a terminal.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = reveal(&line);
    match line.char_indices().nth(SHOWN) {
        Some(_) => format!("{}\u{2026}", line.chars().take(SHOWN - 1).collect::<String>()),
        None => line,
    }
}
