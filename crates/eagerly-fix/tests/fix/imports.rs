//! Names that are not in scope: strategies are written with a path, and entities are imported or left to the reader.

use eagerly_watch::Change;

use crate::support::*;

const OTHER: &str = "`Order` has another meaning in this file, or in some builds";

const CALL: &str = "fn f(s: &Session) { s.‸all(Customer::select()); }\n";

/// Returns the source with a page below these imports, after adding a path, and the notes.
fn with_imports(imports: &str, path: &str) -> (String, Vec<String>) {
    let text = format!("{imports}\n{CALL}");
    let new = added(&text, path);
    let (_, edited) = apply(&text, &[(Change::Add, path)]);
    (new, edited.notes)
}

#[test]
fn a_strategy_that_is_not_imported_is_written_with_its_path() {
    let cases = [
        ("use eagerly::*; use shop::*;", "selectin("),
        ("use eagerly::{Session, selectin}; use shop::*;", "selectin("),
        ("use eagerly::Session; use shop::*;", "eagerly::selectin("),
        ("use eagerly::*; use shop::*; fn selectin() {}", "eagerly::selectin("),
        ("use eagerly::*; use shop::*; use mine::selectin;", "eagerly::selectin("),
        ("use eagerly::joined as selectin; use shop::*;", "eagerly::selectin("),
        ("#[cfg(test)] use eagerly::selectin; use shop::*;", "eagerly::selectin("),
    ];
    for (imports, written) in cases {
        let (text, notes) = with_imports(imports, ORDERS);
        assert!(text.contains(&format!(".with({written}Customer::ORDERS))")), "{imports}: {text}");
        assert!(notes.is_empty());
    }
}

#[test]
fn a_strategy_that_a_variable_hides_is_written_with_its_path() {
    let text =
        "use {eagerly::*, shop::*};\nfn f(s: &Session, selectin: bool) { s.‸all(Customer::select()); }\n";
    assert!(added(text, ORDERS).contains(".with(eagerly::selectin(Customer::ORDERS))"));
}

#[test]
fn an_entity_is_imported_beside_its_neighbour() {
    let cases = [
        ("use shop::Customer;", "use shop::{Customer, Order};"),
        ("use shop::{Customer, page};", "use shop::{Customer, Order, page};"),
        ("use shop::{\n    Customer,\n    Size,\n};", "use shop::{\n    Customer, Order,\n    Size,\n};"),
        ("use {shop::{Address, Customer}, x::Y};", "use {shop::{Address, Customer, Order}, x::Y};"),
        ("use crate::models::{customer, Customer};", "use crate::models::{customer, Customer, Order};"),
    ];
    for (before, after) in cases {
        let (text, notes) = with_imports(&format!("use eagerly::*;\n{before}"), ITEMS);
        assert!(text.contains(&format!("\n{after}\n")), "{text}");
        assert!(text.contains(".with(selectin(Customer::ORDERS).selectin(Order::ITEMS))"), "{text}");
        assert!(notes[0].starts_with("`Order` is assumed to be in `"), "{notes:?}");
    }
}

#[test]
fn several_entities_are_added_to_one_import() {
    let path = "selectin(Zoo::CAGES).selectin(Cage::ANIMALS).selectin(Animal::FOOD)";
    let text = "use eagerly::*;\nuse park::Zoo;\nfn f(s: &Session) { s.‸all(Zoo::select()); }\n";
    assert!(added(text, path).contains("\nuse park::{Animal, Cage, Zoo};\n"));
    let text = text.replace("park::Zoo", "park::{Zoo, visit}");
    assert!(
        added(&text, path).contains("\nuse park::{Animal, Cage, Zoo, visit};\n"),
        "{}",
        added(&text, path)
    );
}

#[test]
fn an_entity_is_written_with_the_path_of_the_query() {
    let text = "use eagerly::selectin;\nfn f(s: &Session) { s.‸all(models::Customer::select()); }\n";
    let after = "s.all(models::Customer::select().with(selectin(models::Customer::ORDERS).selectin(models::Order::ITEMS)))";
    assert!(added(text, ITEMS).contains(after));
}

