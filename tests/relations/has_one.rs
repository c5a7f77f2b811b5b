//! Has-one relations: at most one row refers to the parent.

use super::*;

on_both!(has_one_returns_the_first_of_several_rows_and_no_parent_repeats,);

#[derive(Debug, Entity)]
#[entity(table = "people")]
struct Person {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "person_id")]
    profile: HasOne<Profile>,
}

#[derive(Debug, Entity)]
#[entity(table = "profiles")]
struct Profile {
    #[entity(key)]
    id: i64,
    person_id: i64,
    #[entity(key = "person_id")]
    person: BelongsTo<Person>,
}

fn has_one_returns_the_first_of_several_rows_and_no_parent_repeats() {
    let session = database(&[
        "CREATE TABLE people (id INTEGER PRIMARY KEY)",
        "CREATE TABLE profiles (id INTEGER PRIMARY KEY, person_id INTEGER)",
        "CREATE INDEX profiles_person ON profiles (person_id, id DESC)",
        "INSERT INTO people VALUES (1), (2), (3)",
        "INSERT INTO profiles VALUES (7, 1), (5, 1), (6, 3)",
    ]);
    for strategy in yielding() {
        for limit in [2, 3] {
            let query = Person::select()
                .limit(limit)
                .with(by(strategy, Person::PROFILE).by(strategy, Profile::PERSON));
            let people = session.all(query).unwrap();
            let seen: Vec<_> = people
                .iter()
                .map(|person| {
                    let profile = person.profile().unwrap();
                    (person.id, profile.map(|profile| (profile.id, profile.person().unwrap().id)))
                })
                .collect();
            let all = [(1, Some((5, 1))), (2, None), (3, Some((6, 3)))];
            assert_eq!(seen, all[..limit as usize], "{strategy}");
        }
    }
    let people =
        session.all(Person::select().with(selectin(Person::PROFILE.filter(Profile::ID.gt(6))))).unwrap();
    assert_eq!(people[0].profile.part().unwrap()[0].id, 7);
}
