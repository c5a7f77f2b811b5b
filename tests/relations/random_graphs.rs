//! Random paths over small random tables, compared with lazy loading. They find combinations that no other
//! test names.

use super::groups_and_members::*;
use super::*;

on_both!(
    random_paths_over_random_rows_return_the_graph_of_lazy_loading,
    random_paths_over_texts_that_refer_to_their_own_table_return_the_graph_of_lazy_loading,
    random_parts_have_the_rows_of_the_whole,
);

pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    pub fn strategy(&mut self) -> Strategy {
        yielding()[self.below(6) as usize]
    }
}

/// Returns the declaration of a column that compares bytes.
fn untyped() -> &'static str {
    match databases::current() {
        Dialect::Sqlite => "",
        Dialect::Postgres => "TEXT COLLATE \"C\"",
    }
}

/// Returns the declaration of a column that ignores spaces at the end. PostgreSQL's is `bpchar`. It is left out, because
/// converting it to the type of another text column removes the spaces, and binding its value does not.
fn spaced() -> &'static str {
    match databases::current() {
        Dialect::Sqlite => "TEXT COLLATE RTRIM",
        Dialect::Postgres => "VARCHAR(9)",
    }
}

fn random_rows(session: &Session, random: &mut Random) {
    let texts = ["a", "A", "b", "B", "c ", "c", "1", "1.0", "", "z"];
    for text in texts.iter().take(3 + random.below(8) as usize) {
        // A text that equals another in the column is refused.
        let _ = execute(session, "INSERT INTO groups VALUES (?1)", params![*text]);
    }
    for id in 1..=random.below(9) as i64 {
        let grp = (random.below(6) > 0).then(|| texts[random.below(10) as usize].to_owned());
        let boss = (random.below(3) > 0).then(|| random.below(10) as i64);
        execute(session, "INSERT INTO members VALUES (?1, ?2, ?3)", params![id, grp, boss]).unwrap();
    }
    for id in 1..=random.below(12) as i64 {
        let member = (random.below(6) > 0).then(|| random.below(10) as i64);
        execute(session, "INSERT INTO notes VALUES (?1, ?2)", params![id, member]).unwrap();
    }
}

const ROUNDS: u32 = 600;

fn random_paths_over_random_rows_return_the_graph_of_lazy_loading() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for round in 0..cases(ROUNDS) {
        let columns = ["TEXT", "TEXT COLLATE NOCASE", spaced(), untyped(), "NUMERIC"];
        let code = format!("{} NOT NULL UNIQUE", columns[random.below(3) as usize]);
        // A text in a numeric column would become a number, which the field cannot hold.
        let grp = columns[random.below(4) as usize];
        let session = groups(&code, grp, ["('-')", "(99, NULL, NULL)", "(99, NULL)"]);
        random_rows(&session, &mut random);
        let [a, b, c, d] = [(); 4].map(|()| random.strategy());
        let limit = random.below(8);
        let filter = random.below(3);
        let select = || {
            let select = match filter {
                0 => Group::select(),
                1 => Group::select().filter(Group::CODE.ge("A")),
                _ => Group::select().order_by(Group::CODE.desc()),
            };
            if limit < 5 { select.limit(limit) } else { select }
        };
        let query = match random.below(6) {
            0 => select()
                .with(by(a, Group::MEMBERS).by(b, Member::NOTES).by(c, Note::MEMBER).by(d, Member::GROUP)),
            1 => select()
                .with(by(a, Group::LEAD).by(b, Member::GROUP).by(c, Group::MEMBERS).by(d, Member::NOTES)),
            2 => select().with((
                by(a, Group::MEMBERS).by(b, Member::REPORTS).by(c, Member::GROUP),
                by(d, Group::LEAD),
            )),
            3 => select().with(
                by(a, Group::MEMBERS).with((by(b, Member::CHIEF).by(c, Member::NOTES), by(d, Member::NOTES))),
            ),
            4 => select().with((
                by(a, Group::MEMBERS).by(b, Member::GROUP).by(c, Group::LEAD),
                by(d, Group::LEAD).by(b, Member::NOTES),
            )),
            _ => select().with(by(a, Group::MEMBERS).with((
                by(b, Member::GROUP).by(c, Group::MEMBERS).by(d, Member::NOTES),
                by(d, Member::REPORTS),
            ))),
        };
        let lazy = graph(&session.all(select()).unwrap());
        let found = session
            .all(query)
            .unwrap_or_else(|error| panic!("{round} {code} {grp} {a} {b} {c} {d}: {error}"));
        assert_eq!(graph(&found), lazy, "{round} {code} {grp:?} {a} {b} {c} {d} {limit}");
    }
}

#[derive(Debug, Entity)]
#[entity(table = "nodes")]
struct Node {
    #[entity(key)]
    code: String,
    up: Option<String>,
    n: i64,
    #[entity(key = "up")]
    above: BelongsTo<Node>,
    #[entity(foreign_key = "up")]
    below: HasMany<Node>,
    #[entity(foreign_key = "up")]
    first: HasOne<Node>,
}

fn nodes(random: &mut Random) -> Session {
    let columns = ["TEXT", "TEXT COLLATE NOCASE", spaced(), untyped(), "BLOB"];
    let session = database(&[&format!(
        "CREATE TABLE nodes (code {} NOT NULL UNIQUE, up {}, n INTEGER)",
        columns[random.below(3) as usize],
        columns[random.below(5) as usize]
    )]);
    if random.below(2) == 0 {
        session.execute("CREATE INDEX nodes_up ON nodes (up)", []).unwrap();
    }
    let texts = ["a", "A", "b", "B", "b ", "c", "1", "01", "1.0", "", "C"];
    for _ in 0..random.below(14) {
        let code = texts[random.below(11) as usize];
        let up = (random.below(5) > 0).then(|| texts[random.below(11) as usize].to_owned());
        let n = random.below(4) as i64;
        let _ = execute(&session, "INSERT INTO nodes VALUES (?1, ?2, ?3)", params![code, up, n]);
    }
    session
}

