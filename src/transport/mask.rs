//! The client's XOR mask (RFC 6455 §5.3).

/// Removes `mask` from `bytes` in place; `bytes[0]` meets `mask[0]`.
pub(super) fn unmask(bytes: &mut [u8], mask: [u8; 4]) {
    // Eight bytes at a time: a word-wide loop is what the compiler turns into vector instructions without unsafe code.
    let word = u64::from_ne_bytes([mask[0], mask[1], mask[2], mask[3], mask[0], mask[1], mask[2], mask[3]]);
    let (words, tail) = bytes.as_chunks_mut::<8>();
    for chunk in words {
        *chunk = (u64::from_ne_bytes(*chunk) ^ word).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= key;
    }
}

/// The mask as the byte at `offset` of a frame's payload meets it.
pub(super) fn mask_at(mut mask: [u8; 4], offset: u64) -> [u8; 4] {
    mask.rotate_left((offset % 4) as usize);
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unmasking_in_pieces_equals_byte_by_byte() {
        let mask = [0x11, 0x22, 0x44, 0x88];
        let plain: Vec<u8> = (0..=255).collect();
        let masked: Vec<u8> = plain.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]).collect();
        for cut in 0..=masked.len() {
            let (mut head, mut tail) = (masked[..cut].to_vec(), masked[cut..].to_vec());
            unmask(&mut head, mask);
            unmask(&mut tail, mask_at(mask, cut as u64));
            assert_eq!([head, tail].concat(), plain, "cut at {cut}");
        }
    }
}
