//! Rows that refer to rows of their own table: two levels of a company. The query is a variable.

use eagerly::{Entity, HasMany, Result, Session};

/// An employee of a company.
#[derive(Debug, Entity)]
#[entity(table = "employees")]
pub struct Employee {
    #[entity(key)]
    pub id: i64,
    pub manager_id: Option<i64>,
    #[entity(foreign_key = "manager_id")]
    pub reports: HasMany<Employee>,
}

/// Returns the keys of the employees two levels below the heads of the company.
pub fn second_level(session: &Session) -> Result<Vec<i64>> {
    let query = Employee::select().filter(Employee::MANAGER_ID.is_null());
    let mut ids = Vec::new();
    for head in &session.all(query)? {
        for report in head.reports()? {
            ids.extend(report.reports()?.iter().map(|employee| employee.id));
        }
    }
    Ok(ids)
}
