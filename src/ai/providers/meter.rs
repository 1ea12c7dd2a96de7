//! What asking a model costs, whatever becomes of the answer.

use super::about;
use crate::ai::prompt::Prompt;

/// Tokens as a provider counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Usage {
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
}

/// Counts along, so that the figure is there when an answer fails, is broken off, or its future is dropped.
///
/// METER-1: a request that the provider may have read counts, and so does every piece of an answer that has come; what it did not
/// count itself is estimated.
#[derive(Debug, Default)]
pub struct Meter {
    /// Of attempts that are over.
    before: u64,
    attempt: Option<Attempt>,
}

#[derive(Debug, Default)]
struct Attempt {
    prompt: u64,
    text_bytes: usize,
    usage: Usage,
    ended: bool,
}

impl Attempt {
    fn tokens(&self) -> u64 {
        let seen = about(self.text_bytes);
        let output = match self.usage.output {
            Some(counted) if self.ended => counted,
            // Anthropic begins with a first count; before its end an answer has cost what has come of it, too.
            counted => seen.max(counted.unwrap_or_default()),
        };
        self.usage.input.unwrap_or(self.prompt) + output
    }
}

impl Meter {
    pub fn tokens(&self) -> u64 {
        self.before + self.attempt.as_ref().map_or(0, Attempt::tokens)
    }

    /// A request is about to go out.
    pub(super) fn asking(&mut self, prompt: &Prompt) {
        self.before = self.tokens();
        self.attempt = Some(Attempt { prompt: estimate(prompt), ..Attempt::default() });
    }

    /// The provider refused it, or was not reached: it costs nothing.
    pub(super) fn refused(&mut self) {
        self.attempt = None;
    }

    pub(super) fn text(&mut self, piece: &str) {
        if let Some(attempt) = &mut self.attempt {
            attempt.text_bytes += piece.len();
        }
    }

    pub(super) fn usage(&mut self, usage: Usage) {
        if let Some(attempt) = &mut self.attempt {
            attempt.usage.input = usage.input.or(attempt.usage.input);
            attempt.usage.output = usage.output.or(attempt.usage.output);
        }
    }

    pub(super) fn ended(&mut self) {
        if let Some(attempt) = &mut self.attempt {
            attempt.ended = true;
        }
    }
}

/// Tokens of a prompt, for providers that don't count, and before they have.
pub fn estimate(prompt: &Prompt) -> u64 {
    about(prompt.system.len() + prompt.user.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt() -> Prompt {
        Prompt { system: "s".repeat(100), user: "u".repeat(300) }
    }

    #[test]
    fn what_a_provider_counts_replaces_the_estimate() {
        let mut meter = Meter::default();
        assert_eq!(meter.tokens(), 0);
        meter.asking(&prompt());
        assert_eq!(meter.tokens(), 100, "read, maybe, and not answered yet");
        meter.text(&"x".repeat(40));
        assert_eq!(meter.tokens(), 110);
        meter.usage(Usage { input: Some(70), output: Some(1) });
        assert_eq!(meter.tokens(), 80, "a first count is not the last");
        meter.usage(Usage { input: None, output: Some(3) });
        meter.ended();
        assert_eq!(meter.tokens(), 73);
    }

    #[test]
    fn attempts_add_up_and_refused_ones_cost_nothing() {
        let mut meter = Meter::default();
        meter.asking(&prompt());
        meter.refused();
        assert_eq!(meter.tokens(), 0);
        meter.asking(&prompt());
        meter.asking(&prompt());
        assert_eq!(meter.tokens(), 200, "the first was lost on the way, but maybe behind the provider's door");
        meter.refused();
        assert_eq!(meter.tokens(), 100);
    }
}
