//! The words of the handoff e-mail. Visitors write much of it, so everything is escaped, and no header takes a line break (S48, S50).

use crate::domain::conversation::{Event, HandoffBrief, HandoffReason, Recorded, VisitorContext};
use crate::domain::hidden::reveal;
use crate::domain::ids::Seq;
use crate::domain::settings::ChatbotSettings;
use crate::domain::time::UnixMillis;
use askama::Template;
use jiff::Timestamp;

/// Messages shown at most, the newest.
const SHOWN: usize = 50;
/// Characters of a message shown at most; the portal has the rest.
const SHOWN_CHARS: usize = 2_000;

/// Subject and both bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoffMail {
    /// One line.
    pub subject: String,
    pub text: String,
    pub html: String,
}

#[derive(Debug, thiserror::Error)]
#[error("fill the template of the handoff mail")]
pub struct MailError(#[from] askama::Error);

/// What the mail is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) settings: &'a ChatbotSettings,
    pub(super) visitor_name: &'a str,
    pub(super) context: &'a VisitorContext,
    /// The log, or its end.
    pub(super) events: &'a [Recorded],
    /// The event that asked for a human.
    pub(super) about: Seq,
}

#[derive(Template)]
#[template(path = "handoff.html")]
struct Html<'a> {
    view: &'a View<'a>,
}

#[derive(Template)]
#[template(path = "handoff.txt")]
struct Text<'a> {
    view: &'a View<'a>,
}

struct View<'a> {
    chatbot: String,
    visitor: &'a str,
    reason: &'static str,
    /// The visitor's last message.
    last: Option<String>,
    facts: Vec<Fact>,
    lines: Vec<Line<'a>>,
    /// Messages that are not shown.
    earlier: usize,
    link: &'a str,
    brand: &'a str,
    on_brand: &'static str,
    days: i64,
}

struct Fact {
    name: &'static str,
    value: String,
}

struct Line<'a> {
    who: &'a str,
    side: &'static str,
    at: String,
    text: String,
}

impl HandoffMail {
    pub(super) fn compose(subject: Subject<'_>, link: &str) -> Result<Self, MailError> {
        let view = View::of(subject, link);
        let mut line = one_line(&format!("{} is waiting in {}", view.visitor, view.chatbot), 100);
        if let Some(last) = &view.last {
            line = format!("{line}: {}", one_line(last, 60));
        }
        Ok(Self { subject: line, text: Text { view: &view }.render()?, html: Html { view: &view }.render()? })
    }
}

impl<'a> View<'a> {
    fn of(subject: Subject<'a>, link: &'a str) -> Self {
        let Subject { settings, visitor_name, context, events, about } = subject;
        let mut lines: Vec<Line<'a>> =
            events.iter().filter_map(|recorded| line(recorded, settings, visitor_name)).collect();
        let earlier = lines.len().saturating_sub(SHOWN);
        lines.drain(..earlier);
        let last = events.iter().rev().find_map(|recorded| match &recorded.event {
            Event::VisitorWrote { text, .. } => Some(shortened(text)),
            _ => None,
        });
        let brand = &settings.appearance.brand_color;
        let brand = if is_color(brand) { brand } else { "#2f5bea" };
        Self {
            chatbot: one_line(&settings.name, 80),
            visitor: visitor_name,
            reason: reason(events, about),
            last,
            facts: facts(context, brief(events, about)),
            lines,
            earlier,
            link,
            brand,
            on_brand: text_on(brand),
            days: super::links::LINK_LIFETIME_DAYS,
        }
    }
}

/// The brief of the handoff, and a model's summary if there is one.
fn brief(events: &[Recorded], about: Seq) -> Option<(&HandoffBrief, Option<&str>)> {
    let better = events.iter().rev().find_map(|recorded| match &recorded.event {
        Event::HandoffSummarised { handoff, summary } if *handoff == about => Some(summary.as_str()),
        _ => None,
    });
    events.iter().find(|recorded| recorded.seq == about).and_then(|recorded| match &recorded.event {
        Event::HandoffRequested { brief, .. } => Some((brief.as_ref(), better)),
        _ => None,
    })
}

