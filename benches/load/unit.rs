//! Tests of the load generator's own parts. A generator that misreads frames measures its own mistakes.
#![allow(dead_code, reason = "only the parts under test are used here")]

mod dialect;
mod frame;

use dialect::{Dialect, Seen, Template};
use frame::{Frame, FrameError};

fn server_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..126 => bytes.push(short as u8),
        medium @ 126..65_536 => {
            bytes.push(126);
            bytes.extend_from_slice(&(medium as u16).to_be_bytes());
        }
        long => {
            bytes.push(127);
            bytes.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(payload);
    bytes
}

#[test]
fn a_frame_is_parsed_only_when_it_is_whole() {
    for length in [0, 1, 125, 126, 127, 65_535, 65_536, 100_000] {
        let payload = vec![b'x'; length];
        let bytes = server_frame(0x81, &payload);
        let steps: Box<dyn Iterator<Item = usize>> = if length < 200 {
            Box::new(0..bytes.len())
        } else {
            Box::new([0, 1, 2, 3, 9, 10, bytes.len() - 1].into_iter())
        };
        for cut in steps {
            assert_eq!(frame::parse(&bytes[..cut]), Ok(None), "{length} bytes cut at {cut}");
        }
        let whole = Frame { opcode: frame::TEXT, payload: &payload };
        assert_eq!(frame::parse(&bytes), Ok(Some((whole, bytes.len()))));
    }
}

#[test]
fn frames_in_one_read_come_one_after_the_other() {
    let mut bytes = server_frame(0x81, b"one");
    bytes.extend(server_frame(0x89, b""));
    bytes.extend(server_frame(0x81, &[b'y'; 300]));
    let mut opcodes = Vec::new();
    let mut rest = &bytes[..];
    while let Some((frame, used)) = frame::parse(rest).unwrap() {
        opcodes.push((frame.opcode, frame.payload.len()));
        rest = &rest[used..];
    }
    assert_eq!(opcodes, [(frame::TEXT, 3), (frame::PING, 0), (frame::TEXT, 300)]);
    assert!(rest.is_empty());
}

#[test]
fn what_a_server_may_not_send_is_an_error() {
    let cases: [(&[u8], FrameError); 5] = [
        (&[0x81, 0x80, 0, 0, 0, 0], FrameError::Masked),
        (&[0xc1, 0x00], FrameError::Reserved { first: 0xc1 }),
        (&[0x01, 0x00], FrameError::Fragment),
        (&[0x83, 0x00], FrameError::UnknownOpcode { opcode: 3 }),
        (&[0x81, 127, 0x7f, 0, 0, 0, 0, 0, 0, 0], FrameError::TooLong { length: 0x7f << 56 }),
    ];
    for (bytes, error) in cases {
        assert_eq!(frame::parse(bytes), Err(error));
    }
}

#[test]
fn written_frames_are_masked_and_come_back() {
    for length in [0, 1, 3, 4, 5, 125, 126, 200, 65_535] {
        let payload: Vec<u8> = (0..length).map(|place| place as u8).collect();
        let mut bytes = b"before".to_vec();
        frame::write(&mut bytes, frame::TEXT, |out| out.extend_from_slice(&payload));
        let written = &bytes[6..];
        assert_eq!(written[0], 0x81);
        assert_eq!(written[1] & 0x80, 0x80, "client frames are masked");
        let header = if length < 126 { 2 } else { 4 };
        let (mask, body) = written[header..].split_at(4);
        assert_ne!(mask, [0; 4]);
        let unmasked: Vec<u8> = body.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
        assert_eq!(unmasked, payload);
        let declared = if length < 126 {
            usize::from(written[1] & 0x7f)
        } else {
            usize::from(u16::from_be_bytes([written[2], written[3]]))
        };
        assert_eq!(declared, length);
    }
}

#[test]
fn a_close_without_a_code_counts_as_none_given() {
    assert_eq!(frame::close_code(&4413_u16.to_be_bytes()), 4413);
    assert_eq!(frame::close_code(b""), 1005);
}

#[test]
fn replies_of_the_hub_are_recognised() {
    let key = "00000007-0000-4000-8000-0000000000ff";
    let cases = [
        (format!(r#"{{"type":"ack","key":"{key}","conversation":"c","seq":9}}"#), Seen::Ack(255)),
        (
            format!(
                r#"{{"type":"event","conversation":"c","seq":9,"at":1,"event":{{"kind":"visitor_message","key":"{key}","text":"t"}}}}"#
            ),
            Seen::Delivered(255),
        ),
        (r#"{"type":"event","conversation":"c","seq":2,"at":1,"event":{"kind":"started"}}"#.into(), Seen::Other),
        (format!(r#"{{"type":"refused","key":"{key}","command":"send"}}"#), Seen::Refused),
        (r#"{"type":"team","agents":[]}"#.into(), Seen::Other),
        // A text that looks like a member is escaped, so the first bare match is the member.
        (
            format!(
                r#"{{"type":"event","seq":9,"event":{{"kind":"agent_message","key":"{key}","text":"\"kind\":\"visitor_message\""}}}}"#
            ),
            Seen::Other,
        ),
    ];
    for (frame, seen) in cases {
        assert_eq!(Dialect::Baton.read(frame.as_bytes()), seen, "{frame}");
    }
}

#[test]
fn replies_of_the_relay_are_recognised() {
    let key = "00000007-0000-4000-8000-000000000010";
    let cases = [
        ("2".to_owned(), Seen::Ping),
        (format!(r#"4316[{{"type":"ack","key":"{key}","conversation":"c","seq":9}}]"#), Seen::Ack(16)),
        (
            format!(
                r#"42["event",{{"type":"event","conversation":"c","seq":9,"at":1,"event":{{"kind":"visitor_message","key":"{key}","text":"t"}}}}]"#
            ),
            Seen::Delivered(16),
        ),
        (r#"40{"sid":"x"}"#.into(), Seen::Other),
        ("41".into(), Seen::Refused),
        (r#"44{"message":"no"}"#.into(), Seen::Refused),
    ];
    for (frame, seen) in cases {
        assert_eq!(Dialect::SocketIo.read(frame.as_bytes()), seen, "{frame}");
    }
}

#[test]
fn messages_carry_their_number_in_the_client_message_id() {
    let mut hub = Vec::new();
    Template::new(Dialect::Baton, 0x12, 100).fill(0xabc, &mut hub);
    let sent: baton::protocol::visitor::VisitorFrame = serde_json::from_slice(&hub).unwrap();
    let baton::protocol::visitor::VisitorFrame::Send { key, text } = sent else { panic!("not a send: {sent:?}") };
    assert_eq!(key.to_string(), "00000012-0000-4000-8000-000000000abc");
    assert!((90..=100).contains(&text.len()), "{text}");

    let mut relay = Vec::new();
    Template::new(Dialect::SocketIo, 0x12, 100).fill(0xabc, &mut relay);
    let packet = String::from_utf8(relay).unwrap();
    let body = packet.strip_prefix("422748").expect("an event packet with the acknowledgement id");
    let sent: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(sent[0], "send");
    assert_eq!(sent[1]["key"], "00000012-0000-4000-8000-000000000abc");
    assert_eq!(sent[1]["text"], text);
}
