//! Secrets that owners entrust to Baton, such as a provider's API key, encrypted before they reach the database (S66).
//!
//! The key is not in the database: it is in the configuration, or in a file of its own in the data folder, so a copy of the
//! database alone opens nothing. A sealed secret names the key it is under; the first key seals, all of them open, so a key can
//! be replaced while what is under the old one still opens.

use crate::config::Secret;
use crate::domain::ids::ChatbotId;
use crate::domain::settings::SealedSecret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// What a chatbot's API key is sealed for.
pub fn ai_key(chatbot: &ChatbotId) -> String {
    format!("ai_key:{chatbot}")
}

const KEY_BYTES: usize = 32;
const VERSION: &str = "v1";

/// Encrypts and decrypts with authentication; what it is for is bound in, so that a sealed secret can't be moved elsewhere.
pub struct Sealer {
    /// Never empty; the first one seals.
    keys: Vec<Key>,
}

struct Key {
    id: String,
    key: LessSafeKey,
    tokens: ring::hmac::Key,
}

#[derive(Debug, thiserror::Error)]
pub enum SealerError {
    #[error("a key of [secrets] keys must be 64 hexadecimal digits; `openssl rand -hex 32` makes one")]
    NotAKey,
    #[error("the key file {}", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the system gave no random bytes")]
    NoRandomness,
}

/// The sealed text can't be read. Says nothing about its contents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsealable {
    #[error("the secret was sealed under a key that this installation does not have")]
    UnknownKey,
    #[error("the sealed secret is damaged, or was sealed for something else")]
    Damaged,
}

impl Sealer {
    /// The keys of the configuration; without any, that of `file`, which is made at the first start.
    ///
    /// # Errors
    /// When a key is none, or the file can't be read or made.
    pub fn open(configured: &[Secret], file: &Path) -> Result<Self, SealerError> {
        if configured.is_empty() {
            return Ok(Self { keys: vec![Key::from_hex(&read_or_make(file)?)?] });
        }
        let keys = configured.iter().map(|key| Key::from_hex(key.reveal())).collect::<Result<_, _>>()?;
        Ok(Self { keys })
    }

    /// What only those who have the key can know, the same for everybody who has it.
    pub fn token(&self, purpose: &str) -> String {
        // Never empty.
        self.keys.first().map_or_else(String::new, |Key { tokens, .. }| {
            URL_SAFE_NO_PAD.encode(ring::hmac::sign(tokens, format!("token:{purpose}").as_bytes()))
        })
    }

    /// Encrypt `secret`; it opens again only for the same `purpose`.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn seal(&self, purpose: &str, secret: &str) -> Result<SealedSecret, SealerError> {
        let Some(Key { id, key, .. }) = self.keys.first() else { return Err(SealerError::NotAKey) };
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| SealerError::NoRandomness)?;
        let mut sealed = secret.as_bytes().to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose.as_bytes()), &mut sealed)
            .map_err(|_| SealerError::NoRandomness)?;
        let bytes = URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat());
        Ok(SealedSecret(format!("{VERSION}.{id}.{bytes}")))
    }

    /// # Errors
    /// [`Unsealable`] when the key is gone, or the text is not what was sealed for `purpose`.
    pub fn open_secret(&self, purpose: &str, SealedSecret(sealed): &SealedSecret) -> Result<Secret, Unsealable> {
        let mut parts = sealed.splitn(3, '.');
        let (Some(VERSION), Some(id), Some(bytes)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Unsealable::Damaged);
        };
        let key = self.keys.iter().find(|key| key.id == id).ok_or(Unsealable::UnknownKey)?;
        let bytes = URL_SAFE_NO_PAD.decode(bytes).map_err(|_| Unsealable::Damaged)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or(Unsealable::Damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable::Damaged)?;
        let mut sealed = sealed.to_vec();
        let plain = key
            .key
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut sealed)
            .map_err(|_| Unsealable::Damaged)?;
        std::str::from_utf8(plain).map(Secret::new).map_err(|_| Unsealable::Damaged)
    }
}

