//! A WebSocket client that sends whatever bytes it is given.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use super::echo::EchoServer;

pub(super) const FIN: u8 = 0x80;
const MASK: [u8; 4] = [0x9A, 0x01, 0xFE, 0x33];

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Frame {
    Text(String),
    /// The last frame of a message.
    Continuation(String),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(u16),
    /// First byte and payload.
    Raw(u8, Vec<u8>),
}

impl Frame {
    /// As a client sends it, masked.
    pub(super) fn encode(&self) -> Vec<u8> {
        let (opening, payload) = match self {
            Self::Text(text) => (FIN | 1, text.clone().into_bytes()),
            Self::Continuation(text) => (FIN, text.clone().into_bytes()),
            Self::Ping(payload) => (FIN | 9, payload.clone()),
            Self::Pong(payload) => (FIN | 10, payload.clone()),
            Self::Close(code) => (FIN | 8, code.to_be_bytes().to_vec()),
            Self::Raw(opening, payload) => (*opening, payload.clone()),
        };
        let mut bytes = header(opening, Some(MASK), payload.len() as u64);
        bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
        bytes
    }
}

/// A frame's header alone, with the shortest length form.
pub(super) fn header(opening: u8, mask: Option<[u8; 4]>, payload_bytes: u64) -> Vec<u8> {
    let mask_bit = if mask.is_some() { 0x80 } else { 0 };
    let mut bytes = vec![opening];
    match payload_bytes {
        0..=125 => bytes.push(mask_bit | payload_bytes as u8),
        126..=0xFFFF => {
            bytes.push(mask_bit | 126);
            bytes.extend((payload_bytes as u16).to_be_bytes());
        }
        _ => {
            bytes.push(mask_bit | 127);
            bytes.extend(payload_bytes.to_be_bytes());
        }
    }
    bytes.extend(mask.into_iter().flatten());
    bytes
}

pub(super) struct RawClient {
    socket: BufReader<TcpStream>,
    protocol: Option<String>,
}

impl RawClient {
    pub(super) fn connect(server: &EchoServer, path: &str) -> Self {
        let mut socket = TcpStream::connect(server.address()).expect("connect");
        socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        socket.set_write_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        write!(
            socket,
            "GET {path} HTTP/1.1\r\nHost: echo\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Protocol: other, baton.v1\r\n\r\n"
        )
        .expect("request");
        let mut socket = BufReader::new(socket);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            socket.read_line(&mut line).expect("response head");
            if line.trim().is_empty() {
                break;
            }
            lines.push(line.trim().to_owned());
        }
        assert!(lines[0].starts_with("HTTP/1.1 101"), "{lines:?}");
        let protocol = lines.iter().find_map(|line| line.strip_prefix("sec-websocket-protocol: ")).map(str::to_owned);
        Self { socket, protocol }
    }

    pub(super) fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    /// Sends what the peer still takes; one that closes early is the business of the reads that follow.
    pub(super) fn send_all(&mut self, bytes: &[u8]) {
        let _ = self.try_send(bytes);
    }

    /// False when the peer has cut the connection.
    pub(super) fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.socket.get_mut().write_all(bytes).is_ok()
    }

    /// The next frame; `None` when the connection has ended.
    pub(super) fn read_frame(&mut self) -> Option<Frame> {
        let mut head = [0; 2];
        self.socket.read_exact(&mut head).ok()?;
        assert_eq!(head[1] & 0x80, 0, "servers don't mask");
        let length = match head[1] {
            126 => self.read_number(2)?,
            127 => self.read_number(8)?,
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        self.socket.read_exact(&mut payload).ok()?;
        Some(match head[0] {
            0x81 => Frame::Text(String::from_utf8(payload).expect("utf-8")),
            0x89 => Frame::Ping(payload),
            0x8A => Frame::Pong(payload),
            0x88 => Frame::Close(u16::from_be_bytes([*payload.first()?, *payload.get(1)?])),
            opening => Frame::Raw(opening, payload),
        })
    }

    /// The code of the close frame; `None` when the connection ends without one.
    pub(super) fn read_until_close(&mut self) -> Option<u16> {
        loop {
            if let Frame::Close(code) = self.read_frame()? {
                return Some(code);
            }
        }
    }

    /// Reads to the end, however it ends.
    pub(super) fn discard_all(&mut self) {
        let mut block = vec![0; 64 * 1024];
        while self.socket.read(&mut block).is_ok_and(|bytes| bytes > 0) {}
    }

    fn read_number(&mut self, bytes: usize) -> Option<usize> {
        let mut number = [0; 8];
        self.socket.read_exact(&mut number[8 - bytes..]).ok()?;
        usize::try_from(u64::from_be_bytes(number)).ok()
    }
}
