//! What models have cost: counted, reserved up to a limit, forgotten.

use super::*;

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn scope(name: &str, limit: impl Into<Option<u64>>) -> SpendScope {
    SpendScope { name: name.to_owned(), limit: limit.into() }
}

pub(in crate::store) async fn spend_is_counted_per_scope(store: Arc<dyn Store>) {
    store.add_spend(names(&["a", "b"]), 5, UnixMillis(1)).await.unwrap();
    let adds = (0..20).map(|_| store.add_spend(names(&["a"]), 7, UnixMillis(2)));
    for added in futures_util::future::join_all(adds).await {
        added.unwrap();
    }
    assert_eq!(store.spent(names(&["b", "never", "a"])).await.unwrap(), [5, 0, 145]);
    store.add_spend(names(&["a", "b", "new"]), -45, UnixMillis(3)).await.unwrap();
    assert_eq!(store.spent(names(&["a", "b", "new"])).await.unwrap(), [100, 0, 0], "never below zero");
}

/// Twenty who ask at once: each sees what the others hold, so not one more begins than the limit has room for.
pub(in crate::store) async fn spend_is_reserved_up_to_the_limit(store: Arc<dyn Store>) {
    let scopes = || vec![scope("day", 100), scope("free", None)];
    let asked = (0..20).map(|_| store.reserve_spend(scopes(), 40, UnixMillis(1)));
    let granted = futures_util::future::join_all(asked).await.into_iter().filter(|granted| *granted.as_ref().unwrap());
    assert_eq!(granted.count(), 3, "at 0, 40 and 80");
    assert_eq!(store.spent(names(&["day", "free"])).await.unwrap(), [120, 120], "a refused one counts nowhere");

    // Two of them cost less than was reserved: there is room again.
    store.add_spend(names(&["day", "free"]), -60, UnixMillis(2)).await.unwrap();
    assert!(store.reserve_spend(scopes(), 40, UnixMillis(3)).await.unwrap());
    assert!(!store.reserve_spend(scopes(), 40, UnixMillis(4)).await.unwrap(), "100 of 100");
    let full = vec![scope("free", None), scope("other", None), scope("day", 100)];
    assert!(!store.reserve_spend(full, 1, UnixMillis(5)).await.unwrap(), "the last one's limit counts as well");
    assert_eq!(store.spent(names(&["free", "other", "day"])).await.unwrap(), [100, 0, 100]);
}

pub(in crate::store) async fn old_spend_is_forgotten(store: Arc<dyn Store>) {
    for (at, name) in (1..).zip(["oldest", "older", "old", "now"]) {
        store.add_spend(names(&[name]), 5, UnixMillis(at)).await.unwrap();
    }
    store.add_spend(names(&["older"]), 1, UnixMillis(9)).await.unwrap();
    assert_eq!(store.prune_spend(UnixMillis(4), 1).await.unwrap(), 1);
    assert_eq!(store.spent(names(&["oldest", "old"])).await.unwrap(), [0, 5], "the oldest first");
    assert_eq!(store.prune_spend(UnixMillis(4), 10).await.unwrap(), 1);
    assert_eq!(store.prune_spend(UnixMillis(4), 10).await.unwrap(), 0);
    assert_eq!(
        store.spent(names(&["old", "now", "older"])).await.unwrap(),
        [0, 5, 6],
        "what was added to lately stays"
    );
}
