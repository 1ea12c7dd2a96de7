//! Where mail goes: to an SMTP server, or into the outbox folder when none is configured.

use super::mail::HandoffMail;
use super::outbox::{Outbox, StoredMail};
use crate::config::{MailConfig, SmtpServer, Tls};
use crate::domain::ids::WorkspaceId;
use crate::domain::time::UnixMillis;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use std::io;
use std::time::Duration;
use uuid::Uuid;

pub enum Delivery {
    Smtp(Box<Smtp>),
    Folder(Outbox),
}

pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    /// For the whole dialogue; the transport's own limit is per command.
    patience: Duration,
}

/// One mail to one address.
pub(super) struct Envelope<'a> {
    /// The same for every attempt, and so is the Message-ID made of it (I21).
    pub(super) id: Uuid,
    /// The domain of the Message-ID.
    pub(super) domain: &'a str,
    pub(super) workspace: WorkspaceId,
    pub(super) from: &'a Mailbox,
    pub(super) to: &'a str,
    /// Mails with the same thread belong together in mail programs.
    pub(super) thread: Uuid,
    pub(super) mail: HandoffMail,
    pub(super) now: UnixMillis,
}

/// Why a mail did not leave.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    #[error("the address can't be written to")]
    Address(#[source] lettre::address::AddressError),
    #[error("build the message")]
    Message(#[source] lettre::error::Error),
    #[error("set up the connection to the SMTP server")]
    Setup(#[source] lettre::transport::smtp::Error),
    #[error("the SMTP server said no")]
    Refused(#[source] lettre::transport::smtp::Error),
    /// Whether it took the mail is unknown when this came after the last line.
    #[error("the SMTP server did not take the mail for now")]
    Unavailable(#[source] lettre::transport::smtp::Error),
    #[error("the SMTP server took more than {0:?}")]
    TooSlow(Duration),
    #[error("write the mail to the data folder")]
    Folder(#[source] io::Error),
}

impl DeliveryError {
    /// Another attempt may succeed.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Address(_) | Self::Message(_) | Self::Refused(_) => false,
            Self::Setup(_) | Self::Unavailable(_) | Self::TooSlow(_) | Self::Folder(_) => true,
        }
    }
}

impl Delivery {
    /// # Errors
    /// When the TLS set-up for the configured server fails.
    pub fn new(config: &MailConfig, outbox: Outbox) -> Result<Self, DeliveryError> {
        match config.server() {
            Some(server) => Smtp::new(server).map(Box::new).map(Self::Smtp),
            None => Ok(Self::Folder(outbox)),
        }
    }

    pub(super) async fn send(&self, envelope: Envelope<'_>) -> Result<(), DeliveryError> {
        let message = message(&envelope)?;
        match self {
            Self::Smtp(smtp) => smtp.send(message).await,
            Self::Folder(outbox) => {
                let Envelope { id, workspace, to, mail: HandoffMail { subject, text, .. }, now, .. } = envelope;
                let stored = StoredMail { id, to: to.into(), subject, at: now, text };
                outbox.write(workspace, stored, message.formatted()).await.map_err(DeliveryError::Folder)
            }
        }
    }
}

impl Smtp {
    fn new(server: SmtpServer) -> Result<Self, DeliveryError> {
        type Transport = AsyncSmtpTransport<Tokio1Executor>;
        let mut builder = match server.tls {
            Tls::Tls => Transport::relay(&server.host).map_err(DeliveryError::Setup)?,
            Tls::Starttls => Transport::starttls_relay(&server.host).map_err(DeliveryError::Setup)?,
            Tls::None => Transport::builder_dangerous(&server.host),
        };
        if let Some((user, password)) = server.credentials {
            builder = builder.credentials(Credentials::new(user, password.reveal().to_owned()));
        }
        let transport = builder.port(server.port).timeout(Some(server.timeout)).build();
        Ok(Self { transport, patience: server.timeout * 3 })
    }

    async fn send(&self, message: Message) -> Result<(), DeliveryError> {
        match tokio::time::timeout(self.patience, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() => Err(DeliveryError::Refused(error)),
            Ok(Err(error)) => Err(DeliveryError::Unavailable(error)),
            Err(_) => Err(DeliveryError::TooSlow(self.patience)),
        }
    }
}

fn message(envelope: &Envelope<'_>) -> Result<Message, DeliveryError> {
    let Envelope { id, domain, from, to, thread, mail, .. } = envelope;
    let to: Address = to.parse().map_err(DeliveryError::Address)?;
    // Answering machines must not answer (RFC 3834).
    let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into());
    Message::builder()
        .from((*from).clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject.clone())
        .message_id(Some(format!("<{id}@{domain}>")))
        .references(format!("<{thread}@{domain}>"))
        .raw_header(automatic)
        .date_now()
        .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
        .map_err(DeliveryError::Message)
}
