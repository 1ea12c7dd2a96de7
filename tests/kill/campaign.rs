//! I1 and I30: kill -9 at random moments, start, let the clients come back; judge after each campaign.

use crate::first_start::assert_whole_demo;
use crate::histories::checker::{Violation, check};
use crate::histories::client::Manner;
use crate::histories::history::{Happened, History};
use crate::histories::load::Load;
use crate::histories::logs;
use crate::histories::random::Random;
use crate::server::{Launch, Server};
use rusqlite::Connection;
use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, Hasher as _};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// No start may take longer, whatever the kill before it left behind (I30).
const START_LIMIT: Duration = Duration::from_secs(5);
/// Kills of one data folder; then a new one, so that logs don't grow without end and a failure has a short past.
const KILLS_PER_CAMPAIGN: u64 = 25;
const VISITORS: usize = 3;
/// A visitor more after so many kills.
const NEW_VISITOR_EVERY: u64 = 6;
/// Longest time under load between an answering server and its kill.
const LIFE_MS: u64 = 700;
/// After the last start: everything acknowledged and shown to everybody within this.
const SETTLE: Duration = Duration::from_secs(20);
/// Longest time from the start to a kill that does not wait for the server to answer.
const BIRTH_MS: u64 = 150;

#[derive(Default)]
struct Figures {
    kills: u64,
    kills_while_starting: u64,
    sent: u64,
    sent_again: u64,
    acked: u64,
    acks: u64,
    shown: u64,
    entries: u64,
    conversations: u64,
    connections: u64,
    slowest_start: Duration,
}

/// A kill at any moment loses, doubles and reorders nothing, and the server is back within five seconds.
#[tokio::test]
async fn a_kill_at_any_moment_loses_nothing() {
    let _alone = crate::one_at_a_time().await;
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let kills = number("BATON_KILLS").unwrap_or(25);
    let seed = number("BATON_KILL_SEED").unwrap_or_else(|| RandomState::new().build_hasher().finish() >> 16);
    let mut figures = Figures::default();
    let begun = Instant::now();
    let mut campaign = 0;
    while figures.kills < kills {
        let planned = (kills - figures.kills).min(KILLS_PER_CAMPAIGN);
        // The seed of a campaign is what repeats it alone.
        run(seed + campaign, planned, &mut figures).await;
        campaign += 1;
    }
    let Figures {
        kills_while_starting, sent, sent_again, acked, acks, shown, entries, conversations, connections, ..
    } = figures;
    let (kills, slowest) = (figures.kills, figures.slowest_start.as_millis());
    crate::say(&format!(
        "kill -9: {kills} kills ({kills_while_starting} of them while starting), seed {seed}, {} s: {sent} messages sent, \
         {sent_again} times again, {acked} acknowledged ({acks} acks), {entries} entries in {conversations} logs, {shown} shown over {connections} \
         connections, slowest start {slowest} ms; 0 lost, 0 doubled, 0 reordered, 0 undelivered",
        begun.elapsed().as_secs(),
    ));
}

async fn run(seed: u64, kills: u64, figures: &mut Figures) {
    let mut random = Random::new(seed);
    let folder = tempfile::Builder::new().prefix("kill").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("folder");
    let launch = Launch::new(folder.path());
    let context = || format!("seed {seed} (BATON_KILL_SEED={seed} BATON_KILLS={kills})");
    let _told = TellSeed(context());

    // The very first start is killed too: half an installation is none, or one.
    let newborn = launch.spawn();
    sleep(Duration::from_millis(random.below(2 * BIRTH_MS))).await;
    newborn.kill();
    figures.kills += 1;
    figures.kills_while_starting += 1;
    let mut server = start(&launch, figures, &context).await;
    let link = server.setup_link().await;
    let mut load = Load::start(launch.address, &link, random.fork(), Manner::HASTY).await;
    for _ in 0..VISITORS {
        load.add_visitor();
    }
    for kill in 1..kills {
        if kill % NEW_VISITOR_EVERY == 0 {
            load.add_visitor();
        }
        // As a widget does, time after time; the last moments of a life are no different from its first.
        sleep(Duration::from_millis(random.below(LIFE_MS))).await;
        server.kill();
        figures.kills += 1;
        check_integrity(&launch.database(), folder.path(), &context);
        if random.below(5) == 0 && kill + 1 < kills {
            let newborn = launch.spawn();
            sleep(Duration::from_millis(random.below(BIRTH_MS))).await;
            newborn.kill();
            figures.kills += 1;
            figures.kills_while_starting += 1;
        }
        server = start(&launch, figures, &context).await;
    }
    let served = load.settle(SETTLE).await;
    let conversations = load.conversations();
    let histories = load.finish().await;
    server.kill();
    let stored = logs::stored(&launch.database(), &conversations).await;
    let violations = check(&histories, served.as_ref().unwrap_or(&stored), &stored);
    count(&histories, figures);
    figures.conversations += stored.len() as u64;
    figures.entries += stored.values().map(|log| log.len() as u64).sum::<u64>();
    if !violations.is_empty() {
        let kept = folder.keep();
        panic!("{}, data kept in {}\n{}", context(), kept.display(), report(&violations, &histories));
    }
    assert_whole_demo(&launch.database(), &context()).await;
    assert!(served.is_some(), "{}: the API does not show the logs", context());
}