impl Key {
    fn from_hex(text: &str) -> Result<Self, SealerError> {
        let text = text.trim();
        if text.len() != 2 * KEY_BYTES || !text.is_ascii() {
            return Err(SealerError::NotAKey);
        }
        let mut bytes = [0; KEY_BYTES];
        for (index, byte) in bytes.iter_mut().enumerate() {
            let digits = text.get(2 * index..2 * index + 2).ok_or(SealerError::NotAKey)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| SealerError::NotAKey)?;
        }
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes).map_err(|_| SealerError::NotAKey)?;
        let tokens = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &bytes);
        Ok(Self { id: hex(&Sha256::digest(bytes)[..4]), key: LessSafeKey::new(key), tokens })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key in `file`; a new one when there is no such file. Readable by its owner alone.
fn read_or_make(file: &Path) -> Result<String, SealerError> {
    let failed = |source| SealerError::File { path: file.to_owned(), source };
    match std::fs::read_to_string(file) {
        Ok(text) => return Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|_| SealerError::NoRandomness)?;
    let text = hex(&bytes);
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    match made {
        Ok(mut new) => {
            new.write_all(text.as_bytes()).and_then(|()| new.sync_all()).map_err(failed)?;
            Ok(text)
        }
        // Another process of this installation was first.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            std::fs::read_to_string(file).map_err(failed)
        }
        Err(error) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const NEW: &str = "f00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff";

    fn sealer(keys: &[&str]) -> Sealer {
        let keys: Vec<Secret> = keys.iter().map(|key| Secret::new(*key)).collect();
        Sealer::open(&keys, Path::new("/nonexistent")).unwrap()
    }

    #[test]
    fn a_secret_opens_only_for_what_it_was_sealed_for_and_only_whole() {
        let sealer = sealer(&[OLD]);
        let sealed = sealer.seal("ai_key:shop", "sk-1234567890").unwrap();
        assert!(!sealed.0.contains("1234567890"));
        assert_ne!(sealed, sealer.seal("ai_key:shop", "sk-1234567890").unwrap(), "equal secrets don't look equal");
        assert_eq!(sealer.open_secret("ai_key:shop", &sealed).unwrap().reveal(), "sk-1234567890");
        assert_eq!(sealer.open_secret("ai_key:other", &sealed), Err(Unsealable::Damaged));
        for at in [sealed.0.len() - 1, sealed.0.len() / 2] {
            let mut broken = sealed.0.clone().into_bytes();
            broken[at] = if broken[at] == b'A' { b'B' } else { b'A' };
            let broken = SealedSecret(String::from_utf8(broken).unwrap());
            assert_eq!(sealer.open_secret("ai_key:shop", &broken), Err(Unsealable::Damaged));
        }
        for broken in ["", "v1", "v1.x.y", "v2.a.b", "v1.630dcd29."] {
            assert!(sealer.open_secret("ai_key:shop", &SealedSecret(broken.into())).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_new_key_seals_while_the_old_one_still_opens() {
        let before = sealer(&[OLD]).seal("ai_key:shop", "sk-old").unwrap();
        let both = sealer(&[NEW, OLD]);
        assert_eq!(both.open_secret("ai_key:shop", &before).unwrap().reveal(), "sk-old");
        let after = both.seal("ai_key:shop", "sk-new").unwrap();
        assert_eq!(sealer(&[NEW]).open_secret("ai_key:shop", &after).unwrap().reveal(), "sk-new");
        assert_eq!(sealer(&[NEW]).open_secret("ai_key:shop", &before), Err(Unsealable::UnknownKey));
    }

    #[test]
    fn the_key_file_is_made_once_and_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        let sealed = Sealer::open(&[], &file).unwrap().seal("p", "hush").unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Sealer::open(&[], &file).unwrap().open_secret("p", &sealed).unwrap().reveal(), "hush");
        std::fs::write(&file, "not a key").unwrap();
        assert!(matches!(Sealer::open(&[], &file), Err(SealerError::NotAKey)));
    }
}
