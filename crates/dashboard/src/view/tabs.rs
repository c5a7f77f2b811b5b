//! The tabs below the figures. Without JavaScript, all panels are visible, one below the other.

use maud::{Markup, html};

use super::{code, findings, hero, link, log, on_server, plan, statements, table};
use crate::build::Built;
use crate::settings::Settings;

/// A tab: its name in links, its title, and its panel.
struct Tab {
    name: &'static str,
    title: Markup,
    panel: Markup,
}

/// Renders the tabs. `number` is the number of the run, for the address of its waterfall.
pub fn tabs(settings: &Settings, built: &Built, number: u64) -> Markup {
    let found = hero::findings(built);
    let server = built.run.server.as_ref();
    let server =
        server.map(|server| tab("server", html! { "Server" }, on_server::on_server(&built.run, server)));
    let tabs = [
        tab("page", html! { "Page" }, page(settings, built)),
        tab(
            "findings",
            html! { "Findings" @if found > 0 { " (" (found) ")" } },
            findings::findings(settings, built),
        ),
        tab("sql", html! { "SQL" }, statements::shapes(&built.run.shapes)),
        tab("log", html! { "Log" }, log::logs(settings, built)),
        tab("plan", html! { "Plan" }, plan::plan(built)),
        tab("waterfall", html! { "Waterfall" }, waterfall(number)),
        tab("growth", html! { "Growth" }, growth(settings, built)),
    ];
    let tabs: Vec<_> = tabs.into_iter().chain(server).collect();
    html! {
        div #tabs role="tablist" aria-label="What the page sent" {
            @for (index, tab) in tabs.iter().enumerate() {
                button type="button" role="tab" id={ "tab-" (tab.name) } aria-controls={ "panel-" (tab.name) } data-tab=(tab.name) aria-selected=(index == 0)
                    tabindex=(if index == 0 { "0" } else { "-1" }) data-key=(index + 1) {
                    (tab.title) " " kbd { (index + 1) }
                }
            }
        }
        @for tab in tabs {
            section.tab id={ "panel-" (tab.name) } role="tabpanel" aria-labelledby={ "tab-" (tab.name) } { (tab.panel) }
        }
    }
}

fn tab(name: &'static str, title: Markup, panel: Markup) -> Tab {
    Tab { name, title, panel }
}

fn page(settings: &Settings, built: &Built) -> Markup {
    html! {
        div.beside {
            (code::code(settings, built))
            (table::table(settings, built))
        }
    }
}

fn waterfall(number: u64) -> Markup {
    let address = format!("/waterfall?{number}");
    html! {
        p.place {
            "Each statement of this run, on a time axis. " a href=(address) target="_blank" { "Open it on its own page" }
        }
        div #frame data-address=(address) {
            noscript { "The link above shows the waterfall." }
        }
    }
}

fn growth(settings: &Settings, built: &Built) -> Markup {
    let customers = settings.customers.unwrap_or(built.matching);
    html! {
        p.place {
            "The number of statements for more and more customers. Each point is counted: the page runs once for it. "
            "Both axes are logarithmic."
        }
        div #growth-chart data-address=(link("/growth", &settings.query())) data-customers=(customers) data-statements=[built.run.lines.is_ok().then_some(built.run.statements)] {
            p role="status" { "The page runs for 1, 5, 50, 500 and all customers." }
        }
    }
}
