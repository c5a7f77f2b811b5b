//! Every strategy returns the same page. The number of statements differs, and it is exact.

use eagerly::Strategy;

use crate::support::{CUSTOMERS, ITEMS, ORDERS, SHARED, Server};

#[test]
fn every_strategy_returns_the_same_lines_with_its_exact_number_of_statements() {
    let lazy = SHARED.get("/").lines();
    assert_eq!(lazy.len(), CUSTOMERS as usize);
    let one_by_one = 1 + u64::from(CUSTOMERS) + ORDERS;
    for (strategy, statements) in [
        ("lazy", one_by_one),
        ("immediate", one_by_one),
        ("batch", 3),
        ("selectin", 3),
        ("subquery", 3),
        ("joined", 1),
    ] {
        let page = SHARED.get(&format!("/?orders={strategy}&items={strategy}"));
        assert_eq!(page.status, 200);
        assert_eq!(page.lines(), lazy, "{strategy}");
        assert_eq!(page.statements(), statements, "{strategy}");
    }
    let rows = eagerly::numbers::count(u64::from(CUSTOMERS) + ORDERS + ITEMS);
    assert!(SHARED.get("/").body.contains(&format!("<b>{rows}</b> <span>rows read")));
}

#[test]
fn every_mix_of_strategies_returns_the_same_lines_on_every_page() {
    let all = SHARED.get("/").lines();
    for orders in Strategy::ALL.map(Strategy::name) {
        for items in Strategy::ALL.map(Strategy::name) {
            let page = SHARED.get(&format!("/?orders={orders}&items={items}&size=7&page=3"));
            assert_eq!(page.status, 200, "{orders}, {items}");
            if orders == "raise" || items == "raise" {
                assert!(page.body.contains("must not be loaded lazily"), "{orders}, {items}");
            } else {
                assert_eq!(page.lines(), all[14..21], "{orders}, {items}");
            }
        }
    }
}

#[test]
fn a_limit_with_joined_counts_customers_and_each_has_all_of_its_orders() {
    let all = SHARED.get("/").lines();
    for (query, lines) in [
        ("size=10&page=1", &all[..10]),
        ("size=10&page=6", &all[50..]),
        ("customers=5", &all[..5]),
        ("customers=50&size=40&page=2", &all[40..50]),
        ("customers=50&size=40&page=3", &all[..0]),
    ] {
        let page = SHARED.get(&format!("/?orders=joined&items=joined&{query}"));
        assert_eq!(page.lines(), lines, "{query}");
        assert_eq!(page.statements(), 1);
    }
}

#[test]
fn raise_names_the_relation_both_lines_and_the_fix() {
    let page = SHARED.get("/?orders=raise");
    assert_eq!(page.status, 200);
    assert_eq!(page.statements(), 1);
    for words in [
        "Customer.orders, accessed at crates/shop/src/page.rs:31",
        "add `.with(selectin(Customer::ORDERS))` to the query at crates/dashboard/src/customers.rs:",
    ] {
        assert!(page.body.contains(words), "{words}");
    }
}

#[test]
fn the_toolbar_shows_the_cost_and_the_panels_show_the_reasons() {
    let page = SHARED.get("/?trip=1").body;
    let lost = eagerly::numbers::time(std::time::Duration::from_millis(1 + u64::from(CUSTOMERS) + ORDERS));
    for words in [
        &format!("<b>{lost}</b> <span>modelled, at "),
        "<b>2</b> <span>findings",
        ".with(selectin(Customer::ORDERS).selectin(Order::ITEMS))",
        "Order.items",
        "lazy Customer.orders at crates/shop/src/page.rs:31",
        "SEARCH orders USING INDEX orders_customer_id",
        "<b>EMPTY. </b>0 statements over 100 ms.",
        "1 + customers + orders",
        "    <mark>Customer::select()</mark>",
        "        <mark>let orders = customer.orders()?;</mark>",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let fixed = SHARED.get("/?orders=selectin&items=selectin").body;
    assert!(fixed.contains("No N+1 in 3 statements."));
    assert!(fixed.contains("<mark>.with(selectin(Customer::ORDERS).selectin(Order::ITEMS))</mark>"));
}

#[test]
fn items_that_the_page_does_not_show_are_reported_as_unused() {
    let page = SHARED.get("/?orders=selectin&items=selectin&spend=no").body;
    assert!(page.contains("Unused eager load: Order.items, 720 rows"));
    let lazy = SHARED.get("/?orders=selectin&spend=no");
    assert_eq!(lazy.statements(), 2);
    assert!(!lazy.body.contains("Total spend"));
}

#[test]
fn a_low_threshold_fills_the_slow_query_log() {
    let page = SHARED.get("/?slow=0.001").body;
    assert!(!page.contains("EMPTY"));
    assert!(page.contains("<ol class=\"slow\">"));
}

#[test]
fn markup_in_data_and_links_is_shown_as_text() {
    for path in ["/?name=script", "/then-and-now", "/?name=%3Cscript%3Ealert(1)%3C/script%3E"] {
        let page = SHARED.get(path).body;
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{path}");
        assert!(!page.contains("<script>"), "{path}");
    }
    let found = SHARED.get("/?name=%22%3E%3Cimg src=x&orders=joined".replace(' ', "%20").as_str()).body;
    assert!(!found.contains("<img"));
}

#[test]
fn a_name_selects_customers_and_the_link_to_the_next_page_keeps_every_setting() {
    let all = SHARED.get("/").lines();
    let matching: Vec<_> = all.iter().filter(|line| line.to_lowercase().contains('e')).collect();
    let page = SHARED.get("/?orders=selectin&items=joined&name=e&size=5&trip=20&slow=5");
    assert_eq!(page.lines().len(), 5);
    assert!(page.body.contains(&format!("5 customers of {}", matching.len())));
    assert!(page.body.contains(
        "href=\"/?orders=selectin&amp;items=joined&amp;size=5&amp;page=2&amp;name=e&amp;trip=20&amp;slow=5\""
    ));
    assert!(page.body.contains("<option value=\"joined\" selected>"));
    assert!(page.body.contains("name=\"name\" type=\"search\" maxlength=\"100\" value=\"e\""));
    assert!(page.body.contains("href=\"/race?orders=selectin&amp;items=joined&amp;"));
}

#[test]
fn one_page_compares_both_databases() {
    let page = SHARED.get("/then-and-now").body;
    assert!(page.contains("In development, it sends 16 statements. In production, it sends 301 statements."));
}

#[test]
fn a_page_of_33_001_statements_is_built_completely() {
    let server = Server::start(3_000, 10.0);
    let page = server.get("/");
    assert_eq!(page.statements(), 33_001);
    assert_eq!(page.lines().len(), 3_000);
    assert!(page.body.contains("<b>123,000</b>"));
    assert!(page.body.contains("<b>33.0 s</b> <span>modelled, at "));
    assert!(page.body.contains("<b>EMPTY. </b>") || page.body.contains("over 100 ms"));
    eprintln!("{} bytes", page.body.len());
}
