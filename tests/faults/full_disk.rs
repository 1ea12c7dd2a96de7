//! I25: a full disk. Sends are refused, never acknowledged; when there is room again, the same process goes on.

use crate::cluster::server::Launch;
use crate::histories::checker::check;
use crate::histories::client::Manner;
use crate::histories::load::Load;
use crate::histories::logs;
use crate::histories::random::Random;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::time::sleep;

const PATIENCE: Duration = Duration::from_secs(60);
/// Without an acknowledgement for so long, the disk is full for the database, too, not only for the ballast.
const SILENT: Duration = Duration::from_secs(2);
const HEALED: Duration = Duration::from_secs(10);

/// No acknowledgement without its place on the disk, no crash, and recovery without a hand.
#[tokio::test]
async fn a_full_disk_refuses_and_recovers() {
    let _alone = crate::one_at_a_time().await;
    let folder = tempfile::Builder::new().prefix("full").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("folder");
    let disk = match Disk::mount(&folder.path().join("disk")) {
        Ok(disk) => disk,
        Err(reason) => return crate::could_not_run("the full-disk test", &reason),
    };
    let launch = Launch::new(&disk.0);
    let mut server = launch.spawn();
    server.answers().await;
    let link = server.setup_link().await;
    let mut load = Load::start(launch.address, &link, Random::new(u64::from(server.id())), Manner::PATIENT).await;
    (0..3).for_each(|_| load.add_visitor());
    until("something is acknowledged", || load.acked().len() > 20).await;

    let ballast = disk.fill();
    let (mut acked, mut since) = (load.acked().len(), Instant::now());
    until("nothing is acknowledged any more", || {
        // What the database's file still has room for is its to take; the log of the server takes some, too.
        let now = load.acked().len();
        if now > acked {
            (acked, since) = (now, Instant::now());
            disk.top_up(&ballast);
        }
        since.elapsed() > SILENT
    })
    .await;
    let full = load.acked().len();
    std::fs::remove_file(&ballast).expect("make room");
    until("something is acknowledged again", || load.acked().len() > full).await;

    let served = load.settle(HEALED).await.expect("the API shows the logs");
    let conversations = load.conversations();
    let histories = load.finish().await;
    assert!(server.is_running(), "the server ended: {}", server.log());
    server.kill();
    let stored = logs::stored(&launch.database(), &conversations).await;
    let violations = check(&histories, &served, &stored);
    assert!(violations.is_empty(), "{} violations, the first: {}", violations.len(), violations[0]);
    crate::say(&format!("full disk: {full} acknowledged until it was full, 0 lost, went on by itself"));
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// A small file system in memory.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: &Path) -> Result<Self, String> {
        std::fs::create_dir(at).map_err(|error| error.to_string())?;
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", "size=12m", "tmpfs"]).arg(at);
        let output = command.output().map_err(|error| format!("mount: {error}"))?;
        if output.status.success() {
            return Ok(Self(at.to_owned()));
        }
        Err(format!("mount: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }

    fn fill(&self) -> PathBuf {
        let ballast = self.0.join("ballast");
        self.top_up(&ballast);
        ballast
    }

    /// Until nothing more goes in.
    fn top_up(&self, ballast: &Path) {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(ballast).expect("ballast");
        while file.write_all(&[0; 4096]).is_ok() {}
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, because on a failure the server may still live in it.
        if !Command::new("umount").arg("-l").arg(&self.0).status().is_ok_and(|status| status.success()) {
            crate::say(&format!("{} stays mounted", self.0.display()));
        }
    }
}
