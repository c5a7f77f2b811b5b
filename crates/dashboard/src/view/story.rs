//! The story: the case study in eight steps, each a link that anyone can show on a projector.

use eagerly::Strategy;
use maud::{Markup, html};

use super::link;
use crate::settings::{STEPS, Settings, Stage};

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
            "The slow-query log lists slow statements. No statement is slow here. There are too many of them, and the log does not \
             count.",
            "/",
            &lazy,
            "log",
        ),
        step(
            "The cause: N+1",
            "1 statement returns N rows. Then a loop sends 1 more statement for each of the N rows. The loop looks harmless, because \
             an accessor such as customer.orders() sends the statement.",
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
            "Both pages run at the same time, and each statement really waits for its round trip.",
            "/side-by-side",
            &lazy,
            "",
        ),
        step(
            "More customers",
            "With lazy loading, the number of statements grows with the data. With eager loading, it stays the same.",
            "/",
            &lazy,
            "growth",
        ),
        step(
            "Keep it fixed",
            "With the strategy raise, a forgotten load is an error that names the fix. So a test fails before the page is slow.",
            "/",
            &lazy.by(Strategy::Raise),
            "findings",
        ),
    ]
}

/// Renders the steps as links, and the text of the current one.
pub fn strip(settings: &Settings) -> Markup {
    let current = settings.step;
    html! {
        nav #story aria-label="The story in eight steps" {
            span.label { "The story" }
            @for (number, step) in (1..).zip(steps()) {
                a href=(address(number, &step)) aria-current=[(current == Some(number)).then_some("step")]
                    title=(step.title) data-key=[key(current, number)] {
                    (number) @if current == Some(number) { " " (step.title) }
                }
            }
            @if let Some(step) = current.and_then(|number| steps().into_iter().nth(number - 1)) {
                p { (step.text) }
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
