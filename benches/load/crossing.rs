//! Delivery on one node and across two, at the same time and in the same cluster: what slows one slows the other.

use crate::args::Args;
use crate::cluster::{Cluster, Spent};
use crate::dialect::Dialect;
use crate::flow::pace;
use crate::memory::{SETTLE, per_item};
use crate::report::{Report, median, milliseconds};
use crate::system::{Pair, concurrently};
use crate::traffic::{Conversation, Tally};
use anyhow::{Result, bail};
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

const NAME: &str = "crossing";
/// Other rates, in halves of the judged one.
const STEPS: [u64; 3] = [1, 4, 6];
/// Conversations before the first look at the memory: pools, statements and code pages are not the price of a socket.
const WARM_UP: usize = 100;

struct Round {
    /// p50 and p99 on one node, then across two.
    near: [f64; 2],
    far: [f64; 2],
    rate: f64,
    publishes: f64,
    transactions: f64,
    /// Bytes per message in tables and indexes, and written ahead.
    bytes: [f64; 2],
    /// Cores: nodes, Redis, generator, anybody else.
    cores: [f64; 4],
}

pub(crate) async fn run(args: &Args, report: &mut Report) -> Result<()> {
    let mut cluster = Cluster::start(args).await?;
    let [near, far] = [(); 2].map(|()| Tally::new(Dialect::Baton));
    let start = |from: usize, pairs: Vec<Pair>| -> Vec<Rc<Conversation>> {
        let pairs = pairs.into_iter().enumerate();
        pairs
            .map(|(number, pair)| {
                let index = from + number;
                let tally = if is_far(index) { &far } else { &near };
                Conversation::start(tally, index, args.text, pair.sender, pair.other)
            })
            .collect()
    };
    let mut conversations = start(0, pairs(&cluster, 0, WARM_UP).await?);
    tokio::time::sleep(SETTLE).await;
    let before = cluster.resident()?;
    let more = args.cluster_conversations.saturating_sub(WARM_UP).max(4);
    conversations.extend(start(WARM_UP, pairs(&cluster, WARM_UP, more).await?));
    tokio::time::sleep(SETTLE).await;
    let socket = per_item(before, cluster.resident()?, 2 * more);

    let conversations: Rc<[Rc<Conversation>]> = conversations.into();
    let mut at =
        async |rate: u64, rounds: usize| talk(args, &mut cluster, [&near, &far], &conversations, rate, rounds).await;
    tell(&at(args.cluster_rate, args.rounds).await?, socket, report);
    for step in STEPS {
        tell_step(&at(args.cluster_rate * step / 2, 1).await?, report);
    }
    Ok(())
}

/// So many rounds at one rate, after a warm-up; afterwards everything has arrived.
async fn talk(
    args: &Args,
    cluster: &mut Cluster,
    [near, far]: [&Tally; 2],
    conversations: &Rc<[Rc<Conversation>]>,
    rate: u64,
    count: usize,
) -> Result<Vec<Round>> {
    let going = Rc::new(Cell::new(true));
    tokio::task::spawn_local(pace(Rc::clone(conversations), rate, Rc::clone(&going)));
    tokio::time::sleep(Duration::from_secs(args.warm_up)).await;
    let mut rounds = Vec::new();
    for _ in 0..count {
        let round = round(args, cluster, near, far).await?;
        eprintln!(
            "{NAME}: {:.0}/s, one node p50 {:.2} p99 {:.2} ms, two nodes p50 {:.2} p99 {:.2} ms, \
             {:.2} publishes and {:.3} transactions per message, cores {:.2?}",
            round.rate,
            round.near[0],
            round.near[1],
            round.far[0],
            round.far[1],
            round.publishes,
            round.transactions,
            round.cores
        );
        rounds.push(round);
    }
    going.set(false);
    let deadline = Instant::now() + Duration::from_secs(30);
    while near.in_flight() + far.in_flight() > 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for tally in [near, far] {
        tally.check()?;
        if tally.in_flight() > 0 {
            bail!("{} messages never completed", tally.in_flight());
        }
    }
    Ok(rounds)
}

/// Of four conversations one is on the first node, one on the second, and one goes each way between them.
async fn pairs(cluster: &Cluster, from: usize, count: usize) -> Result<Vec<Pair>> {
    let nodes = [cluster.node(0), cluster.node(1)];
    concurrently(count, move |number| {
        let index = from + number;
        let visitor = nodes[index / 2 % 2].clone();
        let agent = nodes[(index / 2 + index) % 2].clone();
        async move { visitor.pair_with(&agent, index).await }
    })
    .await
}

