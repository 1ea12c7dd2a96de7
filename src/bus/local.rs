//! The bus within one process. A server has it to itself: nobody else listens, and nothing is done.

use super::{Bus, Ear, Fact, FactKey, Health, Message, Topic};

/// One node alone.
#[derive(Debug, Default)]
pub struct LocalBus;

impl Bus for LocalBus {
    fn listen(&self, _: Ear) {}

    fn is_shared(&self) -> bool {
        false
    }

    fn publish(&self, _: Topic, _: Message) {}

    fn subscribe(&self, _: Topic) {}

    fn unsubscribe(&self, _: Topic) {}

    fn state(&self, _: Fact) {}

    fn withdraw(&self, _: FactKey) {}

    fn health(&self) -> Health {
        Health::Local
    }

    fn unsure(&self) -> bool {
        false
    }

    fn close(&self) {}
}
