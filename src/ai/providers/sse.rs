//! Server-sent events, as far as providers use them: the `data` of each event.

/// Most bytes of one event; a model's piece of text is far shorter.
const MAX_EVENT: usize = 256 * 1024;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SseError {
    #[error("an event is longer than {MAX_EVENT} bytes")]
    TooLong,
    #[error("the stream is not UTF-8")]
    NotText,
}

/// Cuts a byte stream into events, wherever its pieces end.
#[derive(Default)]
pub(super) struct Decoder {
    line: Vec<u8>,
    data: Option<String>,
    after_cr: bool,
}

impl Decoder {
    /// The data of the events that `bytes` complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, SseError> {
        let mut events = Vec::new();
        for &byte in bytes {
            let pair = std::mem::replace(&mut self.after_cr, byte == b'\r') && byte == b'\n';
            match byte {
                _ if pair => {}
                b'\n' | b'\r' => events.extend(self.end_line()?),
                _ if self.line.len() >= MAX_EVENT => return Err(SseError::TooLong),
                _ => self.line.push(byte),
            }
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Result<Option<String>, SseError> {
        let line = std::mem::take(&mut self.line);
        let line = std::str::from_utf8(&line).map_err(|_| SseError::NotText)?;
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        if line.is_empty() {
            return Ok(self.data.take());
        }
        // Names, ids, retry times and comments say nothing here: what an event is stands in its data.
        let Some(value) = line.strip_prefix("data").filter(|rest| rest.is_empty() || rest.starts_with(':')) else {
            return Ok(None);
        };
        let value = value.strip_prefix(':').unwrap_or(value);
        let value = value.strip_prefix(' ').unwrap_or(value);
        match &mut self.data {
            Some(data) if data.len() + value.len() >= MAX_EVENT => return Err(SseError::TooLong),
            Some(data) => {
                data.push('\n');
                data.push_str(value);
            }
            None => self.data = Some(value.to_owned()),
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = ": hello\r\nevent: message\ndata: {\"a\":1}\n\ndata:first\ndata: second\r\r\nid: 7\n\ndata\n\ndataset: no\n\ndata: é😀\r\n\r\ndata: cut";

    #[test]
    fn events_are_the_same_wherever_the_pieces_end() {
        for size in 1..STREAM.len() {
            let mut decoder = Decoder::default();
            let mut events = Vec::new();
            for piece in STREAM.as_bytes().chunks(size) {
                events.extend(decoder.push(piece).unwrap());
            }
            assert_eq!(events, ["{\"a\":1}", "first\nsecond", "", "é😀"], "in pieces of {size}");
        }
    }

    #[test]
    fn nothing_grows_without_end() {
        let mut decoder = Decoder::default();
        let endless = vec![b'x'; MAX_EVENT];
        assert!(decoder.push(&endless).unwrap().is_empty());
        assert_eq!(decoder.push(b"x"), Err(SseError::TooLong));
        let mut decoder = Decoder::default();
        let lines = b"data: 0123456789\n".repeat(MAX_EVENT / 8);
        assert_eq!(decoder.push(&lines), Err(SseError::TooLong));
        assert_eq!(Decoder::default().push(b"data: \xff\n"), Err(SseError::NotText));
    }
}
