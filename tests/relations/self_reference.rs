//! Rows that refer to rows of their own table.

use super::*;

on_both!(
    rows_without_a_parent_do_not_disturb_the_levels_below_them,
    two_foreign_keys_to_one_table_and_a_cycle_are_loaded_to_the_depth_of_the_path,
    a_chain_of_very_many_rows_can_be_read_and_dropped,
    an_eager_default_that_leads_back_to_its_own_entity_stays_lazy,
);

#[derive(Debug, Entity)]
#[entity(table = "employees")]
struct Employee {
    #[entity(key)]
    id: i64,
    manager_id: Option<i64>,
    mentor_id: Option<i64>,
    #[entity(key = "manager_id")]
    manager: BelongsTo<Employee>,
    #[entity(key = "mentor_id")]
    mentor: BelongsTo<Employee>,
    #[entity(foreign_key = "manager_id", strategy = "selectin")]
    reports: HasMany<Employee>,
    #[entity(foreign_key = "mentor_id")]
    students: HasMany<Employee>,
}

fn company() -> Session {
    database(&[
        "CREATE TABLE employees (id INTEGER PRIMARY KEY, manager_id INTEGER, mentor_id INTEGER)",
        "CREATE INDEX by_manager ON employees (manager_id)",
        "CREATE INDEX by_mentor ON employees (mentor_id)",
        // 4 and 5 manage each other: a cycle.
        "INSERT INTO employees VALUES (1, NULL, 3), (2, 1, 1), (3, 1, 1), (4, 5, NULL), (5, 4, 2), (6, 2, 1)",
    ])
}

type Seen = (i64, Option<i64>, Option<i64>, Vec<(i64, Vec<i64>)>, Vec<i64>);

fn seen(employee: &Employee) -> Seen {
    let ids = |employees: &[Employee]| employees.iter().map(|employee| employee.id).collect();
    let reports = employee.reports().unwrap().iter();
    (
        employee.id,
        employee.manager().unwrap().map(|manager| manager.id),
        employee.mentor().unwrap().map(|mentor| mentor.id),
        reports.map(|report| (report.id, ids(report.reports().unwrap()))).collect(),
        ids(employee.students().unwrap()),
    )
}

/// `subquery` reads the whole table, and at the second level also the rows that have no parent at the first.
fn rows_without_a_parent_do_not_disturb_the_levels_below_them() {
    let session = database(&[
        "CREATE TABLE employees (id INTEGER PRIMARY KEY, manager_id INTEGER, mentor_id INTEGER)",
        "INSERT INTO employees VALUES (1, NULL, NULL), (2, 1, 1), (3, 2, 1), (4, 3, 2), (9, 99, 9)",
    ]);
    for first in yielding() {
        for second in yielding() {
            let path = by(first, Employee::REPORTS).by(first, Employee::REPORTS);
            let query = Employee::select().with(
                path.by(second, Employee::MANAGER).by(first, Employee::STUDENTS).by(second, Employee::MENTOR),
            );
            let employees = session.all(query).unwrap_or_else(|error| panic!("{first} {second}: {error}"));
            let grandchild = &employees[0].reports().unwrap()[0].reports().unwrap()[0];
            let manager = grandchild.manager().unwrap().unwrap();
            let student = &manager.students().unwrap()[0];
            let mentor = student.mentor().unwrap().map(|mentor| mentor.id);
            assert_eq!(
                (grandchild.id, manager.id, student.id, mentor),
                (3, 2, 4, Some(2)),
                "{first} {second}"
            );
        }
    }
}

fn two_foreign_keys_to_one_table_and_a_cycle_are_loaded_to_the_depth_of_the_path() {
    let session = company();
    let all = |query: Select<Employee>| session.all(query).unwrap().iter().map(seen).collect::<Vec<_>>();
    let lazy = all(Employee::select().with(eagerly::lazy(Employee::REPORTS)));
    assert_eq!(lazy[3], (4, Some(5), None, vec![(5, vec![4])], vec![]));
    assert_eq!(lazy[0].3, [(2, vec![6]), (3, vec![])]);
    for first in yielding() {
        for second in yielding() {
            let query = Employee::select()
                .with(by(first, Employee::REPORTS).by(second, Employee::REPORTS))
                .with(by(second, Employee::STUDENTS))
                .with(by(first, Employee::MANAGER))
                .with(by(second, Employee::MENTOR));
            assert_eq!(all(query), lazy, "{first} {second}");
        }
    }
}

fn a_chain_of_very_many_rows_can_be_read_and_dropped() {
    // Each row is a statement, and 100,000 of them take a quarter of a minute on PostgreSQL.
    let rows = match crate::databases::current() {
        Dialect::Sqlite => 100_000,
        Dialect::Postgres => 10_000,
    };
    let chain = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
         INSERT INTO employees SELECT i, nullif(i, 1) - 1, NULL FROM n"
    );
    let session = database(&[
        "CREATE TABLE employees (id INTEGER PRIMARY KEY, manager_id INTEGER, mentor_id INTEGER)",
        "CREATE INDEX by_manager ON employees (manager_id)",
        &chain,
    ]);
    let lowest = session
        .all(Employee::select().filter(Employee::ID.eq(rows)).with(eagerly::lazy(Employee::REPORTS)))
        .unwrap();
    session.default_strategy(Strategy::Lazy);
    let mut at = &lowest[0];
    let mut seen = 1;
    while let Some(manager) = at.manager().unwrap() {
        at = manager;
        seen += 1;
    }
    assert_eq!((seen, at.id), (rows, 1));
    drop(lowest);
}

fn an_eager_default_that_leads_back_to_its_own_entity_stays_lazy() {
    let session = company();
    let tally = session.tally();
    session.all(Employee::select()).unwrap();
    assert_eq!(tally.statements(), 1, "eager loading would never end, so the default stays lazy");
    session.default_strategy(Strategy::Joined);
    let tally = session.tally();
    session.all(Employee::select()).unwrap();
    assert_eq!(tally.statements(), 1);
}
