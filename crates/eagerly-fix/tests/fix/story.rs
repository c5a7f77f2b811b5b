//! The two commands, word for word, in a workspace of their own: a copy of the shop's page and five other programs go from their
//! lazy form to the eager one. They compile, pass the same tests with fewer statements, and the second run finds nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use eagerly_watch::{Change, Fix};

use crate::support::git;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(Path::parent).unwrap()
}

fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copied(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// Writes a workspace with the programs. The crates that it needs are built with our profile, so they are there already.
fn workspace(root: &Path) {
    let crates = repository().join("crates");
    let member = root.join("pages");
    copied(&crates.join("eagerly-fix/tests/pages"), &member);
    let page = fs::read_to_string(crates.join("shop/src/page.rs")).unwrap();
    let of_all = "\n/// Builds the page of all customers.\npub fn of_all(session: &Session) -> Result<Vec<PageRow>> {\n    rows(&session.all(Customer::select())?)\n}\n";
    fs::write(member.join("src/page.rs"), page.replace("use crate::models::", "use shop::") + of_all)
        .unwrap();
    let ours = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let (_, profiles) = ours.split_once("[profile.dev]").unwrap();
    let manifest = format!("[workspace]\nmembers = [\"pages\"]\nresolver = \"3\"\n\n[profile.dev]{profiles}");
    fs::write(root.join("Cargo.toml"), manifest).unwrap();
    let dependency = |name| format!("{name} = {{ path = {:?} }}\n", crates.join(name));
    let dependencies = [dependency("eagerly"), dependency("shop"), dependency("eagerly-watch")].concat();
    let package = "[package]\nname = \"pages\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n";
    fs::write(member.join("Cargo.toml"), format!("{package}{dependencies}")).unwrap();
    fs::copy(repository().join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
    git(root, &["init", "--quiet"]);
    git(root, &["add", "--all"]);
    git(root, &["commit", "--quiet", "--message", "Lazy"]);
}

/// `EAGERLY_ADVICE=advice.jsonl cargo test`. Returns the number of statements of each program.
fn tested(root: &Path) -> BTreeMap<String, u64> {
    let counts = root.join("target/counts");
    let _ = fs::remove_dir_all(&counts);
    fs::create_dir_all(&counts).unwrap();
    let program = PathBuf::from(env!("CARGO_BIN_EXE_eagerly-fix"));
    let output = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--quiet"])
        .current_dir(root)
        .env("EAGERLY_ADVICE", "advice.jsonl")
        .env("CARGO_TARGET_DIR", program.parent().and_then(Path::parent).unwrap())
        .env("COUNTS", &counts)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    let files = fs::read_dir(&counts).unwrap().map(|entry| entry.unwrap().path());
    let count = |path: PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap().parse().unwrap())
    };
    files.map(count).collect()
}

/// `eagerly-fix advice.jsonl`
fn fixed(root: &Path, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_eagerly-fix");
    Command::new(program).arg("advice.jsonl").args(arguments).current_dir(root).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn counts(of: &[(&str, u64)]) -> BTreeMap<String, u64> {
    of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[test]
fn the_two_commands_fix_six_programs_and_the_second_run_finds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    workspace(root);
    let lazy = tested(root);
    let before = [
        ("page", 331),
        ("two_functions", 279),
        ("belongs_to", 11),
        ("part", 35),
        ("self_reference", 6),
        ("unused", 3),
        ("read", 1),
        ("unread", 1),
    ];
    assert_eq!(lazy, counts(&before));

    // Without a terminal and without `--yes`, it only shows.
    let shown = fixed(root, &[]);
    assert_eq!(shown.status.code(), Some(1), "{}", text(&shown));
    assert_eq!(git(root, &["diff", "--", "pages"]), "");
    let applied = fixed(root, &["--yes"]);
    assert_eq!(applied.status.code(), Some(0), "{}", text(&applied));
    let diff = git(root, &["diff", "--unified=0", "--", "pages"]);
    for line in [
        "+    rows(&session.all(Customer::select().with(selectin(Customer::ORDERS).selectin(Order::ITEMS)))?)",
        "+use shop::{Customer, Order};",
        "+    session.all(Customer::select().limit(20).with(eagerly::selectin(Customer::ORDERS).selectin(Order::ITEMS)))",
        "+            .limit(10)\n+            .with(selectin(Order::CUSTOMER)),",
        "+    let open = selectin(Customer::ORDERS.filter(Order::STATUS.eq(\"open\"))).selectin(Order::ITEMS);",
        "+    let query = Employee::select().filter(Employee::MANAGER_ID.is_null()).with(eagerly::selectin(Employee::REPORTS).selectin(Employee::REPORTS));",
        "+    let customers = session.all(Customer::select())?;",
    ] {
        assert!(diff.contains(line), "{line}\n{diff}");
    }
    // The same advice once more changes nothing.
    let again = fixed(root, &["--yes", "--allow-dirty"]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again));
    assert_eq!(git(root, &["diff", "--unified=0", "--", "pages"]), diff);

    fs::remove_file(root.join("advice.jsonl")).unwrap();
    let eager = [
        ("page", 3),
        ("two_functions", 3),
        ("belongs_to", 2),
        ("part", 3),
        ("self_reference", 3),
        ("unused", 1),
        ("read", 1),
        ("unread", 1),
    ];
    assert_eq!(tested(root), counts(&eager));
    let advice = fs::read_to_string(root.join("advice.jsonl")).unwrap();
    let lines: Vec<Fix> = advice.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let to_do: Vec<_> = lines.iter().filter(|fix| fix.change == Change::Add).collect();
    assert!(to_do.is_empty(), "{to_do:?}");
    let second = fixed(root, &["--yes"]);
    assert_eq!(second.status.code(), Some(0), "{}", text(&second));
    assert!(text(&second).contains("another test reads it"), "{}", text(&second));
}
