//! # 23. On the wire
//!
//! A Django page ships the first 12 open orders. It lists the customer of each order, and marks the order as shipped. It
//! also counts items by quantity, from 1 to 6. You do not have the source of the page. You have `REPORT`, from the proxy
//! `wire`, which stands between a program and PostgreSQL and reads their messages. The page was opened once (recorded with
//! Django 5.2.19, psycopg 3.3.9, PostgreSQL 15.18, and a round trip of 1 ms). The advice below each finding is left out.
//!
//! `page` is the same page in Rust. It sends the same 31 statements.
//!
//! - **Predict**: read only the table at the end of the report. What is the smallest number of statements with which the
//!   page can list, mark and count as before, if the six counts stay as they are? Write it into `PREDICTED`.
//! - **Edit**: the answers, from the findings in the report. Then fix `page`.
//! - **Done** when the answers are right, and the page sends as many statements as it needs.
//!
//! Chapter: `book/src/production.md`
//!
//! Fails with: `your prediction is wrong: the statements that the page needs: 0`
//! Then fails with: `your answer is wrong: the column of the N+1: ""`

use workshop::*;

/// How many statements the page needs at least.
// TODO: your prediction, then your answers, and then the page.
const PREDICTED: u64 = 0;

/// The N+1: the column of statement 1 whose values came back as parameters, as it is written in the report.
const N_PLUS_ONE: &str = "";

/// How many statements of the N+1 loaded a customer that the page had loaded before.
const AGAIN: u64 = 0;

/// The loop of writes: the column of statement 1 whose values came back as parameters.
const LOOP: &str = "";

/// Why the last finding is only a hint: the number of the reason.
const HINT: usize = 0;

/// One of these is true of the hint, and of no other finding.
const REASONS: [&str; 4] = [
    "1. Each of its statements is fast.",
    "2. Its statements have 5 different values.",
    "3. The column in its WHERE and the column of the rows do not have related names.",
    "4. Its values come from several statements.",
];

const REPORT: &str = "
  31 statements, 31 round trips, 30 rows, 66.7 ms in all
  29.3 ms on the wire, 10.7 ms in the server
  no statement took over 100 ms in the server

  N+1: 12 statements, for 5 keys in the rows of statement 1
    SELECT … FROM customers WHERE customers.id = $1 LIMIT $2
    $1 = column customer_id of:
      SELECT orders … WHERE orders.status = $1 ORDER BY orders.id ASC LIMIT $2

  Loop of writes: 12 statements, one for each row of statement 1
    UPDATE orders SET status = $1 WHERE orders.id = $2
    $2 = column id of:
      SELECT orders … WHERE orders.status = $1 ORDER BY orders.id ASC LIMIT $2

  Hint: 5 statements, perhaps one for each of 5 rows of statement 1
    SELECT order_items … FROM order_items WHERE order_items.quantity = $1
    $1 = column customer_id of:
      SELECT orders … WHERE orders.status = $1 ORDER BY orders.id ASC LIMIT $2

  statements       rows    server  statement
          12          0   4.02 ms  UPDATE orders … = $1 WHERE orders.id = $2
          12         12   3.49 ms  SELECT customers … id = $1 LIMIT $2
           6          6   1.73 ms  SELECT order_items … quantity = $1
           1         12   1.50 ms  SELECT orders … BY orders.id ASC LIMIT $2
";

#[derive(Debug, PartialEq)]
struct Shipped {
    order: i64,
    customer: String,
}

/// Ships 12 orders. Returns them, and the number of items of each quantity.
fn page(session: &Session) -> Result<(Vec<Shipped>, Vec<u64>)> {
    let open = Order::select().filter(Order::STATUS.eq("open")).order_by(Order::ID.asc()).limit(12);
    let orders = session.all(open)?;
    let mut shipped = Vec::new();
    for order in &orders {
        shipped.push(Shipped { order: order.id, customer: order.customer()?.last_name.clone() });
        let this = Order::select().filter(Order::ID.eq(order.id));
        session.update_all(this, [Order::STATUS.set("shipped")])?;
    }

    let items =
        (1..=6).map(|quantity| session.count(OrderItem::select().filter(OrderItem::QUANTITY.eq(quantity))));
    Ok((shipped, items.collect::<Result<_>>()?))
}

