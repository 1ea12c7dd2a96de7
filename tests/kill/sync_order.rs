//! I2 without root: the server under `strace`. For every acknowledged message, between the write that put it into the write-ahead
//! log and the first write that showed it to any socket, the write-ahead log was flushed.

use crate::histories::client::Manner;
use crate::histories::history::Happened;
use crate::histories::load::Load;
use crate::histories::random::Random;
use crate::server::Launch;
use std::collections::HashMap;
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::time::sleep;
use uuid::Uuid;

const ENOUGH: usize = 100;
const PATIENCE: Duration = Duration::from_secs(60);

/// Nobody is told of a message before the flush that makes it durable has returned.
#[tokio::test]
async fn nothing_is_told_before_it_is_flushed() {
    let _alone = crate::one_at_a_time().await;
    let folder = tempfile::Builder::new().prefix("sync").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("folder");
    let trace = folder.path().join("trace");
    if let Err(reason) = can_trace() {
        return crate::could_not_run("the flush-order test", &reason);
    }
    let data = folder.path().join("disk");
    std::fs::create_dir(&data).expect("folder");
    let mut launch = Launch::new(&data);
    // -D: the server stays our child, so that killing it ends the tracer and not the other way round.
    let calls = "trace=pwrite64,write,writev,sendto,sendmsg,fdatasync,fsync";
    let options = ["strace", "-D", "-f", "-y", "-s", "9000", "-e", calls, "-o"];
    launch.wrapper = options.iter().map(|&option| option.to_owned()).collect();
    launch.wrapper.push(trace.display().to_string());
    let mut server = launch.spawn();
    server.answers().await;
    let link = server.setup_link().await;
    let mut load = Load::start(launch.address, &link, Random::new(7), Manner::HASTY).await;
    load.add_visitor();
    load.add_visitor();
    let begun = Instant::now();
    while load.acked().len() < ENOUGH {
        assert!(begun.elapsed() < PATIENCE, "{} acknowledged in {PATIENCE:?}", load.acked().len());
        sleep(Duration::from_millis(20)).await;
    }
    let histories = load.finish().await;
    server.kill();
    while !std::fs::read_to_string(&trace).is_ok_and(|text| text.contains("+++ killed by SIGKILL +++")) {
        assert!(begun.elapsed() < PATIENCE, "the tracer does not end");
        sleep(Duration::from_millis(20)).await;
    }
    let acked = histories.iter().flat_map(|history| &history.happened).filter_map(|happened| match happened {
        Happened::Acked { key, .. } => Some(*key),
        _ => None,
    });
    let acked: Vec<Uuid> = acked.collect();
    let Verdict { judged, wrong } = told_before_flushed(&std::fs::read_to_string(&trace).expect("trace"), &acked);
    assert!(wrong.is_empty(), "{} of {} messages: {}", wrong.len(), acked.len(), wrong[0]);
    assert!(judged * 10 >= acked.len() * 9, "only {judged} of {} messages were found in the trace", acked.len());
    crate::say(&format!("flush order: {judged} acknowledged messages, each flushed before anybody was told"));
}

