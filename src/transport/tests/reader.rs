//! The receiving half against the codec of actix-http and against itself on other cuts of the same bytes.

use actix_codec::Decoder;
use actix_http::ws;
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use proptest::prelude::*;

use super::{
    super::{incoming::Messages, *},
    *,
};

const WIDE: FrameLimits = FrameLimits { max_frame_bytes: 1 << 20, max_message_bytes: 1 << 20, max_fragments: 1000 };

/// Everything a peer's bytes come to, when they arrive in these chunks.
fn receive(chunks: Vec<Bytes>, limits: FrameLimits) -> Vec<Incoming> {
    let mut messages = Messages::new(limits);
    let mut received = Vec::new();
    for chunk in chunks {
        messages.feed(chunk);
        received.extend(std::iter::from_fn(|| messages.next()));
    }
    received
}

fn receive_frames(frames: &[Frame], limits: FrameLimits) -> Vec<Incoming> {
    receive(vec![frames.iter().flat_map(Frame::encode).collect()], limits)
}

/// The same by the codec, which sees whole frames and knows no limit per message.
fn receive_by_codec(bytes: &[u8]) -> Vec<Incoming> {
    let mut codec = ws::Codec::new().max_size(1 << 20);
    let mut buffer = BytesMut::from(bytes);
    let mut incoming = Vec::new();
    let (mut message, mut is_text) = (Vec::new(), false);
    loop {
        let (first, part, last) = match codec.decode(&mut buffer) {
            Ok(None) => return incoming,
            Err(_) => {
                incoming.push(Incoming::Violation(CloseCode::Protocol));
                return incoming;
            }
            Ok(Some(frame)) => match frame {
                ws::Frame::Ping(payload) => {
                    incoming.push(Incoming::Ping(payload));
                    continue;
                }
                ws::Frame::Pong(payload) => {
                    incoming.push(Incoming::Pong(payload));
                    continue;
                }
                ws::Frame::Close(reason) => {
                    incoming.push(Incoming::Closed(reason));
                    return incoming;
                }
                ws::Frame::Text(part) => (Some(true), part, true),
                ws::Frame::Binary(part) => (Some(false), part, true),
                ws::Frame::Continuation(ws::Item::FirstText(part)) => (Some(true), part, false),
                ws::Frame::Continuation(ws::Item::FirstBinary(part)) => (Some(false), part, false),
                ws::Frame::Continuation(ws::Item::Continue(part)) => (None, part, false),
                ws::Frame::Continuation(ws::Item::Last(part)) => (None, part, true),
            },
        };
        is_text = first.unwrap_or(is_text);
        message.extend_from_slice(&part);
        if last {
            let whole = Bytes::from(std::mem::take(&mut message));
            let item = if is_text { text_or_violation(whole) } else { Incoming::Binary(whole) };
            let ends = matches!(item, Incoming::Violation(_));
            incoming.push(item);
            if ends {
                return incoming;
            }
        }
    }
}

fn text_or_violation(bytes: Bytes) -> Incoming {
    ByteString::try_from(bytes).map_or(Incoming::Violation(CloseCode::Invalid), Incoming::Text)
}

/// Where the two may differ: a bad character ends a fragmented message at once here and at its last frame there, and the
/// codec has one error for a bad close code and a bad close reason.
fn forget_code(mut incoming: Vec<Incoming>) -> Vec<Incoming> {
    if let Some(Incoming::Violation(code)) = incoming.last_mut() {
        *code = CloseCode::Protocol;
    }
    incoming
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => "[a-zäßж漢😀]{0,40}".prop_map(String::into_bytes),
        2 => "[a-z😀]{100,400}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..8),
        1 => (1000_u16..1020, "[a-z]{0,5}").prop_map(|(code, text)| [&code.to_be_bytes()[..], text.as_bytes()].concat()),
    ]
}

fn frame(openings: &'static [u8]) -> impl Strategy<Value = Frame> {
    (prop::sample::select(openings), prop::option::weighted(0.98, any::<[u8; 4]>()), payload())
        .prop_map(|(opening, mask, payload)| Frame { opening, mask, payload })
}

