//! The steps of the page about Diesel. The package in `benches/peers/diesel` builds it, and its first argument is the step.

// The page uses few of the columns, but reads all of them.
#![allow(dead_code)]

mod counter;
mod find;
mod guard;
mod pages;
mod see;
mod shop;
#[cfg(test)]
mod test;
mod trap;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["page", "slow"] => counter::print_page(pages::slow_page)?,
        ["page", "fixed"] => counter::print_page(pages::fixed_page)?,
        ["see"] => see::run()?,
        ["find"] => find::run()?,
        ["guard"] => guard::run()?,
        ["trap"] => trap::run()?,
        other => return Err(format!("no step has the name {other:?}").into()),
    }
    Ok(())
}
