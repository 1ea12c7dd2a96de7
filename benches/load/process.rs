//! The server under test as a child process: started on its core, looked at through `/proc`, stopped for certain.

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Runs `command` on one core (or on all); what it prints goes to `log`.
    pub(crate) fn start(command: &Command, core: Option<usize>, log: &Path) -> Result<Self> {
        let mut pinned = match core {
            Some(core) => {
                let mut taskset = Command::new("taskset");
                taskset.arg("-c").arg(core.to_string()).arg(command.get_program()).args(command.get_args());
                taskset
            }
            None => {
                let mut plain = Command::new(command.get_program());
                plain.args(command.get_args());
                plain
            }
        };
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => pinned.env(name, value),
                None => pinned.env_remove(name),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            pinned.current_dir(folder);
        }
        let output = fs::File::create(log).with_context(|| format!("create {}", log.display()))?;
        let errors = output.try_clone()?;
        let child = pinned
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .with_context(|| format!("start {}", command.get_program().display()))?;
        Ok(Self { child })
    }

    pub(crate) fn ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Resident memory in bytes.
    pub(crate) fn resident(&self) -> Result<u64> {
        resident(self.child.id())
    }

    /// Processor time so far, of all threads.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        processor_time_of(self.child.id())
    }

    pub(crate) fn descriptors(&self) -> Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count())
    }
}

/// Resident memory of a process in bytes.
pub(crate) fn resident(process: u32) -> Result<u64> {
    let status = read(process, "status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kibibytes * 1024)
}

/// Processor time of a process so far, of all threads.
pub(crate) fn processor_time_of(process: u32) -> Result<Duration> {
    processor_time(&read(process, "stat")?)
}

fn read(process: u32, file: &str) -> Result<String> {
    let path = format!("/proc/{process}/{file}");
    fs::read_to_string(&path).with_context(|| format!("read {path}"))
}

impl Drop for Process {
    fn drop(&mut self) {
        let Some(pid) = Pid::from_raw(self.child.id() as i32) else { return };
        // The child may be gone already; then there is nothing to stop.
        let _ = kill_process(pid, Signal::TERM);
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        eprintln!("the server did not stop within 20 s of SIGTERM and was killed");
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The generator's own processor time.
pub(crate) fn own_processor_time() -> Result<Duration> {
    processor_time(&fs::read_to_string("/proc/self/stat")?)
}

fn processor_time(stat: &str) -> Result<Duration> {
    // The name in parentheses may hold spaces; what follows is fixed. Fields 14 and 15 are user and system time.
    let after = stat.rsplit_once(") ").context("no name in stat")?.1;
    let mut fields = after.split(' ').skip(11);
    let mut ticks = || -> Result<u64> { Ok(fields.next().context("stat is too short")?.parse()?) };
    let spent = ticks()? + ticks()?;
    Ok(Duration::from_millis(spent * 1000 / rustix::param::clock_ticks_per_second()))
}

/// A port that was free a moment ago.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Thousands of sockets need more descriptors than a shell grants; children inherit the limit.
pub(crate) fn raise_descriptor_limit(wanted: u64) -> Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    if now.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let maximum = now.maximum.map(|maximum| maximum.max(wanted));
    // Only the hard limit can be in the way, and only privileges lift it.
    setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum })
        .with_context(|| format!("{wanted} descriptors are needed; raise the hard limit with `ulimit -Hn {wanted}`"))
}

/// Keeps this thread, and with it the generator, on one core.
pub(crate) fn pin(core: usize) -> Result<()> {
    let mut set = rustix::thread::CpuSet::new();
    set.set(core);
    rustix::thread::sched_setaffinity(None, &set).with_context(|| format!("pin the generator to core {core}"))
}
