//! Password hashes: argon2id, a few at a time, so that a flood of sign-ins can't take all processors and memory (S28).

use super::error_response::ApiError;
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};

/// Longest wait for a place; then the client is told to come back.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) struct HashPool {
    places: Arc<Semaphore>,
    /// Checked for an unknown address, so that the time of an answer does not say whether an account exists (S22).
    nobody: OnceCell<String>,
}

impl HashPool {
    pub(super) fn new(places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places)), nobody: OnceCell::new() }
    }

    /// argon2id with 19 MiB, two passes, one lane (OWASP), in PHC format.
    pub(super) async fn hash(&self, password: String) -> Result<String, ApiError> {
        let hashed =
            self.run(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()));
        hashed.await?.map_err(|error| ApiError::internal("hash a password", error))
    }

    /// Whether `password` is the one of `stored`; always false, after the same work, when nothing is stored.
    pub(super) async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, ApiError> {
        let known = stored.is_some();
        let stored = match stored {
            Some(stored) => stored,
            None => self.nobody.get_or_try_init(|| self.hash(super::session::random_token())).await?.clone(),
        };
        let matches = self
            .run(move || {
                let parsed = PasswordHash::new(&stored)?;
                // A wrong password is an error there, as is a damaged hash; neither signs anybody in.
                Ok::<_, argon2::password_hash::phc::Error>(
                    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok(),
                )
            })
            .await?
            .map_err(|error| ApiError::internal("read a stored password hash", error))?;
        Ok(matches && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        let place: OwnedSemaphorePermit = tokio::time::timeout(PATIENCE, Arc::clone(&self.places).acquire_owned())
            .await
            .map_err(|_| ApiError::Busy)?
            .map_err(|error| ApiError::internal("wait for a place to hash", error))?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            // The place is free when the work is done, even if the client has gone meanwhile.
            drop(place);
            done
        })
        .await
        .map_err(|error| ApiError::internal("hash in the background", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_password_fits_its_hash_only() {
        let pool = HashPool::new(1);
        let hash = pool.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(pool.verify("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!pool.verify("correct hors".into(), Some(hash)).await.unwrap());
        assert!(!pool.verify("correct horse".into(), None).await.unwrap());
    }

    #[actix_web::test]
    async fn a_full_pool_turns_away() {
        let pool = HashPool::new(1);
        let _held = Arc::clone(&pool.places).acquire_owned().await.unwrap();
        assert!(matches!(pool.hash("x".into()).await, Err(ApiError::Busy)));
    }
}
