//! What sockets and conversations cost in memory, and how the hub starts. Resident memory of the process, nothing estimated.

use crate::args::Args;
use crate::baton::{Baton, PASSIVATE_AFTER, accept};
use crate::connection::{Connection, Reader};
use crate::dialect::{Dialect, Seen, Template};
use crate::frame;
use crate::report::{Report, median, milliseconds};
use crate::system::concurrently;
use crate::traffic::Tally;
use anyhow::{Context, Result};
use std::rc::Rc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Sockets or conversations before the first look. Pools, statements, code pages and the database's page cache (bounded, and
/// filled by these) are not the price of a socket.
pub(crate) const WARM_UP: usize = 1_000;
/// Messages of a live conversation.
const MESSAGES: u64 = 5;
pub(crate) const SETTLE: Duration = Duration::from_secs(3);

pub(crate) async fn cold_start(args: &Args, report: &mut Report) -> Result<()> {
    let mut times = Vec::new();
    let mut resident = 0;
    for _ in 0..args.rounds {
        let baton = Baton::start(args, None).await?;
        times.push(milliseconds(baton.started_in));
        tokio::time::sleep(SETTLE).await;
        resident = resident.max(baton.process.resident()?);
    }
    let time = median(times);
    report.judged("cold-start", "to the first answer of /readyz", format!("{time:.0} ms"), "< 1 s", time < 1000.0);
    let mebibytes = mebibytes(resident);
    report.judged("cold-start", "idle, demo loaded", format!("{mebibytes:.1} MiB"), "< 50 MB", resident < 50_000_000);
    Ok(())
}

pub(crate) async fn idle_sockets(args: &Args, report: &mut Report) -> Result<()> {
    let baton = Rc::new(Baton::start(args, Some(args.server_core)).await?);
    let tally = Tally::new(Dialect::Baton);
    let warm = hold(&tally, visitors(&baton, 0, WARM_UP).await?);
    tokio::time::sleep(SETTLE).await;
    let before = baton.process.resident()?;
    let held = hold(&tally, visitors(&baton, WARM_UP, args.sockets).await?);
    tokio::time::sleep(SETTLE).await;
    let each = per_item(before, baton.process.resident()?, args.sockets);
    tally.check()?;
    release(warm);
    release(held);
    report.judged(
        "memory-idle",
        format!("per idle socket, of {}", args.sockets),
        format!("{each:.1} KiB"),
        "≤ 16 KiB",
        each <= 16.0,
    );
    Ok(())
}

pub(crate) async fn live_conversations(args: &Args, report: &mut Report) -> Result<()> {
    let baton = Rc::new(Baton::start(args, Some(args.server_core)).await?);
    let tally = Tally::new(Dialect::Baton);
    let warm = hold(&tally, conversations(&baton, args, 0, WARM_UP).await?);
    tokio::time::sleep(SETTLE).await;
    let before = baton.process.resident()?;
    let first = hold(&tally, conversations(&baton, args, WARM_UP, args.sockets).await?);
    tokio::time::sleep(SETTLE).await;
    let full = baton.process.resident()?;
    let each = per_item(before, full, args.sockets);
    tally.check()?;
    let what = format!("per visitor in a silent conversation, of {}", args.sockets);
    report.judged("memory-live", what, format!("{each:.1} KiB"), "≤ 20 KiB", each <= 20.0);

    // Allocators keep what they got: what passivated conversations cost is what the next ones need beyond it.
    release(first);
    tokio::time::sleep(PASSIVATE_AFTER + Duration::from_secs(10)).await;
    let second = hold(&tally, conversations(&baton, args, WARM_UP + args.sockets, args.sockets).await?);
    tokio::time::sleep(SETTLE).await;
    let kept = per_item(full, baton.process.resident()?, args.sockets);
    tally.check()?;
    release(warm);
    release(second);
    let what = format!("kept per passivated conversation, of {}", args.sockets);
    report.judged("memory-live", what, format!("{kept:.2} KiB"), "≤ 1 KiB", kept <= 1.0);
    Ok(())
}

async fn visitors(baton: &Rc<Baton>, first: usize, count: usize) -> Result<Vec<Connection>> {
    let baton = Rc::clone(baton);
    concurrently(count, move |index| {
        let baton = Rc::clone(&baton);
        async move { Ok(baton.site.visitor(first + index, None).await?.connection) }
    })
    .await
}

/// Visitors in conversations that an agent accepted and then left, each with a few messages.
async fn conversations(baton: &Rc<Baton>, args: &Args, first: usize, count: usize) -> Result<Vec<Connection>> {
    let (baton, text) = (Rc::clone(baton), args.text);
    concurrently(count, move |index| {
        let baton = Rc::clone(&baton);
        async move {
            let index = first + index;
            let (mut visitor, conversation) = baton.site.waiting_visitor(index, None).await?;
            let mut agent = baton.site.agent(index).await?;
            accept(&mut agent, &conversation).await?;
            let template = Template::new(Dialect::Baton, index, text);
            for number in 0..MESSAGES {
                let mut out = Vec::new();
                frame::write(&mut out, frame::TEXT, |out| template.fill(number, out));
                visitor.writer.write(&out)?;
                visitor.reader.wait_for("an ack", |payload| acked(payload, number)).await.context("message")?;
            }
            Ok(visitor)
        }
    })
    .await
}

fn acked(payload: &[u8], number: u64) -> Option<()> {
    (Dialect::Baton.read(payload) == Seen::Ack(number)).then_some(())
}

/// Reads on, so that pings are answered; a connection that ends is a fault.
fn hold(tally: &Rc<Tally>, connections: Vec<Connection>) -> Vec<JoinHandle<()>> {
    let follow = |connection: Connection| tokio::task::spawn_local(follow(Rc::clone(tally), connection.reader));
    connections.into_iter().map(follow).collect()
}

async fn follow(tally: Rc<Tally>, mut reader: Reader) {
    loop {
        if let Err(error) = reader.read(|_| {}).await {
            tally.fault(|| format!("an idle connection ended: {error}"));
            return;
        }
    }
}

/// Drops the sockets.
fn release(tasks: Vec<JoinHandle<()>>) {
    tasks.iter().for_each(JoinHandle::abort);
}

pub(crate) fn per_item(before: u64, after: u64, items: usize) -> f64 {
    (after as f64 - before as f64) / 1024.0 / items as f64
}

pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
