//! Tests that need more than one file of the module.

mod guard;
mod outbox;
mod reader;

/// One frame as a client may send it, rules kept or not.
#[derive(Debug, Clone)]
struct Frame {
    opening: u8,
    mask: Option<[u8; 4]>,
    payload: Vec<u8>,
}

const FIN: u8 = 0x80;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

impl Frame {
    fn new(opening: u8, payload: &[u8]) -> Self {
        Self { opening, mask: Some([0xA5, 0x5A, 0x0F, 0x77]), payload: payload.to_vec() }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = header(self.opening, self.mask, self.payload.len() as u64);
        let mask = self.mask.unwrap_or_default();
        bytes.extend(self.payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
        bytes
    }
}

/// A header alone, with the shortest length form.
fn header(opening: u8, mask: Option<[u8; 4]>, payload_bytes: u64) -> Vec<u8> {
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
