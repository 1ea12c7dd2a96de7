//! The header of a frame that the server sends: never masked, never fragmented (RFC 6455 §5.2).

use super::frame_guard::Opcode;

const FIN: u8 = 0x80;
const LENGTH_IN_16_BITS: u8 = 126;
const LENGTH_IN_64_BITS: u8 = 127;

/// Encoded, with the shortest form of the length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EncodedHeader {
    bytes: [u8; 10],
    length: u8,
}

impl EncodedHeader {
    pub(super) fn new(opcode: Opcode, payload_bytes: usize) -> Self {
        let mut bytes = [0; 10];
        bytes[0] = FIN | opcode.bits();
        let length = if let Ok(short) = u8::try_from(payload_bytes)
            && short < LENGTH_IN_16_BITS
        {
            bytes[1] = short;
            2
        } else if let Ok(middle) = u16::try_from(payload_bytes) {
            bytes[1] = LENGTH_IN_16_BITS;
            bytes[2..4].copy_from_slice(&middle.to_be_bytes());
            4
        } else {
            bytes[1] = LENGTH_IN_64_BITS;
            bytes[2..].copy_from_slice(&(payload_bytes as u64).to_be_bytes());
            10
        };
        Self { bytes, length }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_takes_the_shortest_form() {
        let table: [(usize, &[u8]); 7] = [
            (0, &[0x81, 0]),
            (125, &[0x81, 125]),
            (126, &[0x81, 126, 0, 126]),
            (0xFF, &[0x81, 126, 0, 0xFF]),
            (0xFFFF, &[0x81, 126, 0xFF, 0xFF]),
            (0x1_0000, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
            (0x1_2345_6789, &[0x81, 127, 0, 0, 0, 1, 0x23, 0x45, 0x67, 0x89]),
        ];
        for (payload_bytes, expected) in table {
            assert_eq!(EncodedHeader::new(Opcode::Text, payload_bytes).as_bytes(), expected, "{payload_bytes}");
        }
        assert_eq!(EncodedHeader::new(Opcode::Close, 2).as_bytes(), [0x88, 2]);
    }
}