#[test]
fn self_is_the_entity_of_its_impl() {
    let page = |call: &str| {
        format!(
            "use eagerly::*;\nuse shop::{{Customer, Order}};\nimpl Customer {{\n    fn f(s: &Session) {{ s.‸all({call}); }}\n}}\n"
        )
    };
    let cases = [
        ("Self::select()", "Self::select().with(selectin(Self::ORDERS).selectin(Order::ITEMS))"),
        (
            "Self::select().with(lazy(Self::ORDERS))",
            "Self::select().with(selectin(Self::ORDERS).selectin(Order::ITEMS))",
        ),
        (
            "Customer::select().with(lazy(Self::ORDERS))",
            "Customer::select().with(selectin(Self::ORDERS).selectin(Order::ITEMS))",
        ),
    ];
    for (before, after) in cases {
        let text = added(&page(before), ITEMS);
        assert!(text.contains(&format!("s.all({after});")), "{text}");
    }
    let text = removed(&page("Self::select().with(selectin(Self::ORDERS))"), ORDERS);
    assert!(text.contains("s.all(Self::select());"), "{text}");
    let other = page("Self::select()").replace("impl Customer", "impl Page");
    assert!(left(&other, Change::Add, ORDERS).starts_with("the query at this place selects `Self`"));
}

#[test]
fn names_that_are_imported_or_defined_around_the_query_are_used() {
    let cases = [
        "use shop::*;",
        "use shop::{Customer, Order};",
        "use shop::Customer;\nuse shop::Order;",
        "struct Customer; struct Order;",
        "use shop::Customer; enum Order {}",
    ];
    for imports in cases {
        let (text, _) = with_imports(&format!("use eagerly::*;\n{imports}"), ITEMS);
        assert!(text.contains(&format!("{imports}\n")), "{text}");
        assert!(text.contains(".with(selectin(Customer::ORDERS).selectin(Order::ITEMS))"), "{text}");
    }
    let in_function = "use shop::Customer;\nfn f(s: &Session) {\n    use {eagerly::selectin, shop::Order};\n    s.‸all(Customer::select());\n}\n";
    assert!(
        added(in_function, ITEMS)
            .contains("select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS))")
    );
    let in_tests = "use {eagerly::*, shop::Customer};\nmod tests {\n    use super::*;\n    fn f(s: &Session) { s.‸all(Customer::select()); }\n}\n";
    let text = added(in_tests, ITEMS);
    assert!(text.contains("use {eagerly::*, shop::{Customer, Order}};"), "{text}");
    assert!(text.contains(".with(selectin(Customer::ORDERS)"), "{text}");
}

#[test]
fn an_entity_without_a_sure_import_is_left_to_the_reader() {
    let cases = [
        ("struct Customer;", "`Order` is not imported here"),
        ("pub use shop::Customer;", "`Order` is not imported here"),
        ("#[cfg(test)] use shop::Customer;", "`Order` is not imported here"),
        ("use shop::Customer; use std::cmp::Reverse as Order;", "`Order` has another meaning in this file"),
        // A second import of the name would not compile.
        ("use shop::Customer; trait Order {}", OTHER),
        ("use shop::Customer; #[cfg(test)] use shop::Order;", OTHER),
        ("use shop::Customer; #[cfg(test)] use {x::Y, shop::{Size, Order}};", OTHER),
        ("use shop::Customer; #[cfg(test)] struct Order;", OTHER),
    ];
    for (imports, reason) in cases {
        assert_eq!(
            left(&format!("use eagerly::*;\n{imports}\n{CALL}"), Change::Add, ITEMS),
            reason,
            "{imports}"
        );
    }
    let module = format!(
        "use eagerly::*; use shop::*;\nmod inner {{ use shop::Size; use {{shop::customer}};\n{CALL}}}\n"
    );
    assert_eq!(left(&module, Change::Add, ITEMS), "`Order` is not imported here");
}
