//! The tab of the findings: what the detector proved, with the line to change.

use eagerly::Strategy;
use maud::{Markup, html};

use super::{copied, link};
use crate::build::Built;
use crate::settings::Settings;

/// Renders the findings.
pub fn findings(settings: &Settings, built: &Built) -> Markup {
    let is_page = built.run.lines.is_ok();
    html! {
        @if let Err(failed) = &built.run.lines {
            p { "The page failed. The findings are about the statements before that." }
            (copied("the error", html! { pre.finding.alarm tabindex="0" { (failed.words) } }))
        }
        @for finding in built.report.to_string().split("\n\n") {
            (copied("the finding", html! { pre.finding.(kind(finding, is_page)) tabindex="0" { (finding) } }))
        }
        @if !built.report.n_plus_one.is_empty() {
            @let fixed = settings.by(Strategy::Selectin);
            p { a.main href=(link("/", &fixed.query())) data-show { "Apply this fix and run the page again" } }
        }
    }
}

/// Returns the CSS class of a finding. Without a page, "No N+1" is no success.
fn kind(finding: &str, is_page: bool) -> &'static str {
    match finding {
        _ if finding.starts_with("No N+1") && is_page => "clean",
        _ if finding.starts_with("No N+1") || finding.starts_with("Hint") => "hint",
        _ => "alarm",
    }
}
