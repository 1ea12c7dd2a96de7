//! Conversations as JSON lines, one event a line: what `baton export` writes and `baton replay` reads.
//!
//! The events have the form in which the database keeps them, so a file is read by every later version, too.

use super::stored_event;
use crate::domain::conversation::{Event, Recorded};
use crate::domain::ids::{ConversationId, Seq};
use crate::domain::time::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::io::{BufRead, Read as _, Write};
use uuid::Uuid;

/// No event comes near it: a message has 8,000 characters at most.
const MAX_LINE_BYTES: u64 = 1 << 20;

#[derive(Debug, thiserror::Error)]
pub enum TranscriptError {
    #[error("line {line}")]
    Line {
        line: usize,
        #[source]
        why: LineError,
    },
    #[error("nothing can be read after line {line}")]
    Unreadable {
        line: usize,
        #[source]
        source: std::io::Error,
    },
    #[error("there is no event in it")]
    Empty,
}

#[derive(Debug, thiserror::Error)]
pub enum LineError {
    #[error("this is no event of a conversation: {why}")]
    NotAnEvent { why: String },
    #[error("it is longer than {MAX_LINE_BYTES} bytes")]
    TooLong,
    #[error("the conversation has to begin with event 1, its start")]
    NoStart,
    #[error("this is event {found} of the conversation; event {expected} has to follow here")]
    Gap { expected: Seq, found: Seq },
    #[error("conversation {conversation} goes on after another one began; each has to be in one piece")]
    Scattered { conversation: ConversationId },
}

/// One conversation from its start.
#[derive(Debug, Clone, PartialEq)]
pub struct Transcript {
    pub conversation: ConversationId,
    pub events: Vec<Recorded>,
}

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    conversation: Uuid,
    seq: u64,
    /// Milliseconds since 1970.
    at: i64,
    #[serde(borrow)]
    event: &'a RawValue,
}

/// Write one line.
///
/// # Errors
/// When `out` can't be written.
pub fn write(conversation: ConversationId, recorded: &Recorded, out: &mut impl Write) -> std::io::Result<()> {
    let mut event = Vec::new();
    stored_event::encode(&recorded.event, &mut event)?;
    let event: &RawValue = serde_json::from_slice(&event)?;
    let line = Line { conversation: conversation.0, seq: recorded.seq.get(), at: recorded.at.0, event };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")
}

/// Conversations of a file, one after another. After an error there is no more.
pub struct Transcripts<R> {
    input: R,
    line: usize,
    /// The first event of the next conversation, which ended the one before.
    ahead: Option<(ConversationId, Recorded)>,
    seen: HashSet<ConversationId>,
    over: bool,
}

impl<R: BufRead> Transcripts<R> {
    pub fn new(input: R) -> Self {
        Self { input, line: 0, ahead: None, seen: HashSet::new(), over: false }
    }

    fn next_conversation(&mut self) -> Result<Option<Transcript>, TranscriptError> {
        let first = match self.ahead.take() {
            Some(first) => Some(first),
            None => self.next_event()?,
        };
        let Some((conversation, first)) = first else {
            return if self.seen.is_empty() { Err(TranscriptError::Empty) } else { Ok(None) };
        };
        if !self.seen.insert(conversation) {
            return Err(self.wrong(LineError::Scattered { conversation }));
        }
        if first.seq != Seq(1) || !matches!(first.event, Event::Started { .. }) {
            return Err(self.wrong(LineError::NoStart));
        }
        let mut events = vec![first];
        while let Some((id, recorded)) = self.next_event()? {
            if id != conversation {
                self.ahead = Some((id, recorded));
                break;
            }
            let expected = Seq(events.len() as u64 + 1);
            if recorded.seq != expected {
                return Err(self.wrong(LineError::Gap { expected, found: recorded.seq }));
            }
            events.push(recorded);
        }
        Ok(Some(Transcript { conversation, events }))
    }

    /// The event of the next line that is not blank.
    fn next_event(&mut self) -> Result<Option<(ConversationId, Recorded)>, TranscriptError> {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let line = self.line;
            let read = self.input.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut bytes);
            if read.map_err(|source| TranscriptError::Unreadable { line, source })? == 0 {
                return Ok(None);
            }
            self.line += 1;
            if bytes.len() as u64 > MAX_LINE_BYTES {
                return Err(self.wrong(LineError::TooLong));
            }
            let text = bytes.trim_ascii();
            if !text.is_empty() {
                return event(text).map(Some).map_err(|why| self.wrong(why));
            }
        }
    }

    fn wrong(&self, why: LineError) -> TranscriptError {
        TranscriptError::Line { line: self.line, why }
    }
}

