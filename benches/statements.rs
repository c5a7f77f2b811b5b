//! Statements as a unit of measurement: exact, without noise, against the size of the shop. And rows read, where two
//! collections are loaded side by side.
//!
//!     cargo bench --bench statements

mod support;

use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use eagerly::{Entity, HasMany, Session, joined, params, selectin};
use support::unit::Counted;
use support::{Shop, Way, sizes};

fn main() {
    for customers in sizes(&[100, 300, 1_000], &[100, 300]) {
        let shop = Shop::of(customers).expect("a shop");
        let mut criterion = criterion(Counted::statements(&shop.session));
        let mut group = criterion.benchmark_group("statements");
        for way in Way::all()
            .into_iter()
            .filter(|way| !way.name().starts_with("hand"))
        {
            group.bench_function(BenchmarkId::new(way.name(), customers), |bencher| {
                bencher.iter(|| way.page(&shop));
            });
        }
        group.finish();
    }
    sibling_joins();
}

/// Criterion with a unit of its own. A figure that does not vary needs no plot and no long look.
fn criterion(unit: Counted) -> Criterion<Counted> {
    Criterion::default()
        .with_measurement(unit)
        .without_plots()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(300))
        .configure_from_args()
}

#[derive(Debug, Entity)]
#[entity(table = "albums")]
struct Album {
    #[entity(key)]
    id: i64,
    #[entity(foreign_key = "album_id")]
    songs: HasMany<Song>,
    #[entity(foreign_key = "album_id")]
    reviews: HasMany<Review>,
}

#[derive(Debug, Entity)]
#[entity(table = "songs")]
struct Song {
    #[entity(key)]
    id: i64,
    album_id: i64,
}

#[derive(Debug, Entity)]
#[entity(table = "reviews")]
struct Review {
    #[entity(key)]
    id: i64,
    album_id: i64,
}

/// Two collections side by side: a join multiplies them, `selectin` adds them up.
fn sibling_joins() {
    for each in [2, 5, 10, 20] {
        let session = albums(50, each).expect("albums");
        let mut criterion = criterion(Counted::rows(&session));
        let mut group = criterion.benchmark_group("rows read, of two collections");
        group.bench_function(BenchmarkId::new("joined", each), |bencher| {
            bencher.iter(|| {
                session.all(
                    Album::select()
                        .with(joined(Album::SONGS))
                        .with(joined(Album::REVIEWS)),
                )
            });
        });
        group.bench_function(BenchmarkId::new("selectin", each), |bencher| {
            bencher.iter(|| {
                session.all(
                    Album::select()
                        .with(selectin(Album::SONGS))
                        .with(selectin(Album::REVIEWS)),
                )
            });
        });
        group.finish();
    }
}

fn albums(albums: i64, each: i64) -> eagerly::Result<Session> {
    let session = Session::in_memory()?;
    for sql in [
        "CREATE TABLE albums (id INTEGER PRIMARY KEY)",
        "CREATE TABLE songs (id INTEGER PRIMARY KEY, album_id INTEGER NOT NULL)",
        "CREATE TABLE reviews (id INTEGER PRIMARY KEY, album_id INTEGER NOT NULL)",
        "CREATE INDEX songs_album ON songs (album_id)",
        "CREATE INDEX reviews_album ON reviews (album_id)",
    ] {
        session.execute(sql, [])?;
    }
    for album in 1..=albums {
        session.execute("INSERT INTO albums VALUES (?1)", params![album])?;
        for _ in 0..each {
            session.execute("INSERT INTO songs (album_id) VALUES (?1)", params![album])?;
            session.execute("INSERT INTO reviews (album_id) VALUES (?1)", params![album])?;
        }
    }
    Ok(session)
}
