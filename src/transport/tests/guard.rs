//! Which header byte ends the connection, and with what.

use actix_http::ws::CloseCode;

use super::{super::frame_guard::*, *};

const MASK: Option<[u8; 4]> = Some([1, 2, 3, 4]);
const LIMITS: FrameLimits = FrameLimits { max_frame_bytes: 1000, max_message_bytes: 1500, max_fragments: 3 };

/// Headers only: the guard never sees payload. Gives the verdict and how many bytes it took.
fn judge(headers: &[Vec<u8>]) -> (Result<(), CloseCode>, usize) {
    let bytes = headers.concat();
    let mut guard = FrameGuard::new(LIMITS);
    let mut input = &bytes[..];
    loop {
        match guard.read_header(&mut input) {
            Ok(Some(_)) => {}
            Ok(None) => return (Ok(()), bytes.len()),
            Err(code) => return (Err(code), bytes.len() - input.len()),
        }
    }
}

#[test]
fn refuses_at_the_first_byte_that_breaks_a_rule() {
    let protocol = Err(CloseCode::Protocol);
    let size = Err(CloseCode::Size);
    type Row = (&'static str, Vec<Vec<u8>>, Result<(), CloseCode>, usize);
    let table: &[Row] = &[
        ("text", vec![header(FIN | TEXT, MASK, 1000)], Ok(()), 8),
        ("empty binary", vec![header(FIN | BINARY, MASK, 0)], Ok(()), 6),
        ("first reserved bit", vec![header(FIN | 0x40 | TEXT, MASK, 1)], protocol, 1),
        ("third reserved bit", vec![header(FIN | 0x10 | PING, MASK, 1)], protocol, 1),
        ("undefined data opcode", vec![header(FIN | 3, MASK, 1)], protocol, 1),
        ("undefined control opcode", vec![header(FIN | 11, MASK, 1)], protocol, 1),
        ("fragmented ping", vec![header(PING, MASK, 1)], protocol, 1),
        ("continuation of nothing", vec![header(FIN | CONTINUATION, MASK, 1)], protocol, 1),
        ("unmasked", vec![header(FIN | TEXT, None, 1)], protocol, 2),
        ("unmasked and huge", vec![header(FIN | TEXT, None, 1 << 33)], protocol, 2),
        ("long ping", vec![header(FIN | PING, MASK, 126)], protocol, 2),
        ("long close, 64 bit form", vec![header(FIN | CLOSE, MASK, 1 << 20)], protocol, 2),
        ("frame over limit", vec![header(FIN | TEXT, MASK, 1001)], size, 4),
        ("8 GiB", vec![header(FIN | BINARY, MASK, 1 << 33)], size, 10),
        ("most significant bit", vec![header(FIN | BINARY, MASK, u64::MAX)], size, 10),
        ("text inside a message", vec![header(TEXT, MASK, 1), header(FIN | TEXT, MASK, 1)], protocol, 7),
        ("message over limit", vec![header(TEXT, MASK, 1000), header(FIN | CONTINUATION, MASK, 501)], size, 12),
        (
            "message at limit with a ping inside",
            vec![header(TEXT, MASK, 1000), header(FIN | PING, MASK, 125), header(FIN | CONTINUATION, MASK, 500)],
            Ok(()),
            22,
        ),
        (
            "empty fragments over limit",
            vec![
                header(TEXT, MASK, 0),
                header(CONTINUATION, MASK, 0),
                header(CONTINUATION, MASK, 0),
                header(CONTINUATION, MASK, 0),
            ],
            size,
            20,
        ),
        (
            "limits are per message",
            vec![
                header(TEXT, MASK, 800),
                header(FIN | CONTINUATION, MASK, 600),
                header(BINARY, MASK, 800),
                header(CONTINUATION, MASK, 0),
                header(FIN | CONTINUATION, MASK, 600),
            ],
            Ok(()),
            38,
        ),
    ];
    for (name, headers, verdict, taken) in table {
        assert_eq!(judge(headers), (*verdict, *taken), "{name}");
    }
}

#[test]
fn a_header_survives_any_cut() {
    let bytes = header(FIN | BINARY, MASK, 700);
    for cut in 0..bytes.len() {
        let mut guard = FrameGuard::new(LIMITS);
        let (mut head, mut tail) = bytes.split_at(cut);
        assert_eq!(guard.read_header(&mut head), Ok(None), "cut at {cut}");
        let read = guard.read_header(&mut tail).unwrap().unwrap();
        assert_eq!(read, FrameHeader { fin: true, opcode: Opcode::Binary, payload_bytes: 700, mask: [1, 2, 3, 4] });
    }
}
