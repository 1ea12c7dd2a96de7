//! A standby takes over.

use super::insist::{Senders, until_well};
use super::proxy::{Answers, Proxy};
use super::*;

/// I1: the standby is behind when the primary dies. With `synchronous_standby_names` set, what it lacks was acknowledged to nobody, so
/// nothing is lost; and no node has to be told where the database is now.
#[tokio::test]
async fn a_standby_takes_over_with_everything_acknowledged() {
    let primary = PostgresServer::start();
    let url = primary.database();
    let link = Proxy::before(primary.port());
    let standby = Arc::new(PostgresServer::standby_of(link.port()));
    primary.configure("synchronous_standby_names = '*'");
    let replicating = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
    while primary.sql("postgres", replicating) != "1" {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let front = Proxy::before(primary.port());
    let through = front.url(&url);
    let nodes = [open(&through).await, open(&through).await];
    let senders = Senders::start(&nodes);
    tokio::time::sleep(Duration::from_millis(1_500)).await;

    link.set(Answers::Refuse);
    tokio::time::sleep(Duration::from_millis(500)).await;
    tokio::task::spawn_blocking(move || primary.kill()).await.unwrap();
    front.point_to(standby.port());
    // It reads, and refuses to write, until it is promoted.
    let promoted = Arc::clone(&standby);
    tokio::task::spawn_blocking(move || promoted.promote()).await.unwrap();
    for node in &nodes {
        until_well(node).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let url = standby.url(url.rsplit('/').next().unwrap());
    senders.stop_and_check(&standby, &url).await;
}
