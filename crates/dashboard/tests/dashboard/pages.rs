//! Every strategy returns the same page. The number of statements differs, and it is exact.

use eagerly::Strategy;

use crate::support::{CUSTOMERS, ITEMS, ORDERS, SHARED, Server};

#[test]
fn every_strategy_returns_the_same_lines_with_its_exact_number_of_statements() {
    let lazy = SHARED.page("").lines();
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
        let page = SHARED.page(&format!("orders={strategy}&items={strategy}"));
        assert_eq!(page.status, 200);
        assert_eq!(page.lines(), lazy, "{strategy}");
        assert_eq!(page.statements(), statements, "{strategy}");
    }
    let rows = eagerly::numbers::count(u64::from(CUSTOMERS) + ORDERS + ITEMS);
    assert!(SHARED.page("").body.contains(&format!("{rows} rows read")));
}

#[test]
fn one_sql_statement_returns_the_same_lines_on_every_page() {
    let all = SHARED.page("").lines();
    for (query, lines) in [("", &all[..]), ("&size=7&page=3", &all[14..21]), ("&customers=5", &all[..5])] {
        let page = SHARED.page(&format!("orders=sql{query}"));
        assert_eq!((page.lines().as_slice(), page.statements()), (lines, 1), "{query}");
    }
    for name in ["ada", "Zo", "o", "%", "_", "'"] {
        let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let [objects, sql] =
            ["selectin", "sql"].map(|way| SHARED.page(&format!("orders={way}&name={name}")).lines());
        assert_eq!(objects, sql, "{name}");
    }
}