fn nodes_graph(nodes: &[Node], depth: u8, out: &mut String) {
    for node in nodes {
        out.push_str(&format!("{:?}(", node.code));
        if depth > 0 {
            nodes_graph(node.below().unwrap(), depth - 1, out);
            out.push('|');
            for one in [node.above().unwrap(), node.first().unwrap()].into_iter().flatten() {
                nodes_graph(std::slice::from_ref(one), depth - 1, out);
            }
        }
        out.push(')');
    }
}

fn nodes_text(nodes: &[Node]) -> String {
    let mut out = String::new();
    nodes_graph(nodes, 3, &mut out);
    out
}

fn random_paths_over_texts_that_refer_to_their_own_table_return_the_graph_of_lazy_loading() {
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    for round in 0..cases(ROUNDS) {
        let session = nodes(&mut random);
        let [a, b, c, d] = [(); 4].map(|()| random.strategy());
        let (limit, filter, shape) = (random.below(8), random.below(4), random.below(5));
        let select = || {
            let select = match filter {
                0 => Node::select(),
                1 => Node::select().filter(Node::N.gt(0)),
                2 => Node::select().filter(Node::BELOW.any(Node::N.lt(3))),
                _ => Node::select().order_by(Node::N.desc()),
            };
            if limit < 5 { select.limit(limit) } else { select }
        };
        let with = |select: Select<Node>, [a, b, c, d]: [Strategy; 4]| match shape {
            0 => select.with(by(a, Node::BELOW).by(b, Node::BELOW).by(c, Node::ABOVE).by(d, Node::FIRST)),
            1 => select.with(by(a, Node::ABOVE).by(b, Node::BELOW).by(c, Node::BELOW).by(d, Node::ABOVE)),
            2 => select.with((by(a, Node::BELOW).by(b, Node::FIRST), by(c, Node::ABOVE).by(d, Node::BELOW))),
            3 => select.with(by(a, Node::FIRST).with((
                by(b, Node::BELOW),
                by(c, Node::BELOW),
                by(d, Node::ABOVE),
            ))),
            _ => select.with((by(a, Node::FIRST), by(b, Node::BELOW).by(c, Node::BELOW), by(d, Node::ABOVE))),
        };
        let lazy = nodes_text(&session.all(select()).unwrap());
        let what = format!("{round} {a} {b} {c} {d} shape {shape} filter {filter} limit {limit}");
        let found =
            session.all(with(select(), [a, b, c, d])).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(nodes_text(&found), lazy, "{what}");

        let mut chunked = String::new();
        let query = with(select(), [a, b, c, d]);
        session
            .chunks(query, 2, |chunk| {
                assert!(chunk.len() <= 2, "{what}");
                chunked += &nodes_text(&chunk);
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(chunked, lazy, "chunks {what}");

        session.default_strategy(d);
        let found =
            session.all(with(select(), [a, b, c, c])).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(nodes_text(&found), lazy, "by default {what}");
        session.default_strategy(Strategy::Lazy);

        // `subquery` sends as many statements as `selectin`.
        let sent = |strategies: [Strategy; 4]| {
            let tally = session.tally();
            session.all(with(select(), strategies)).unwrap();
            tally.statements()
        };
        let chosen = [a, b, c, d].map(|one| if one == Strategy::Subquery { Strategy::Selectin } else { one });
        assert_eq!(sent([a, b, c, d]), sent(chosen), "statements {what}");
    }
}

fn random_parts_have_the_rows_of_the_whole() {
    let mut random = Random(0xA076_1D64_78BD_642F);
    for round in 0..cases(ROUNDS) {
        let session = nodes(&mut random);
        let [a, b] = [(); 2].map(|()| random.strategy());
        let (each, least, descending) = (random.below(4), random.below(3) as i64, random.below(2) == 0);
        let mut part = Node::BELOW.filter(Node::N.ge(least));
        if descending {
            part = part.order_by(Node::N.desc());
        }
        let what = format!("{round} {a} {b} each {each} least {least} {descending}");
        let query = match each < 3 {
            true => {
                Node::select().with(selectin(part.limit_each(each)).by(a, Node::BELOW).by(b, Node::ABOVE))
            }
            false => Node::select().with(selectin(part).by(a, Node::BELOW).by(b, Node::ABOVE)),
        };
        let nodes = session.all(query);
        for node in nodes.unwrap_or_else(|error| panic!("{what}: {error}")) {
            let mut whole: Vec<_> = node.below().unwrap().iter().filter(|node| node.n >= least).collect();
            if descending {
                whole.sort_by_key(|node| -node.n);
            }
            if each < 3 {
                whole.truncate(each as usize);
            }
            let part = node.below.part().unwrap();
            let codes = |nodes: &mut dyn Iterator<Item = &Node>| nodes_of(nodes);
            assert_eq!(codes(&mut part.iter()), codes(&mut whole.into_iter()), "{what}");
        }
    }
}

fn nodes_of(nodes: &mut dyn Iterator<Item = &Node>) -> Vec<String> {
    nodes.map(|node| nodes_text(std::slice::from_ref(node))).collect()
}
