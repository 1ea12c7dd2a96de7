//! The payload of a close frame (RFC 6455 §5.5.1 and §7.4).

use actix_http::ws::{CloseCode, CloseReason};
use bytes::Bytes;

use super::frame_guard::MAX_CONTROL_BYTES;

/// Reads what the peer gave as its reason; the error is the code to answer with.
pub(super) fn parse(payload: &[u8]) -> Result<Option<CloseReason>, CloseCode> {
    let Some((code, text)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { Ok(None) } else { Err(CloseCode::Protocol) };
    };
    let code = u16::from_be_bytes(*code);
    // 1004 to 1006 and 1015 never travel, 1016 to 2999 are not defined.
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(CloseCode::Protocol);
    }
    let text = str::from_utf8(text).map_err(|_| CloseCode::Invalid)?;
    let description = (!text.is_empty()).then(|| text.to_owned());
    Ok(Some(CloseReason { code: CloseCode::from(code), description }))
}

/// The payload that says `reason`, its text cut at a character if it is too long.
pub(super) fn encode(reason: Option<CloseReason>) -> Bytes {
    let Some(CloseReason { code, description }) = reason else { return Bytes::new() };
    let text = description.unwrap_or_default();
    let text = &text[..text.floor_char_boundary(MAX_CONTROL_BYTES - 2)];
    [&u16::from(code).to_be_bytes()[..], text.as_bytes()].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_read_again() {
        let long = "ä".repeat(100);
        for (text, kept) in [("", ""), ("bye", "bye"), (long.as_str(), &long[..122])] {
            let description = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let payload = encode(Some(CloseReason { code: CloseCode::Other(4413), description: description(text) }));
            assert!(payload.len() <= MAX_CONTROL_BYTES);
            assert_eq!(
                parse(&payload),
                Ok(Some(CloseReason { code: CloseCode::Other(4413), description: description(kept) }))
            );
        }
        assert_eq!(encode(None), Bytes::new());
    }

    #[test]
    fn reads_or_refuses() {
        let reason = |code: u16, text: &str| {
            let description = (!text.is_empty()).then(|| text.to_owned());
            Ok(Some(CloseReason { code: CloseCode::from(code), description }))
        };
        let payload = |code: u16, text: &[u8]| [&code.to_be_bytes()[..], text].concat();
        assert_eq!(parse(b""), Ok(None));
        assert_eq!(parse(b"\x03"), Err(CloseCode::Protocol));
        for code in [1000, 1001, 1003, 1007, 1014, 3000, 4401, 4999] {
            assert_eq!(parse(&payload(code, b"bye")), reason(code, "bye"), "{code}");
            assert_eq!(parse(&payload(code, b"")), reason(code, ""), "{code}");
        }
        for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
            assert_eq!(parse(&payload(code, b"")), Err(CloseCode::Protocol), "{code}");
        }
        assert_eq!(parse(&payload(1000, b"\xC3")), Err(CloseCode::Invalid));
    }
}
