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
            p { "There is no page. The findings are about the statements that were sent." }
            (copied("the error", html! { pre.finding.alarm tabindex="0" { (failed.words) } }))
        }
        @let report = built.report.to_string();
        @for finding in report.split("\n\n").filter(|finding| is_page || is_about_part(finding)) {
            (copied("the finding", html! { pre.finding.(kind(finding)) tabindex="0" { (finding) } }))
        }
        @if !built.report.n_plus_one.is_empty() {
            @let fixed = settings.by(Strategy::Selectin);
            p { a.main href=(link("/", &fixed.query())) data-show { "Apply this fix and run the page again" } }
        }
    }
}

/// Returns whether a finding is true for a page that failed. It may have loaded what it had no time to read, and "No N+1" would
/// be no success.
fn is_about_part(finding: &str) -> bool {
    !finding.starts_with("No N+1") && !finding.starts_with("Unused")
}

/// Returns the CSS class of a finding.
fn kind(finding: &str) -> &'static str {
    match finding {
        _ if finding.starts_with("No N+1") => "clean",
        _ if finding.starts_with("Hint") => "hint",
        _ => "alarm",
    }
}
