//! WebSocket frames as a load generator needs them: parsed in place, written into a buffer that is used again.
//! Strict where a server could be wrong (masks, reserved bits, fragments, lengths): a bad frame is a finding, not noise.

use thiserror::Error;

pub(crate) const TEXT: u8 = 0x1;
pub(crate) const CLOSE: u8 = 0x8;
pub(crate) const PING: u8 = 0x9;
pub(crate) const PONG: u8 = 0xA;

/// No server under test sends more at once; a length above it is a broken stream, not a reason to allocate.
const LONGEST: u64 = 16 << 20;

/// One constant for all frames: a server can't tell it from a random one, and unmasking costs it the same.
const MASK: [u8; 4] = [0x5a, 0xc3, 0x96, 0x3c];

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub opcode: u8,
    pub payload: &'a [u8],
}

#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum FrameError {
    #[error("the server masked a frame")]
    Masked,
    #[error("reserved bits are set in {first:#04x}")]
    Reserved { first: u8 },
    #[error("the server sent a fragment, which neither system under test does")]
    Fragment,
    #[error("opcode {opcode:#x} is not in RFC 6455")]
    UnknownOpcode { opcode: u8 },
    #[error("a frame of {length} bytes")]
    TooLong { length: u64 },
}

/// The first frame in `bytes` and how many bytes it took, or `None` while its end has not come.
pub(crate) fn parse(bytes: &[u8]) -> Result<Option<(Frame<'_>, usize)>, FrameError> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    if first & 0x70 != 0 {
        return Err(FrameError::Reserved { first: *first });
    }
    let opcode = first & 0x0f;
    if first & 0x80 == 0 || opcode == 0 {
        return Err(FrameError::Fragment);
    }
    if !matches!(opcode, TEXT | 0x2 | CLOSE | PING | PONG) {
        return Err(FrameError::UnknownOpcode { opcode });
    }
    if second & 0x80 != 0 {
        return Err(FrameError::Masked);
    }
    let (length, header) = match (second & 0x7f, rest) {
        (126, [high, low, ..]) => (u64::from(u16::from_be_bytes([*high, *low])), 4),
        (127, [a, b, c, d, e, f, g, h, ..]) => (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), 10),
        (126 | 127, _) => return Ok(None),
        (short, _) => (u64::from(short), 2),
    };
    if length > LONGEST {
        return Err(FrameError::TooLong { length });
    }
    let end = header + length as usize;
    Ok(bytes.get(header..end).map(|payload| (Frame { opcode, payload }, end)))
}

/// Appends a masked client frame to `out`; `fill` writes the payload.
pub(crate) fn write(out: &mut Vec<u8>, opcode: u8, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    // Room for the longest header that a frame of up to 64 KiB needs; a shorter one moves the payload down.
    out.extend_from_slice(&[0; 8]);
    fill(out);
    let length = out.len() - start - 8;
    let body = match u16::try_from(length) {
        Ok(short) if short < 126 => {
            out.copy_within(start + 8.., start + 6);
            out.truncate(start + 6 + length);
            out[start + 1] = 0x80 | short as u8;
            start + 6
        }
        Ok(medium) => {
            out[start + 1] = 0x80 | 126;
            out[start + 2..start + 4].copy_from_slice(&medium.to_be_bytes());
            start + 8
        }
        Err(_) => unreachable!("the generator writes no frame above 64 KiB"),
    };
    out[start] = 0x80 | opcode;
    out[body - 4..body].copy_from_slice(&MASK);
    mask(&mut out[body..]);
}

fn mask(bytes: &mut [u8]) {
    let (words, tail) = bytes.as_chunks_mut::<4>();
    for word in words {
        *word = (u32::from_ne_bytes(*word) ^ u32::from_ne_bytes(MASK)).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip(MASK) {
        *byte ^= key;
    }
}

/// The code in a close frame; 1005 ("no status") where it has none.
pub(crate) fn close_code(payload: &[u8]) -> u16 {
    match payload {
        [high, low, ..] => u16::from_be_bytes([*high, *low]),
        _ => 1005,
    }
}
