//! Tests of the dashboard from outside: over HTTP, under load, and in a real browser.

mod browser;
mod guard;
mod load;
mod pages;
mod program;
mod streams;
mod support;
