//! Which requests are accepted, which input is valid, and which headers every response has.

use crate::support::SHARED;

#[test]
fn a_request_for_another_host_is_refused() {
    let port = SHARED.address.port();
    for host in [
        format!("evil.example:{port}"),
        "evil.example".to_owned(),
        format!("192.0.2.1:{port}"),
        "127.0.0.1:1".to_owned(),
    ] {
        let answer = SHARED.get_with("/?plain=yes", &[("Host", &host)]);
        assert_eq!(answer.status, 403, "{host}");
        assert!(!answer.body.contains("Lovelace"));
    }
    assert_eq!(SHARED.get_with("/", &[]).status, 403, "no host at all");
    let localhost = format!("localhost:{port}");
    assert_eq!(SHARED.get_with("/", &[("Host", &localhost)]).status, 200);
}

#[test]
fn a_page_of_another_site_may_only_link_to_this_server() {
    let host = SHARED.address.to_string();
    let asks = |mode| {
        let headers = [("Host", host.as_str()), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", mode)];
        SHARED.get_with("/then-and-now", &headers).status
    };
    assert_eq!(asks("no-cors"), 403);
    assert_eq!(asks("cors"), 403);
    assert_eq!(asks("navigate"), 200);
}

#[test]
fn every_response_has_a_policy_that_forbids_inline_scripts() {
    for path in [
        "/",
        "/?plain=yes",
        "/race",
        "/then-and-now",
        "/side-by-side",
        "/app.js",
        "/style.css",
        "/nowhere",
        "/?size=0",
    ] {
        let answer = SHARED.get(path);
        assert!(
            answer.head.contains(
                "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';"
            ),
            "{path}: {}",
            answer.head
        );
        assert!(answer.head.contains("x-content-type-options: nosniff"));
        assert!(!answer.body.contains("style=\"") && !answer.body.contains("onclick="), "{path}");
    }
    let page = SHARED.page("customers=5").body;
    let (_, address) = page.split_once("data-address=\"/waterfall?").unwrap();
    let waterfall = SHARED.get(&format!("/waterfall?{}", address.split('"').next().unwrap()));
    assert!(waterfall.head.contains("sandbox allow-scripts"), "{}", waterfall.head);
    assert!(waterfall.body.contains("Waterfall of statements"));
}

#[test]
fn invalid_input_is_status_400_with_a_message() {
    let long = format!("/?name={}", "x".repeat(101));
    let longer = format!("/?{}", "x".repeat(5_000));
    for (path, words) in [
        ("/?orders=eager", "use one of lazy, immediate, batch, "),
        ("/?size=0", "a number from 1 to 10000"),
        ("/?size=99999999999999999999", "a number from 1 to 10000"),
        ("/?page=-1", "a number from 1 to 1000000"),
        ("/?trip=151", "a number of milliseconds from 0 to 150"),
        ("/?trip=NaN", "a number of milliseconds from 0 to 150"),
        ("/?slow=0", "a number of milliseconds from 0.001 to 10000"),
        ("/?wait=perhaps", "set it to yes or no"),
        ("/?shop=%00", "set it to production or development"),
        ("/build?customers=none", "a number from 1 to 10000"),
        ("/growth?page=x", "a number from 1"),
        ("/side?page=x", "a number from 1"),
        ("/side-by-side?step=11", "a number from 1 to 10"),
        ("/race?page=x", "a number from 1"),
        ("/race/run?page=x", "a number from 1"),
        ("/then-and-now?page=x", "a number from 1"),
        (long.as_str(), "100 characters or fewer"),
        (longer.as_str(), "longer than 2000 characters"),
    ] {
        let answer = SHARED.get(path);
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.body.contains(words), "{path}: {}", answer.body);
    }
    assert_eq!(SHARED.get("/nowhere").status, 404);
}

#[test]
fn odd_input_within_bounds_is_accepted() {
    for query in [
        "name=%00",
        "name=%FF%FE",
        "name=%25%5F",
        "name=%27%3B+DROP+TABLE+customers%3B--",
        "size=10000&page=1000000&orders=joined&items=subquery",
        "unknown=1&&&=&==",
        "orders=&items=&size=&page=&name=&trip=&slow=",
        "trip=0&wait=yes",
        "orders=sql&items=joined&size=10000&page=1000000",
        "orders=sql&name=%27%25_",
    ] {
        assert_eq!(SHARED.page(query).status, 200, "{query}");
    }
    assert_eq!(SHARED.page("").lines().len(), 60, "nothing was dropped");
}
