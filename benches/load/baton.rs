//! The hub: started with fresh data, one owner, one chatbot, and limits that don't measure themselves.

use crate::args::Args;
use crate::connection::{Connection, Endpoint};
use crate::http::request;
use crate::process::{Process, free_address};
use crate::system::Pair;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Soon enough to see it in a run, long after the last set-up step.
pub(crate) const PASSIVATE_AFTER: Duration = Duration::from_secs(15);

pub(crate) struct Baton {
    pub process: Process,
    pub site: Site,
    /// From the start of the process to the first answer of `/readyz`.
    pub started_in: Duration,
    _folder: TempDir,
}

impl Baton {
    /// Starts the hub with one worker on `core`, or with the defaults on all cores.
    pub(crate) async fn start(args: &Args, core: Option<usize>) -> Result<Self> {
        let folder = TempDir::new_in(&args.data)?;
        let address = free_address()?;
        let log = folder.path().join("log");
        let command = command(&args.server, address, &folder.path().join("data"), core.is_some());
        let start = Instant::now();
        let mut process = Process::start(&command, core, &log)?;
        ready(&mut process, address, &log).await?;
        let started_in = start.elapsed();
        let site = Site::set_up(address, &setup_token(&log).await?).await?;
        Ok(Self { process, site, started_in, _folder: folder })
    }
}

/// Where visitors and agents find a hub with one owner and one chatbot.
#[derive(Clone)]
pub(crate) struct Site {
    pub server: SocketAddr,
    /// What the browser's address bar would show.
    origin: SocketAddr,
    cookie: String,
    chatbot: String,
}

impl Site {
    /// Makes the owner with the token of the link that the hub prints.
    pub(crate) async fn set_up(server: SocketAddr, token: &str) -> Result<Self> {
        let owner = json!({
            "token": token, "workspace": "Bench", "name": "Bench", "email": "bench@example.com",
            "password": "correct horse battery",
        });
        let answer = request(server, "POST", "/api/v1/setup", "", Some(owner)).await?;
        if answer.status != 201 {
            bail!("set-up was answered with {}: {}", answer.status, answer.body);
        }
        let chatbots = request(server, "GET", "/api/v1/chatbots", &answer.cookie, None).await?;
        let chatbot = chatbots.body["chatbots"][0]["id"].as_str().context("no chatbot with --demo")?.to_owned();
        Ok(Self { server, origin: server, cookie: answer.cookie, chatbot })
    }

    /// The same site, past the load balancer.
    pub(crate) fn through(&self, node: SocketAddr) -> Self {
        Self { server: node, ..self.clone() }
    }

    /// A conversation in which an agent has accepted, so that no AI answers.
    pub(crate) async fn pair(&self, index: usize) -> Result<Pair> {
        self.pair_with(self, index).await
    }

    /// The same with the agent at `other`.
    pub(crate) async fn pair_with(&self, other: &Self, index: usize) -> Result<Pair> {
        let (sender, conversation) = self.waiting_visitor(index, None).await.context("visitor")?;
        let mut agent = other.agent(index).await.context("agent")?;
        accept(&mut agent, &conversation).await.context("accept")?;
        Ok(Pair { sender, other: agent.reader })
    }

