//! How the two systems say the same things. Replies are recognised by searching for a few bytes instead of parsing JSON.
//! That is sound: a quote inside a JSON string is always escaped, so `"key":"` only ever stands for a member's name.

use memchr::memmem;
use std::io::Write;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Baton,
    SocketIo,
}

/// What a text frame from the server means to the generator.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The sender's message with this number is accepted (Baton: durable).
    Ack(u64),
    /// The message with this number arrived at the other side.
    Delivered(u64),
    /// A heartbeat of Engine.IO, which travels as text.
    Ping,
    /// A refused command, or a frame that says that the connection is not what it should be.
    Refused,
    /// Presence, read marks and the like: not counted.
    Other,
}

impl Dialect {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Baton => "Baton",
            Self::SocketIo => "socket.io",
        }
    }

    pub(crate) fn read(self, payload: &[u8]) -> Seen {
        let body = match self {
            Self::Baton => payload,
            Self::SocketIo => match payload {
                b"2" => return Seen::Ping,
                [b'4', b'2' | b'3', rest @ ..] => memchr::memchr(b'{', rest).map_or(rest, |at| &rest[at..]),
                // 0 open, 40 connected; 1, 41 and 44 end it.
                [b'0', ..] | [b'4', b'0', ..] => return Seen::Other,
                _ => return Seen::Refused,
            },
        };
        if body.starts_with(br#"{"type":"ack""#) {
            number(body).map_or(Seen::Refused, Seen::Ack)
        } else if body.starts_with(br#"{"type":"event""#) {
            let Some(at) = memmem::find(body, br#""kind":"visitor_message""#) else { return Seen::Other };
            number(&body[at..]).map_or(Seen::Refused, Seen::Delivered)
        } else if body.starts_with(br#"{"type":"refused""#) {
            Seen::Refused
        } else {
            Seen::Other
        }
    }
}

/// The message number in the first client message id of `body`.
fn number(body: &[u8]) -> Option<u64> {
    let at = memmem::find(body, br#""key":""#)? + 7;
    let digits = body.get(at + 24..at + 36)?;
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | u64::from(char::from(*digit).to_digit(16)?)))
}

/// The message of one conversation, serialised but for its number.
pub(crate) struct Template {
    dialect: Dialect,
    /// From the first byte that does not depend on the number to the number in the client message id.
    head: String,
    tail: String,
}

impl Template {
    /// `index` makes the client message ids of different conversations different.
    pub(crate) fn new(dialect: Dialect, index: usize, text_length: usize) -> Self {
        let open = match dialect {
            Dialect::Baton => r#"{"type":"send","#,
            Dialect::SocketIo => r#"["send",{"#,
        };
        let close = match dialect {
            Dialect::Baton => "}",
            Dialect::SocketIo => "}]",
        };
        let text: String =
            "My order has not arrived yet, can you look where it is? ".chars().cycle().take(text_length).collect();
        let head = format!(r#"{open}"key":"{index:08x}-0000-4000-8000-"#);
        Self { dialect, head, tail: format!(r#"","text":"{}"{close}"#, text.trim_end()) }
    }

    /// Appends the payload of message `number`.
    pub(crate) fn fill(&self, number: u64, out: &mut Vec<u8>) {
        if self.dialect == Dialect::SocketIo {
            // The number doubles as the acknowledgement id that Socket.IO wants.
            write!(out, "42{number}").expect("a Vec takes every write");
        }
        out.extend_from_slice(self.head.as_bytes());
        out.extend((0..12).rev().map(|place| b"0123456789abcdef"[(number >> (4 * place)) as usize & 15]));
        out.extend_from_slice(self.tail.as_bytes());
    }
}
