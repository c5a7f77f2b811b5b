//! The fixes of a report, and the file to which detectors append them.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use eagerly::{Result, Session, Strategy, joined, lazy, selectin};
use eagerly_watch::{Change, Detector, Fix, fix};
use shop::{Customer, Order, OrderItem, page};

use crate::support::{Buyer, shop_of};

fn fixes(session: &Session, work: impl FnOnce(&Session) -> Result<()>) -> Vec<Fix> {
    let detector = Detector::attach(session);
    work(session).unwrap();
    detector.report().fixes()
}

/// Returns what a reader of the file needs, without the place.
fn facts(fixes: &[Fix]) -> Vec<(Change, &str, &str, u64, u64)> {
    let facts = fixes
        .iter()
        .map(|fix| (fix.change, fix.entity.as_str(), fix.path.as_str(), fix.statements, fix.saved));
    facts.collect()
}

#[test]
fn an_n_plus_one_is_a_path_to_add_at_the_place_of_the_query() {
    let session = shop_of(20);
    let found = fixes(&session, |session| page::rows(&session.all(Customer::select())?).map(drop));
    let path = "selectin(Customer::ORDERS).selectin(Order::ITEMS)";
    assert_eq!(facts(&found), [(Change::Add, "Customer", path, 80, 78)]);
    assert_eq!((found[0].file.as_str(), found[0].line, found[0].column), (file!(), line!() - 3, 63));
    assert_eq!(found[0].reason, "Customer.orders: 20 statements, Order.items: 60 statements, one per parent");
}

#[test]
fn paths_that_share_their_beginning_count_it_once() {
    let session = shop_of(20);
    let found = fixes(&session, |session| {
        for buyer in &session.all(Buyer::select())? {
            for order in buyer.orders()? {
                order.items()?;
                order.buyer()?;
            }
        }
        Ok(())
    });
    let expected = [
        (Change::Add, "Buyer", "selectin(Buyer::ORDERS).selectin(Purchase::BUYER)", 80, 78),
        (Change::Add, "Buyer", "selectin(Buyer::ORDERS).selectin(Purchase::ITEMS)", 60, 59),
    ];
    assert_eq!(facts(&found), expected);
}

#[test]
fn an_unused_eager_load_is_a_path_to_remove() {
    let session = shop_of(20);
    let found = fixes(&session, |session| {
        let path = selectin(Customer::ORDERS).selectin(Order::ITEMS);
        session.all(Customer::select().with(path))?;
        for order in
            &session.all(Order::select().with(joined(Order::CUSTOMER)).with(selectin(Order::ITEMS)))?
        {
            order.items()?;
        }
        Ok(())
    });
    // Removing the orders removes their items too.
    let expected = [
        (Change::Remove, "Customer", "selectin(Customer::ORDERS)", 1, 1),
        (Change::Remove, "Order", "joined(Order::CUSTOMER)", 0, 0),
    ];
    assert_eq!(facts(&found), expected);
    assert_eq!(found[0].reason, "Customer.orders: 60 rows, never accessed");
}

#[test]
fn what_no_load_path_fixes_is_left_out() {
    let session = shop_of(20);
    let found = fixes(&session, |session| {
        // Rows by their keys.
        for order in session.get::<Customer>(1)?.orders()? {
            order.items()?;
        }
        // Reloaded rows.
        for mut buyer in session.all(Buyer::select().with(selectin(Buyer::ORDERS)))? {
            buyer.orders()?;
            buyer.orders.reload();
            buyer.orders()?;
        }
        // Rows that are preloaded one at a time.
        for item in &session.all(OrderItem::select())? {
            session.preload([item], selectin(OrderItem::ORDER))?;
        }
        // Chunks of one row.
        session.chunks(Order::select(), 1, |orders| orders[0].items().map(drop))
    });
    assert_eq!(facts(&found), []);
}

#[test]
fn a_refused_statement_is_a_path_to_add() {
    let session = shop_of(20);
    let detector = Detector::refusing(&session);
    page::rows(&session.all(Customer::select()).unwrap()).unwrap_err();
    assert_eq!(detector.report().fixes()[0].path, "selectin(Customer::ORDERS)");
}

