//! The scenarios in which messages flow: both systems in turn, the same code for each.

use crate::args::{Args, Only};
use crate::dialect::Dialect;
use crate::probe::{busy_time, flushes_per_second};
use crate::process::own_processor_time;
use crate::report::{Report, median, milliseconds};
use crate::system::System;
use crate::traffic::{Conversation, Tally};
use anyhow::{Result, bail};
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How messages come to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Load {
    /// So many in flight in each conversation, as fast as they complete.
    Window(u64),
    /// So many per second over all conversations, whatever becomes of them.
    Rate(u64),
}

/// One measured round of one system.
#[derive(Debug)]
pub(crate) struct Round {
    rate: f64,
    ack: [Duration; 2],
    delivery: [Duration; 3],
    server_load: f64,
    generator_load: f64,
    /// Cores that neither of the two used: on a quiet machine the kernel's disk threads and nobody else.
    others_load: f64,
    /// What the disk did just before.
    flushes: f64,
}

/// What a scenario compares.
pub(crate) struct Compared {
    pub baton: Vec<Round>,
    pub relay: Vec<Round>,
}

/// Measures both systems in turn: A B A B, so that a machine that gets slower slows both.
pub(crate) async fn compare(name: &str, args: &Args, conversations: usize, load: Load) -> Result<Compared> {
    let mut compared = Compared { baton: Vec::new(), relay: Vec::new() };
    for round in 1..=args.rounds {
        for dialect in [Dialect::Baton, Dialect::SocketIo] {
            let skipped = match args.only {
                None => false,
                Some(Only::Baton) => dialect != Dialect::Baton,
                Some(Only::SocketIo) => dialect != Dialect::SocketIo,
            };
            if skipped {
                continue;
            }
            let measured = measure(args, dialect, conversations, load).await?;
            eprintln!(
                "{name}, round {round}, {}: {:.0}/s, ack p50 {:.2} p99 {:.2} ms, delivery p50 {:.2} p99 {:.2} max {:.2} ms, \
                 server {:.0} %, generator {:.0} %, others {:.0} %, disk {:.0} flushes/s",
                dialect.name(),
                measured.rate,
                milliseconds(measured.ack[0]),
                milliseconds(measured.ack[1]),
                milliseconds(measured.delivery[0]),
                milliseconds(measured.delivery[1]),
                milliseconds(measured.delivery[2]),
                measured.server_load * 100.0,
                measured.generator_load * 100.0,
                measured.others_load * 100.0,
                measured.flushes,
            );
            match dialect {
                Dialect::Baton => compared.baton.push(measured),
                Dialect::SocketIo => compared.relay.push(measured),
            }
        }
    }
    Ok(compared)
}

async fn measure(args: &Args, dialect: Dialect, conversations: usize, load: Load) -> Result<Round> {
    let flushes = flushes_per_second(&args.data, Duration::from_secs(1))?;
    let system = System::start(dialect, args).await?;
    let tally = Tally::new(dialect);
    let set_up = Instant::now();
    let conversations: Rc<[Rc<Conversation>]> = system
        .pairs(conversations)
        .await?
        .into_iter()
        .enumerate()
        .map(|(index, pair)| Conversation::start(&tally, index, args.text, pair.sender, pair.other))
        .collect();
    eprintln!(
        "{}: {} conversations set up in {:.1} s",
        dialect.name(),
        conversations.len(),
        set_up.elapsed().as_secs_f64()
    );

    let going = Rc::new(Cell::new(true));
    match load {
        Load::Window(window) => conversations.iter().for_each(|conversation| conversation.keep_in_flight(window)),
        Load::Rate(rate) => {
            tokio::task::spawn_local(pace(Rc::clone(&conversations), rate, Rc::clone(&going)));
        }
    }
    tokio::time::sleep(Duration::from_secs(args.warm_up)).await;
    let spent = || Ok::<_, anyhow::Error>([system.process().processor_time()?, own_processor_time()?, busy_time()?]);
    let (before, start) = (spent()?, Instant::now());
    tally.record(true);
    tokio::time::sleep(Duration::from_secs(args.seconds)).await;
    tally.record(false);
    let (after, span) = (spent()?, start.elapsed().as_secs_f64());
    let [server, generator, all] = std::array::from_fn(|part| (after[part] - before[part]).as_secs_f64() / span);
    let round = Round {
        rate: tally.completed() as f64 / span,
        ack: [0.5, 0.99].map(|quantile| tally.ack_quantile(quantile)),
        delivery: [0.5, 0.99, 1.0].map(|quantile| tally.delivery_quantile(quantile)),
        server_load: server,
        generator_load: generator,
        others_load: (all - server - generator).max(0.0),
        flushes,
    };

    going.set(false);
    conversations.iter().for_each(|conversation| conversation.keep_in_flight(0));
    let deadline = Instant::now() + Duration::from_secs(30);
    while tally.in_flight() > 0 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tally.check()?;
    if tally.in_flight() > 0 {
        bail!("{}: {} messages never completed", dialect.name(), tally.in_flight());
    }
    if round.rate == 0.0 {
        bail!("{}: no message completed", dialect.name());
    }
    Ok(round)
}

