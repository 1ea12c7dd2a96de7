//! Every fault while visitors and agents talk. The cluster is fresh for each row, so that a row that breaks it breaks no other.

use crate::cluster::server::Server;
use crate::cluster::{Cluster, Shape, network};
use crate::fault::{self, Fault};
use crate::harness::http::Http;
use crate::histories::checker::{Violation, check};
use crate::histories::client::Manner;
use crate::histories::history::Logs;
use crate::histories::load::Load;
use crate::histories::logs;
use crate::histories::random::Random;
use crate::table::{self, Row};
use baton::config::Secret;
use baton::store::postgres::PostgresStore;
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

const VISITORS: usize = 6;
/// Sockets of one agent, as with a console open twice.
const AGENTS: usize = 2;
const WARM_UP: Duration = Duration::from_secs(2);
/// After the fault is mended: everything acknowledged, and shown to everybody who is there.
const HEALED: Duration = Duration::from_secs(10);
/// How much of that is still under load.
const AFTERMATH: Duration = Duration::from_secs(2);

/// Whatever fails, no acknowledged message is lost or doubled, and ten seconds after it is mended everybody has everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_whatever_fails() {
    let _alone = crate::one_at_a_time().await;
    let rows = chosen();
    if !network::is_own() {
        match network::run_inside("matrix::nothing_is_lost_whatever_fails") {
            Ok(()) => return,
            Err(reason) => crate::could_not_run("the rows with faults of the network", &reason),
        }
    } else {
        network::set_up();
    }
    let mut told = Vec::new();
    let mut failures = Vec::new();
    for (shape, fault) in rows {
        if fault.needs_own_network() && !network::is_own() {
            continue;
        }
        let (row, violations) = run(shape, fault).await;
        crate::say(&table::table(std::slice::from_ref(&row)).lines().last().map(str::to_owned).unwrap_or_default());
        failures.extend(violations.iter().map(|violation| format!("{}, {}: {violation}", row.installation, row.fault)));
        told.push(row);
    }
    crate::say(&table::table(&told));
    if let Ok(path) = std::env::var("BATON_FAULTS_TABLE") {
        table::keep(&path, &told);
    }
    assert!(failures.is_empty(), "{} violations\n{}", failures.len(), failures[..failures.len().min(20)].join("\n"));
}

fn thorough() -> bool {
    std::env::var_os("BATON_FAULTS").is_some()
}

fn chosen() -> Vec<(Shape, Fault)> {
    let rows = |one: &[Fault], three: &[Fault]| -> Vec<(Shape, Fault)> {
        let one = one.iter().map(|&fault| (Shape::One, fault));
        one.chain(three.iter().map(|&fault| (Shape::Three, fault))).collect()
    };
    let all = rows(fault::ONE, fault::THREE);
    match std::env::var("BATON_FAULTS").as_deref() {
        Err(_) => rows(fault::SHORT_ONE, fault::SHORT_THREE),
        Ok("all") => all,
        Ok(names) => {
            let wanted = |(shape, fault): &(Shape, Fault)| {
                names.split(',').any(|name| name == format!("{shape:?}") || name == format!("{shape:?}{fault:?}"))
            };
            let chosen: Vec<_> = all.iter().copied().filter(wanted).collect();
            let every: Vec<_> = all.iter().map(|(shape, fault)| format!("{shape:?}{fault:?}")).collect();
            assert!(!chosen.is_empty(), "no row {names}: One, Three, {}", every.join(", "));
            chosen
        }
    }
}

async fn run(shape: Shape, fault: Fault) -> (Row, Vec<Violation>) {
    let mut cluster = Cluster::start(Path::new(env!("CARGO_TARGET_TMPDIR")), shape).await;
    let owner = Http::owner(cluster.address(), Some(&cluster.setup_link)).await;
    fault.prepare(&mut cluster).await;
    let random = Random::new(std::process::id().into());
    let mut load = Load::signed_in(cluster.address(), owner.cookie(), random, Manner::PATIENT);
    for _ in 1..AGENTS {
        load.add_agent();
    }
    for _ in 0..VISITORS {
        load.add_visitor();
    }
    tokio::time::sleep(WARM_UP).await;
    fault.happen(&mut cluster, shape, thorough(), None).await;
    tokio::time::sleep(AFTERMATH).await;
    let mut rest = HEALED.saturating_sub(AFTERMATH);
    if fault.mutes_the_bus() {
        // Once more, and what is said last is said while it lasts: nothing that comes later tells that something was missed.
        fault.happen(&mut cluster, shape, thorough(), Some(&load)).await;
        rest = HEALED;
    }
    let served = load.settle(rest).await;
    let conversations = load.conversations();
    let histories = load.finish().await;
    let stored = stored(&mut cluster, shape, &conversations).await;
    let violations = check(&histories, served.as_ref().unwrap_or(&stored), &stored);
    assert!(served.is_some(), "{}: the API does not show the logs: {}", fault.name(), cluster.logs());
    fault.assert_happened(&stored);
    fault.assert_goodbyes(&histories);
    let row = Row::new(shape.name(), fault.name(), &histories, &violations);
    if !violations.is_empty() {
        crate::say(&cluster.logs());
    }
    (row, violations)
}

/// The logs as the database has them, read past the nodes.
async fn stored(cluster: &mut Cluster, shape: Shape, conversations: &[Uuid]) -> Logs {
    cluster.nodes.iter_mut().filter_map(Option::take).for_each(Server::kill);
    match shape {
        Shape::One => logs::stored(&cluster.launches[0].database(), conversations).await,
        Shape::Three => {
            let store = PostgresStore::open(&Secret::new(cluster.database_url())).await.expect("open the database");
            logs::stored_in(store.as_ref(), conversations).await
        }
    }
}