impl<R: BufRead> Iterator for Transcripts<R> {
    type Item = Result<Transcript, TranscriptError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let next = self.next_conversation().transpose();
        self.over = !matches!(next, Some(Ok(_)));
        next
    }
}

fn event(text: &[u8]) -> Result<(ConversationId, Recorded), LineError> {
    let Line { conversation, seq, at, event } = serde_json::from_slice(text).map_err(|error| {
        // A line of its own is the first one to serde; ours is told beside.
        LineError::NotAnEvent { why: error.to_string().replace(" at line 1 column ", " at column ") }
    })?;
    let event = stored_event::decode(event.get()).map_err(|error| {
        let why = error.to_string();
        LineError::NotAnEvent { why: why.split(" at line 1 column ").next().unwrap_or_default().to_owned() }
    })?;
    Ok((ConversationId(conversation), Recorded { seq: Seq(seq), at: UnixMillis(at), event }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::suite::any_event;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<Result<Transcript, TranscriptError>> {
        Transcripts::new(text.as_bytes()).collect()
    }

    fn start(conversation: u128) -> String {
        format!(
            "{{\"conversation\":\"{}\",\"seq\":1,\"at\":5,\"event\":{{\"kind\":\"started\",\"chatbot\":\"shop\",\"visitor\":\"{}\",\"context\":{{}}}}}}\n",
            Uuid::from_u128(conversation),
            Uuid::nil()
        )
    }

    fn cancelled(conversation: u128, seq: u64) -> String {
        let id = Uuid::from_u128(conversation);
        format!("{{\"conversation\":\"{id}\",\"seq\":{seq},\"at\":5,\"event\":{{\"kind\":\"handoff_cancelled\"}}}}\n")
    }

    #[test]
    fn several_conversations_are_read_one_by_one() {
        let text = format!("{}\n  \n{}{}{}", start(1), cancelled(1, 2), start(2), cancelled(2, 2).trim_end());
        let lengths: Vec<_> = read(&text).into_iter().map(|read| read.unwrap().events.len()).collect();
        assert_eq!(lengths, [2, 2]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let long = "x".repeat(MAX_LINE_BYTES as usize + 1);
        for (text, said) in [
            (String::new(), "there is no event in it"),
            ("\n\n".to_owned(), "there is no event in it"),
            (format!("{}nonsense", start(1)), "line 2: this is no event of a conversation: expected ident at column 2"),
            (format!("{}\n{{\"seq\":1}}", start(1)), "line 3: this is no event of a conversation: missing field"),
            (start(1).replace("started", "stranded"), "line 1: this is no event of a conversation: unknown variant"),
            (start(1).replace("\"shop\"", "\"No Shop\""), "line 1: this is no event of a conversation: "),
            (cancelled(1, 1), "line 1: the conversation has to begin with event 1"),
            (cancelled(1, 2), "line 1: the conversation has to begin with event 1"),
            (format!("{}{}", start(1), cancelled(1, 3)), "line 2: this is event 3 of the conversation; event 2"),
            (format!("{}{}", start(1), start(1)), "line 2: this is event 1 of the conversation; event 2"),
            (format!("{}{}{}", start(1), start(2), cancelled(1, 2)), "line 3: conversation 0000"),
            (long, "line 1: it is longer"),
        ] {
            let read = read(&text);
            let error = read.last().unwrap().as_ref().unwrap_err();
            let told = match error {
                TranscriptError::Line { line, why } => format!("line {line}: {why}"),
                other => other.to_string(),
            };
            assert!(told.starts_with(said), "{said}: {told}");
        }
        assert!(Transcripts::new(&b"\xff\xfe"[..]).next().unwrap().is_err());
    }

    proptest! {
        #[test]
        fn every_event_is_read_as_it_was_written(event in any_event(), at in any::<i64>()) {
            let id = ConversationId(Uuid::from_u128(7));
            let mut text = start(7).into_bytes();
            let recorded = Recorded { seq: Seq(2), at: UnixMillis(at), event };
            write(id, &recorded, &mut text).unwrap();
            let read = Transcripts::new(&text[..]).next().unwrap().unwrap();
            prop_assert_eq!(&read.events[1], &recorded);
        }
    }
}
