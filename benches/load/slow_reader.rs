//! One visitor stops reading while the agent goes on writing: the server may neither hold what is owed nor hold up the agent.

use crate::args::Args;
use crate::baton::{Baton, accept};
use crate::connection::{Connection, ConnectionError};
use crate::dialect::{Dialect, Seen};
use crate::memory::mebibytes;
use crate::report::{Report, milliseconds};
use anyhow::{Result, bail};
use serde_json::json;
use std::time::{Duration, Instant};

/// Just under the longest message.
const TEXT: usize = 7_900;
/// Messages of a reading visitor before the first look at the memory.
const WARM_UP: u64 = 500;
const IN_FLIGHT: u64 = 8;

pub(crate) async fn run(args: &Args, report: &mut Report) -> Result<()> {
    let baton = Baton::start(args, Some(args.server_core)).await?;
    let reading = baton.site.waiting_visitor(0, None).await?;
    let mut agent = baton.site.agent(0).await?;
    accept(&mut agent, &reading.1).await?;
    let reader = tokio::task::spawn_local(async move {
        let mut visitor = reading.0;
        while visitor.reader.read(|_| {}).await.is_ok() {}
    });
    let mut sender = Sender { agent, next: 0, acked: 0, longest: Duration::ZERO };
    sender.send(&baton, &reading.1, WARM_UP).await?;
    reader.abort();

    let (mut slow, conversation) = baton.site.waiting_visitor(1, None).await?;
    accept(&mut sender.agent, &conversation).await?;
    let (before, descriptors) = (baton.process.resident()?, baton.process.descriptors()?);
    let messages = (args.owed << 20) / TEXT as u64;
    sender.longest = Duration::ZERO;
    let start = Instant::now();
    let mut freed = None;
    let mut highest = before;
    for _ in 0..messages / 100 {
        sender.send(&baton, &conversation, 100).await?;
        highest = highest.max(baton.process.resident()?);
        if baton.process.descriptors()? < descriptors {
            freed.get_or_insert(start.elapsed());
        }
    }
    let sent_in = start.elapsed();
    while freed.is_none() && start.elapsed() < Duration::from_secs(90) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        highest = highest.max(baton.process.resident()?);
        if baton.process.descriptors()? < descriptors {
            freed = Some(start.elapsed());
        }
    }

    let name = "slow-reader";
    let grown = highest.saturating_sub(before);
    report.told(name, "owed, and sent within", format!("{} MiB, {:.1} s", args.owed, sent_in.as_secs_f64()));
    let measured = format!("{:.1} MiB", mebibytes(grown));
    report.judged(name, "growth of the server, highest", measured, "≤ 10 MB", grown <= 10_000_000);
    let longest = milliseconds(sender.longest);
    report.judged(
        name,
        "longest wait of the sender for an ack",
        format!("{longest:.0} ms"),
        "≤ 500 ms",
        longest <= 500.0,
    );
    let freed_in = freed.map_or("not within 90 s".into(), |time| format!("{:.1} s", time.as_secs_f64()));
    let in_time = freed.is_some_and(|time| time <= Duration::from_secs(30));
    report.judged(name, "descriptor free after", freed_in, "≤ 30 s", in_time);
    report.told(name, "what the reader sees when it reads again", how_it_ended(&mut slow).await);
    Ok(())
}

struct Sender {
    agent: Connection,
    next: u64,
    acked: u64,
    longest: Duration,
}

impl Sender {
    /// Sends `count` messages, a few in flight, and waits for all acks.
    async fn send(&mut self, baton: &Baton, conversation: &str, count: u64) -> Result<()> {
        let end = self.next + count;
        while self.acked < end {
            while self.next < end && self.next < self.acked + IN_FLIGHT {
                let key = format!("00000001-0000-4000-8000-{:012x}", self.next);
                let text = "x".repeat(TEXT);
                self.agent.writer.text(
                    &json!({"type": "send", "conversation": conversation, "key": key, "text": text}).to_string(),
                )?;
                self.next += 1;
            }
            let start = Instant::now();
            let seen = self.agent.reader.wait_for("an ack", |payload| match Dialect::Baton.read(payload) {
                Seen::Ack(number) => Some(Ok(number)),
                Seen::Refused => Some(Err(String::from_utf8_lossy(payload).into_owned())),
                _ => None,
            });
            match seen.await {
                Ok(Ok(number)) if number == self.acked => self.acked += 1,
                Ok(Ok(number)) => bail!("ack of message {number}, expected {}", self.acked),
                Ok(Err(refusal)) => bail!("refused: {refusal}"),
                Err(error) => {
                    return Err(anyhow::Error::new(error).context(format!(
                        "the sender after {} messages; the server has {:.1} MiB",
                        self.acked,
                        mebibytes(baton.process.resident()?)
                    )));
                }
            }
            self.longest = self.longest.max(start.elapsed());
        }
        Ok(())
    }
}

async fn how_it_ended(slow: &mut Connection) -> String {
    let mut bytes = 0;
    let ended = async {
        loop {
            if let Err(error) = slow.reader.read(|payload| bytes += payload.len()).await {
                return error;
            }
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(10), ended).await;
    let end = match ended {
        Ok(ConnectionError::Closed { code, .. }) => format!("close {code}"),
        Ok(ConnectionError::Io(error)) => error.kind().to_string(),
        Ok(error) => error.to_string(),
        Err(_) => "nothing for 10 s".into(),
    };
    format!("{:.1} MiB, then {end}", mebibytes(bytes as u64))
}
