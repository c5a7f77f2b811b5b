//! Entities that the program makes: no relation needs to be named.

use eagerly::value::{Cell, Value};
use eagerly::{BelongsTo, ColumnType, Entity, HasMany, Mismatch, Result, Session};
use jiff::civil::Date;

use crate::support::database;

on_both!(
    an_entity_that_derives_default_is_made_without_its_relations,
    an_entity_without_a_default_names_its_relations,
    insert_all_takes_references_as_well_as_entities,
);

#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Mood {
    #[default]
    Calm,
    Wild,
}

impl ColumnType for Mood {
    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        match cell.text()? {
            "calm" => Ok(Self::Calm),
            "wild" => Ok(Self::Wild),
            other => Err(Mismatch { expected: "calm or wild", found: other.to_owned() }),
        }
    }

    fn bind(&self) -> Value<'_> {
        match self {
            Self::Calm => Value::from("calm"),
            Self::Wild => Value::from("wild"),
        }
    }
}

#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "animals")]
struct Animal {
    #[entity(key)]
    id: i64,
    name: String,
    mood: Mood,
    born_on: Date,
    mother_id: Option<i64>,
    #[entity(key = "mother_id")]
    mother: BelongsTo<Animal>,
    #[entity(foreign_key = "mother_id")]
    young: HasMany<Animal>,
}

const ANIMALS: &str = "CREATE TABLE animals (id INTEGER PRIMARY KEY, name TEXT NOT NULL, mood TEXT NOT NULL,
                           born_on TEXT NOT NULL, mother_id INTEGER)";

fn an_entity_that_derives_default_is_made_without_its_relations() {
    let session = database(&[ANIMALS]);
    let cat = Animal {
        id: 1,
        name: "cat".to_owned(),
        born_on: jiff::civil::date(2026, 11, 22),
        ..Animal::default()
    };
    session.insert(&cat).unwrap();
    session.insert(&Animal { id: 2, mother_id: Some(1), mood: Mood::Wild, ..cat.clone() }).unwrap();
    let read = session.all(Animal::select().order_by(Animal::ID)).unwrap();
    assert_eq!((read[0].mood, read[0].born_on, read[0].mother_id), (Mood::Calm, cat.born_on, None));
    assert_eq!((read[0].young().unwrap().len(), read[1].mood), (1, Mood::Wild));
    assert_eq!(read[1].mother().unwrap().map(|mother| mother.id), Some(1));
}

/// A ticket whose number has no default.
#[derive(Debug, Entity)]
#[entity(table = "tickets")]
struct Ticket {
    #[entity(key)]
    number: Number,
    holder: i64,
    #[entity(key = "holder")]
    animal: BelongsTo<Animal>,
}

#[derive(Debug, PartialEq, ColumnType)]
struct Number(i64);

fn an_entity_without_a_default_names_its_relations() {
    let session =
        database(&[ANIMALS, "CREATE TABLE tickets (number BIGINT PRIMARY KEY, holder BIGINT NOT NULL)"]);
    session.insert(&Animal { id: 1, ..Animal::default() }).unwrap();
    session.insert(&Ticket { number: Number(7), holder: 1, animal: Default::default() }).unwrap();
    let ticket = session.one(Ticket::select()).unwrap();
    assert_eq!((ticket.number, ticket.holder), (Number(7), 1));
}

fn insert_rows<E: Entity>(session: &Session, rows: Vec<E>) -> Result<u64> {
    session.insert_all(&rows[..1])?;
    session.insert_all(rows.into_iter().skip(1))
}

/// A ticket has no `Clone`, so none of these copies it.
fn insert_all_takes_references_as_well_as_entities() {
    let session = database(&["CREATE TABLE tickets (number BIGINT PRIMARY KEY, holder BIGINT NOT NULL)"]);
    let ticket = |number| Ticket { number: Number(number), holder: number, animal: BelongsTo::default() };
    let tickets: Vec<_> = (1..=2_500).map(ticket).collect();
    assert_eq!(session.insert_all(&tickets).unwrap(), 2_500);
    let holders: Vec<_> = session.all(Ticket::select()).unwrap().iter().map(|ticket| ticket.holder).collect();
    assert_eq!(holders, (1..=2_500).collect::<Vec<_>>());
    session.execute("DELETE FROM tickets", []).unwrap();
    assert_eq!(session.insert_all(tickets.iter().filter(|ticket| ticket.holder > 2_490)).unwrap(), 10);
    assert_eq!(session.insert_all(&[ticket(1), ticket(2)]).unwrap(), 2);
    assert_eq!(session.insert_all([&&tickets[4], &&tickets[5]]).unwrap(), 2);
    assert_eq!(insert_rows(&session, vec![ticket(7), ticket(8), ticket(9)]).unwrap(), 2);
    assert_eq!(session.insert_all(&tickets[..0]).unwrap(), 0);
    assert_eq!(session.count(Ticket::select()).unwrap(), 17);
}
