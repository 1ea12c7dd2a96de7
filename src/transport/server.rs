//! The HTTP server, and the way out of it: a request that asks for a WebSocket goes through the same application as every other,
//! and when its answer is a 101, the connection is taken from actix-http and handed to whoever gave that answer.
//!
//! actix-http keeps two buffers of 8 KiB and the state of a request per connection, for as long as it owns the connection. A
//! socket lives for hours and needs none of that. `actix_web::HttpServer` has no such way out, so this is what it does for a
//! plain listener, with an upgrade service beside the application.

use std::{fmt, io, net::TcpListener, pin::Pin, rc::Rc, task::Context, task::Poll, time::Duration};

use actix_codec::{Encoder, Framed, FramedParts};
use actix_http::{
    ConnectionType, HttpMessage, HttpService, Request, Response, StatusCode,
    body::MessageBody,
    h1::{Codec, Message},
};
use actix_server::Server;
use actix_service::{IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt as _, fn_factory, map_config};
use actix_web::{
    HttpResponse,
    dev::{AppConfig, ServiceResponse},
    rt::net::TcpStream,
};
use bytes::{Bytes, BytesMut};
use futures_util::future::LocalBoxFuture;
use socket2::SockRef;
use tokio::io::AsyncWriteExt;

use super::{
    connection::{Connection, LINGER},
    socket_options::apply_socket_options,
};

/// How the server runs; what is not here is as in `actix_web::HttpServer`.
#[derive(Debug, Clone, Copy)]
pub struct ServerSettings {
    pub workers: usize,
    /// Connections that are in HTTP at a time, per worker. Those that were taken over are counted by whoever took them.
    pub max_connections: usize,
    /// For a request's head.
    pub request_timeout: Duration,
    /// For what workers are at when the server is stopped.
    pub shutdown_timeout: Duration,
}

/// The request came the way that can be left: set by the upgrade service, asked by `accept`.
#[derive(Debug, Clone, Copy)]
pub(super) struct CanTakeOver;

/// Who gets the connection when the 101 is on its way: in the extensions of that response. Gets what the client sent behind its
/// request, too.
pub(super) struct Takeover(pub(super) Box<dyn FnOnce(TcpStream, Bytes)>);

/// Serves HTTP/1.1 on `listener`. `worker` runs once on each worker thread and gives what makes the application there.
///
/// # Errors
/// When the listener can't be used.
pub fn serve<W, F, I, S, B>(listener: TcpListener, settings: ServerSettings, worker: W) -> io::Result<Server>
where
    W: Fn() -> F + Send + Clone + 'static,
    F: Fn() -> I,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    S::InitError: fmt::Debug,
    S::Service: 'static,
    <S::Service as Service<Request>>::Future: 'static,
    B: MessageBody + 'static,
{
    let address = listener.local_addr()?;
    let builder = Server::build();
    let stopping = builder.graceful_shutdown_signal();
    Ok(builder
        .workers(settings.workers)
        .max_concurrent_connections(settings.max_connections)
        .disable_signals()
        .shutdown_timeout(settings.shutdown_timeout.as_secs())
        .listen("http", listener, move || {
            let application = worker();
            let stopping = stopping.clone();
            let upgrades = map_config(application().into_factory(), |()| AppConfig::default());
            let upgrades = Rc::new(upgrades);
            HttpService::build()
                .client_request_timeout(settings.request_timeout)
                .client_disconnect_timeout(LINGER)
                .local_addr(address)
                // Hidden in the documentation; `HttpServer` is its other user. Without it a stop waits for idle connections.
                .graceful_shutdown_signal(move || {
                    let stopping = stopping.clone();
                    async move { stopping.notified().await }
                })
                .on_connect_ext(|stream: &TcpStream, _: &mut _| {
                    // A socket that refuses an option is still served: the heartbeats of the session remain.
                    if let Err(error) = apply_socket_options(&SockRef::from(stream)) {
                        tracing::warn!(%error, "socket options refused");
                    }
                })
                .upgrade(fn_factory(move || {
                    let application = Rc::clone(&upgrades);
                    async move { Ok::<_, S::InitError>(Upgrades(application.new_service(()).await?)) }
                }))
                .finish(map_config(application().into_factory().map_err(|error| error.error_response()), |()| {
                    AppConfig::default()
                }))
                .tcp()
        })?
        .run())
}

/// Takes connections over when the application says so.
struct Upgrades<S>(S);

impl<S, B> Service<(Request, Framed<TcpStream, Codec>)> for Upgrades<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ();
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<(), actix_web::Error>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&self, (request, framed): (Request, Framed<TcpStream, Codec>)) -> Self::Future {
        request.extensions_mut().insert(CanTakeOver);
        let answer = self.0.call(request);
        Box::pin(async move {
            let response = answer.await.map_or_else(
                |error| error.error_response().map_into_boxed_body(),
                |response| HttpResponse::from(response.map_into_boxed_body()),
            );
            answered(response.into(), framed.into_parts()).await;
            Ok(())
        })
    }
}

/// Writes the answer, then hands the connection on or ends it.
async fn answered(mut response: Response<impl MessageBody>, parts: FramedParts<TcpStream, Codec>) {
    let FramedParts { io: mut stream, mut codec, read_buf, mut write_buf, .. } = parts;
    let takeover = response.extensions_mut().remove::<Takeover>();
    if takeover.is_none() {
        // The client may have sent frames already: nothing that follows could be read as a request.
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    let written = async {
        encode(response, &mut codec, &mut write_buf).await?;
        stream.write_all(&write_buf).await
    };
    let written = tokio::time::timeout(LINGER, written).await;
    if !matches!(written, Ok(Ok(()))) {
        tracing::debug!("client left before it had its answer");
        return;
    }
    match takeover {
        Some(Takeover(start)) => start(stream, read_buf.freeze()),
        None => {
            let _too_long =
                tokio::time::timeout(LINGER, Connection::new(stream, Bytes::new(), Box::new(())).linger()).await;
        }
    }
}

async fn encode(response: Response<impl MessageBody>, codec: &mut Codec, buffer: &mut BytesMut) -> io::Result<()> {
    let (response, body) = response.into_parts();
    let switches = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    codec.encode(Message::Item((response, body.size())), buffer)?;
    if switches || matches!(body.size(), actix_http::body::BodySize::None | actix_http::body::BodySize::Sized(0)) {
        return Ok(());
    }
    let mut body = Box::pin(body);
    while let Some(chunk) = std::future::poll_fn(|context| Pin::as_mut(&mut body).poll_next(context)).await {
        let chunk = chunk.map_err(|error| io::Error::other(error.into().to_string()))?;
        codec.encode(Message::Chunk(Some(chunk)), buffer)?;
    }
    codec.encode(Message::Chunk(None), buffer)
}