#[test]
fn a_fix_is_one_line_of_json_and_comes_back_as_it_was() {
    let session = shop_of(20);
    for strategy in [Strategy::Lazy, Strategy::Immediate] {
        session.default_strategy(strategy);
        for fix in fixes(&session, |session| {
            page::rows(&session.all(Customer::select().with(lazy(Customer::ORDERS)))?).map(drop)
        }) {
            let line = serde_json::to_string(&fix).unwrap();
            assert!(
                line.starts_with("{\"file\":\"crates/eagerly-watch/tests/watch/fixes.rs\",\"line\":")
                    && !line.contains('\n'),
                "{line}"
            );
            assert_eq!(serde_json::from_str::<Fix>(&line).unwrap(), fix);
        }
    }
}

#[test]
fn the_root_is_the_first_folder_with_a_lock_file_and_the_source() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("member/src/bin")).unwrap();
    fs::write(root.join("member/src/lib.rs"), "").unwrap();
    let from = root.join("member/src/bin");
    assert_eq!(fix::root(&from, "member/src/lib.rs"), None);
    fs::write(root.join("Cargo.lock"), "").unwrap();
    assert_eq!(fix::root(&from, "member/src/lib.rs").as_deref(), Some(root));
    assert_eq!(fix::root(&from, "src/lib.rs"), None);
    // A package of its own, or a lock file that was left behind.
    fs::write(root.join("member/Cargo.lock"), "").unwrap();
    assert_eq!(fix::root(&from, "src/lib.rs"), Some(root.join("member")));
    assert_eq!(fix::root(&from, "member/src/lib.rs").as_deref(), Some(root));
}

/// Runs the test of this name, which is one of those below, in a process of its own.
fn child(name: &str, advice: &std::path::Path) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", &format!("fixes::{name}"), "--ignored", "--nocapture"]).env(fix::ADVICE, advice);
    child
}

#[test]
#[ignore = "runs in a process of its own"]
fn appending() {
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let session = shop_of(3);
                for _ in 0..25 {
                    let _detector = Detector::attach(&session);
                    page::rows(&session.all(Customer::select()).unwrap()).unwrap();
                    session.all(Order::select().with(joined(Order::CUSTOMER))).unwrap()[0]
                        .customer()
                        .unwrap();
                }
            });
        }
    });
}

#[test]
fn processes_that_append_at_once_do_not_mix_their_lines() {
    let folder = tempfile::tempdir().unwrap();
    let advice = folder.path().join("advice.jsonl");
    let children: Vec<_> = (0..4).map(|_| child("appending", &advice).spawn().unwrap()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let text = fs::read_to_string(&advice).unwrap();
    let mut lines = BTreeMap::new();
    for line in text.lines() {
        let fix: Fix = serde_json::from_str(line).unwrap();
        *lines.entry((format!("{:?}", fix.change), fix.path)).or_insert(0) += 1;
    }
    let expected = [
        (("Add".to_owned(), "selectin(Customer::ORDERS).selectin(Order::ITEMS)".to_owned()), 400),
        (("Keep".to_owned(), "joined(Order::CUSTOMER)".to_owned()), 400),
    ];
    assert_eq!(lines, BTreeMap::from(expected));
}

#[test]
fn advice_that_cannot_be_written_is_reported_once_and_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let output = child("appending", folder.path()).output().unwrap();
    assert!(output.status.success());
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(errors.matches("cannot write the advice to ").count(), 1, "{errors}");
    assert_eq!(errors.matches("\n  help: ").count(), 1, "{errors}");
}

#[test]
fn a_run_without_findings_writes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let advice = folder.path().join("advice.jsonl");
    assert!(child("clean", &advice).status().unwrap().success());
    assert!(!advice.exists());
}

#[test]
#[ignore = "runs in a process of its own"]
fn clean() {
    let session = shop_of(3);
    let _detector = Detector::attach(&session);
    session.all(Customer::select()).unwrap();
}
