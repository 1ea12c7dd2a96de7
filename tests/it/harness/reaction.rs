//! What a message brings about.

use super::visitor::Visitor;
use baton::protocol::shared::{LogEvent, Reason};

/// The first event that a message sets off.
pub async fn reaction(visitor: &mut Visitor, text: &str) -> LogEvent {
    visitor.say(text).await;
    visitor
        .expect_entry("a reaction", |event| match event {
            LogEvent::AiMessage { .. }
            | LogEvent::HandoffOffered { .. }
            | LogEvent::HandoffRequested { .. }
            | LogEvent::HandoffDeclined { .. } => Some(event.clone()),
            _ => None,
        })
        .await
}

pub fn offered(event: &LogEvent) -> Option<Reason> {
    match event {
        LogEvent::HandoffOffered { reason, .. } => Some(*reason),
        _ => None,
    }
}

pub fn requested(event: &LogEvent) -> Option<Reason> {
    match event {
        LogEvent::HandoffRequested { reason, .. } => Some(*reason),
        _ => None,
    }
}

pub fn answered(event: &LogEvent) -> bool {
    matches!(event, LogEvent::AiMessage { confident: true, .. })
}
