//! What the AI can learn from an agent: the question that led to a human, and the human's answer, without what is personal in them.
//!
//! Pure: from the log of a conversation to a pair that an owner may approve.

mod mask;

use crate::ai::detect::detect;
use crate::ai::knowledge::{MAX_ANSWER_CHARS, MAX_QUESTION_CHARS};
use crate::ai::text::prefix;
use crate::domain::conversation::{Assent, Event, Recorded};
use crate::domain::ids::Seq;
use mask::mask;
use serde_json::json;
use uuid::Uuid;

/// The document that approved answers become part of.
pub const LEARNED_DOCUMENT: &str = "Learned answers.jsonl";

/// Shorter than this is "Hi", "One moment" or "You're welcome".
const LEAST_ANSWER_WORDS: usize = 5;
const LEAST_QUESTION_WORDS: usize = 2;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// The visitor's message that asks.
    pub asked: Seq,
    pub question: String,
    pub answer: String,
    pub agent_name: String,
}

/// The lesson of the human stretch that ends with the event `ended` (an end or a hand-back). `None` when there was no such
/// stretch, or nothing in it that a visitor asked and an agent answered.
pub fn lesson(events: &[Recorded], ended: Seq) -> Option<Lesson> {
    let end = events.iter().position(|recorded| recorded.seq == ended)?;
    let stretch_start = |recorded: &Recorded| {
        matches!(recorded.event, Event::Ended { .. } | Event::HandedBack { .. } | Event::Reopened { .. })
    };
    let start = events[..end].iter().rposition(stretch_start).map_or(0, |at| at + 1);
    let stretch = &events[start..end];
    let joined = stretch.iter().position(|recorded| matches!(recorded.event, Event::AgentJoined { .. }))?;
    // What led to the human; who asked for one first says what it is about when the human is there.
    let before = question(&stretch[..joined]);
    let inside = stretch[joined..].iter().filter_map(asked_in);
    let pair = |(asked, question)| answer(&stretch[joined..], asked).map(|given| (asked, question, given));
    let (asked, question, (answer, agent_name)) = before.into_iter().chain(inside).find_map(pair)?;
    Some(Lesson {
        asked,
        question: prefix(&mask(&question), MAX_QUESTION_CHARS).replace('\n', " "),
        answer: prefix(&mask(&answer), MAX_ANSWER_CHARS).to_owned(),
        agent_name,
    })
}

/// One that the AI said it could not answer; else the last one.
fn question(events: &[Recorded]) -> Option<(Seq, String)> {
    let unanswered = events.iter().rev().find_map(|recorded| match recorded.event {
        Event::AiAnswered { turn, confident: false, .. } => Some(turn),
        _ => None,
    });
    unanswered
        .and_then(|turn| events.iter().find(|recorded| recorded.seq == turn).and_then(asked_in))
        .or_else(|| events.iter().rev().find_map(asked_in))
}

fn asked_in(recorded: &Recorded) -> Option<(Seq, String)> {
    match &recorded.event {
        Event::VisitorWrote { text, .. } if is_question(text) => Some((recorded.seq, text.clone())),
        _ => None,
    }
}

/// Asking for a person, a yes or a no, and a greeting ask nothing that knowledge could answer.
fn is_question(text: &str) -> bool {
    let signals = detect(text, &[]);
    let about_the_chat = signals.wants_human || signals.frustrated || signals.assent != Assent::Neither;
    !about_the_chat && text.split_whitespace().count() >= LEAST_QUESTION_WORDS
}

/// What the agents said after the question, without greetings and questions back.
fn answer(events: &[Recorded], asked: Seq) -> Option<(String, String)> {
    let mut parts: Vec<&str> = Vec::new();
    let mut by = None;
    for recorded in events.iter().filter(|recorded| recorded.seq > asked) {
        let Event::AgentWrote { agent, text, .. } = &recorded.event else { continue };
        let text = without_greeting(text.trim());
        if text.split_whitespace().count() >= LEAST_ANSWER_WORDS && !text.ends_with('?') {
            parts.push(text);
            by = Some(agent.name.clone());
        }
    }
    by.map(|name| (capitalised(&parts.join("\n\n")), name))
}

/// "Hi Ann, …": the rest is the answer, and a name less.
fn without_greeting(text: &str) -> &str {
    const GREETINGS: &[&str] = &[
        "hi",
        "hello",
        "hey",
        "dear",
        "hallo",
        "hoi",
        "beste",
        "liebe",
        "lieber",
        "guten",
        "goedemorgen",
        "goedemiddag",
        "bonjour",
        "salut",
        "hola",
        "buenas",
        "buenos",
        "olá",
        "ola",
        "ciao",
        "buongiorno",
    ];
    let first = text.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
    if !GREETINGS.contains(&first.as_str()) {
        return text;
    }
    match text.find([',', '!', '.', '\n']) {
        Some(end) if text[..end].split_whitespace().count() <= 4 => text[end + 1..].trim_start(),
        _ => text,
    }
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// A line of [`LEARNED_DOCUMENT`].
pub fn learned_line(id: Uuid, question: &str, answer: &str) -> String {
    let entry = json!({"id": format!("learned-{id}"), "title": question, "questions": [], "answer": answer});
    format!("{entry}\n")
}

#[cfg(test)]
mod tests;
