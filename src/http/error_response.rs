//! The only place that turns an error into a status and a text. Each error has an outward text, for the client, and an inward
//! one, for the log; the outward one names no table, path or library.

use crate::store::StoreError;
use actix_web::error::{JsonPayloadError, PathError, QueryPayloadError};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Any answer that is not a success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub(super) struct ErrorBody {
    /// For programs.
    pub code: String,
    /// For people.
    pub message: String,
    /// What is wrong with which field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
}

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("bad request: {0}")]
    BadRequest(String),
    #[error("not signed in")]
    SignedOut,
    #[error("wrong e-mail or password")]
    WrongPassword,
    #[error("role is not enough")]
    Forbidden,
    #[error("foreign origin")]
    ForeignOrigin,
    #[error("wrong setup token")]
    WrongSetupToken,
    /// Also for what exists in another workspace: an id says nothing about what others have.
    #[error("not found")]
    NotFound,
    #[error("method not allowed")]
    MethodNotAllowed { allow: &'static str },
    #[error("set up already")]
    AlreadySetUp,
    #[error("body too large")]
    TooLarge { limit: usize },
    #[error("content type is not JSON")]
    NotJson,
    #[error("invalid fields")]
    Invalid(BTreeMap<String, String>),
    #[error("document can't be read")]
    UnreadableDocument(String),
    #[error("too many attempts")]
    TooManyAttempts { retry_after_seconds: u64 },
    #[error("busy")]
    Busy,
    /// The pages were not built.
    #[error("web build missing")]
    WebBuildMissing,
    #[error("store")]
    Store(#[source] StoreError),
    #[error("{action}")]
    Internal {
        action: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl ApiError {
    /// One wrong field.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        Self::Invalid(BTreeMap::from([(name.to_owned(), message.into())]))
    }

    pub fn internal(action: &'static str, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal { action, source: Box::new(source) }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "bad_request",
            Self::SignedOut => "signed_out",
            Self::WrongPassword => "wrong_password",
            Self::Forbidden => "forbidden",
            Self::ForeignOrigin => "foreign_origin",
            Self::WrongSetupToken => "wrong_setup_token",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed { .. } => "method_not_allowed",
            Self::AlreadySetUp => "already_set_up",
            Self::TooLarge { .. } => "too_large",
            Self::NotJson => "not_json",
            Self::Invalid(_) => "invalid_fields",
            Self::UnreadableDocument(_) => "unreadable_document",
            Self::TooManyAttempts { .. } => "too_many_attempts",
            Self::Busy => "busy",
            Self::WebBuildMissing => "web_build_missing",
            Self::Store(_) => "storage_unavailable",
            Self::Internal { .. } => "internal",
        }
    }

    /// The outward text.
    fn message(&self) -> String {
        match self {
            Self::BadRequest(why) => format!("The request can't be read: {why}."),
            Self::SignedOut => "Sign in first.".into(),
            Self::WrongPassword => "The e-mail address or the password is wrong.".into(),
            Self::Forbidden => "Your role does not allow this.".into(),
            Self::ForeignOrigin => "This request came from another site.".into(),
            Self::WrongSetupToken => {
                "The setup token is wrong or was used. The server prints a new one when it starts.".into()
            }
            Self::NotFound => "There is nothing here.".into(),
            Self::MethodNotAllowed { allow } => format!("Allowed here: {allow}."),
            Self::AlreadySetUp => "This installation has an owner already. Sign in instead.".into(),
            Self::TooLarge { limit } => format!("At most {limit} bytes are allowed."),
            Self::NotJson => "Send JSON with \"Content-Type: application/json\".".into(),
            Self::Invalid(fields) => match fields.iter().next() {
                Some((name, why)) if fields.len() == 1 => format!("{name}: {why}"),
                _ => format!("{} fields need a change.", fields.len()),
            },
            Self::UnreadableDocument(why) => why.clone(),
            Self::TooManyAttempts { retry_after_seconds } => {
                format!("Too many attempts. Try again in {retry_after_seconds} seconds.")
            }
            Self::Busy => "The server is busy. Try again in a moment.".into(),
            Self::WebBuildMissing => "This page was not built. Run `make web`, then build the server again.".into(),
            Self::Store(_) => "The database does not answer. Nothing was changed; try again.".into(),
            Self::Internal { .. } => "Something went wrong here. Nothing was changed; try again.".into(),
        }
    }

    /// The error as a JSON body.
    pub(super) fn body(&self) -> ErrorBody {
        let fields = match self {
            Self::Invalid(fields) => Some(fields.clone()),
            _ => None,
        };
        ErrorBody { code: self.code().into(), message: self.message(), fields }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::SignedOut | Self::WrongPassword => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::ForeignOrigin | Self::WrongSetupToken => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::AlreadySetUp => StatusCode::CONFLICT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) | Self::UnreadableDocument(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::WebBuildMissing | Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::Store(_) | Self::Internal { .. } = self {
            tracing::error!(error = %Chain(self), "request failed");
        }
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::MethodNotAllowed { allow } => {
                response.insert_header((header::ALLOW, *allow));
            }
            Self::TooManyAttempts { retry_after_seconds } => {
                response.insert_header((header::RETRY_AFTER, *retry_after_seconds));
            }
            Self::Busy | Self::Store(_) => {
                response.insert_header((header::RETRY_AFTER, 1));
            }
            _ => {}
        }
        response.json(self.body())
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotACursor => Self::BadRequest("the cursor is not one of this list".into()),
            error => Self::Store(error),
        }
    }
}

impl From<JsonPayloadError> for ApiError {
    fn from(error: JsonPayloadError) -> Self {
        match error {
            JsonPayloadError::OverflowKnownLength { limit, .. } | JsonPayloadError::Overflow { limit } => {
                Self::TooLarge { limit }
            }
            JsonPayloadError::ContentType => Self::NotJson,
            // serde_json names the place and the field, and quotes short values that the client itself sent.
            JsonPayloadError::Deserialize(error) => Self::BadRequest(error.to_string()),
            _ => Self::BadRequest("the body ended early".into()),
        }
    }
}

impl From<QueryPayloadError> for ApiError {
    fn from(error: QueryPayloadError) -> Self {
        match error {
            QueryPayloadError::Deserialize(error) => Self::BadRequest(error.to_string()),
            _ => Self::BadRequest("the query".into()),
        }
    }
}

/// A path that names nothing possible names nothing.
impl From<PathError> for ApiError {
    fn from(_: PathError) -> Self {
        Self::NotFound
    }
}

/// An error with its sources, on one line.
pub(super) struct Chain<'a>(pub(super) &'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