fn reason(events: &[Recorded], about: Seq) -> &'static str {
    let found = events.iter().find_map(|recorded| match recorded.event {
        Event::HandoffRequested { reason, .. } if recorded.seq == about => Some(reason),
        _ => None,
    });
    match found {
        Some(HandoffReason::Button) => "Pressed \u{201c}Talk to a human\u{201d}",
        Some(HandoffReason::Words) => "Asked for a human",
        Some(HandoffReason::Frustration) => "Seemed frustrated",
        Some(HandoffReason::Keyword) => "Used one of your keywords",
        Some(HandoffReason::CannotAnswer) => "The AI could not answer",
        None => "Asked for a human",
    }
}

/// Shown as text: an address that a visitor chose is no link of ours.
fn facts(context: &VisitorContext, brief: Option<(&HandoffBrief, Option<&str>)>) -> Vec<Fact> {
    let (asked, summary) =
        brief.map_or(("", ""), |(brief, better)| (brief.asked.as_str(), better.unwrap_or(&brief.summary)));
    let all = [
        Fact { name: "Asked", value: one_line(asked, 500) },
        Fact { name: "Summary", value: one_line(summary, 1_000) },
        Fact { name: "Page", value: one_line(&context.page_title, 200) },
        Fact { name: "Address", value: one_line(&context.page_url, 500) },
        Fact { name: "Country", value: one_line(&context.country, 20) },
        Fact {
            name: "Language",
            value: one_line(&language(context, brief.map_or("", |(brief, _)| &brief.language)), 80),
        },
    ];
    all.into_iter().filter(|fact| !fact.value.is_empty()).collect()
}

/// What the visitor writes in, and the browser's where that is another.
fn language(context: &VisitorContext, written: &str) -> String {
    let browser = context.language.as_str();
    let same = browser.split(['-', '_', ',', ';']).next() == Some(written);
    match (written, browser) {
        (one, "") | ("", one) => one.to_owned(),
        _ if same => browser.to_owned(),
        _ => format!("{written} (browser: {browser})"),
    }
}

/// Who said what. Notes stay in the console: mail is forwarded.
fn line<'a>(recorded: &'a Recorded, settings: &'a ChatbotSettings, visitor: &'a str) -> Option<Line<'a>> {
    let (who, side, text) = match &recorded.event {
        Event::VisitorWrote { text, .. } => (visitor, "visitor", text),
        Event::AgentWrote { agent, text, .. } => (agent.name.as_str(), "agent", text),
        Event::AiAnswered { text, .. }
        | Event::HandoffOffered { text, .. }
        | Event::HandoffDeclined { text }
        | Event::HandoffRequested { text, .. } => (settings.name.as_str(), "ai", text),
        _ => return None,
    };
    (!text.is_empty()).then(|| Line { who, side, at: time(recorded.at), text: shortened(text) })
}

fn time(at: UnixMillis) -> String {
    match Timestamp::from_millisecond(at.0) {
        Ok(instant) => instant.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => String::new(),
    }
}

/// Hidden characters are marks (S59).
fn shortened(text: &str) -> String {
    let text = reveal(text);
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text,
    }
}

/// Text without line breaks and control characters, hidden ones as marks (S59), at most `most` characters long.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let plain: String =
        text.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect();
    let words = reveal(&plain.split_whitespace().collect::<Vec<_>>().join(" "));
    match words.char_indices().nth(most) {
        Some((end, _)) => format!("{}\u{2026}", words[..end].trim_end()),
        None => words,
    }
}

fn is_color(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text.bytes().skip(1).all(|b| b.is_ascii_hexdigit())
}

/// Black or white, whichever contrasts more with `color` (WCAG relative luminance).
fn text_on(color: &str) -> &'static str {
    let channel = |at: usize| {
        let value = u8::from_str_radix(&color[at..at + 2], 16).map_or(0.0, |v| f32::from(v) / 255.0);
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
    if luminance > 0.179 { "#000000" } else { "#ffffff" }
}

#[cfg(test)]
mod tests;
