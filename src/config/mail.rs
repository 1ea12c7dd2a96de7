//! `[mail]`: how notifications leave. Without a server they are written to the data folder, where the console shows them.

use super::Secret;
use lettre::message::Mailbox;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailConfig {
    /// Host name of the SMTP server; empty for none.
    pub host: String,
    /// 0 takes the usual one: 465 for `tls`, 587 for `starttls`, 25 for `none`.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Empty sends without signing in.
    pub user: String,
    pub password: Secret,
    /// Sender, such as `Baton <chat@example.com>`.
    pub from: String,
    /// Seconds after which a server that does not answer counts as down.
    pub timeout_seconds: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Tls {
    /// Plain connection that must upgrade before anything is said.
    #[default]
    Starttls,
    /// Encrypted from the first byte.
    Tls,
    /// Never encrypted: for a server on the same machine, and tests.
    None,
}

impl TryFrom<String> for Tls {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "starttls" => Ok(Self::Starttls),
            "tls" => Ok(Self::Tls),
            "none" => Ok(Self::None),
            _ => Err(format!("{text:?} is not one of \"starttls\", \"tls\", \"none\"")),
        }
    }
}

/// Where to send, once it is known that there is a server.
#[derive(Debug, Clone, PartialEq)]
pub struct SmtpServer {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub credentials: Option<(String, Secret)>,
    pub timeout: std::time::Duration,
}

impl Default for MailConfig {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 0,
            tls: Tls::default(),
            user: String::new(),
            password: Secret::default(),
            from: "Baton <baton@localhost>".into(),
            timeout_seconds: 20,
        }
    }
}

impl MailConfig {
    pub fn server(&self) -> Option<SmtpServer> {
        let port = match (self.port, self.tls) {
            (0, Tls::Tls) => 465,
            (0, Tls::Starttls) => 587,
            (0, Tls::None) => 25,
            (port, _) => port,
        };
        (!self.host.is_empty()).then(|| SmtpServer {
            host: self.host.clone(),
            port,
            tls: self.tls,
            credentials: (!self.user.is_empty()).then(|| (self.user.clone(), self.password.clone())),
            timeout: std::time::Duration::from_secs(self.timeout_seconds),
        })
    }

    pub(super) fn check(&self) -> Result<(), String> {
        self.from.parse::<Mailbox>().map_err(|error| {
            format!("`mail.from` is {:?}: {error}; an example is \"Baton <chat@example.com>\"", self.from)
        })?;
        if !(1..=300).contains(&self.timeout_seconds) {
            return Err(format!("`mail.timeout_seconds` is {}, allowed are 1 to 300", self.timeout_seconds));
        }
        if self.host.is_empty() && !self.user.is_empty() {
            return Err("`mail.user` is set but `mail.host` is not".into());
        }
        if self.tls == Tls::None && !self.user.is_empty() {
            return Err(
                "`mail.tls` is \"none\": a password is never sent unencrypted; allowed are \"starttls\", \"tls\""
                    .into(),
            );
        }
        Ok(())
    }
}
