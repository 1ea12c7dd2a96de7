//! An SMTP server that takes mail, or misbehaves as told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mood {
    Takes,
    /// 451 at RCPT for addresses that start with this.
    Greylists(&'static str),
    /// Takes the mail, then says 421: the sender can't know that it arrived.
    LosesTheAck,
    /// 550 at RCPT for addresses that start with this.
    Refuses(&'static str),
    /// Says nothing for so long after the connection.
    Slow(Duration),
}

pub struct SmtpSink {
    pub address: SocketAddr,
    mood: Arc<Mutex<Mood>>,
    mails: Arc<Mutex<Vec<Mail>>>,
}

/// A mail as it came over the wire.
#[derive(Debug, Clone)]
pub struct Mail {
    pub recipients: Vec<String>,
    /// Lines between DATA and the single dot, with their stuffed dots, without line ends.
    pub raw: Vec<String>,
}

impl SmtpSink {
    pub async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mood, mails) = (Arc::new(Mutex::new(mood)), Arc::new(Mutex::new(Vec::new())));
        let (moods, taken) = (Arc::clone(&mood), Arc::clone(&mails));
        actix_web::rt::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mood = *moods.lock().unwrap();
                let taken = Arc::clone(&taken);
                actix_web::rt::spawn(async move {
                    // A client that goes away in the middle is part of the tests.
                    let _ = serve(stream, mood, &taken).await;
                });
            }
        });
        Self { address, mood, mails }
    }

    pub fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// Everything that was sent up to the final dot, acknowledged or not.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap().clone()
    }
}

impl Mail {
    /// Header lines, folded ones joined.
    pub fn headers(&self) -> Vec<String> {
        let mut headers: Vec<String> = Vec::new();
        for line in self.raw.iter().take_while(|line| !line.is_empty()) {
            match headers.last_mut() {
                Some(last) if line.starts_with([' ', '\t']) => last.push_str(line),
                _ => headers.push(line.clone()),
            }
        }
        headers
    }

    pub fn header(&self, name: &str) -> String {
        let start = format!("{}:", name.to_lowercase());
        let found: Vec<_> = self.headers().into_iter().filter(|line| line.to_lowercase().starts_with(&start)).collect();
        assert_eq!(found.len(), 1, "{name} must be there once: {found:?}");
        found[0][start.len()..].trim().to_owned()
    }
}

async fn serve(stream: TcpStream, mood: Mood, taken: &Mutex<Vec<Mail>>) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    if let Mood::Slow(time) = mood {
        tokio::time::sleep(time).await;
    }
    writer.write_all(b"220 sink ESMTP\r\n").await?;
    let mut recipients = Vec::new();
    loop {
        let Some(line) = read_line(&mut reader).await? else { return Ok(()) };
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        let reply = match (verb.as_str(), mood) {
            ("EHLO", _) => "250-sink\r\n250 8BITMIME\r\n",
            ("RCPT", Mood::Greylists(start)) if is_to(&line, start) => "451 4.7.1 come back later\r\n",
            ("RCPT", Mood::Refuses(start)) if is_to(&line, start) => "550 5.1.1 no such user\r\n",
            ("RCPT", _) => {
                recipients.push(line);
                "250 ok\r\n"
            }
            ("DATA", _) => {
                writer.write_all(b"354 go on\r\n").await?;
                let mut raw = Vec::new();
                loop {
                    let Some(line) = read_line(&mut reader).await? else { return Ok(()) };
                    if line == "." {
                        break;
                    }
                    raw.push(line);
                }
                taken.lock().unwrap().push(Mail { recipients: std::mem::take(&mut recipients), raw });
                if mood == Mood::LosesTheAck {
                    return writer.write_all(b"421 4.3.2 shutting down\r\n").await;
                }
                "250 taken\r\n"
            }
            ("QUIT", _) => return writer.write_all(b"221 bye\r\n").await,
            _ => "250 ok\r\n",
        };
        writer.write_all(reply.as_bytes()).await?;
    }
}

fn is_to(line: &str, start: &str) -> bool {
    line.to_lowercase().starts_with(&format!("rcpt to:<{start}"))
}

/// A line ended by CRLF. A line feed or carriage return alone stays in it, so that smuggled ones are seen.
async fn read_line(reader: &mut (impl tokio::io::AsyncBufRead + Unpin)) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        if reader.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
    }
    line.truncate(line.len() - 2);
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}
