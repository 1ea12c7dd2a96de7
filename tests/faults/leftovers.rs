//! Nothing that a test starts outlives it, not even when the test is killed and drops nothing.

use crate::cluster::guarded::Guarded as _;
use crate::cluster::postgres::is_running;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Set for the copy of this test that is killed.
const INSIDE: &str = "BATON_FAULTS_KILLED";
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn what_a_killed_test_has_started_ends_with_it() {
    if std::env::var_os(INSIDE).is_some() {
        let mut child = Command::new("sleep").arg("600").guarded().spawn().expect("a child");
        println!("\nstarted {}", child.id());
        child.wait().expect("the child's end");
        return;
    }
    let mut test = Command::new(std::env::current_exe().expect("this binary"));
    test.args(["--exact", "leftovers::what_a_killed_test_has_started_ends_with_it", "--nocapture"]);
    let mut test = test.env(INSIDE, "1").stdout(Stdio::piped()).spawn().expect("a copy of this test");
    let lines = BufReader::new(test.stdout.take().expect("output")).lines();
    let started = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("started ").map(str::to_owned));
    let child: u32 = started.and_then(|number| number.parse().ok()).expect("the child's number");
    assert!(is_running(child));
    test.kill().expect("kill the test");
    test.wait().expect("the test's end");
    let begun = Instant::now();
    while is_running(child) {
        assert!(begun.elapsed() < LIMIT, "process {child} is still there");
        std::thread::sleep(Duration::from_millis(20));
    }
}
