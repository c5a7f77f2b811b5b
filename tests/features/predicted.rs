//! What each strategy sends and reads is predicted exactly from the shape of the data, and the constants of the cost model
//! are measured without a table of the program.

use std::time::Duration;

use eagerly::{BelongsTo, Dialect, Entity, HasMany, Network, RelationKind, Session, Strategy, by};
use eagerly_watch::{CostModel, DataShape, Recording};

use crate::support::database;

on_both!(
    the_statements_rows_and_objects_of_every_strategy_are_predicted_for_many_shapes,
    a_shape_to_one_is_predicted_for_every_strategy,
    the_constants_are_measured_in_an_empty_database_and_change_nothing,
    a_network_that_waits_is_measured_as_a_round_trip,
    an_advice_with_costs_shows_a_time_for_every_strategy,
    of_collections_side_by_side_none_is_to_be_joined,
);

/// The number of parents that are queried.
const PARENTS: u64 = 16;

#[derive(Entity)]
#[entity(table = "parents")]
struct Parent {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "parent_id")]
    children: HasMany<Child>,
}

#[derive(Entity)]
#[entity(table = "children")]
struct Child {
    #[entity(key)]
    id: i64,
    parent_id: i64,
    #[entity(key = "parent_id")]
    parent: BelongsTo<Parent>,
}

/// Returns a database in which the parents have these numbers of children.
fn family(children: &[u64]) -> Session {
    let session = database(&[
        "CREATE TABLE parents (id BIGINT PRIMARY KEY)",
        "CREATE TABLE children (id BIGINT PRIMARY KEY, parent_id BIGINT NOT NULL)",
    ]);
    session
        .insert_all((1..).zip(children).map(|(id, _)| Parent { id, children: HasMany::default() }))
        .unwrap();
    let owners = (1..).zip(children).flat_map(|(parent, children)| (0..*children).map(move |_| parent));
    let child = |(id, parent_id)| Child { id, parent_id, parent: BelongsTo::default() };
    session.insert_all((1..).zip(owners).map(child)).unwrap();
    session
}

fn the_statements_rows_and_objects_of_every_strategy_are_predicted_for_many_shapes() {
    for per_parent in [0.1, 1.0, 10.0, 100.0, 1_000.0] {
        let of = |parent: u64| {
            if per_parent < 1.0 { u64::from(parent.is_multiple_of(10)) } else { per_parent as u64 }
        };
        let children: Vec<_> = (0..PARENTS).map(of).collect();
        let session = family(&children);
        for one_in in [16, 4, 1] {
            let accessed = children.iter().step_by(one_in);
            let shape = DataShape {
                kind: RelationKind::HasMany,
                queries: 1,
                parents: PARENTS,
                accessed: accessed.len() as u64,
                parent_bytes: 8.0,
                accessed_rows: accessed.sum(),
                rows: Some(children.iter().sum()),
                row_bytes: 16.0,
                childless: Some(children.iter().filter(|number| **number == 0).count() as u64),
            };
            for way in shape.ways() {
                let tally = session.tally();
                let parents = session.all(Parent::select().with(by(way.strategy, Parent::CHILDREN))).unwrap();
                assert!(parents.iter().step_by(one_in).all(|parent| parent.children().is_ok()));
                assert_eq!(
                    (shape.queries + way.statements, way.rows, way.objects),
                    (tally.statements(), tally.rows(), tally.objects()),
                    "{}, {per_parent} per parent, one in {one_in}",
                    way.strategy
                );
                assert_eq!(way.snapshots * 2, tally.control(), "{}", way.strategy);
            }
        }
    }
}

fn a_shape_to_one_is_predicted_for_every_strategy() {
    let session = family(&[10, 20]);
    let shape = DataShape {
        kind: RelationKind::BelongsTo,
        queries: 1,
        parents: 30,
        accessed: 30,
        parent_bytes: 16.0,
        accessed_rows: 30,
        rows: Some(2),
        row_bytes: 8.0,
        childless: None,
    };
    for way in shape.ways() {
        let tally = session.tally();
        let children = session.all(Child::select().with(by(way.strategy, Child::PARENT))).unwrap();
        assert!(children.iter().all(|child| child.parent().is_ok()));
        assert_eq!(
            (shape.queries + way.statements, way.rows, way.objects),
            (tally.statements(), tally.rows(), tally.objects()),
            "{}",
            way.strategy
        );
    }
    let [.., selectin, _, joined] = shape.ways();
    assert_eq!((selectin.bytes, joined.bytes, joined.repeated_bytes), (496, 720, 28 * 8));
}

