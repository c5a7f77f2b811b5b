//! The steps of the page about SeaORM. The package in `benches/peers/sea-orm` builds it, and its first argument is the step.

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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run())
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["page", version] => counter::print_page(version).await?,
        ["see"] => see::run().await?,
        ["find"] => find::run().await?,
        ["guard"] => guard::run().await?,
        ["trap"] => trap::run().await?,
        other => return Err(format!("no step has the name {other:?}").into()),
    }
    Ok(())
}