    /// A visitor who asked for a human, and the conversation's id.
    pub(crate) async fn waiting_visitor(&self, index: usize, receive: Option<u32>) -> Result<(Connection, String)> {
        let mut visitor = self.visitor(index, receive).await?;
        visitor.connection.writer.text(r#"{"type":"request_handoff"}"#)?;
        let requested = |payload: &[u8]| kind(payload, "handoff_requested");
        visitor.connection.reader.wait_for("the handoff request", requested).await?;
        Ok((visitor.connection, visitor.conversation))
    }

    /// A new visitor who said hello.
    pub(crate) async fn visitor(&self, index: usize, receive: Option<u32>) -> Result<Visitor> {
        self.greeted(index, receive, Value::Null, Value::Null).await
    }

    /// A visitor who comes back with a token and a cursor, and is told what came after it.
    pub(crate) async fn returning(&self, index: usize, token: &str, cursor: &Value) -> Result<Visitor> {
        self.greeted(index, None, token.into(), cursor.clone()).await
    }

    async fn greeted(&self, index: usize, receive: Option<u32>, token: Value, cursor: Value) -> Result<Visitor> {
        let mut connection = Connection::open(&self.endpoint("/ws/visitor", "", receive), index).await?;
        let opening = if cursor.is_null() { "snapshot" } else { "resumed" };
        let page = json!({"url": "http://shop.example/", "title": "Shop", "referrer": "", "language": "en"});
        let hello = json!({
            "type": "hello", "protocol": "baton.v1", "chatbot": self.chatbot, "token": token, "cursor": cursor, "page": page,
        });
        connection.writer.text(&hello.to_string())?;
        let welcome = connection.reader.wait_for("the welcome", |payload| frame(payload, "welcome")).await?;
        let opening = connection.reader.wait_for("the conversation", |payload| frame(payload, opening)).await?;
        let text = |value: &Value, name: &str| {
            value[name].as_str().map(str::to_owned).with_context(|| format!("a frame without {name}: {value}"))
        };
        Ok(Visitor {
            conversation: text(&welcome, "conversation")?,
            token: text(&welcome, "token")?,
            opening,
            welcome,
            connection,
        })
    }

    pub(crate) async fn agent(&self, index: usize) -> Result<Connection> {
        let mut agent = Connection::open(&self.endpoint("/ws/agent", &self.cookie, None), index).await?;
        agent.writer.text(r#"{"type":"hello","protocol":"baton.v1","portal_token":null}"#)?;
        agent.reader.wait_for("the welcome", |payload| frame(payload, "welcome")).await?;
        Ok(agent)
    }

    fn endpoint(&self, path: &str, cookie: &str, receive_buffer: Option<u32>) -> Endpoint {
        let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
        let headers = format!(
            "Sec-WebSocket-Protocol: baton.v1\r\nOrigin: http://{}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n{cookie}",
            self.origin
        );
        Endpoint { server: self.server, path: path.into(), headers, receive_buffer }
    }
}

/// A visitor's socket, and what it was told when it opened.
pub(crate) struct Visitor {
    pub connection: Connection,
    pub conversation: String,
    pub token: String,
    pub welcome: Value,
    /// The `snapshot`, or `resumed` where there was a cursor.
    pub opening: Value,
}

pub(crate) async fn accept(agent: &mut Connection, conversation: &str) -> Result<()> {
    agent.writer.text(&json!({"type": "open", "conversation": conversation, "cursor": null}).to_string())?;
    agent.reader.wait_for("the snapshot", |payload| frame(payload, "snapshot")).await?;
    agent.writer.text(&json!({"type": "accept", "conversation": conversation}).to_string())?;
    agent.reader.wait_for("the accepted conversation", |payload| kind(payload, "agent_joined")).await?;
    Ok(())
}

/// The frame if it is of this type. Set-up parses properly; only the measured path searches for bytes.
pub(crate) fn frame(payload: &[u8], name: &str) -> Option<Value> {
    serde_json::from_slice::<Value>(payload).ok().filter(|frame| frame["type"] == name)
}

/// The event if it is of this kind.
fn kind(payload: &[u8], name: &str) -> Option<Value> {
    frame(payload, "event").filter(|frame| frame["event"]["kind"] == name)
}

fn command(server: &Path, address: SocketAddr, data: &Path, pinned: bool) -> Command {
    let mut command = Command::new(server);
    command
        .env("BATON__SERVER__LISTEN", address.to_string())
        .env("BATON__SERVER__WORKERS", if pinned { "1" } else { "0" })
        .env("BATON__DATA__DIR", data)
        .env("BATON__AI__SEARCH_MODEL", "off")
        .env("BATON__LIMITS__SOCKETS", "100000")
        .env("BATON__LIMITS__SOCKETS_PER_ADDRESS", "100000")
        .env("BATON__LIMITS__FRAMES_PER_SECOND", "100000")
        .env("BATON__LIMITS__FRAMES_BURST", "1000000")
        .env("BATON__CONVERSATION__PASSIVATE_AFTER_SECONDS", PASSIVATE_AFTER.as_secs().to_string())
        .args(["serve", "--demo"]);
    command
}

async fn ready(process: &mut Process, address: SocketAddr, log: &Path) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if request(address, "GET", "/readyz", "", None).await.is_ok_and(|answer| answer.status == 200) {
            return Ok(());
        }
        if process.ended()? || Instant::now() > deadline {
            bail!("the hub did not start: {}", std::fs::read_to_string(log)?);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The link is printed once the socket listens, maybe a moment after the first answer.
async fn setup_token(log: &Path) -> Result<String> {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let text = std::fs::read_to_string(log)?;
        if let Some((_, rest)) = text.split_once("/setup#")
            && let Some((token, _)) = rest.split_once(char::is_whitespace)
        {
            return Ok(token.to_owned());
        }
        if Instant::now() > deadline {
            bail!("no setup link in what the hub printed: {text}");
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