fn the_constants_are_measured_in_an_empty_database_and_change_nothing() {
    let session = database(&[]);
    let changes = std::rc::Rc::new(std::cell::Cell::new(0));
    struct Changes(std::rc::Rc<std::cell::Cell<u64>>);
    impl eagerly::Observer for Changes {
        fn statement(&self, event: &eagerly::Event<'_>) {
            self.0.set(self.0.get() + event.changed);
            let sql = event.sql.trim_start();
            let reads = ["SELECT", "WITH", "BEGIN", "COMMIT"].iter().any(|word| sql.starts_with(word));
            assert!(reads && event.error.is_none(), "{sql}");
        }
    }
    let observation = session.observe(std::rc::Rc::new(Changes(changes.clone())));
    let model = CostModel::calibrate(&session).unwrap();
    drop(observation);
    assert_eq!(changes.get(), 0);
    let is_server = session.dialect() != Dialect::Sqlite;
    assert_eq!(model.commit, u64::from(is_server));
    assert_eq!(model.round_trip > 0.0, is_server);
    let constants = [model.transaction, model.statement, model.byte, model.joined_row, model.repeated_byte];
    assert!(constants.iter().all(|constant| *constant >= 0.0 && constant.is_finite()), "{model:?}");
    assert!(model.row > 0.0, "{model:?}");
}

fn a_network_that_waits_is_measured_as_a_round_trip() {
    let session = database(&[]);
    let own = CostModel::calibrate(&session).unwrap().round_trip;
    session.model_network(Some(Network::BETWEEN_ZONES.waiting()));
    if session.dialect() == Dialect::Sqlite {
        assert_eq!(own, 0.0);
        assert!(CostModel::calibrate(&session).unwrap().round_trip >= 1_000.0);
        // Nothing waits for this one.
        session.model_network(Some(Network::virtual_of(Duration::from_secs(3600))));
        assert_eq!(CostModel::calibrate(&session).unwrap().round_trip, 0.0);
    } else {
        assert!(CostModel::calibrate(&session).unwrap().round_trip >= 1_000.0);
    }
}

fn an_advice_with_costs_shows_a_time_for_every_strategy() {
    let session = family(&[3; 16]);
    let recording = Recording::start(&session);
    assert!(session.all(Parent::select()).unwrap().iter().all(|parent| parent.children().is_ok()));
    let model = CostModel { round_trip: 1_000.0, row: 1.0, joined_row: 10.0, ..CostModel::default() };
    let advice = recording.advice();
    let text = advice.for_costs(&model).to_string();
    assert_eq!(model.pick(&advice.relations[0].data), Strategy::Joined);
    assert!(text.contains("predicted"), "{text}");
    // 17 statements and 64 objects; and 1 statement, 64 objects and 48 rows of a join.
    assert!(text.ends_with("joined: 1.54 ms predicted instead of 17.1 ms by lazy"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for strategy in Strategy::ALL.into_iter().filter(|strategy| *strategy != Strategy::Raise) {
        let line = text.lines().find(|line| line.trim_start().starts_with(strategy.name())).unwrap();
        assert!(line.contains(" ms"), "{line}");
    }
}

fn of_collections_side_by_side_none_is_to_be_joined() {
    #[derive(Entity)]
    #[entity(table = "parents")]
    struct Twice {
        #[entity(key)]
        id: i64,
        #[entity(foreign_key = "parent_id")]
        children: HasMany<Child>,
        #[entity(foreign_key = "parent_id")]
        heirs: HasMany<Child>,
    }
    let session = family(&[3; 16]);
    let recording = Recording::start(&session);
    let parents = session.all(Twice::select()).unwrap();
    assert!(
        parents.iter().all(|parent| parent.id > 0 && parent.children().is_ok() && parent.heirs().is_ok())
    );
    // For each collection alone, a join is the fastest.
    let model = CostModel { round_trip: 1_000.0, row: 1.0, ..CostModel::default() };
    let advice = recording.advice();
    assert!(advice.relations.iter().all(|relation| model.pick(&relation.data) == Strategy::Joined));
    let text = advice.for_costs(&model).to_string();
    let end = "selectin: 2.06 ms predicted instead of 17.1 ms by lazy;\n  joined together with 1 other collection, its rows would multiply";
    assert_eq!(text.matches(end).count(), 2, "{text}");
}
