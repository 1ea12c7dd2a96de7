//! Judges WebSocket frame headers as their bytes arrive, before a single payload byte is kept.
//!
//! A pure state machine: no allocation, no I/O, the same verdict however the byte stream is cut. It knows RFC 6455 §5.2 to
//! §5.5 and the three limits; what a payload contains is not its business.

use actix_http::ws::CloseCode;

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const OPCODE: u8 = 0x0F;
const MASKED: u8 = 0x80;
const LENGTH: u8 = 0x7F;
const LENGTH_IN_16_BITS: u8 = 126;
const LENGTH_IN_64_BITS: u8 = 127;
const MASK_BYTES: u8 = 4;

/// The longest payload of a ping, pong or close frame (RFC 6455 §5.5).
pub(super) const MAX_CONTROL_BYTES: usize = 125;

/// What one connection may send. Past any of these the connection is closed with 1009.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameLimits {
    /// Declared payload of one frame.
    pub max_frame_bytes: u64,
    /// Declared payload of all frames of one message.
    pub max_message_bytes: u64,
    /// Frames of one message. Empty ones count: they cost processor time and would otherwise never end.
    pub max_fragments: u32,
}

impl Default for FrameLimits {
    fn default() -> Self {
        Self { max_frame_bytes: 64 * 1024, max_message_bytes: 64 * 1024, max_fragments: 64 }
    }
}

/// A frame's meaning to the framing layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    pub(super) fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    pub(super) fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// A complete header that kept every rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub(super) fin: bool,
    pub(super) opcode: Opcode,
    pub(super) payload_bytes: u64,
    pub(super) mask: [u8; 4],
}

/// Where a connection stands between two header bytes.
#[derive(Debug)]
pub(super) struct FrameGuard {
    limits: FrameLimits,
    message_bytes: u64,
    fragments: u32,
    message_open: bool,
    seen: [u8; 14],
    seen_bytes: u8,
    /// Header bytes up to the mask, never fewer than 2. Known from the second byte of each header on.
    length_ends: u8,
}

impl FrameGuard {
    pub(super) fn new(limits: FrameLimits) -> Self {
        Self {
            limits,
            message_bytes: 0,
            fragments: 0,
            message_open: false,
            seen: [0; 14],
            seen_bytes: 0,
            length_ends: 2,
        }
    }

    /// Takes header bytes off the front of `input`. `None`: all of it was taken and the header is still incomplete.
    ///
    /// Each rule is checked at the first byte that can break it, so an unmasked or oversized frame is refused before its
    /// mask or payload arrives. After an error the guard must not be used again.
    pub(super) fn read_header(&mut self, input: &mut &[u8]) -> Result<Option<FrameHeader>, CloseCode> {
        while let Some((&byte, rest)) = input.split_first() {
            *input = rest;
            self.seen[usize::from(self.seen_bytes)] = byte;
            self.seen_bytes += 1;
            match self.seen_bytes {
                1 => self.check_opening(byte)?,
                2 => self.length_ends = Self::check_length_class(self.seen[0], byte)?,
                _ => {}
            }
            if self.seen_bytes == self.length_ends {
                self.charge()?;
            }
            if self.seen_bytes == self.length_ends + MASK_BYTES {
                return self.complete().map(Some);
            }
        }
        Ok(None)
    }

    fn check_opening(&self, byte: u8) -> Result<(), CloseCode> {
        let fin = byte & FIN != 0;
        let opcode = opcode_of(byte)?;
        let allowed = byte & RESERVED == 0
            && match opcode {
                Opcode::Continuation => self.message_open,
                Opcode::Text | Opcode::Binary => !self.message_open,
                Opcode::Close | Opcode::Ping | Opcode::Pong => fin,
            };
        if allowed { Ok(()) } else { Err(CloseCode::Protocol) }
    }

    fn check_length_class(opening: u8, byte: u8) -> Result<u8, CloseCode> {
        if byte & MASKED == 0 {
            return Err(CloseCode::Protocol);
        }
        let class = byte & LENGTH;
        if opcode_of(opening)?.is_control() && usize::from(class) > MAX_CONTROL_BYTES {
            return Err(CloseCode::Protocol);
        }
        Ok(match class {
            LENGTH_IN_16_BITS => 4,
            LENGTH_IN_64_BITS => 10,
            _ => 2,
        })
    }

    fn declared_bytes(&self) -> u64 {
        let extended = &self.seen[2..usize::from(self.length_ends)];
        if extended.is_empty() {
            return u64::from(self.seen[1] & LENGTH);
        }
        extended.iter().fold(0, |length, &byte| length << 8 | u64::from(byte))
    }

    /// Charges the declared length to the limits; nothing of the payload has been seen yet.
    fn charge(&mut self) -> Result<(), CloseCode> {
        if opcode_of(self.seen[0])?.is_control() {
            return Ok(());
        }
        let declared = self.declared_bytes();
        self.message_bytes = self.message_bytes.saturating_add(declared);
        self.fragments = self.fragments.saturating_add(1);
        let within = declared <= self.limits.max_frame_bytes
            && self.message_bytes <= self.limits.max_message_bytes
            && self.fragments <= self.limits.max_fragments;
        if within { Ok(()) } else { Err(CloseCode::Size) }
    }

    fn complete(&mut self) -> Result<FrameHeader, CloseCode> {
        let mut mask = [0; 4];
        mask.copy_from_slice(&self.seen[usize::from(self.length_ends)..usize::from(self.seen_bytes)]);
        let fin = self.seen[0] & FIN != 0;
        let header = FrameHeader { fin, opcode: opcode_of(self.seen[0])?, payload_bytes: self.declared_bytes(), mask };
        if !header.opcode.is_control() {
            self.message_open = !fin;
            if fin {
                self.message_bytes = 0;
                self.fragments = 0;
            }
        }
        self.seen_bytes = 0;
        Ok(header)
    }
}

fn opcode_of(opening: u8) -> Result<Opcode, CloseCode> {
    Opcode::from_bits(opening & OPCODE).ok_or(CloseCode::Protocol)
}
