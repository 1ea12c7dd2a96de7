//! The HTTP surface: pages, the JSON API of the console, health. WebSockets are mounted beside it.
//!
//! `configure` is the whole map. The permission of a route is the type of its first argument (`extractors`), and
//! `error_response` is the only place that turns an error into a status. `docs/openapi.json` is generated from the handlers.

mod accounts;
mod ai_settings_body;
mod assets;
mod error_response;
mod extractors;
mod openapi;
mod passwords;
mod routes;
mod security;
mod session;
mod settings_body;
mod setup_gate;
mod state;
pub mod ws;

pub use error_response::ApiError;
pub use extractors::{Admin, SignedIn};
pub use openapi::openapi;
pub use routes::configure;
pub use security::origin::{OriginRefused, SocketOrigins};
pub use security::{client_address, guard};
pub use session::SessionHash;
pub use state::{AppState, HubPort};
