//! The inbox, a page at a time. Live changes come over the agent's WebSocket.

use crate::domain::conversation::Status;
use crate::domain::ids::{AgentId, ChatbotId};
use crate::domain::time::UnixMillis;
use crate::http::error_response::{ApiError, ErrorBody};
use crate::http::extractors::SignedIn;
use crate::http::state::AppState;
use crate::protocol::agent::InboxRow;
use crate::protocol::inbox_row::inbox_row;
use crate::store::{InboxQuery, StatusFilter};
use actix_web::web::{Data, Json, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ListQuery {
    chatbot: Option<String>,
    status: Option<StatusChoice>,
    /// Only conversations that have not ended.
    ongoing: Option<bool>,
    /// `me`, or the id of an agent.
    assignee: Option<String>,
    /// Last activity at or after, in Unix milliseconds.
    from: Option<i64>,
    /// Last activity before, in Unix milliseconds.
    to: Option<i64>,
    /// `next` of the page before.
    cursor: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u16>,
}

/// `escalated`: waiting, or open after a request.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum StatusChoice {
    Escalated,
    Unrequested,
    Unassigned,
    Open,
    Ended,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ConversationPage {
    /// Waiting ones first, longest wait first; then by last activity, latest first.
    rows: Vec<InboxRow>,
    next: Option<String>,
}

/// Conversations of the workspace.
#[utoipa::path(get, path = "/api/v1/conversations", tag = "conversations", params(ListQuery),
    responses((status = 200, body = ConversationPage), (status = 400, body = ErrorBody), (status = 401, body = ErrorBody)))]
pub(in crate::http) async fn list(
    state: Data<AppState>,
    signed_in: SignedIn,
    query: Query<ListQuery>,
) -> Result<Json<ConversationPage>, ApiError> {
    let query = query.into_inner().read(signed_in.agent.id)?;
    let page = state.store.inbox(signed_in.agent.workspace, query).await?;
    let online = state.hub.online(page.rows.iter().map(|row| row.id).collect()).await;
    let rows = page.rows.iter().map(|record| inbox_row(record, online.contains(&record.id))).collect();
    Ok(Json(ConversationPage { rows, next: page.next }))
}

impl ListQuery {
    fn read(self, me: AgentId) -> Result<InboxQuery, ApiError> {
        let wrong = |what: &str| ApiError::BadRequest(what.into());
        let limit = usize::from(self.limit.unwrap_or(50));
        if !(1..=200).contains(&limit) {
            return Err(wrong("limit must be from 1 to 200"));
        }
        let chatbot =
            self.chatbot.map(|id| id.parse::<ChatbotId>().map_err(|error| wrong(&format!("chatbot: {error}"))));
        let assignee = self.assignee.map(|text| match text.as_str() {
            "me" => Ok(me),
            id => id.parse().map_err(|_| wrong("assignee must be `me` or the id of an agent")),
        });
        Ok(InboxQuery {
            chatbot: chatbot.transpose()?,
            status: self.status.map_or(StatusFilter::Any, StatusChoice::filter),
            ongoing: self.ongoing.unwrap_or(false),
            assignee: assignee.transpose()?,
            from: self.from.map(UnixMillis),
            to: self.to.map(UnixMillis),
            cursor: self.cursor,
            limit,
        })
    }
}

impl StatusChoice {
    fn filter(self) -> StatusFilter {
        match self {
            Self::Escalated => StatusFilter::Escalated,
            Self::Unrequested => StatusFilter::Is(Status::Unrequested),
            Self::Unassigned => StatusFilter::Is(Status::Unassigned),
            Self::Open => StatusFilter::Is(Status::Open),
            Self::Ended => StatusFilter::Is(Status::Ended),
        }
    }
}
