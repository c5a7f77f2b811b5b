//! Programs with N+1, which the test `story` copies into a package of its own and fixes there. The module `page` is a copy of
//! the shop's page.

pub mod belongs_to;
pub mod page;
pub mod part;
pub mod self_reference;
pub mod two_functions;
pub mod unused;