fn main() -> Result<()> {
    println!("{REPORT}");
    println!("your answers: {N_PLUS_ONE:?}, {AGAIN} again, {LOOP:?}");
    println!("the hint: {}", HINT.checked_sub(1).and_then(|index| REASONS.get(index)).unwrap_or(&"?"));
    println!();
    println!("predicted: {PREDICTED}");
    let session = shop(60);
    session.echo(has_argument("echo"));
    let (shipped, items) = page(&session)?;
    println!("the page in Rust ships {} orders, and counts {items:?} items", shipped.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A finding of the report.
    #[derive(Default)]
    struct Finding {
        statements: u64,
        /// How many different values its statements have.
        keys: u64,
        /// Whether the values come from one statement.
        is_from_one: bool,
        /// The column of the rows. The table is `orders` in each finding.
        column: &'static str,
        /// The table and the column that the values are compared with.
        searched: (&'static str, &'static str),
    }

    impl Finding {
        /// Returns whether the columns belong together, as `orders.customer_id` and `customers.id` do.
        fn is_related(&self) -> bool {
            let name = |table: &str, column: &str| match column {
                "id" => table.trim_end_matches('s').to_owned(),
                column => column.trim_end_matches("_id").to_owned(),
            };
            name("orders", self.column) == name(self.searched.0, self.searched.1)
        }
    }

    /// The same as `REASONS`.
    const REASONS_IN_RUST: [fn(&Finding) -> bool; 4] = [
        |_| REPORT.contains("no statement took over 100 ms"),
        |finding| finding.keys == 5,
        |finding| !finding.is_related(),
        |finding| !finding.is_from_one,
    ];

    /// Reads the findings: the N+1, the loop of writes, and the hint.
    fn findings() -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        for line in REPORT.lines() {
            let words: Vec<_> = line.split([' ', ',']).filter(|word| !word.is_empty()).collect();
            let number = |unit| {
                let at = words.iter().position(|word| *word == unit)?;
                words[at - 1].parse::<u64>().ok()
            };
            if line.contains(" of statement ") {
                let statements = number("statements").unwrap_or_default();
                let keys = number("keys").unwrap_or(statements);
                let is_from_one = line.ends_with("statement 1");
                findings.push(Finding { statements, keys, is_from_one, ..Finding::default() });
            }
            let Some(finding) = findings.last_mut() else { continue };
            if let Some((_, column)) = line.split_once("= column ") {
                finding.column = column.trim_end_matches(" of:");
            } else if let Some((_, searched)) =
                line.split_once(" WHERE ").filter(|_| finding.column.is_empty())
            {
                let column = searched.split(' ').next().unwrap_or_default();
                finding.searched = column.split_once('.').unwrap_or_default();
            }
        }
        findings
    }

    /// Returns how many statements the page needs. The N+1 needs none of its own, because the statement of the orders can
    /// return the customers. The loop of writes needs one.
    fn needed() -> u64 {
        let [n_plus_one, writes, _] = &findings()[..] else { panic!("three findings") };
        31 - n_plus_one.statements - writes.statements + 1
    }

    /// Checks the prediction. Afterwards, the tests grade the answers and the page.
    fn the_prediction_is_right() {
        let help = "which lines of the table could be one statement for all orders?";
        expect_prediction("the statements that the page needs", PREDICTED, needed(), help);
    }

    #[test]
    fn the_answers_are_right() {
        the_prediction_is_right();
        let [n_plus_one, writes, hint] = &findings()[..] else { panic!("three findings") };
        let help = "it is named in the first finding, below the statement";
        expect_answer("the column of the N+1", N_PLUS_ONE, N_PLUS_ONE == n_plus_one.column, help);
        let again = n_plus_one.statements - n_plus_one.keys;
        let help = "how many different customers do its statements load?";
        expect_answer("the customers loaded again", AGAIN, AGAIN == again, help);
        let help = "it is named in the second finding, below the statement";
        expect_answer("the column of the loop of writes", LOOP, LOOP == writes.column, help);

        let reason = HINT.checked_sub(1).and_then(|index| REASONS_IN_RUST.get(index));
        let is_true = reason.is_some_and(|reason| reason(hint));
        expect_answer(
            "the reason of the hint",
            HINT,
            is_true,
            "this is not true of the hint; read the hint again",
        );
        let is_of_others =
            [n_plus_one, writes].into_iter().any(|other| reason.is_some_and(|reason| reason(other)));
        expect_answer(
            "the reason of the hint",
            HINT,
            !is_of_others,
            "this is also true of another finding; compare the three",
        );
    }

    #[derive(FromRow)]
    struct Row {
        order: i64,
        customer: String,
    }

    const OPEN: &str = r#"
        SELECT orders.id AS "order", last_name AS customer FROM orders JOIN customers ON customers.id = customer_id
        WHERE status = 'open' ORDER BY orders.id LIMIT 12"#;

    #[test]
    fn the_page_sends_what_it_needs() {
        the_prediction_is_right();
        for customers in [60, 200] {
            let session = shop(customers);
            let open: Vec<_> = truth::<Row>(&session, OPEN)
                .into_iter()
                .map(|Row { order, customer }| Shipped { order, customer })
                .collect();
            let (shipped, items) = expect_statements(&session, needed(), || page(&session));
            expect_lines(&shipped, &open);
            assert!(items.len() == 6, "the page counts the items of six quantities");
            for Shipped { order, .. } in &shipped {
                let status = session.get::<Order>(*order).expect("the order").status;
                assert!(status == "shipped", "order {order} is still {status}");
            }
        }
    }
}
