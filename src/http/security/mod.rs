//! What stands before every handler: who is asking, from which page, and what their browser may do with the answer.

mod address;
mod csp;
pub(super) mod login_limit;
pub(super) mod origin;

pub use address::client_address;
pub(in crate::http) use address::limit_key;
pub(super) use csp::PagePolicy;

use super::error_response::ApiError;
use super::state::AppState;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, header::HeaderMap};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, web};

/// Middleware around the whole application: refuses mutating calls of other sites (S25) and puts the headers on every answer.
///
/// # Errors
/// Those of the inner services; a refusal is an answer.
pub async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let secure = request.app_data::<web::Data<AppState>>().is_some_and(|state| state.public_url.is_secure());
    let mut response = match check_mutation(request.request()) {
        Ok(()) => next.call(request).await?.map_into_left_body(),
        Err(refusal) => request.error_response(refusal).map_into_right_body(),
    };
    put_headers(response.headers_mut(), secure);
    Ok(response)
}

/// A browser says where a call comes from; what is not a browser has no cookies to steal and may leave it out.
fn check_mutation(request: &HttpRequest) -> Result<(), ApiError> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let Some(state) = request.app_data::<web::Data<AppState>>() else { return Err(ApiError::ForeignOrigin) };
    let headers = request.headers();
    if headers.contains_key(header::ORIGIN) {
        origin::page(headers).filter(|page| state.public_url.is_own(page)).map(drop).ok_or(ApiError::ForeignOrigin)?;
    } else if let Some(site) = headers.get("sec-fetch-site")
        && site != "same-origin"
    {
        return Err(ApiError::ForeignOrigin);
    }
    let has_body = headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0")
        || headers.contains_key(header::CONTENT_TYPE);
    if has_body && !is_json(headers) { Err(ApiError::NotJson) } else { Ok(()) }
}

/// A form can't send this type without the browser asking first, and nothing here answers that question with yes.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(kind)) = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str) else { return false };
    kind.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// Headers that a handler set stay.
fn put_headers(headers: &mut HeaderMap, secure: bool) {
    let mut put = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "no-referrer");
    put(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    put(header::CACHE_CONTROL, "no-store");
    put(header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin");
    put(header::CROSS_ORIGIN_OPENER_POLICY, "same-origin");
    put(header::PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    // An answer without a body has no type of its own, but a scanner or proxy that guesses one is worse (S75).
    put(header::CONTENT_TYPE, "application/json");
    if secure {
        put(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}