/// Sends one message every `1 / rate` seconds, round robin. A sleeping thread gives the beat: tokio's own timers have whole
/// milliseconds. It runs on the generator's core, so the server has its own to itself.
pub(crate) async fn pace(conversations: Rc<[Rc<Conversation>]>, rate: u64, going: Rc<Cell<bool>>) {
    let gap = Duration::from_secs(1).div_f64(rate as f64);
    let start = Instant::now();
    let (beat, mut beats) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for number in 1_u32.. {
            let due = start + gap * number;
            // Late already: no sleep, the next beats come at once.
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if beat.send(due).is_err() {
                return;
            }
        }
    });
    let mut order = conversations.iter().cycle();
    while going.get() {
        // The thread only ends when this receiver is gone, and there is at least one conversation.
        let (Some(due), Some(conversation)) = (beats.recv().await, order.next()) else { return };
        conversation.send(due);
    }
}

impl Compared {
    fn rate(rounds: &[Round]) -> f64 {
        median(rounds.iter().map(|round| round.rate))
    }

    /// Throughput of both, with the ratio of each round: noise that hit one round of both cancels out.
    pub(crate) fn tell_throughput(&self, name: &'static str, report: &mut Report, least_ratio: Option<f64>) -> f64 {
        let (baton, relay) = (Self::rate(&self.baton), Self::rate(&self.relay));
        if !self.relay.is_empty() {
            report.told(name, "socket.io relay, nothing durable", format!("{relay:.0}/s"));
        }
        if self.baton.is_empty() {
            return baton;
        }
        report.told(name, "durable messages", format!("{baton:.0}/s"));
        let delivery = |quantile: usize| median(self.baton.iter().map(|round| milliseconds(round.delivery[quantile])));
        let ack = |quantile: usize| median(self.baton.iter().map(|round| milliseconds(round.ack[quantile])));
        report.told(name, "ack, p50 and p99", format!("{:.1} and {:.1} ms", ack(0), ack(1)));
        report.told(name, "delivery, p50 and p99", format!("{:.1} and {:.1} ms", delivery(0), delivery(1)));
        let load = |part: fn(&Round) -> f64| median(self.baton.iter().map(|round| part(round) * 100.0));
        let loads =
            [load(|round| round.server_load), load(|round| round.generator_load), load(|round| round.others_load)];
        let measured = format!("{:.0} %, {:.0} % and {:.0} %", loads[0], loads[1], loads[2]);
        report.told(name, "cores in use: server, generator, anybody else", measured);
        if let (Some(least), false) = (least_ratio, self.relay.is_empty()) {
            let ratio = median(self.baton.iter().zip(&self.relay).map(|(baton, relay)| baton.rate / relay.rate));
            report.judged(name, "ratio to the relay", format!("{ratio:.2}"), format!("≥ {least}"), ratio >= least);
        }
        baton
    }

    /// Messages for each flush that the disk did just before the round. Far above 1 only with group commit.
    pub(crate) fn per_flush(&self) -> f64 {
        median(self.baton.iter().map(|round| round.rate / round.flushes))
    }

    pub(crate) fn tell_latency(&self, name: &'static str, report: &mut Report) {
        let quantile =
            |rounds: &[Round], place: usize| median(rounds.iter().map(|round| milliseconds(round.delivery[place])));
        if !self.relay.is_empty() {
            let (p50, p99) = (quantile(&self.relay, 0), quantile(&self.relay, 1));
            report.told(name, "relay: delivery, p50 and p99", format!("{p50:.2} and {p99:.2} ms"));
        }
        if self.baton.is_empty() {
            return;
        }
        let (p50, p99) = (quantile(&self.baton, 0), quantile(&self.baton, 1));
        report.told(name, "messages", format!("{:.0}/s", Self::rate(&self.baton)));
        report.judged(name, "delivery, p50", format!("{p50:.2} ms"), "< 1 ms", p50 < 1.0);
        report.told(name, "delivery, p99", format!("{p99:.2} ms"));
        if !self.relay.is_empty() {
            let ratio = median(
                self.baton
                    .iter()
                    .zip(&self.relay)
                    .map(|(baton, relay)| baton.delivery[1].as_secs_f64() / relay.delivery[1].as_secs_f64()),
            );
            report.judged(name, "p99 of delivery, ratio to the relay", format!("{ratio:.2}"), "≤ 1.2", ratio <= 1.2);
        }
    }
}
