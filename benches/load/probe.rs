//! What the machine is and what its disk can do, measured in the same run as everything else.

use anyhow::{Context, Result, bail};
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Flushes per second of one writer: 4 KiB over and over into a file that already has its size, as a write-ahead log does
/// once it has been written around. A growing file would flush slower and make ratios to this rate look better.
pub(crate) fn flushes_per_second(folder: &Path, span: Duration) -> Result<f64> {
    const BLOCK: usize = 4096;
    const BLOCKS: u64 = 256;
    let path = folder.join("flush-probe");
    let mut file = fs::File::create(&path).with_context(|| format!("create {}", path.display()))?;
    for _ in 0..BLOCKS {
        file.write_all(&[1; BLOCK])?;
    }
    file.sync_all()?;
    let start = Instant::now();
    let mut flushes = 0;
    while start.elapsed() < span {
        file.seek(SeekFrom::Start(flushes % BLOCKS * BLOCK as u64))?;
        file.write_all(&[flushes as u8; BLOCK])?;
        file.sync_data()?;
        flushes += 1;
    }
    let rate = flushes as f64 / start.elapsed().as_secs_f64();
    fs::remove_file(&path)?;
    Ok(rate)
}

/// Durability on a RAM disk costs nothing and proves nothing.
pub(crate) fn refuse_ram_disk(folder: &Path) -> Result<()> {
    const TMPFS_MAGIC: u64 = 0x0102_1994;
    let kind = rustix::fs::statfs(folder).with_context(|| format!("look at {}", folder.display()))?.f_type as u64;
    if kind == TMPFS_MAGIC {
        bail!("{} is on a RAM disk; choose a folder on a real one with --data", folder.display());
    }
    Ok(())
}

/// One line about this machine.
pub(crate) fn machine(data: &Path) -> String {
    let cpu = line_value("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".into());
    // Not the parallelism that std reports: the generator is pinned to one core.
    let cores = fs::read_to_string("/proc/cpuinfo").unwrap_or_default().matches("processor\t").count();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let memory = line_value("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse::<u64>().ok())
        .map_or(0, |kibibytes| kibibytes >> 20);
    let (device, kind) = disk(data).unwrap_or_else(|| ("unknown disk".into(), "unknown".into()));
    format!("{cpu}, {cores} cores, {memory} GiB, Linux {}, {kind} on {device}", kernel.trim())
}

/// Time that all cores together were not idle, whoever used it.
pub(crate) fn busy_time() -> Result<Duration> {
    let stat = fs::read_to_string("/proc/stat")?;
    let all = stat.lines().next().and_then(|line| line.strip_prefix("cpu ")).context("no total in /proc/stat")?;
    let ticks: Vec<u64> = all.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    // user nice system idle iowait irq softirq steal; guest time is part of user time.
    let busy: u64 =
        ticks.iter().take(8).enumerate().filter(|(place, _)| !matches!(place, 3 | 4)).map(|(_, ticks)| ticks).sum();
    Ok(Duration::from_millis(busy * 1000 / rustix::param::clock_ticks_per_second()))
}

fn line_value(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Device and file system of the longest mount point above `folder`.
fn disk(folder: &Path) -> Option<(String, String)> {
    let folder = folder.canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    let mut best: Option<(usize, (String, String))> = None;
    for line in mounts.lines() {
        let mut words = line.split(' ');
        let (Some(device), Some(point), Some(kind)) = (words.next(), words.next(), words.next()) else { continue };
        // Of two mounts on one point the later one is what is seen.
        if folder.starts_with(point) && best.as_ref().is_none_or(|(length, _)| point.len() >= *length) {
            best = Some((point.len(), (device.to_owned(), kind.to_owned())));
        }
    }
    best.map(|(_, found)| found)
}

pub(crate) fn node_version() -> String {
    std::process::Command::new("node")
        .arg("--version")
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_else(|_| "no node".into())
}
