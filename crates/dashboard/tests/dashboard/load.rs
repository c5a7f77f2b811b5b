//! Many clients at once. Every page is correct, and no request fails.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::support::Server;

const CLIENTS: usize = 64;

/// Runs 64 clients for `time`. Each requests pages with all strategies, one after the other. Returns the
/// number of pages.
fn load(server: &Server, time: Duration) -> u64 {
    let lazy = server.page("size=20").lines();
    let answered = AtomicU64::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (lazy, answered) = (&lazy, &answered);
            scope.spawn(move || {
                let strategies = ["lazy", "immediate", "batch", "selectin", "subquery", "joined"];
                let mut turn = client;
                while start.elapsed() < time {
                    let (orders, items) = (strategies[turn % 6], strategies[turn / 6 % 6]);
                    let page = server.page(&format!("size=20&orders={orders}&items={items}"));
                    assert_eq!(page.status, 200, "{orders}, {items}");
                    assert_eq!(page.lines(), *lazy, "{orders}, {items}");
                    if orders == items && turn % 6 > 2 {
                        assert_eq!(page.statements(), if orders == "joined" { 1 } else { 3 });
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                    turn += 1;
                }
            });
        }
    });
    server.wait_until_running(0);
    let pages = answered.load(Ordering::Relaxed);
    eprintln!(
        "{pages} pages in {:?}, {:.0} a second",
        start.elapsed(),
        pages as f64 / start.elapsed().as_secs_f64()
    );
    pages
}

#[test]
fn sixty_four_clients_at_once_get_correct_pages() {
    assert!(load(&Server::start(60, 4.0), Duration::from_secs(3)) >= CLIENTS as u64);
}

#[test]
#[ignore = "it takes 30 seconds"]
fn sixty_four_clients_for_thirty_seconds_get_correct_pages() {
    assert!(load(&Server::start(60, 4.0), Duration::from_secs(30)) >= CLIENTS as u64);
}
