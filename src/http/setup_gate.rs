//! The first owner needs a token that only whoever runs the server can read: there is no default password (S27).

use super::session::sha256;
use std::sync::{Mutex, PoisonError};
use subtle::ConstantTimeEq as _;

/// Open while there is no owner. The token comes from the installation's key, so the link that one node printed is good on all of them,
/// wherever a load balancer brings it; here it is kept only as a hash once it was printed.
pub struct SetupGate(Mutex<Gate>);

enum Gate {
    Closed,
    Open { token_hash: [u8; 32], unprinted: Option<String> },
}

impl SetupGate {
    /// Closed without a token.
    pub fn new(token: Option<String>) -> Self {
        let gate = token.map(|token| Gate::Open { token_hash: sha256(&token), unprinted: Some(token) });
        Self(Mutex::new(gate.unwrap_or(Gate::Closed)))
    }

    /// The token, for the console of whoever started the server. `None` when no setup is needed or it was taken before.
    pub fn take_token(&self) -> Option<String> {
        match &mut *self.lock() {
            Gate::Open { unprinted, .. } => unprinted.take(),
            Gate::Closed => None,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(*self.lock(), Gate::Open { .. })
    }

    /// Whether `token` opens the gate; false when it is closed.
    pub(super) fn admits(&self, token: &str) -> bool {
        match &*self.lock() {
            Gate::Open { token_hash, .. } => token_hash.ct_eq(&sha256(token)).into(),
            Gate::Closed => false,
        }
    }

    pub(super) fn close(&self) {
        *self.lock() = Gate::Closed;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Gate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_opens_until_the_gate_is_closed() {
        let gate = SetupGate::new(Some("token".into()));
        let token = gate.take_token().unwrap();
        assert_eq!(gate.take_token(), None);
        assert!(gate.admits(&token) && !gate.admits("") && !gate.admits(&token[1..]));
        gate.close();
        assert!(!gate.admits(&token));
    }

    #[test]
    fn without_need_there_is_no_token() {
        let gate = SetupGate::new(None);
        assert_eq!(gate.take_token(), None);
        assert!(!gate.is_open() && !gate.admits(""));
    }
}
