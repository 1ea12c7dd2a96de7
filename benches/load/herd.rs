//! A node dies with all its visitors, and they come back through the load balancer to the nodes that are left. Somebody who was never
//! on that node must not notice.

use crate::args::Args;
use crate::baton::{Site, Visitor, frame};
use crate::cluster::Cluster;
use crate::connection::ConnectionError;
use crate::dialect::{Dialect, Seen, Template};
use crate::flow::pace;
use crate::frame as wire;
use crate::memory::{SETTLE, per_item};
use crate::report::{Report, milliseconds};
use crate::system::concurrently;
use crate::traffic::{Conversation, Tally};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

const NAME: &str = "herd";
/// Conversations between the nodes that are left, and messages per second over all of them.
const BYSTANDERS: usize = 20;
const BYSTANDERS_RATE: u64 = 50;
/// In which is counted what happens without a herd: a whole heartbeat, so that each visitor pings once.
const QUIET: Duration = Duration::from_secs(25);
/// The first visitors came to an empty node. A heartbeat later they have been told how many they are now.
const SETTLED: Duration = Duration::from_secs(30);
/// After the last one is back: what they left behind must not slow anybody either.
const AFTERMATH: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(120);
/// The client's back-off (`web-shared/src/backoff.ts`).
const BASE_MILLIS: f64 = 500.0;
const CAP_MILLIS: f64 = 30_000.0;

/// What the visitors of the dead node saw.
#[derive(Default)]
struct Herd {
    killed_at: Cell<Option<Instant>>,
    /// From the death of the node to each visitor's first try, and to having everything again.
    tried: RefCell<Vec<Duration>>,
    back: RefCell<Vec<Duration>>,
    failed_tries: Cell<usize>,
    first_failure: RefCell<Option<String>>,
    /// What may not happen at all.
    fault: RefCell<Option<String>>,
}

