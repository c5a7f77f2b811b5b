//! TEMP
use crate::findings::Finding;
use crate::page::Page;
#[derive(Debug, Clone)]
pub(super) struct Waterfall;
impl Waterfall {
    pub(super) fn of(_: &Page, _: &[Finding]) -> Self {
        Self
    }
}

impl super::Report {
    /// TEMP
    pub fn to_html(&self) -> Option<String> {
        None
    }
}
