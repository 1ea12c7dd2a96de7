//! How many sockets are open: from one address, and in all (S8); and over which time that many should go or come.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A socket that comes costs its node a hello, a load and a snapshot; 500 of them a second leave room for those who are there
/// (`docs/scaling.md`, herd).
const SPREAD_PER_SOCKET: Duration = Duration::from_millis(2);

#[derive(Debug, Default)]
struct Counts {
    by_address: HashMap<IpAddr, usize>,
    all: usize,
}

/// Counts open sockets. Clones count together.
#[derive(Debug, Clone)]
pub struct SocketTickets {
    counts: Arc<Mutex<Counts>>,
    per_address: usize,
    in_all: usize,
}

/// One open socket; dropped, it gives its place back.
pub struct Ticket {
    counts: Arc<Mutex<Counts>>,
    address: IpAddr,
}

impl SocketTickets {
    pub fn new(per_address: usize, in_all: usize) -> Self {
        Self { counts: Arc::default(), per_address, in_all }
    }

    /// Sockets that are open now.
    pub fn open(&self) -> usize {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).all
    }

    /// The time over which all sockets of this node should leave it, or come back to others, so that nobody there notices.
    pub fn spread(&self) -> Duration {
        SPREAD_PER_SOCKET.saturating_mul(u32::try_from(self.open()).unwrap_or(u32::MAX))
    }

    /// A place for one more socket from `address`, or `None` at the limit.
    pub fn take(&self, address: IpAddr) -> Option<Ticket> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.all >= self.in_all {
            return None;
        }
        let own = counts.by_address.entry(address).or_default();
        if *own >= self.per_address {
            return None;
        }
        *own += 1;
        counts.all += 1;
        Some(Ticket { counts: Arc::clone(&self.counts), address })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all -= 1;
        if let Some(own) = counts.by_address.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                counts.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back_when_its_socket_ends() {
        let tickets = SocketTickets::new(2, 3);
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let first = tickets.take(one).unwrap();
        let _second = tickets.take(one).unwrap();
        assert!(tickets.take(one).is_none(), "one address has its limit");
        let _third = tickets.take(other).unwrap();
        assert!(tickets.take(other).is_none(), "so has the server");
        assert_eq!(tickets.spread(), SPREAD_PER_SOCKET * 3);
        drop(first);
        assert!(tickets.take(one).is_some());
    }
}
