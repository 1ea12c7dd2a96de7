//! The few HTTP requests that setting up needs: one connection each, JSON in and out.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Answer {
    pub status: u16,
    /// `name=value` of each `Set-Cookie`, ready for a `Cookie` header.
    pub cookie: String,
    pub body: Value,
}

pub(crate) async fn request(
    server: SocketAddr,
    method: &str,
    path: &str,
    cookie: &str,
    body: Option<Value>,
) -> Result<Answer> {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {server}\r\nOrigin: http://{server}\r\nConnection: close\r\nCookie: {cookie}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    parse(&answer).with_context(|| format!("{method} {path}"))
}

fn parse(answer: &str) -> Result<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n").context("an answer without an end of its head")?;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).context("an answer without a status")?;
    let header = |line: &str, name: &str| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then(|| value.to_owned())
    };
    if head.lines().any(|line| header(line, "transfer-encoding").is_some()) {
        bail!("a chunked answer, which this client does not read");
    }
    let cookies: Vec<_> = head
        .lines()
        .filter_map(|line| header(line, "set-cookie"))
        .map(|cookie| cookie.split(';').next().unwrap_or_default().to_owned())
        .collect();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap_or(Value::Null) };
    Ok(Answer { status, cookie: cookies.join("; "), body })
}
