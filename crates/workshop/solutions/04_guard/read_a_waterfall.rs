//! # 20. Read a waterfall: why this line
//!
//! - Nine statements share the parents 5, and no others share any. The bars go down like stairs, because each statement
//!   waits for the one before it, and nine of the steps are alike. This is the N+1: `Order.items`, for one order each.
//!   One statement would be enough for all. `Customer.orders` is loaded lazily, too, but once, for the one customer of
//!   statement 1. With one parent, it is no N+1.
//! - They were sent at `src/table.rs:10`. That line prints any orders. It also printed the five orders of statement 8,
//!   and sent nothing for them, because statement 9 had loaded their items.
//! - The query at `src/report.rs:15` comes just before the stairs, and is not their cause. The nine have the parents 5,
//!   the orders of all customers. 5 has the parents 4, the query for customers at `src/report.rs:10`. That query has
//!   `.with(selectin(Customer::ORDERS))`, and `.selectin(Order::ITEMS)` is missing in it.
//! - Nine statements are removed, and one for the items of all nine orders is added. 7 of the 15 statements are left.
//!   With 9,000 orders, 7 of 9,006 would be left.
//!
//! You did not have to guess. Each statement records its parents, and they record theirs. `recording.report()` follows
//! them and prints the result, and `recording.write_html("waterfall.html")` draws the picture. To see one, run `cargo
//! run --release --example waterfall` at the root of the project.

/// The relation that is loaded by one statement for each parent, as it stands in the recording.
const RELATION: &str = "Order.items";

/// The line of code to change, as it stands in the recording.
const LINE: &str = "src/report.rs:10";

/// How many of the 15 statements that saves.
const SAVED: usize = 9 - 1;

const RECORDING: &str = "
 # parents rows  call      relation         at               0 ms 5    10   15
 1       -    1  get       -                src/header.rs:8  █
 2       1    3  lazy      Customer.orders  src/header.rs:10  █
 4       -    3  all       -                src/report.rs:10   █
 5       4    9  selectin  Customer.orders  src/report.rs:10    █
 8       -    5  all       -                src/report.rs:15      █
 9       8   10  selectin  Order.items      src/report.rs:15       █
11       5    4  lazy      Order.items      src/table.rs:10         █
12       5    1  lazy      Order.items      src/table.rs:10          █
13       5    6  lazy      Order.items      src/table.rs:10           █
14       5    2  lazy      Order.items      src/table.rs:10            █
15       5    1  lazy      Order.items      src/table.rs:10              █
16       5    1  lazy      Order.items      src/table.rs:10               █
17       5    1  lazy      Order.items      src/table.rs:10                █
18       5    1  lazy      Order.items      src/table.rs:10                 █
19       5    1  lazy      Order.items      src/table.rs:10                  █
";

fn main() {
    println!("{RECORDING}");
    println!("{RELATION:?} at {LINE:?} saves {SAVED} statements");
}

#[cfg(test)]
mod tests {
    use workshop::expect_answer;

    use super::*;

    /// A line of the recording.
    #[derive(Clone, Copy)]
    struct Statement {
        number: usize,
        parents: Option<usize>,
        call: &'static str,
        relation: &'static str,
        at: &'static str,
    }

    fn statements() -> Vec<Statement> {
        let lines = RECORDING.lines().filter_map(|line| {
            let cells: Vec<_> = line.split_whitespace().collect();
            let [number, parents, _rows, call, relation, at, ..] = cells[..] else {
                return None;
            };
            Some(Statement {
                number: number.parse().ok()?,
                parents: parents.parse().ok(),
                call,
                relation,
                at,
            })
        });
        lines.collect()
    }

    /// Returns the statements that load a relation for one parent each.
    fn lazy(relation: &str) -> Vec<Statement> {
        let mut lazy = statements();
        lazy.retain(|statement| statement.call == "lazy" && statement.relation == relation);
        lazy
    }

    /// Returns the query from which the parents of a statement descend.
    fn root(statement: Statement) -> Statement {
        match statement.parents {
            None => statement,
            Some(number) => root(*statements().iter().find(|one| one.number == number).unwrap()),
        }
    }

    #[test]
    fn the_answers_are_right() {
        let relations = statements().into_iter().map(|statement| lazy(statement.relation).len());
        let most = relations.max().unwrap();
        let found = lazy(RELATION);
        let help = "which statements are `lazy` and share their parents?";
        expect_answer("the relation", RELATION, found.len() == most, help);

        let is_recorded = statements().iter().any(|statement| statement.at == LINE);
        expect_answer("the line to change", LINE, is_recorded, "copy a place from the column `at`");
        let is_an_access = found.iter().any(|statement| statement.at == LINE);
        let help = "this line accesses the relation of one parent; which line queries all?";
        expect_answer("the line to change", LINE, !is_an_access, help);
        let help = "follow `parents` up from the relation, to a query without parents";
        expect_answer("the line to change", LINE, root(found[0]).at == LINE, help);

        let needed = 1;
        let help = "which statements are no longer sent, and what replaces them?";
        expect_answer("the statements that are saved", SAVED, found.len() - needed == SAVED, help);
    }
}
