//! `baton detect`: what the detectors say about messages, without a server, for owners who wonder and for measuring.

use crate::ai::detect;
use crate::domain::language;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};

#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    #[error("can't read a message or write a verdict")]
    Stream(#[from] io::Error),
    /// Each was reported where it stood; the others have their verdicts.
    #[error("{failed} of {all} lines could not be read")]
    Unreadable { failed: usize, all: usize },
}

#[derive(Debug, Deserialize)]
struct Message {
    text: String,
    /// BCP 47; taken for true when it is given.
    #[serde(default)]
    language: Option<String>,
}

#[derive(Debug, Serialize)]
struct Line<'message> {
    request_human: f32,
    frustration: f32,
    /// BCP 47; null when the message gives too little away.
    language: Option<&'message str>,
    /// A human would be offered, with every trigger on.
    offer: bool,
}

/// Judges each line of `messages`: a text, or a JSON object with `text` and optionally `language`. An empty line is an empty message, so
/// that lines of both sides stay in step; a line that begins like an object and is none gets `{"error": ..}`.
///
/// # Errors
/// [`DetectError::Unreadable`] at the end, when some lines could not be read.
pub fn detect(messages: impl BufRead, verdicts: &mut impl Write) -> Result<(), DetectError> {
    let (mut all, mut failed) = (0, 0);
    for line in messages.split(b'\n') {
        all += 1;
        let line = line?;
        match message(&line) {
            Ok(message) => judge(&message, verdicts)?,
            Err(why) => {
                failed += 1;
                serde_json::to_writer(&mut *verdicts, &serde_json::json!({ "error": format!("line {all}: {why}") }))
                    .map_err(io::Error::from)?;
            }
        }
        verdicts.write_all(b"\n")?;
        // Who asks line by line waits for each verdict.
        verdicts.flush()?;
    }
    if failed == 0 { Ok(()) } else { Err(DetectError::Unreadable { failed, all }) }
}

fn message(line: &[u8]) -> Result<Message, String> {
    let line = std::str::from_utf8(line).map_err(|_| "it is not UTF-8 text".to_owned())?.trim_end_matches('\r');
    if !line.trim_start().starts_with('{') {
        return Ok(Message { text: line.to_owned(), language: None });
    }
    serde_json::from_str(line).map_err(|error| format!("it begins like a JSON object: {error}"))
}

fn judge(message: &Message, out: &mut impl Write) -> Result<(), DetectError> {
    let verdict = detect::verdict(&message.text);
    let line = Line {
        request_human: verdict.request_human,
        frustration: verdict.frustration,
        language: message.language.as_deref().or_else(|| language::guess(&message.text)),
        offer: verdict.wants_human() || verdict.frustrated(),
    };
    Ok(serde_json::to_writer(out, &line).map_err(io::Error::from)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(input: &[u8]) -> (Vec<serde_json::Value>, Result<(), DetectError>) {
        let mut out = Vec::new();
        let end = detect(input, &mut out);
        let lines = String::from_utf8(out).unwrap();
        (lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), end)
    }

    #[test]
    fn texts_and_objects_are_judged_in_order() {
        let (lines, end) = run(
            "I want to talk to a human\r\n\n{\"text\": \"quiero hablar con una persona\", \"language\": \"es\", \"id\": 7}\nwo ist mein Paket?"
                .as_bytes(),
        );
        assert!(end.is_ok());
        let offers: Vec<bool> = lines.iter().map(|line| line["offer"].as_bool().unwrap()).collect();
        assert_eq!(offers, [true, false, true, false]);
        let languages: Vec<Option<&str>> = lines.iter().map(|line| line["language"].as_str()).collect();
        assert_eq!(languages, [Some("en"), None, Some("es"), Some("de")]);
        assert!(lines[0]["request_human"].as_f64().unwrap() > 0.9);
        assert!(lines[0]["frustration"].as_f64().unwrap() < 0.1);
    }

    #[test]
    fn a_line_that_cannot_be_read_says_so_and_the_others_go_on() {
        let (lines, end) = run(b"{\"text\": 5}\n\xff\nagent please\n");
        assert!(matches!(end, Err(DetectError::Unreadable { failed: 2, all: 3 })), "{end:?}");
        assert!(lines[0]["error"].as_str().unwrap().starts_with("line 1: "));
        assert!(lines[1]["error"].as_str().unwrap().contains("UTF-8"));
        assert_eq!(lines[2]["offer"], true);
    }
}
