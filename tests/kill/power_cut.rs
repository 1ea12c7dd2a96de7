//! I2: an acknowledged message survives a power cut. The data lies on a file system in an image file; while the server writes, the
//! image is copied: whatever was not flushed is only in the kernel's memory, not in the copy. Needs root and a loop device, and says
//! so where it has them not; `sync_order` proves the same from the system calls.

use crate::histories::client::Manner;
use crate::histories::load::Load;
use crate::histories::logs;
use crate::histories::random::Random;
use crate::server::Launch;
use rustix::process::{Pid, Signal, kill_process};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tokio::time::sleep;

const CUTS: u64 = 3;
const IMAGE_BYTES: u64 = 96 << 20;
/// Acknowledged messages without which a cut shows nothing.
const ENOUGH: usize = 50;

/// Whatever was acknowledged when the power went is in the log that the next start finds on the disk.
#[tokio::test]
async fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let _alone = crate::one_at_a_time().await;
    let folder = tempfile::Builder::new().prefix("cut").tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("folder");
    let image = folder.path().join("image");
    let disk = match Disk::make(&image, &folder.path().join("disk")) {
        Ok(disk) => disk,
        Err(reason) => return crate::could_not_run("the power-cut test", &reason),
    };
    let launch = Launch::new(&disk.at);
    let mut server = launch.spawn();
    server.answers().await;
    let link = server.setup_link().await;
    let mut load = Load::start(launch.address, &link, Random::new(u64::from(server.id())), Manner::HASTY).await;
    for _ in 0..3 {
        load.add_visitor();
    }
    let process = Pid::from_raw(server.id() as i32).expect("process id");
    let mut checked = 0;
    for cut in 0..CUTS {
        while load.acked().len() < checked + ENOUGH {
            sleep(Duration::from_millis(10)).await;
        }
        kill_process(process, Signal::STOP).expect("stop the server");
        let copy = folder.path().join(format!("copy-{cut}"));
        std::fs::copy(&image, &copy).expect("copy the image");
        // What was acknowledged before the stop may still be on its way to a client; the longer the wait, the stricter the test.
        sleep(Duration::from_millis(200)).await;
        let acked = load.acked();
        kill_process(process, Signal::CONT).expect("go on");

        let after = Disk::mount(&copy, &folder.path().join(format!("after-{cut}"))).expect("mount the copy");
        let conversations = load.conversations();
        let stored = logs::stored(&after.at.join("data/baton.sqlite3"), &conversations).await;
        let lost: Vec<_> = acked
            .iter()
            .filter(|(conversation, key, seq)| {
                !stored[conversation].iter().any(|line| line.key == Some(*key) && line.seq == *seq)
            })
            .collect();
        let (lost_count, total) = (lost.len(), acked.len());
        assert!(lost.is_empty(), "cut {cut}: {lost_count} of {total} acknowledged messages are lost: {:?}", lost[0]);
        checked = total;
        drop(after);
        std::fs::remove_file(copy).expect("remove the copy");
    }
    drop(load.finish().await);
    server.kill();
    crate::say(&format!("power cut: {CUTS} cuts, {checked} acknowledged messages, 0 lost"));
}

/// A mounted image.
struct Disk {
    at: PathBuf,
}

impl Disk {
    fn make(image: &Path, at: &Path) -> Result<Self, String> {
        if !rustix::process::geteuid().is_root() {
            return Err("it needs root".into());
        }
        std::fs::File::create(image).and_then(|file| file.set_len(IMAGE_BYTES)).map_err(|error| error.to_string())?;
        run("mkfs.ext4", &["-q", "-F"], &[image])?;
        Self::mount(image, at)
    }

    /// The file system's own timer is put off: what nobody flushed must not reach the disk by luck.
    fn mount(image: &Path, at: &Path) -> Result<Self, String> {
        std::fs::create_dir(at).map_err(|error| error.to_string())?;
        run("mount", &["-o", "loop,commit=300"], &[image, at])?;
        Ok(Self { at: at.to_owned() })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, because on a failure the server may still live in it.
        if let Err(error) = run("umount", &["-l"], &[&self.at]) {
            crate::say(&format!("{} stays mounted: {error}", self.at.display()));
        }
    }
}

fn run(program: &str, options: &[&str], paths: &[&Path]) -> Result<(), String> {
    let output = Command::new(program).args(options).args(paths).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
