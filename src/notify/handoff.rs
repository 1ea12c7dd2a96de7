//! The handoff e-mail from a claimed job to a result that the worker writes down.

use super::delivery::{Delivery, DeliveryError, Envelope};
use super::links::{PortalLink, guest};
use super::mail::{HandoffMail, Subject};
use crate::config::PublicUrl;
use crate::directory::Chatbot;
use crate::domain::conversation::{AgentRef, Recorded, VisitorContext};
use crate::domain::ids::{ConversationId, WorkspaceId};
use crate::domain::time::UnixMillis;
use crate::store::{ClaimedJob, Store};
use lettre::message::Mailbox;
use std::collections::HashSet;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Namespace of the mails' ids; fixed for ever, because a retry must find the same id.
const MAIL_NAMESPACE: Uuid = Uuid::from_u128(0x2d0c_9a53_7a1e_4c3b_8f14_52f0_66a1_9e02);

/// Sends the mails of handoff jobs. One mail, with a link of its own, to each address of the chatbot.
pub struct Notifier {
    store: Arc<dyn Store>,
    delivery: Delivery,
    public_url: PublicUrl,
    from: Mailbox,
    /// Mails that left, of jobs that are not finished: one address that is down must not repeat the mail to the others.
    sent: Mutex<HashSet<Uuid>>,
}

/// Everything the mail needs.
#[derive(Clone, Copy)]
pub struct Handoff<'a> {
    pub job: &'a ClaimedJob,
    pub chatbot: &'a Chatbot,
    pub conversation: ConversationId,
    /// "Visitor 4821"
    pub visitor_name: &'a str,
    pub context: &'a VisitorContext,
    /// The end of the log, oldest first, with the event that the job is about; 50 messages are shown.
    pub events: &'a [Recorded],
    pub now: UnixMillis,
}

/// What happened, in words for the job's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The chatbot has no address to write to.
    Nobody,
    /// Mail left to `to`; the server refused `refused` for good.
    Sent { to: Vec<String>, refused: Vec<String> },
}

/// No mail left to at least one address, and trying again may help (`temporary`), or none left at all and it will not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SendError {
    pub temporary: bool,
    /// For the job's row: names addresses, so it must not be logged.
    pub message: String,
}

impl Notifier {
    pub fn new(store: Arc<dyn Store>, delivery: Delivery, public_url: PublicUrl, from: Mailbox) -> Self {
        Self { store, delivery, public_url, from, sent: Mutex::default() }
    }

    /// Send the mail of a claimed job. May be called again with the same job: mails keep their Message-ID.
    ///
    /// # Errors
    /// [`SendError`], whose `temporary` says whether [`super::retry_after`] applies.
    pub async fn send_handoff(&self, handoff: Handoff<'_>) -> Result<Outcome, SendError> {
        let addresses = &handoff.chatbot.settings.notify_emails;
        if addresses.is_empty() {
            return Ok(Outcome::Nobody);
        }
        let (mut to, mut refused, mut delayed) = (Vec::new(), Vec::new(), Vec::new());
        for address in addresses {
            match self.send_one(&handoff, address).await {
                Ok(()) => to.push(address.clone()),
                Err(Failure { temporary: true, why }) => delayed.push(format!("{address}: {why}")),
                Err(Failure { temporary: false, why }) => refused.push(format!("{address}: {why}")),
            }
        }
        if !delayed.is_empty() {
            delayed.extend(refused);
            return Err(SendError { temporary: true, message: delayed.join("; ") });
        }
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        for address in addresses {
            sent.remove(&mail_id(handoff.job, address));
        }
        if to.is_empty() {
            return Err(SendError { temporary: false, message: refused.join("; ") });
        }
        Ok(Outcome::Sent { to, refused })
    }

    /// Who acts when a link to `address` is used: the account that has the address, so that nobody is two people, or a guest.
    async fn agent_behind(&self, workspace: WorkspaceId, address: &str) -> Result<AgentRef, Failure> {
        let account = self.store.agent_by_email(address.to_owned()).await.map_err(Failure::passing)?;
        let own = account.filter(|account| account.workspace == workspace);
        Ok(own.map_or_else(|| guest(workspace, address), |account| AgentRef { id: account.id, name: account.name }))
    }

    async fn send_one(&self, handoff: &Handoff<'_>, address: &str) -> Result<(), Failure> {
        let id = mail_id(handoff.job, address);
        if self.sent.lock().unwrap_or_else(PoisonError::into_inner).contains(&id) {
            return Ok(());
        }
        let agent = self.agent_behind(handoff.chatbot.workspace, address).await?;
        let link = PortalLink::new(handoff.conversation, agent, address, handoff.now);
        let subject = Subject {
            settings: &handoff.chatbot.settings,
            visitor_name: handoff.visitor_name,
            context: handoff.context,
            events: handoff.events,
            about: handoff.job.about,
        };
        let mail = HandoffMail::compose(subject, &link.url(&self.public_url)).map_err(Failure::lasting)?;
        // Before the mail, so that a link that somebody can hold always works.
        self.store.add_link(link.record).await.map_err(Failure::passing)?;
        let envelope = Envelope {
            id,
            domain: self.public_url.origin().host(),
            workspace: handoff.chatbot.workspace,
            from: &self.from,
            to: address,
            thread: handoff.conversation.0,
            mail,
            now: handoff.now,
        };
        self.delivery.send(envelope).await?;
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        Ok(())
    }
}

fn mail_id(job: &ClaimedJob, address: &str) -> Uuid {
    Uuid::new_v5(&MAIL_NAMESPACE, format!("{}/{}", job.key, address.to_lowercase()).as_bytes())
}

struct Failure {
    temporary: bool,
    why: String,
}

impl Failure {
    fn lasting(error: impl Error) -> Self {
        Self { temporary: false, why: with_sources(&error) }
    }

    fn passing(error: impl Error) -> Self {
        Self { temporary: true, why: with_sources(&error) }
    }
}

impl From<DeliveryError> for Failure {
    fn from(error: DeliveryError) -> Self {
        Self { temporary: error.is_temporary(), why: with_sources(&error) }
    }
}

fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    super::mail::one_line(&text, 500)
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody was told: the chatbot has no notification address"),
            Self::Sent { to, refused } if refused.is_empty() => write!(f, "sent to {}", to.join(", ")),
            Self::Sent { to, refused } => write!(f, "sent to {}; refused: {}", to.join(", "), refused.join("; ")),
        }
    }
}