fn can_trace() -> Result<(), String> {
    let output = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    match output {
        Err(error) => Err(format!("strace: {error}")),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("strace: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

struct Verdict {
    /// Keys that were found in the log and on a socket. The others lie across two pages, each of which is a write of its own.
    judged: usize,
    /// What is wrong, for each key that was told too early.
    wrong: Vec<String>,
}

fn told_before_flushed(trace: &str, keys: &[Uuid]) -> Verdict {
    /// Line numbers of a key's first write to the log, and of its first appearance on a socket.
    #[derive(Default, Clone, Copy)]
    struct Moments {
        written: Option<usize>,
        told: Option<usize>,
    }
    let mut moments: HashMap<String, Moments> = keys.iter().map(|key| (key.to_string(), Moments::default())).collect();
    // Of each flush of the write-ahead log: when it began, when it had returned 0.
    let mut flushes: Vec<(usize, usize)> = Vec::new();
    let mut unfinished: HashMap<&str, usize> = HashMap::new();
    for (number, line) in trace.lines().enumerate() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        let is_flush = call.starts_with("fdatasync(") || call.starts_with("fsync(");
        if is_flush && call.contains("baton.sqlite3-wal>") {
            if call.ends_with("<unfinished ...>") {
                unfinished.insert(thread, number);
            } else if call.ends_with("= 0") {
                flushes.push((number, number));
            }
        }
        let is_end = call.starts_with("<... fdatasync resumed>") || call.starts_with("<... fsync resumed>");
        let begun = if is_end { unfinished.remove(thread) } else { None };
        if let Some(begun) = begun.filter(|_| call.ends_with("= 0")) {
            flushes.push((begun, number));
        }
        let to_log = call.starts_with("pwrite64(") && call.contains("baton.sqlite3-wal>");
        let to_socket = call.contains("<socket:[") || call.contains("<TCP:[");
        if !to_log && !to_socket {
            continue;
        }
        for key in uuids(call) {
            let Some(moments) = moments.get_mut(key) else { continue };
            let moment = if to_log { &mut moments.written } else { &mut moments.told };
            moment.get_or_insert(number);
        }
    }
    let (mut judged, mut wrong) = (0, Vec::new());
    for (key, Moments { written, told }) in moments {
        let (Some(written), Some(told)) = (written, told) else { continue };
        judged += 1;
        if !flushes.iter().any(|(begun, ended)| *begun > written && *ended < told) {
            wrong.push(format!("{key}: written in line {written}, told in line {told}, no flush between"));
        }
    }
    Verdict { judged, wrong }
}

/// Everything in `text` that has the form of a UUID.
fn uuids(text: &str) -> impl Iterator<Item = &str> {
    const LENGTH: usize = 36;
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(LENGTH - 1)).filter_map(move |at| {
        // The cheapest test first: a trace has megabytes.
        let dashes = [8, 13, 18, 23].iter().all(|dash| bytes[at + dash] == b'-');
        let candidate = dashes.then(|| text.get(at..at + LENGTH))??;
        Uuid::parse_str(candidate).is_ok().then_some(candidate)
    })
}

#[test]
fn the_order_of_calls_is_read_as_it_was() {
    let key = Uuid::from_u128(0x5eed << 64 | 0x8000_0000_0000_0001);
    let write = format!(r#"11 pwrite64(9</d/baton.sqlite3-wal>, "..{key}..", 4096, 32) = 4096"#);
    let tell = format!(r#"12 writev(20<socket:[77]>, [{{iov_base="\"ack\" {key}", iov_len=9}}], 1) = 9"#);
    let begin = "11 fdatasync(9</d/baton.sqlite3-wal> <unfinished ...>";
    let end = "11 <... fdatasync resumed>) = 0";
    let whole = "11 fdatasync(9</d/baton.sqlite3-wal>) = 0";
    let other = "11 fdatasync(8</d/baton.sqlite3>) = 0";
    let failed = "11 fdatasync(9</d/baton.sqlite3-wal>) = -1 EIO (Input/output error)";
    let is_right = |lines: &[&str]| {
        let verdict = told_before_flushed(&lines.join("\n"), &[key]);
        assert_eq!(verdict.judged, 1, "{lines:?}");
        verdict.wrong.is_empty()
    };
    assert!(is_right(&[&write, whole, &tell]));
    assert!(is_right(&[&write, begin, end, &tell]));
    assert!(!is_right(&[&write, &tell]));
    assert!(!is_right(&[whole, &write, &tell, whole]));
    assert!(!is_right(&[begin, &write, end, &tell]), "it began before the write");
    assert!(!is_right(&[&write, begin, &tell, end]), "it had not returned");
    assert!(!is_right(&[&write, other, &tell]));
    assert!(!is_right(&[&write, failed, &tell]));
    assert_eq!(told_before_flushed(&[whole, &tell].join("\n"), &[key]).judged, 0, "never written");
}