async fn start(launch: &Launch, figures: &mut Figures, context: &dyn Fn() -> String) -> Server {
    let mut server = launch.spawn();
    let took = server.answers().await;
    figures.slowest_start = figures.slowest_start.max(took);
    assert!(took < START_LIMIT, "{}: the start took {took:?}: {}", context(), server.log());
    server
}

/// Whatever goes wrong, also in a client, the seed is told.
struct TellSeed(String);

impl Drop for TellSeed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            crate::say(&self.0);
        }
    }
}

/// On a copy: opening the files themselves would do the recovery that is the next start's to do.
fn check_integrity(database: &Path, folder: &Path, context: &dyn Fn() -> String) {
    let copy = folder.join("copy.sqlite3");
    for suffix in ["", "-wal"] {
        let (from, to) = (suffixed(database, suffix), suffixed(&copy, suffix));
        match std::fs::copy(&from, &to) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => drop(std::fs::remove_file(&to)),
            Err(error) => panic!("copy {}: {error}", from.display()),
        }
    }
    let connection = Connection::open(&copy).expect("open the copy");
    let verdict: String =
        connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("integrity_check");
    assert_eq!(verdict, "ok", "{}", context());
}

fn suffixed(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn count(histories: &[History], figures: &mut Figures) {
    let mut acked = std::collections::HashSet::new();
    for happened in histories.iter().flat_map(|history| &history.happened) {
        match happened {
            Happened::Connected => figures.connections += 1,
            Happened::Sent { .. } => figures.sent += 1,
            Happened::SentAgain { .. } => figures.sent_again += 1,
            Happened::Acked { key, .. } => {
                figures.acks += 1;
                acked.insert(*key);
            }
            Happened::Shown { .. } => figures.shown += 1,
            _ => {}
        }
    }
    figures.acked += acked.len() as u64;
}

/// The first violations, each with what its client, or everybody, went through around it.
fn report(violations: &[Violation], histories: &[History]) -> String {
    let mut text = format!("{} violations\n", violations.len());
    for violation in violations.iter().take(5) {
        writeln!(text, "{violation}").expect("text");
        let concerned =
            histories.iter().filter(|history| violation.client.as_ref().is_none_or(|of| *of == history.client));
        for history in concerned {
            let about = |happened: &Happened| match happened {
                Happened::Connected | Happened::Ended(_) => false,
                Happened::Sent { key, .. } | Happened::SentAgain { key } | Happened::Refused { key, .. } => {
                    Some(*key) == violation.key
                }
                Happened::Acked { key, seq, conversation } => {
                    Some(*key) == violation.key
                        || (*conversation == violation.conversation && Some(*seq) == violation.seq)
                }
                Happened::Resumed { conversation, .. } | Happened::Snapshot { conversation, .. } => {
                    *conversation == violation.conversation && violation.key.is_none()
                }
                Happened::Shown { conversation, line } => {
                    *conversation == violation.conversation && Some(line.seq) == violation.seq
                }
            };
            let places = (0..history.happened.len()).filter(|&at| about(&history.happened[at]));
            for at in places.take(6) {
                let connection =
                    history.happened[..at].iter().filter(|happened| matches!(happened, Happened::Connected)).count();
                let line: String = format!("{:?}", history.happened[at]).chars().take(300).collect();
                writeln!(text, "    {} #{at}, connection {connection}: {line}", history.client).expect("text");
            }
        }
    }
    text
}
