//! # 20. Read a waterfall
//!
//! A page shows 3 customers with 9 orders, and a round trip to its database takes 1 ms. The source of the page is not
//! available, but a recording of its statements is. The table below shows it, without BEGIN and COMMIT. A bar begins when
//! its statement is sent, and ends when the answer arrives. Such a picture is called a waterfall.
//!
//! The column `parents` names the statement that returned the parents of these rows. The parents of orders are
//! customers. The column `at` has the line of code that caused the statement. For `lazy`, this is the line of the access.
//! For all other statements, it is the line of the query. The column `call` has the method that caused it. `get` reads one
//! row by its key, and `all` the rows of a query. `lazy` and `selectin` are the strategies that load a relation. With
//! `selectin`, the query has a load path.
//!
//! - **Predict**: which statements share their parents? Could one statement replace them? Write your prediction down. The
//!   three answers will show whether it is right.
//! - **Edit**: the three answers. Which relation is loaded by a statement for each parent? Which line do you have to
//!   change to avoid that? How many of the 15 statements does that save?
//! - **Done** when the answers are right. You can also say why the line is neither that of the access, nor that of the
//!   query just before it.
//!
//! Chapter: `book/src/keep_out.md`
//!
//! Fails with: `your answer is wrong: the relation: ""`

/// The relation that is loaded by one statement for each parent, as it stands in the recording.
// TODO: your answers.
const RELATION: &str = "";

/// The line of code to change, as it stands in the recording.
const LINE: &str = "";

/// How many of the 15 statements that saves.
const SAVED: usize = 0;

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
