//! # 2. Read the statistics
//!
//! An admin page is slow. The slow-query log, with a threshold of 100 ms, does not help. You do not have the source of the
//! page. You have the server's own statistics of its statements, PostgreSQL's view `pg_stat_statements`. It has one line
//! for each *shape* (a statement's text without its values), and adds up all calls of that shape. The site has other
//! pages, too.
//!
//! `tests/postgres/recorded_statistics.rs` recorded the table, on PostgreSQL 15.18. It is sorted by `mean`. `total`, `mean`
//! and `max` are the view's columns `total_exec_time`, `mean_exec_time` and `max_exec_time`, in milliseconds. The texts in
//! `query` are shortened.
//!
//! - **Predict**: which line do you suspect first? Where is it if you sort by `mean`, by `total`, and by `calls`? Write it
//!   down. Then run the exercise, which prints these orders.
//! - **Edit**: the answers. Which two lines are the N+1? What does the slow-query log contain? How often was the page
//!   opened, and how many customers and orders does it show each time? How long does it wait for the network?
//! - **Done** when the answers are right, and you can say how an N+1 differs from a line with many calls.
//!
//! Chapter: `book/src/slow_log.md`
//!
//! Fails with: `your answer is wrong: the lines of the N+1: [0, 0]`

// TODO: your answers.
/// The two lines that are the N+1, in the order in which the page sends them.
const N_PLUS_ONE: [usize; 2] = [0, 0];

/// The lines whose statements are in a log of statements over 100 ms.
const IN_THE_SLOW_LOG: &[usize] = &[];

/// How often the page was opened, and how many customers and orders it shows each time.
const OPENED: u64 = 0;
const CUSTOMERS: u64 = 0;
const ORDERS: u64 = 0;

/// How long the page waits for the network each time, if each statement takes a round trip of 1 ms.
const WAIT_MS: u64 = 0;

const STATISTICS: &str = "
line calls  total     mean    max   rows  query
   1     1  139.5  139.479  139.5    120  … order_items a JOIN order_items b …
   2     5    1.8    0.351    1.1   2000  … FROM customers ORDER BY id
   3   300   15.1    0.050    0.6   6000  … FROM orders LEFT JOIN customers …
   4  2000   59.0    0.029    8.6  18000  … FROM orders WHERE customer_id = $1
   5   150    3.1    0.021    0.1    150  UPDATE orders SET status = $1 …
   6 18000  238.6    0.013    3.1  54000  … FROM order_items WHERE order_id = $1
   7  2500   16.9    0.007    0.7   2500  … FROM customers WHERE id = $1
";

/// A line of the statistics. Times are in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
struct Line {
    number: usize,
    calls: u64,
    total: f64,
    mean: f64,
    max: f64,
    rows: u64,
}

type Column = fn(&Line) -> f64;

fn lines() -> Vec<Line> {
    let lines = STATISTICS.lines().filter_map(|line| {
        let cells: Vec<_> = line.split_whitespace().collect();
        let [number, calls, total, mean, max, rows, ..] = cells[..] else {
            return None;
        };
        Some(Line {
            number: number.parse().ok()?,
            calls: calls.parse().ok()?,
            total: total.parse().ok()?,
            mean: mean.parse().ok()?,
            max: max.parse().ok()?,
            rows: rows.parse().ok()?,
        })
    });
    lines.collect()
}

fn main() {
    println!("{STATISTICS}");
    let columns: [(&str, Column); 5] = [
        ("mean", |line| line.mean),
        ("max", |line| line.max),
        ("total", |line| line.total),
        ("calls", |line| line.calls as f64),
        ("rows", |line| line.rows as f64),
    ];
    for (name, column) in columns {
        let mut lines = lines();
        lines.sort_by(|a, b| column(b).total_cmp(&column(a)));
        let numbers: Vec<_> = lines.iter().map(|line| line.number.to_string()).collect();
        println!("by {name:<5}  lines {}", numbers.join(", "));
    }
    println!("\nN+1: lines {N_PLUS_ONE:?}, in the slow log: lines {IN_THE_SLOW_LOG:?}");
    println!("opened {OPENED} times: {CUSTOMERS} customers, {ORDERS} orders, {WAIT_MS} ms of round trips");
}

#[cfg(test)]
mod tests {
    use workshop::expect_answer;

    use super::*;

    /// Returns the other line that returned a row for each call of this one.
    fn parents(number: usize) -> Option<Line> {
        let lines = lines();
        let line = *lines.iter().find(|line| line.number == number)?;
        lines.into_iter().find(|other| other.number != number && other.rows == line.calls)
    }

    fn line(number: usize) -> Line {
        lines().into_iter().find(|line| line.number == number).unwrap_or_default()
    }

    #[test]
    fn the_answers_are_right() {
        let help = "find lines that are called once for each row of another line";
        let are_called_for_rows = N_PLUS_ONE.iter().all(|number| parents(*number).is_some());
        expect_answer("the lines of the N+1", N_PLUS_ONE, are_called_for_rows, help);
        let [orders, items] = N_PLUS_ONE;
        let is_in_order = parents(items).is_some_and(|parents| parents.number == orders);
        let help = "one of the two returns the keys that the other one needs";
        expect_answer("the order of the two lines", N_PLUS_ONE, is_in_order, help);

        let mut logged = IN_THE_SLOW_LOG.to_vec();
        logged.sort_unstable();
        let is_right = lines().iter().filter(|line| line.max >= 100.0).map(|line| line.number).eq(logged);
        let help = "the log contains a statement if this one took 100 ms";
        expect_answer("the lines in the slow log", IN_THE_SLOW_LOG, is_right, help);

        let customers = parents(orders).unwrap_or_default();
        let help = "which of its statements does the page send only once?";
        expect_answer("how often the page was opened", OPENED, OPENED == customers.calls, help);
        let help = "the columns add up all calls";
        expect_answer("the customers of the page", CUSTOMERS, CUSTOMERS * OPENED == customers.rows, help);
        expect_answer("the orders of the page", ORDERS, ORDERS * OPENED == line(orders).rows, help);
        let statements = [customers, line(orders), line(items)].map(|line| line.calls).iter().sum::<u64>();
        let help = "count all statements of the page, its first one, too";
        expect_answer("the milliseconds that it waits", WAIT_MS, WAIT_MS * OPENED == statements, help);
    }
}