/// Mostly whole messages in one or several frames, so that a sequence lives long enough; now and then anything.
fn frames() -> impl Strategy<Value = Vec<Frame>> {
    let control = || prop::collection::vec(frame(&[FIN | PING, FIN | PONG]), 0..2);
    let fragmented =
        (frame(&[TEXT, BINARY]), control(), prop::collection::vec(frame(&[CONTINUATION]), 0..3), control())
            .prop_flat_map(|(first, before, middle, after)| {
                let start = [vec![first], before, middle, after].concat();
                (Just(start), frame(&[FIN | CONTINUATION])).prop_map(|(mut start, last)| {
                    start.push(last);
                    start
                })
            });
    let message = prop_oneof![
        6 => frame(&[FIN | TEXT, FIN | BINARY, FIN | PING, FIN | PONG]).prop_map(|frame| vec![frame]),
        6 => fragmented,
        1 => frame(&[FIN | CLOSE, FIN | 3, FIN | 0x40 | TEXT, PING, CONTINUATION, TEXT]).prop_map(|frame| vec![frame]),
    ];
    prop::collection::vec(message, 0..6).prop_map(|messages| messages.concat())
}

proptest! {
    #[test]
    fn agrees_with_the_codec(frames in frames()) {
        let bytes: Vec<u8> = frames.iter().flat_map(Frame::encode).collect();
        let ours = receive(vec![bytes.clone().into()], WIDE);
        let theirs = receive_by_codec(&bytes);
        let fails_fast = ours.last() == Some(&Incoming::Violation(CloseCode::Invalid));
        if fails_fast {
            // Control frames behind the bad character are seen by the codec only.
            let whole = ours.len() - 1;
            prop_assert!(theirs.len() >= whole);
            prop_assert_eq!(&ours[..whole], &theirs[..whole]);
        } else {
            prop_assert_eq!(forget_code(ours), forget_code(theirs));
        }
    }

    #[test]
    fn any_cut_of_the_bytes_gives_the_same(
        frames in frames(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        limits in prop_oneof![
            Just(WIDE),
            Just(FrameLimits { max_frame_bytes: 120, max_message_bytes: 150, max_fragments: 3 }),
        ],
    ) {
        let bytes: Bytes = frames.iter().flat_map(Frame::encode).collect();
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        at.extend([0, bytes.len()]);
        at.sort_unstable();
        let chunks = at.windows(2).map(|pair| bytes.slice(pair[0]..pair[1])).collect();
        let single = (0..bytes.len()).map(|at| bytes.slice(at..=at)).collect();
        let whole = receive(vec![bytes], limits);
        prop_assert_eq!(&receive(chunks, limits), &whole);
        prop_assert_eq!(&receive(single, limits), &whole);
    }
}

#[test]
fn what_came_before_a_violation_is_delivered_first() {
    let frames =
        [Frame::new(FIN | TEXT, b"kept"), Frame::new(FIN | 0x20 | TEXT, b"refused"), Frame::new(FIN | PING, b"")];
    let expected = [Incoming::Text("kept".into()), Incoming::Violation(CloseCode::Protocol)];
    assert_eq!(receive_frames(&frames, WIDE), expected);
}

#[test]
fn nothing_follows_a_close_frame() {
    let frames = [Frame::new(FIN | CLOSE, b""), Frame::new(FIN | TEXT, b"late")];
    assert_eq!(receive_frames(&frames, WIDE), [Incoming::Closed(None)]);
}

#[test]
fn a_bad_character_ends_an_unfinished_message() {
    let frames = [Frame::new(TEXT, b"good"), Frame::new(CONTINUATION, b"\xED\xA0")];
    assert_eq!(receive_frames(&frames, WIDE), [Incoming::Violation(CloseCode::Invalid)]);
    let character_cut_by_frames = [Frame::new(TEXT, b"\xF0\x9F"), Frame::new(FIN | CONTINUATION, b"\x98\x80")];
    assert_eq!(receive_frames(&character_cut_by_frames, WIDE), [Incoming::Text("😀".into())]);
}

#[test]
fn a_lost_connection_ends_the_stream_silently() {
    let mut bytes = Frame::new(FIN | TEXT, b"cut off").encode();
    bytes.truncate(9);
    assert_eq!(receive(vec![bytes.into()], WIDE), []);
}

/// Beside it stand the session actor, its mailbox and its clocks.
#[test]
fn an_idle_connection_costs_less_than_500_bytes() {
    let own = size_of::<IncomingStream>() + size_of::<Outbox>();
    assert!(own < 500, "{own}");
}
