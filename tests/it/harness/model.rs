//! A model behind HTTP that says what the story wants, or misbehaves as told. It obeys every instruction it is given, whoever wrote it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[derive(Debug, Clone)]
pub enum Act {
    /// The whole answer in these pieces, with the usage at the end.
    Says(Vec<String>),
    /// Pieces with a pause before each.
    Slow(Vec<String>, Duration),
    /// Pieces, and then the connection is gone.
    Cut(Vec<String>),
    /// What is no event of the protocol, after these pieces.
    Malformed(Vec<String>),
    /// Pieces without end.
    Endless,
    /// This status, with `retry-after` in seconds.
    Status(u16, Option<u32>),
    /// A page, as a captive portal or a wrong address gives.
    Page,
    /// Elsewhere, where `Says` would wait.
    Redirect(String),
    /// The answer as JSON, in one piece.
    Whole(String),
    /// Says all that it was told, every word.
    Recites,
    /// Says what stands behind each "OBEY:" that it was told, whoever wrote it, with the visitor's message where `{message}` is.
    Obeys,
    /// Calls these tools, which it was never given.
    CallsTools(Vec<String>),
    /// Takes the request and never says a word.
    Mute,
}

pub struct Model {
    pub address: SocketAddr,
    acts: Arc<Mutex<VecDeque<Act>>>,
    requests: Arc<Mutex<Vec<Request>>>,
    /// Streams that the other side closed before their end.
    broken_off: Arc<Mutex<usize>>,
}

#[derive(Debug, Clone)]
pub struct Request {
    pub head: String,
    pub body: serde_json::Value,
}

impl Request {
    /// All that the model was told.
    pub fn told(&self) -> String {
        let mut parts: Vec<&str> = self.body["system"].as_str().into_iter().collect();
        for message in self.body["messages"].as_array().into_iter().flatten() {
            parts.extend(message["content"].as_str());
        }
        parts.join("\n")
    }
}

/// The text in pieces of a word each.
pub fn words(text: &str) -> Vec<String> {
    text.split_inclusive(' ').map(str::to_owned).collect()
}

pub fn says(text: &str) -> Act {
    Act::Says(words(text))
}

impl Model {
    /// The last act is repeated.
    pub async fn start(acts: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let model = Self {
            address,
            acts: Arc::new(Mutex::new(acts.into_iter().collect())),
            requests: Arc::default(),
            broken_off: Arc::default(),
        };
        let (acts, requests, broken) =
            (Arc::clone(&model.acts), Arc::clone(&model.requests), Arc::clone(&model.broken_off));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acts, requests, broken) = (Arc::clone(&acts), Arc::clone(&requests), Arc::clone(&broken));
                tokio::spawn(async move {
                    if serve(stream, &acts, &requests).await.is_err() {
                        *broken.lock().unwrap() += 1;
                    }
                });
            }
        });
        model
    }

    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub fn then(&self, act: Act) {
        let mut acts = self.acts.lock().unwrap();
        acts.clear();
        acts.push_back(act);
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub fn broken_off(&self) -> usize {
        *self.broken_off.lock().unwrap()
    }
}