fn is_far(index: usize) -> bool {
    index % 2 == 1
}

async fn round(args: &Args, cluster: &mut Cluster, near: &Tally, far: &Tally) -> Result<Round> {
    let (before, start) = (cluster.spent()?, Instant::now());
    near.record(true);
    far.record(true);
    tokio::time::sleep(Duration::from_secs(args.seconds)).await;
    near.record(false);
    far.record(false);
    let span = start.elapsed().as_secs_f64();
    let after = cluster.spent()?;
    let messages = (near.completed() + far.completed()) as f64;
    if near.completed() == 0 || far.completed() == 0 {
        bail!("no message completed");
    }
    let cores = |of: fn(&Spent) -> Duration| (of(&after) - of(&before)).as_secs_f64() / span;
    let named = [cores(|spent| spent.nodes), cores(|spent| spent.redis), cores(|spent| spent.generator)];
    let rest = (cores(|spent| spent.all) - named.iter().sum::<f64>()).max(0.0);
    let quantiles = |tally: &Tally| [0.5, 0.99].map(|quantile| milliseconds(tally.delivery_quantile(quantile)));
    Ok(Round {
        near: quantiles(near),
        far: quantiles(far),
        rate: messages / span,
        publishes: (after.publishes - before.publishes) as f64 / messages,
        transactions: (after.transactions - before.transactions) as f64 / messages,
        bytes: [
            (after.tables - before.tables) as f64 / messages,
            (after.written_ahead - before.written_ahead) as f64 / messages,
        ],
        cores: [named[0], named[1], named[2], rest],
    })
}

fn tell(rounds: &[Round], socket: f64, report: &mut Report) {
    let figure = |of: fn(&Round) -> f64| median(rounds.iter().map(of));
    report.told(NAME, "messages, half of them across nodes", format!("{:.0}/s", figure(|round| round.rate)));
    let near = [figure(|round| round.near[0]), figure(|round| round.near[1])];
    let far = [figure(|round| round.far[0]), figure(|round| round.far[1])];
    report.told(NAME, "delivery on one node, p50 and p99", format!("{:.2} and {:.2} ms", near[0], near[1]));
    report.told(NAME, "delivery across nodes, p50 and p99", format!("{:.2} and {:.2} ms", far[0], far[1]));
    let p50 = figure(|round| round.far[0] / round.near[0]);
    report.judged(NAME, "p50 across nodes, ratio to one node", format!("{p50:.2}"), "≤ 2.0", p50 <= 2.0);
    let p99 = figure(|round| round.far[1] / round.near[1]);
    report.judged(NAME, "p99 across nodes, ratio to one node", format!("{p99:.2}"), "≤ 3", p99 <= 3.0);
    let publishes = figure(|round| round.publishes);
    // Signs of life and pings of three nodes are in it.
    report.judged(NAME, "Redis publishes per message", format!("{publishes:.2}"), "≤ 1.01", publishes <= 1.01);
    let transactions = figure(|round| round.transactions);
    let measured = format!("{transactions:.3}");
    report.judged(NAME, "PostgreSQL transactions per message", measured, "< 0.2", transactions < 0.2);
    let bytes = [figure(|round| round.bytes[0]), figure(|round| round.bytes[1])];
    let measured = format!("{:.0} and {:.0} bytes", bytes[0], bytes[1]);
    report.told(NAME, "a message in PostgreSQL's tables, and in its write-ahead log", measured);
    let cores: Vec<f64> = (0..4).map(|part| median(rounds.iter().map(|round| round.cores[part]))).collect();
    let measured = format!("{:.2}, {:.2}, {:.2} and {:.2}", cores[0], cores[1], cores[2], cores[3]);
    report.told(NAME, "cores: nodes, Redis, generator, PostgreSQL and all else", measured);
    report.told(NAME, "memory per socket in a conversation", format!("{socket:.1} KiB"));
}

/// What becomes of it at another rate. When the machine is full, the generator is late as well.
fn tell_step(rounds: &[Round], report: &mut Report) {
    for Round { rate, far, transactions, cores, .. } in rounds {
        let measured = format!(
            "{:.2} and {:.2} ms, {transactions:.3}, {:.2} of {:.2} cores",
            far[0],
            far[1],
            cores[0],
            cores.iter().sum::<f64>()
        );
        report.told("steps", format!("{rate:.0}/s: across nodes p50, p99, transactions, nodes' share"), measured);
    }
}
