//! Children that end with this process, however it ends: also when it is killed and nothing is dropped.

#![allow(unreachable_pub, reason = "each test binary uses its part of this")]

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// It waits for the end of its standard input, which this process holds; then it ends its process group, politely first: a script has
/// children of its own to end.
const GUARD: &str = r#"trap "" TERM; cat >/dev/null; kill -TERM 0; sleep 5; kill -KILL 0"#;

pub trait Guarded {
    /// Start it in the group that ends with this process.
    fn guarded(&mut self) -> &mut Self;
}

impl Guarded for Command {
    fn guarded(&mut self) -> &mut Self {
        static GROUP: OnceLock<Child> = OnceLock::new();
        let guard = GROUP.get_or_init(|| {
            let mut guard = Command::new("sh");
            guard.args(["-c", GUARD, "guard"]).process_group(0);
            guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("start sh")
        });
        self.process_group(guard.id() as i32)
    }
}
