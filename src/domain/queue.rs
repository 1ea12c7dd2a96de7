//! Who is next, and how long it takes.

/// What a waiting visitor is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// People waiting longer than this visitor.
    pub ahead: u32,
    /// Estimated wait in seconds; `None` while nobody who could accept is online.
    pub eta_seconds: Option<u32>,
}

/// Seconds a conversation takes an agent, assumed until the first real ones were measured.
const ASSUMED_HANDLING_SECONDS: u32 = 120;

/// Recent handling times of a chatbot's agents, as an exponentially weighted mean: a quiet morning does not weigh on a busy noon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HandlingTime {
    mean_seconds: f64,
}

impl Default for HandlingTime {
    fn default() -> Self {
        Self { mean_seconds: f64::from(ASSUMED_HANDLING_SECONDS) }
    }
}

impl HandlingTime {
    /// Weight of the newest conversation.
    const WEIGHT: f64 = 0.2;

    /// Take in one ended conversation of `seconds` with a human.
    pub fn observe(&mut self, seconds: u32) {
        // One forgotten tab left open over night must not tell everybody to wait for hours.
        let seconds = f64::from(seconds.min(3600));
        self.mean_seconds += Self::WEIGHT * (seconds - self.mean_seconds);
    }

    /// The place in the queue of somebody with `ahead` people before them, served by `agents` available agents.
    pub fn position(&self, ahead: u32, agents: u32) -> Position {
        let eta_seconds = (agents > 0).then(|| {
            let rounds = (f64::from(ahead) + 1.0) / f64::from(agents);
            (rounds * self.mean_seconds).round() as u32
        });
        Position { ahead, eta_seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_people_ahead_of_one_agent_wait_three_rounds() {
        assert_eq!(HandlingTime::default().position(2, 1), Position { ahead: 2, eta_seconds: Some(360) });
    }

    #[test]
    fn nobody_online_gives_no_estimate() {
        assert_eq!(HandlingTime::default().position(0, 0), Position { ahead: 0, eta_seconds: None });
    }

    #[test]
    fn a_forgotten_conversation_moves_the_estimate_by_at_most_a_fifth_of_an_hour() {
        let mut time = HandlingTime::default();
        time.observe(u32::MAX);
        assert!(time.position(0, 1).eta_seconds <= Some(816));
    }
}