pub(crate) async fn run(args: &Args, report: &mut Report) -> Result<()> {
    let mut cluster = Cluster::start(args).await?;
    tokio::time::sleep(SETTLE).await;
    let elsewhere = cluster.resident_of(1)?;
    let herd = Rc::new(Herd::default());
    let set_up = Instant::now();
    let (doomed, text) = (cluster.node(0), args.text);
    let visitors = concurrently(args.herd, move |index| {
        let doomed = doomed.clone();
        async move { wrote(&doomed, index, text).await }
    })
    .await?;
    eprintln!("{NAME}: {} visitors on one node after {:.1} s", args.herd, set_up.elapsed().as_secs_f64());
    for (index, visitor) in visitors.into_iter().enumerate() {
        tokio::task::spawn_local(life(Rc::clone(&herd), cluster.front.clone(), index, visitor));
    }
    tokio::time::sleep(SETTLED).await;
    let known_elsewhere = per_item(elsewhere, cluster.resident_of(1)?, args.herd);
    let bystanders = bystanders(&cluster, args).await?;
    tokio::time::sleep(SETTLE).await;

    bystanders.tally.record(true);
    let (before, silent, start) = (cluster.transactions()?, cluster.processor_time_of(0)?, Instant::now());
    tokio::time::sleep(QUIET).await;
    let silent = (cluster.processor_time_of(0)? - silent).as_secs_f64() / start.elapsed().as_secs_f64();
    let usual = (cluster.transactions()? - before) as f64 / start.elapsed().as_secs_f64();
    let calm = milliseconds(bystanders.tally.delivery_quantile(0.99));

    bystanders.tally.record(true);
    let (before, start) = (cluster.transactions()?, Instant::now());
    herd.killed_at.set(Some(start));
    cluster.kill(0)?;
    while herd.back.borrow().len() < args.herd {
        if start.elapsed() > PATIENCE {
            let (tried, back) = (herd.tried.borrow().len(), herd.back.borrow().len());
            bail!("{tried} tried and {back} of {} are back after {PATIENCE:?}: {:?}", args.herd, herd.first_failure);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let within = start.elapsed();
    tokio::time::sleep(AFTERMATH).await;
    bystanders.tally.record(false);
    let transactions = (cluster.transactions()? - before) as f64 - usual * start.elapsed().as_secs_f64();
    bystanders.end().await?;
    if let Some(fault) = herd.fault.borrow_mut().take() {
        bail!("{fault}");
    }

    report.told(NAME, format!("cores that {} silent visitors take", args.herd), format!("{silent:.3}"));
    report.told(NAME, "what each of them takes on each other node", format!("{known_elsewhere:.2} KiB"));
    let first_second = share_within(&herd.tried.borrow(), Duration::from_secs(1));
    let share = format!("{:.0} %", first_second * 100.0);
    report.told(NAME, format!("all {} visitors of a killed node back after", args.herd), seconds(within));
    report.told(NAME, "half of them back after", seconds(middle(&herd.back.borrow())));
    report.judged(NAME, "first tries in the first second", share, "≤ 30 %", first_second <= 0.3);
    report.told(NAME, "tries that failed", herd.failed_tries.get().to_string());
    let each = transactions / args.herd as f64;
    report.judged(NAME, "PostgreSQL transactions per reconnect", format!("{each:.2}"), "≤ 5", each <= 5.0);
    let p99 = milliseconds(bystanders.tally.delivery_quantile(0.99));
    report.told(NAME, "bystander's p99 before", format!("{calm:.1} ms"));
    report.judged(NAME, "bystander's p99 meanwhile", format!("{p99:.1} ms"), "< 1 s", p99 < 1_000.0);
    let longest = milliseconds(bystanders.tally.delivery_quantile(1.0));
    report.told(NAME, "bystander's longest delivery meanwhile", format!("{longest:.0} ms"));
    if let Some(failure) = herd.first_failure.borrow().as_ref() {
        eprintln!("{NAME}: the first failed try: {failure}");
    }
    Ok(())
}

/// A visitor who wrote once.
async fn wrote(site: &Site, index: usize, text: usize) -> Result<Visitor> {
    let mut visitor = site.visitor(index, None).await?;
    let mut out = Vec::new();
    wire::write(&mut out, wire::TEXT, |out| Template::new(Dialect::Baton, index, text).fill(0, out));
    visitor.connection.writer.write(&out)?;
    let acked = |payload: &[u8]| (Dialect::Baton.read(payload) == Seen::Ack(0)).then_some(());
    visitor.connection.reader.wait_for("an ack", acked).await.context("message")?;
    Ok(visitor)
}

/// Reads until the node dies, comes back as the widget does, and reads on.
async fn life(herd: Rc<Herd>, front: Site, index: usize, mut visitor: Visitor) {
    let epoch = visitor.opening["snapshot"]["epoch"].clone();
    let mut seq = visitor.opening["snapshot"]["seq"].as_u64().unwrap_or(0);
    let mut within = 0.0;
    let ended = follow(&mut visitor, &mut seq, &mut within).await;
    let Some(killed_at) = herd.killed_at.get() else {
        return herd.fault(|| format!("visitor {index} lost the connection before the node died: {ended}"));
    };
    let mut attempt = 0;
    loop {
        tokio::time::sleep(pause(within, attempt)).await;
        if attempt == 0 {
            herd.tried.borrow_mut().push(killed_at.elapsed());
        }
        attempt += 1;
        match front.returning(index, &visitor.token, &json!({"seq": seq, "epoch": epoch})).await {
            Ok(returned) => {
                visitor = returned;
                break;
            }
            Err(error) => {
                herd.failed_tries.set(herd.failed_tries.get() + 1);
                herd.first_failure.borrow_mut().get_or_insert_with(|| format!("{error:#}"));
            }
        }
    }
    for entry in visitor.opening["entries"].as_array().into_iter().flatten() {
        if entry["seq"] != seq + 1 {
            herd.fault(|| format!("visitor {index} stands at {seq} and is told {entry}"));
        }
        seq += 1;
    }
    herd.back.borrow_mut().push(killed_at.elapsed());
    let ended = follow(&mut visitor, &mut seq, &mut within).await;
    herd.fault(|| format!("visitor {index} lost the second connection, too: {ended}"));
}

/// Until the connection ends, with a ping each heartbeat. `within` becomes what the node said last about how
/// far its visitors are to spread.
async fn follow(visitor: &mut Visitor, seq: &mut u64, within: &mut f64) -> ConnectionError {
    let told = |frame: &Value| frame["reconnect_within_ms"].as_f64().unwrap_or_default();
    *within = told(&visitor.welcome);
    let heartbeat = Duration::from_secs_f64(visitor.welcome["heartbeat_seconds"].as_f64().unwrap_or(25.0));
    let mut ping_at = tokio::time::Instant::now() + heartbeat;
    loop {
        let read = visitor.connection.reader.read(|payload| {
            if let Some(event) = frame(payload, "event") {
                *seq = event["seq"].as_u64().unwrap_or(*seq);
            } else if let Some(pong) = frame(payload, "pong") {
                *within = told(&pong);
            }
        });
        match tokio::time::timeout_at(ping_at, read).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return error,
            Err(_) => {
                ping_at += heartbeat;
                let mut out = Vec::new();
                wire::write(&mut out, wire::TEXT, |out| out.extend_from_slice(br#"{"type":"ping","id":1}"#));
                if let Err(error) = visitor.connection.writer.write(&out) {
                    return error.into();
                }
            }
        }
    }
}

/// The wait of the widget before a try: full jitter under a ceiling that doubles, and that the hub raises for the first tries.
fn pause(within: f64, attempt: i32) -> Duration {
    let ceiling = (BASE_MILLIS * 2_f64.powi(attempt)).max(within).min(CAP_MILLIS);
    let random = getrandom::u32().map_or(0.5, |bits| f64::from(bits) / f64::from(u32::MAX));
    Duration::from_secs_f64(random * ceiling / 1_000.0)
}

impl Herd {
    fn fault(&self, what: impl FnOnce() -> String) {
        self.fault.borrow_mut().get_or_insert_with(what);
    }
}

struct Bystanders {
    tally: Rc<Tally>,
    going: Rc<Cell<bool>>,
}

async fn bystanders(cluster: &Cluster, args: &Args) -> Result<Bystanders> {
    let tally = Tally::new(Dialect::Baton);
    let (visitor, agent, first) = (cluster.node(1), cluster.node(2), args.herd);
    let pairs = concurrently(BYSTANDERS, move |number| {
        let (visitor, agent) = (visitor.clone(), agent.clone());
        async move { visitor.pair_with(&agent, first + number).await }
    });
    let start = |(number, pair): (usize, crate::system::Pair)| {
        Conversation::start(&tally, first + number, args.text, pair.sender, pair.other)
    };
    let conversations: Rc<[Rc<Conversation>]> = pairs.await?.into_iter().enumerate().map(start).collect();
    let going = Rc::new(Cell::new(true));
    tokio::task::spawn_local(pace(conversations, BYSTANDERS_RATE, Rc::clone(&going)));
    Ok(Bystanders { tally, going })
}

impl Bystanders {
    /// Every message completed.
    async fn end(&self) -> Result<()> {
        self.going.set(false);
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.tally.in_flight() > 0 && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.tally.check()?;
        if self.tally.in_flight() > 0 {
            bail!("{} messages of bystanders never completed", self.tally.in_flight());
        }
        Ok(())
    }
}

fn share_within(times: &[Duration], span: Duration) -> f64 {
    times.iter().filter(|time| **time <= span).count() as f64 / times.len().max(1) as f64
}

fn middle(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
