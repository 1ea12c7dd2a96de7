//! Text that is checked as UTF-8 while it arrives, so a bad byte ends the message at once and not at its last frame.

use bytestring::ByteString;

use super::mask::unmask;

/// Multiple of 4, so that each block meets the mask at the same phase; small enough for the stack of a deep poll.
const BLOCK: usize = 1024;
/// The most bytes of one character that can be left over: a fourth would complete it.
const MAX_CUT: usize = 3;

/// The bytes can't become UTF-8, whatever follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidUtf8;

/// Valid text so far, and the first bytes of a character that a frame or chunk boundary cut.
#[derive(Debug, Default)]
pub(super) struct TextBuffer {
    text: String,
    cut: [u8; MAX_CUT],
    cut_bytes: usize,
}

impl TextBuffer {
    /// Appends masked payload; `masked[0]` meets `mask[0]`.
    pub(super) fn push_masked(&mut self, masked: &[u8], mask: [u8; 4]) -> Result<(), InvalidUtf8> {
        // The copy is deliberate: the arriving chunk is a slice of the thread's read buffer, which a short message would pin.
        self.text.reserve(self.cut_bytes + masked.len());
        let mut scratch = [0; MAX_CUT + BLOCK];
        for block in masked.chunks(BLOCK) {
            let end = self.cut_bytes + block.len();
            scratch[..self.cut_bytes].copy_from_slice(&self.cut[..self.cut_bytes]);
            scratch[self.cut_bytes..end].copy_from_slice(block);
            unmask(&mut scratch[self.cut_bytes..end], mask);
            self.append(&scratch[..end])?;
        }
        Ok(())
    }

    /// The whole message; fails when it ends in the middle of a character.
    pub(super) fn finish(self) -> Result<ByteString, InvalidUtf8> {
        if self.cut_bytes == 0 { Ok(self.text.into()) } else { Err(InvalidUtf8) }
    }

    fn append(&mut self, plain: &[u8]) -> Result<(), InvalidUtf8> {
        let (text, cut) = match str::from_utf8(plain) {
            Ok(text) => (text, &[][..]),
            Err(error) if error.error_len().is_some() => return Err(InvalidUtf8),
            Err(error) => {
                let (whole, cut) = plain.split_at(error.valid_up_to());
                // Looked at a second time: only a block that ends inside a character comes here.
                (str::from_utf8(whole).map_err(|_| InvalidUtf8)?, cut)
            }
        };
        self.text.push_str(text);
        self.cut[..cut.len()].copy_from_slice(cut);
        self.cut_bytes = cut.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NO_MASK: [u8; 4] = [0; 4];

    #[test]
    fn a_bad_byte_is_refused_when_it_arrives() {
        let mut buffer = TextBuffer::default();
        assert_eq!(buffer.push_masked("κόσμε".as_bytes(), NO_MASK), Ok(()));
        assert_eq!(buffer.push_masked(&[0xF4], NO_MASK), Ok(()), "could still become U+100000");
        assert_eq!(buffer.push_masked(&[0x90], NO_MASK), Err(InvalidUtf8), "beyond U+10FFFF");
    }

    #[test]
    fn a_cut_character_at_the_end_is_refused() {
        let mut buffer = TextBuffer::default();
        assert_eq!(buffer.push_masked(&[b'a', 0xC3], NO_MASK), Ok(()));
        assert_eq!(buffer.finish(), Err(InvalidUtf8));
    }

    proptest! {
        #[test]
        fn agrees_with_the_standard_library(bytes in prop_oneof![
            any::<String>().prop_map(String::into_bytes),
            "[\u{7e}-\u{82}\u{7fe}-\u{801}\u{ffff}\u{10000}]{0,900}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..40),
        ], cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6)) {
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            at.extend([0, bytes.len()]);
            at.sort_unstable();
            let mut buffer = TextBuffer::default();
            let pushed = at.windows(2).try_for_each(|pair| buffer.push_masked(&bytes[pair[0]..pair[1]], NO_MASK));
            let text = pushed.and_then(|()| buffer.finish()).ok();
            prop_assert_eq!(text.as_deref(), str::from_utf8(&bytes).ok());
        }
    }
}