async fn serve(
    mut stream: TcpStream,
    acts: &Mutex<VecDeque<Act>>,
    requests: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let request = read_request(&mut stream).await?;
    let anthropic = request.head.starts_with("POST /v1/messages ");
    let told = request.told();
    requests.lock().unwrap().push(request);
    let act = {
        let mut acts = acts.lock().unwrap();
        if acts.len() > 1 { acts.pop_front() } else { acts.front().cloned() }
    };
    let write = |text: &str| if anthropic { anthropic_event(text) } else { openai_event(text) };
    let act = act.expect("an act");
    match act.clone() {
        Act::Says(pieces) => {
            head(&mut stream).await?;
            for piece in pieces {
                send(&mut stream, &write(&piece)).await?;
            }
            send(&mut stream, ending(anthropic)).await
        }
        Act::Recites | Act::Obeys => {
            let text = if matches!(act, Act::Recites) { told } else { obeyed(&told) };
            head(&mut stream).await?;
            for piece in words(&text) {
                send(&mut stream, &write(&piece)).await?;
            }
            send(&mut stream, ending(anthropic)).await
        }
        Act::CallsTools(names) => {
            head(&mut stream).await?;
            for name in names {
                send(&mut stream, &tool_call(anthropic, &name)).await?;
            }
            send(&mut stream, ending(anthropic)).await
        }
        Act::Slow(pieces, pause) => {
            head(&mut stream).await?;
            for piece in pieces {
                // Whoever has gone away meanwhile is noticed here.
                let mut byte = [0];
                match tokio::time::timeout(pause, stream.read(&mut byte)).await {
                    Ok(Ok(0) | Err(_)) => return Err(std::io::ErrorKind::ConnectionReset.into()),
                    _ => send(&mut stream, &write(&piece)).await?,
                }
            }
            send(&mut stream, ending(anthropic)).await
        }
        Act::Cut(pieces) => {
            head(&mut stream).await?;
            for piece in pieces {
                send(&mut stream, &write(&piece)).await?;
            }
            Ok(())
        }
        Act::Malformed(pieces) => {
            head(&mut stream).await?;
            for piece in pieces {
                send(&mut stream, &write(&piece)).await?;
            }
            send(&mut stream, "data: {\"choices\": 7\n\n").await?;
            send(&mut stream, ending(anthropic)).await
        }
        Act::Endless => {
            head(&mut stream).await?;
            loop {
                send(&mut stream, &write("and on and on ")).await?;
                tokio::task::yield_now().await;
            }
        }
        Act::Status(status, retry_after) => {
            let retry = retry_after.map(|seconds| format!("retry-after: {seconds}\r\n")).unwrap_or_default();
            send(&mut stream, &format!("HTTP/1.1 {status} No\r\n{retry}content-length: 0\r\nconnection: close\r\n\r\n"))
                .await
        }
        Act::Page => {
            send(
                &mut stream,
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>",
            )
            .await
        }
        Act::Whole(text) => {
            let body = if anthropic {
                serde_json::json!({ "content": [{ "type": "text", "text": text }], "usage": { "input_tokens": 100, "output_tokens": 20 } })
            } else {
                let usage = serde_json::json!({ "prompt_tokens": 100, "completion_tokens": 20 });
                serde_json::json!({ "choices": [{ "index": 0, "message": { "role": "assistant", "content": text } }], "usage": usage })
            };
            let body = body.to_string();
            send(
                &mut stream,
                &format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                ),
            )
            .await
        }
        Act::Redirect(to) => {
            send(
                &mut stream,
                &format!("HTTP/1.1 307 Elsewhere\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
            )
            .await
        }
        Act::Mute => {
            let mut byte = [0];
            let _gone = stream.read(&mut byte).await?;
            Err(std::io::ErrorKind::ConnectionReset.into())
        }
    }
}

async fn head(stream: &mut TcpStream) -> std::io::Result<()> {
    send(stream, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n").await
}

async fn send(stream: &mut TcpStream, text: &str) -> std::io::Result<()> {
    stream.write_all(text.as_bytes()).await?;
    stream.flush().await
}

fn openai_event(text: &str) -> String {
    format!("data: {}\n\n", serde_json::json!({ "choices": [{ "index": 0, "delta": { "content": text } }] }))
}

fn anthropic_event(text: &str) -> String {
    let data = serde_json::json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": text } });
    format!("event: content_block_delta\ndata: {data}\n\n")
}

/// A call of a tool, in the provider's own words.
fn tool_call(anthropic: bool, name: &str) -> String {
    let arguments = "{\"everything\":true}";
    if anthropic {
        let start = serde_json::json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "tool_use", "id": "t", "name": name, "input": {} } });
        let delta = serde_json::json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "input_json_delta", "partial_json": arguments } });
        format!("event: content_block_start\ndata: {start}\n\nevent: content_block_delta\ndata: {delta}\n\n")
    } else {
        let call = serde_json::json!({ "index": 0, "id": "t", "type": "function", "function": { "name": name, "arguments": arguments } });
        format!("data: {}\n\n", serde_json::json!({ "choices": [{ "index": 0, "delta": { "tool_calls": [call] } }] }))
    }
}

fn obeyed(told: &str) -> String {
    let message = told.rsplit("<message>").next().unwrap_or_default().split("</message>").next().unwrap_or_default();
    let orders = told.lines().filter_map(|line| line.split_once("OBEY:")).map(|(_, order)| order.trim());
    orders.collect::<Vec<_>>().join("\n").replace("{message}", message.trim())
}

/// 100 tokens in, 20 out.
fn ending(anthropic: bool) -> &'static str {
    if anthropic {
        "event: ping\ndata: {\"type\":\"ping\"}\n\n\
         event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":100,\"output_tokens\":1}}}\n\n\
         event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"output_tokens\":20}}\n\n\
         event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
    } else {
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
         data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":20}}\n\n\
         data: [DONE]\n\n"
    }
}

async fn read_request(stream: &mut TcpStream) -> std::io::Result<Request> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return Ok(Request { head: head.to_owned(), body: serde_json::from_str(body).unwrap_or_default() });
        }
    }
}
