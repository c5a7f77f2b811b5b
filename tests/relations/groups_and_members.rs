//! The schema that several files share: groups have members, and members have notes. Each test chooses the
//! types of the keys and the rows.

use super::*;

#[derive(Debug, Entity)]
#[entity(table = "groups")]
pub struct Group {
    #[entity(key)]
    pub code: String,
    #[entity(foreign_key = "grp")]
    pub members: HasMany<Member>,
    #[entity(foreign_key = "grp")]
    pub lead: HasOne<Member>,
}

#[derive(Debug, Entity)]
#[entity(table = "members")]
pub struct Member {
    #[entity(key)]
    pub id: i64,
    pub grp: Option<String>,
    pub boss: Option<i64>,
    #[entity(key = "grp")]
    pub group: BelongsTo<Group>,
    #[entity(key = "boss")]
    pub chief: BelongsTo<Member>,
    #[entity(foreign_key = "boss")]
    pub reports: HasMany<Member>,
    #[entity(foreign_key = "member")]
    pub notes: HasMany<Note>,
}

#[derive(Debug, Entity)]
#[entity(table = "notes")]
pub struct Note {
    #[entity(key)]
    pub id: i64,
    #[entity(column = "member")]
    pub member_id: Option<i64>,
    #[entity(key = "member")]
    pub member: BelongsTo<Member>,
}

/// Creates the three tables. `code` declares the type of the key, and `grp` that of the foreign key.
/// `rows` has the values of groups, members and notes.
pub fn groups(code: &str, grp: &str, rows: [&str; 3]) -> Session {
    database(&[
        &format!("CREATE TABLE groups (code {code})"),
        &format!("CREATE TABLE members (id INTEGER PRIMARY KEY, grp {grp}, boss INTEGER)"),
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, member INTEGER)",
        "CREATE INDEX members_grp ON members (grp)",
        "CREATE INDEX notes_member ON notes (member)",
        &format!("INSERT INTO groups VALUES {}", rows[0]),
        &format!("INSERT INTO members VALUES {}", rows[1]),
        &format!("INSERT INTO notes VALUES {}", rows[2]),
    ])
}

/// Reads everything that the groups refer to, as a text that two loads can compare.
pub fn graph(groups: &[Group]) -> String {
    let mut out = String::new();
    for group in groups {
        out += &format!("{}(", group.code);
        for member in group.members().unwrap() {
            out += &member_graph(member);
        }
        out += &format!("|{})", group.lead().unwrap().map(member_graph).unwrap_or_default());
    }
    out
}

pub fn member_graph(member: &Member) -> String {
    let ids = |members: &[Member]| members.iter().map(|member| member.id).collect::<Vec<_>>();
    let notes: Vec<_> = member
        .notes()
        .unwrap()
        .iter()
        .map(|note| (note.id, note.member().unwrap().map(|member| member.id)))
        .collect();
    let group = member.group().unwrap();
    format!(
        "{}[{notes:?} {:?} {:?} {:?} {:?}]",
        member.id,
        ids(member.reports().unwrap()),
        member.chief().unwrap().map(|chief| (chief.id, chief.notes().unwrap().len())),
        group.map(|group| group.code.as_str()),
        group.map(|group| ids(group.members().unwrap())),
    )
}
