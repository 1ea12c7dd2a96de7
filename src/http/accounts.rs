//! Accounts as the API shows and takes them.

use super::error_response::ApiError;
use super::state::AppState;
use crate::store::{AgentRecord, AvailabilityRecord, Role};
use lettre::Address;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whoever is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: RoleName,
    pub(super) workspace: WorkspaceBody,
    /// What they chose.
    pub(super) availability: AvailabilityName,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WorkspaceBody {
    pub(super) id: Uuid,
    pub(super) name: String,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RoleName {
    Owner,
    Admin,
    Agent,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AvailabilityName {
    Online,
    Away,
    Offline,
}

impl Me {
    pub(super) async fn of(state: &AppState, agent: AgentRecord) -> Result<Self, ApiError> {
        let workspace = state.store.workspace(agent.workspace).await?.ok_or(ApiError::SignedOut)?;
        Ok(Self {
            id: agent.id.0,
            role: agent.role.into(),
            availability: agent.availability.into(),
            name: agent.name,
            email: agent.email,
            workspace: WorkspaceBody { id: workspace.id.0, name: workspace.name },
        })
    }
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Admin => Self::Admin,
            Role::Agent => Self::Agent,
        }
    }
}

impl From<AvailabilityRecord> for AvailabilityName {
    fn from(availability: AvailabilityRecord) -> Self {
        match availability {
            AvailabilityRecord::Online => Self::Online,
            AvailabilityRecord::Away => Self::Away,
            AvailabilityRecord::Offline => Self::Offline,
        }
    }
}

/// Collects what is wrong with a body, so that the answer names all of it at once.
#[derive(Default)]
pub(super) struct Faults(BTreeMap<String, String>);

impl Faults {
    pub(super) fn add(&mut self, field: impl Into<String>, why: impl Into<String>) {
        self.0.entry(field.into()).or_insert_with(|| why.into());
    }

    /// One line of text between `low` and `high` characters, without the blanks around it.
    pub(super) fn line(&mut self, field: impl Into<String>, text: &str, low: usize, high: usize) -> String {
        let text = self.text(field, text, low, high);
        text.replace(['\n', '\t'], " ")
    }

    /// Text that may have several lines.
    pub(super) fn text(&mut self, field: impl Into<String>, text: &str, low: usize, high: usize) -> String {
        let text = text.trim();
        let field = field.into();
        if !(low..=high).contains(&text.chars().count()) {
            self.add(field, format!("must have {low} to {high} characters"));
        } else if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            self.add(field, "must not have control characters");
        }
        text.to_owned()
    }

    /// An address that mail can be sent to.
    pub(super) fn email(&mut self, field: impl Into<String>, text: &str) -> String {
        let text = text.trim();
        let sendable = text.len() <= 254 && text.is_ascii() && text.parse::<Address>().is_ok();
        if !sendable {
            self.add(field, "must be an e-mail address such as ana@example.com");
        }
        text.to_owned()
    }

    pub(super) fn password(&mut self, field: &str, text: &str) {
        if !(10..=200).contains(&text.chars().count()) {
            self.add(field, "must have 10 to 200 characters");
        }
    }

    pub(super) fn check(self) -> Result<(), ApiError> {
        if self.0.is_empty() { Ok(()) } else { Err(ApiError::Invalid(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_could_break_a_header_are_refused() {
        for (text, fits) in [
            ("ana@example.com", true),
            (" ana+x@example.com ", true),
            ("ana@example.com\r\nBcc: eve@example.com", false),
            ("ana", false),
            ("", false),
            ("a@b@c", false),
            ("änna@example.com", false),
        ] {
            let mut faults = Faults::default();
            faults.email("email", text);
            assert_eq!(faults.check().is_ok(), fits, "{text:?}");
        }
        let mut faults = Faults::default();
        faults.email("email", &format!("{}@example.com", "a".repeat(300)));
        assert!(faults.check().is_err());
    }

    #[test]
    fn all_faults_are_named() {
        let mut faults = Faults::default();
        faults.line("name", " ", 1, 80);
        faults.line("title", "a\u{0}b", 1, 80);
        faults.password("password", "short");
        let Err(ApiError::Invalid(fields)) = faults.check() else { panic!("no faults") };
        assert_eq!(fields.keys().map(String::as_str).collect::<Vec<_>>(), ["name", "password", "title"]);
    }
}
