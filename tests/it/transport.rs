//! The framing layer over real sockets, in a process of its own so that its memory can be measured.
//!
//! Attack list: RELIABILITY.md S6. The client is written by hand, as no library would send these bytes.

mod echo;
mod raw_client;

use std::time::{Duration, Instant};

use echo::EchoServer;
use raw_client::{FIN, Frame, RawClient, header};

const MIB: usize = 1024 * 1024;
const MASK: Option<[u8; 4]> = Some([0x12, 0x34, 0x56, 0x78]);

/// A connection that sent `bytes` and reads until the close code.
fn close_code_after(server: &EchoServer, bytes: &[u8]) -> Option<u16> {
    let mut client = RawClient::connect(server, "/");
    client.send_all(bytes);
    client.read_until_close()
}

#[test]
fn well_behaved_frames_come_back() {
    let server = EchoServer::start(&[]);
    let mut client = RawClient::connect(&server, "/");
    assert_eq!(client.protocol(), Some("baton.v1"));
    client.send_all(&header(0x01, MASK, 0));
    client.send_all(&Frame::Ping(b"still there?".to_vec()).encode());
    client.send_all(&Frame::Continuation("grüße".into()).encode());
    assert_eq!(client.read_frame(), Some(Frame::Pong(b"still there?".to_vec())));
    assert_eq!(client.read_frame(), Some(Frame::Text("grüße".into())));
    client.send_all(&Frame::Close(4001).encode());
    assert_eq!(client.read_until_close(), Some(4001));
    server.wait_for_no_session();
}

#[test]
fn each_broken_rule_has_its_close_code() {
    let server = EchoServer::start(&[]);
    let one_mib_text = [header(FIN | 1, MASK, MIB as u64), vec![b'x'; MIB]].concat();
    let fragments = |payload: &[u8]| {
        let more = Frame::Raw(0, payload.to_vec()).encode();
        [Frame::Raw(1, payload.to_vec()).encode(), more.repeat(20_000)].concat()
    };
    let table: &[(&str, Vec<u8>, u16)] = &[
        ("1 MiB text", one_mib_text, 1009),
        ("20,000 fragments of a byte", fragments(b"x"), 1009),
        ("20,000 empty fragments", fragments(b""), 1009),
        ("unmasked", [header(FIN | 1, None, 2), b"hi".to_vec()].concat(), 1002),
        ("reserved bit", Frame::Raw(FIN | 0x40 | 1, b"hi".to_vec()).encode(), 1002),
        ("opcode 3", Frame::Raw(FIN | 3, b"hi".to_vec()).encode(), 1002),
        ("fragmented ping", Frame::Raw(9, b"hi".to_vec()).encode(), 1002),
        ("ping of 126 bytes", Frame::Raw(FIN | 9, vec![0; 126]).encode(), 1002),
        ("continuation of nothing", Frame::Raw(FIN, b"hi".to_vec()).encode(), 1002),
        ("bad utf-8", Frame::Raw(FIN | 1, b"\xC3\x28".to_vec()).encode(), 1007),
        ("bad utf-8, message unfinished", Frame::Raw(1, b"\xC3\x28".to_vec()).encode(), 1007),
        ("bad utf-8, frame unfinished", [header(FIN | 1, Some([0; 4]), 900), b"\xC3\x28".to_vec()].concat(), 1007),
        ("close with half a code", Frame::Raw(FIN | 8, b"\x03".to_vec()).encode(), 1002),
        ("close with code 1005", Frame::Close(1005).encode(), 1002),
        ("close with a bad reason", Frame::Raw(FIN | 8, b"\x03\xE8\xFF".to_vec()).encode(), 1007),
    ];
    for (name, bytes, code) in table {
        assert_eq!(close_code_after(&server, bytes), Some(*code), "{name}");
    }
    server.wait_for_no_session();
}

/// Plain actix-ws keeps all that arrives until the frame is complete: 400 MB for one socket without a login.
#[test]
fn a_declared_frame_of_8_gib_is_refused_unread() {
    let server = EchoServer::start(&[]);
    let mut client = RawClient::connect(&server, "/");
    let before = server.resident_bytes();
    client.send_all(&header(FIN | 2, MASK, 8 << 30));
    let mut peak = before;
    let chunk = vec![0; 256 * 1024];
    for _ in 0..256 {
        // The server may be gone before 64 MB are sent; that it is not bigger then is the point.
        if !client.try_send(&chunk) {
            break;
        }
        peak = peak.max(server.resident_bytes());
    }
    assert!(peak - before < 8 * MIB, "grew by {} bytes", peak - before);
    assert_eq!(client.read_until_close(), Some(1009));
    server.wait_for_no_session();
}

#[test]
fn a_flood_of_pings_without_reading_is_bounded() {
    let server = EchoServer::start(&[]);
    let mut client = RawClient::connect(&server, "/");
    let before = server.resident_bytes();
    let pings = Frame::Ping(vec![b'p'; 125]).encode().repeat(1000);
    for _ in 0..200 {
        client.send_all(&pings);
    }
    client.send_all(&Frame::Close(1000).encode());
    // The server has read them all when it knows of the close.
    server.wait_for_no_session();
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown < 8 * MIB, "grew by {grown} bytes");
}

#[test]
fn a_reader_that_stops_costs_neither_memory_nor_time_nor_a_descriptor() {
    let server = EchoServer::start(&[]);
    server.floods();
    let (memory, descriptors) = (server.resident_bytes(), server.open_descriptors());
    let mut deaf = RawClient::connect(&server, "/flood");
    let mut peak = memory;
    let flood = loop {
        peak = peak.max(server.resident_bytes());
        if let Some(flood) = server.floods().first() {
            break flood.clone();
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(peak - memory < 10 * MIB, "grew by {} bytes", peak - memory);
    assert!(flood.refused_pushes > 1000, "slow is reached: {flood:?}");
    assert!(flood.longest_push < Duration::from_millis(250), "the sender stalls: {flood:?}");

    let start = Instant::now();
    while server.open_descriptors() > descriptors {
        assert!(start.elapsed() < Duration::from_secs(30), "the connection is still held");
        std::thread::sleep(Duration::from_millis(200));
    }
    deaf.discard_all();
}

#[test]
fn a_reader_that_is_behind_is_sent_everything_that_was_taken() {
    // The flood is faster than any reader; with room for all of it nothing may be refused or get lost on the way.
    let server = EchoServer::start(&["--flood-bytes", "33554432", "--max-outbox-bytes", "67108864"]);
    let mut client = RawClient::connect(&server, "/flood");
    let mut received = 0;
    while let Some(frame) = client.read_frame() {
        match frame {
            Frame::Text(text) => received += text.len(),
            Frame::Close(code) => assert_eq!(code, 1013),
            other => panic!("unexpected {other:?}"),
        }
    }
    assert_eq!(received, 32 * MIB);
    assert_eq!(server.floods()[0].refused_pushes, 0);
}
