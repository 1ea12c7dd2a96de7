//! When to try again.

use std::time::Duration;

/// Waits after each failed attempt; as many attempts as waits and one.
const WAITS: [u64; 7] = [10, 30, 120, 600, 3_600, 6 * 3_600, 12 * 3_600];

/// How long to wait after attempt number `attempts` failed in a way that may pass; `None` when it was the last.
pub fn retry_after(attempts: u32) -> Option<Duration> {
    let index = usize::try_from(attempts.saturating_sub(1)).ok()?;
    WAITS.get(index).copied().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_after_eight_attempts() {
        let waits: Vec<_> = (1..=8).map(retry_after).collect();
        assert_eq!(waits[0], Some(Duration::from_secs(10)));
        assert!(waits[..7].is_sorted_by(|a, b| a < b) && waits[..7].iter().all(Option::is_some));
        assert_eq!(waits[7], None);
        assert_eq!(retry_after(u32::MAX), None);
    }
}
