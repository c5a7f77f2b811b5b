//! The tab of the plan: what the query will send, computed before the page runs.

use eagerly::PlanStep;
use eagerly::numbers::counted;
use maud::{Markup, html};

use super::copied;
use crate::build::Built;

/// Renders the plan.
pub fn plan(built: &Built) -> Markup {
    html! {
        p.place { "The plan is made before the page runs. It counts the statements as a formula." }
        @match &built.plan {
            None => p { "One SQL statement computes the page. Its text is in the tab “SQL”." },
            Some(Err(words)) => pre.finding.alarm { (words) },
            Some(Ok((steps, formula))) => {
                (copied("the plan", html! { ol.plan { @for step in steps { (step_of(step)) } } }))
                @let ones = formula.split(" + ").all(|part| part == "1").then(|| formula.split(" + ").count() as u64);
                p {
                    "Total: "
                    @match ones {
                        Some(statements) => b { (counted(statements, "statement")) },
                        None => { b { (formula) } " statements" },
                    }
                    "."
                }
            }
        }
    }
}

fn step_of(step: &PlanStep) -> Markup {
    html! {
        li {
            b { (step.loads) }
            @if !step.sql.is_empty() {
                div { code { (step.sql) } }
                div.place {
                    @if step.keyed_by != "nothing" { "keyed by " (step.keyed_by) ", " }
                    @if step.statements == "1" { "sent once" } @else { "sent for each row of " (step.statements) }
                }
                @for line in &step.explained { div.explained { (line) } }
            }
        }
    }
}
