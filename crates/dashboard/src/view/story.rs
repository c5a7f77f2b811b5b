//! The story: the case study in ten steps, each a link that anyone can show on a projector.

use eagerly::Strategy;
use maud::{Markup, html};

use super::link;
use crate::settings::{STEPS, Settings, Stage};

/// The step that tells the cause, counted from 1. Before it, the page does not tell.
pub const CAUSE: usize = 4;

/// A step: its title, what it shows, the page, and the settings and the tab on it.
struct Step {
    title: &'static str,
    text: &'static str,
    path: &'static str,
    settings: Settings,
    tab: &'static str,
}

fn steps() -> [Step; STEPS] {
    let lazy = Settings::default();
    let development = Settings { stage: Stage::Development, ..lazy.clone() };
    let step = |title, text, path, settings: &Settings, tab| Step {
        title,
        text,
        path,
        settings: settings.clone(),
        tab,
    };
    let fixed = lazy.by(Strategy::Selectin);
    [
        step(
            "In development",
            "A list of five customers. Each line shows the number of orders and the total spend. The page sends a few statements \
             and is fast.",
            "/",
            &development,
            "page",
        ),
        step(
            "In production",
            "The same code on all customers. It sends one statement for the list, one for the orders of each customer, and one \
             for the items of each order. Each statement makes a round trip, and the round trips add up.",
            "/",
            &lazy,
            "page",
        ),
        step(
            "The log is empty",
            "The slow-query log looks at each statement alone. No statement is slow here. There are too many of them, and the log \
             never adds them up.",
            "/",
            &lazy,
            "log",
        ),
        step(
            "The cause: N+1",
            "1 statement returns N rows. Then a loop sends 1 more statement for each of the N rows. The loop looks harmless: \
             customer.orders() reads like a field, but it sends a statement.",
            "/",
            &lazy,
            "findings",
        ),
        step(
            "The fix",
            "The query names the relations that the page will read. Now one statement loads the orders of all customers, and one the \
             items of all orders.",
            "/",
            &fixed,
            "page",
        ),
        step(
            "Side by side",
            "Both pages run at the same time, and each statement really waits for its round trip. Press Enter.",
            "/side-by-side",
            &lazy,
            "",
        ),
        step(
            "Every way",
            "The same page in eight ways: seven strategies, and one SQL statement without objects. One of them returns an error \
             on purpose. Press Enter.",
            "/race",
            &lazy,
            "",
        ),
        step(
            "More customers",
            "Lazy loading sends statements for each row, so their number grows with the data. Eager loading, such as selectin and \
             joined, sends them for all rows together, so their number stays the same.",
            "/",
            &fixed,
            "growth",
        ),
        step(
            "Keep it fixed",
            "The strategy raise forbids lazy loading: a forgotten load is an error that names the fix. In a test, write \
             session.default_strategy(Strategy::Raise), or count with assert_queries!(session, 3, { … }). Then the test fails \
             before the page is slow.",
            "/",
            &lazy.by(Strategy::Raise),
            "findings",
        ),
        step(
            "Many users",
            "A page holds a connection while it waits for the network. When all connections are held, every other user waits, too. \
             Press Enter.",
            "/users",
            &lazy,
            "",
        ),
    ]
}

/// Renders the steps as links, and the text of the current one.
pub fn strip(settings: &Settings) -> Markup {
    let current = settings.step;
    html! {
        nav #story aria-label="The story" data-cause=(CAUSE) {
            span.label { "The story" }
            @for (number, step) in (1..).zip(steps()) {
                a href=(address(number, &step)) aria-current=[(current == Some(number)).then_some("step")]
                    title=(step.title) data-key=[key(current, number)] {
                    (number) @if current == Some(number) { " " (step.title) }
                }
            }
            @match current.and_then(|number| steps().into_iter().nth(number - 1)) {
                Some(step) => p { (step.text) },
                None => p {
                    "A page lists customers with their orders. Each of its SQL statements is fast, and yet the page is slow. "
                    a.start href=(address(1, &steps()[0])) { "See why, in ten steps" } " " kbd { "→" }
                },
            }
        }
    }
}

/// Returns the key that opens a step: the arrows go to the previous and the next one.
fn key(current: Option<usize>, number: usize) -> Option<&'static str> {
    let current = current.unwrap_or(0);
    match number {
        _ if number == current + 1 => Some("ArrowRight"),
        _ if number + 1 == current => Some("ArrowLeft"),
        _ => None,
    }
}

fn address(number: usize, step: &Step) -> String {
    let settings = Settings { step: Some(number), ..step.settings.clone() };
    let address = link(step.path, &settings.query());
    if step.tab.is_empty() { address } else { format!("{address}#{}", step.tab) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_a_link_that_can_be_parsed() {
        for (number, step) in (1..).zip(steps()) {
            let address = address(number, &step);
            let query = address.split(['?', '#']).nth(1).unwrap();
            assert_eq!(Settings::parse(query).unwrap().step, Some(number), "{address}");
        }
    }
}
