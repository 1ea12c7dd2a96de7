//! A service of the cluster as a child process.

use super::guarded::Guarded as _;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// No service takes longer to come or to go on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Daemon {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Daemon {
    pub fn start(name: &str, mut command: Command, folder: &Path) -> Self {
        let log = folder.join("log");
        let open = || OpenOptions::new().create(true).append(true).open(&log).expect("log of a service");
        command.current_dir(folder).stdin(Stdio::null()).stdout(open()).stderr(open()).guarded();
        let child = command.spawn().unwrap_or_else(|error| panic!("start {name}: {error}"));
        Self { child, name: name.into(), log }
    }

    /// SIGKILL; back when it is gone.
    fn kill(&mut self) {
        let _ended = self.child.kill();
        self.child.wait().expect("wait for a killed service");
    }

    /// Until `ready`, or fail with what it printed.
    pub fn until(&mut self, what: &str, mut ready: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !ready() {
            let ended = self.child.try_wait().expect("a service");
            assert!(
                ended.is_none() && begun.elapsed() < PATIENCE,
                "{} is not {what} ({ended:?}): {}",
                self.name,
                std::fs::read_to_string(&self.log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // A stopped process is not ended by anything else.
        self.kill();
    }
}