#[test]
fn every_mix_of_strategies_returns_the_same_lines_on_every_page() {
    let all = SHARED.page("").lines();
    for orders in Strategy::ALL.map(Strategy::name) {
        for items in Strategy::ALL.map(Strategy::name) {
            let page = SHARED.page(&format!("orders={orders}&items={items}&size=7&page=3"));
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
    let all = SHARED.page("").lines();
    for (query, lines) in [
        ("size=10&page=1", &all[..10]),
        ("size=10&page=6", &all[50..]),
        ("customers=5", &all[..5]),
        ("customers=50&size=40&page=2", &all[40..50]),
        ("customers=50&size=40&page=3", &all[..0]),
    ] {
        let page = SHARED.page(&format!("orders=joined&items=joined&{query}"));
        assert_eq!(page.lines(), lines, "{query}");
        assert_eq!(page.statements(), 1);
    }
}

#[test]
fn raise_names_the_relation_both_lines_and_the_fix() {
    let page = SHARED.page("orders=raise");
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
fn the_page_shows_its_cost_first_and_the_tabs_show_the_reasons() {
    let page = SHARED.page("trip=1").body;
    let lost = eagerly::numbers::time(std::time::Duration::from_millis(1 + u64::from(CUSTOMERS) + ORDERS));
    for words in [
        "<b>301</b> <span>statements, 1,020 rows read",
        &format!("<b>{lost}</b> modelled, at "),
        "<b>N+1.</b> 1 statement returns a list. Then 60 load Customer.orders and 240 load Order.items, one for each row.",
        "Findings (2)",
        ".with(selectin(Customer::ORDERS)<wbr>.selectin(Order::ITEMS))",
        "Order.items",
        "lazy Customer.orders at crates/shop/src/page.rs:",
        "SEARCH orders USING INDEX orders_customer_id",
        "<b>EMPTY. </b>0 statements over 100 ms.",
        "… and <b>101 more statements</b>",
        "1 + customers + orders",
        "    <mark>Customer::select()</mark>",
        "<mark>let orders = customer.orders()?;</mark>",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let fixed = SHARED.page("orders=selectin&items=selectin").body;
    assert!(fixed.contains("<b>No N+1.</b>") && fixed.contains("No N+1 in 3 statements."));
    assert!(fixed.contains("<mark>.with(selectin(Customer::ORDERS)<wbr>.selectin(Order::ITEMS))</mark>"));
}

#[test]
fn a_page_that_fails_has_no_time_and_is_no_success() {
    let page = SHARED.page("orders=raise&items=raise").body;
    assert!(page.contains("<b>no page</b>") && page.contains("<b>Refused.</b>"));
    assert!(!page.contains("No N+1"), "no success");
    assert!(!page.contains("modelled, at") && !page.contains("class=\"good\""));
}

#[test]
fn items_that_the_page_does_not_show_are_reported_as_unused() {
    let page = SHARED.page("orders=selectin&items=selectin&spend=no").body;
    assert!(page.contains("Unused eager load: Order.items, 720 rows"));
    let lazy = SHARED.page("orders=selectin&spend=no");
    assert_eq!(lazy.statements(), 2);
    assert!(!lazy.body.contains("Total spend"));
}

#[test]
fn a_low_threshold_fills_the_slow_query_log() {
    let page = SHARED.page("slow=0.001").body;
    assert!(!page.contains("EMPTY"));
    assert!(page.contains("<ol class=\"slow\">"));
}

#[test]
fn markup_in_data_and_links_is_shown_as_text() {
    for query in ["name=script", "", "name=%3Cscript%3Ealert(%27hello%27)%3C/script%3E"] {
        let page = SHARED.page(query).body;
        assert!(page.contains("&lt;script&gt;alert('hello')&lt;/script&gt;"), "{query}");
        assert!(!page.contains("<script>"), "{query}");
    }
    let found = SHARED.page("name=%22%3E%3Cimg%20src=x&orders=joined").body;
    assert!(!found.contains("<img"));
}

#[test]
fn a_name_is_found_literally_and_with_a_capital_letter() {
    let lines = |name: &str| SHARED.page(&format!("name={name}&orders=selectin")).lines().len();
    assert_eq!((lines("%25"), lines("_")), (0, 0));
    assert_eq!((lines("ada"), lines("lovelace"), lines("Lovelace")), (1, 1, 1));
}

#[test]
fn a_name_selects_customers_and_the_link_to_the_next_page_keeps_every_setting() {
    let all = SHARED.page("").lines();
    let matching: Vec<_> = all.iter().filter(|line| line.contains('e') || line.contains('E')).collect();
    let page = SHARED.page("orders=selectin&items=joined&name=e&size=5&trip=20&slow=5");
    assert_eq!(page.lines().len(), 5);
    assert!(page.body.contains(&format!("5 customers of {}", matching.len())));
    assert!(page.body.contains(
        "href=\"/?orders=selectin&amp;items=joined&amp;size=5&amp;page=2&amp;name=e&amp;trip=20&amp;slow=5\""
    ));
    assert!(page.body.contains("<option value=\"joined\" selected title="));
    assert!(page.body.contains("name=\"name\" type=\"search\" maxlength=\"100\" value=\"e\""));
    assert!(page.body.contains("href=\"/race?orders=selectin&amp;items=joined&amp;"));
}

#[test]
fn both_databases_and_both_strategies_are_compared_side_by_side() {
    let page = SHARED.get("/then-and-now?trip=5").body;
    for side in ["data-address=\"/side?shop=development&amp;trip=5\"", "data-address=\"/side?trip=5\""] {
        assert!(page.contains(side), "{side}");
    }
    for chosen in ["lazy", "selectin"] {
        let page = SHARED.get(&format!("/side-by-side?orders={chosen}&items={chosen}")).body;
        assert!(page.contains("data-name=\"lazy\"") && page.contains("data-name=\"selectin\""), "{chosen}");
    }
}

#[test]
fn every_step_of_the_story_is_a_link_that_works() {
    let page = SHARED.get("/?step=1").body;
    let (_, story) = page.split_once("<nav id=\"story\"").unwrap();
    let (story, _) = story.split_once("</nav>").unwrap();
    let links: Vec<_> = story.split("<a href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(links.len(), 10);
    for link in links {
        let address = link.split('#').next().unwrap().replace("&amp;", "&");
        assert_eq!(SHARED.get(&address).status, 200, "{link}");
    }
}

#[test]
fn a_page_of_33_001_statements_is_built_completely() {
    let server = Server::start(3_000, 10.0);
    let page = server.page("");
    assert_eq!(page.statements(), 33_001);
    assert_eq!(page.lines().len(), 3_000);
    assert!(page.body.contains("123,000 rows read"));
    assert!(page.body.contains("<b>33.0 s</b> modelled, at "));
    assert!(page.body.contains("<b>EMPTY. </b>") || page.body.contains("over 100 ms"));
    eprintln!("{} bytes", page.body.len());
}
