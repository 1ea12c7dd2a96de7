//! How many sockets are open: from one address, and in all (S8).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

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
        drop(first);
        assert!(tickets.take(one).is_some());
    }
}
