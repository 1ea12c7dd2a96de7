//! How often one may try to sign in (S21): per client, and per account from clients that never got in.
//!
//! The limit of an account can't lock its owner out: an address from which a sign-in to this account succeeded is not held to
//! it. Everything is in memory and bounded; a restart forgets it.

use super::address::limit_key;
use crate::http::session::sha256;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tries of one client at once, and the time that gives one back.
const CLIENT: Rate = Rate { burst: 20, interval: Duration::from_secs(6) };
/// Tries for one account from unknown clients.
const ACCOUNT: Rate = Rate { burst: 20, interval: Duration::from_secs(30) };
/// Clients, accounts and known pairs remembered at most.
const REMEMBERED: usize = 20_000;

#[derive(Debug, Clone, Copy)]
struct Rate {
    burst: u32,
    interval: Duration,
}

/// Accounts by a hash of their address, whether they exist or not.
type Account = [u8; 32];

#[derive(Default)]
pub(in crate::http) struct LoginLimits(Mutex<Limits>);

#[derive(Default)]
struct Limits {
    clients: Buckets<IpAddr>,
    accounts: Buckets<Account>,
    known: HashMap<(Account, IpAddr), Instant>,
}

impl LoginLimits {
    /// Count a try; `Err` says after how long the next one is admitted.
    pub(in crate::http) fn begin(&self, email: &str, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let (account, client) = keys(email, address);
        let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        limits.clients.take(client, CLIENT, now)?;
        if limits.known.contains_key(&(account, client)) {
            return Ok(());
        }
        limits.accounts.take(account, ACCOUNT, now)
    }

    /// The try succeeded: it costs nothing, and this client is known for the account from now on.
    pub(in crate::http) fn succeeded(&self, email: &str, address: IpAddr, now: Instant) {
        let (account, client) = keys(email, address);
        let mut limits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        limits.clients.give_back(client, CLIENT);
        if limits.known.insert((account, client), now).is_none() {
            limits.accounts.give_back(account, ACCOUNT);
        }
        forget_oldest(&mut limits.known, |&at| at);
    }
}

fn keys(email: &str, address: IpAddr) -> (Account, IpAddr) {
    (sha256(&email.trim().to_lowercase()), limit_key(address))
}

/// A bucket is the instant at which it is full again (GCRA).
struct Buckets<K>(HashMap<K, Instant>);

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash + Clone> Buckets<K> {
    fn take(&mut self, key: K, rate: Rate, now: Instant) -> Result<(), Duration> {
        let full_at = self.0.get(&key).copied().unwrap_or(now).max(now) + rate.interval;
        let too_early = full_at.saturating_duration_since(now + rate.interval * rate.burst);
        if !too_early.is_zero() {
            return Err(too_early);
        }
        self.0.insert(key, full_at);
        if self.0.len() > REMEMBERED {
            self.0.retain(|_, full_at| *full_at > now);
            forget_oldest(&mut self.0, |&full_at| full_at);
        }
        Ok(())
    }

    fn give_back(&mut self, key: K, rate: Rate) {
        if let Some(full_at) = self.0.get_mut(&key) {
            *full_at = full_at.checked_sub(rate.interval).unwrap_or(*full_at);
        }
    }
}

/// Halve a map that grew too large, so that the work of it is shared by many calls.
fn forget_oldest<K: Eq + Hash + Clone, V>(map: &mut HashMap<K, V>, age: impl Fn(&V) -> Instant) {
    if map.len() <= REMEMBERED {
        return;
    }
    let mut instants: Vec<Instant> = map.values().map(&age).collect();
    let middle = instants.len() / 2;
    let (_, median, _) = instants.select_nth_unstable(middle);
    let median = *median;
    map.retain(|_, value| age(value) > median);
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::from_bits(0x0a00_0000 + n))
    }

    #[test]
    fn a_client_has_its_tries_then_waits() {
        let limits = LoginLimits::default();
        let start = Instant::now();
        for n in 0..CLIENT.burst {
            assert_eq!(limits.begin(&format!("{n}@x"), HERE, start), Ok(()));
        }
        assert_eq!(limits.begin("z@x", HERE, start), Err(CLIENT.interval));
        assert_eq!(limits.begin("z@x", HERE, start + CLIENT.interval), Ok(()));
        assert_eq!(limits.begin("z@x", address(1), start), Ok(()));
    }

    #[test]
    fn an_account_under_attack_from_everywhere_stays_open_to_its_owner() {
        let limits = LoginLimits::default();
        let start = Instant::now();
        limits.begin("Owner@x ", HERE, start).unwrap();
        limits.succeeded("owner@x", HERE, start);
        let admitted = (0..1000).filter(|n| limits.begin("owner@x", address(*n), start).is_ok()).count();
        assert_eq!(admitted, ACCOUNT.burst as usize);
        assert_eq!(limits.begin("OWNER@x", HERE, start), Ok(()));
    }

    #[test]
    fn success_costs_nothing() {
        let limits = LoginLimits::default();
        let start = Instant::now();
        for _ in 0..10 * CLIENT.burst {
            limits.begin("a@x", HERE, start).unwrap();
            limits.succeeded("a@x", HERE, start);
        }
    }

    #[test]
    fn memory_is_bounded() {
        let limits = LoginLimits::default();
        let start = Instant::now();
        for n in 0..3 * REMEMBERED as u32 {
            let _ = limits.begin(&format!("{n}@x"), address(n), start);
            limits.succeeded(&format!("{n}@x"), address(n), start);
        }
        let inner = limits.0.lock().unwrap();
        assert!(inner.clients.0.len() <= REMEMBERED && inner.accounts.0.len() <= REMEMBERED);
        assert!(inner.known.len() <= REMEMBERED);
    }
}
