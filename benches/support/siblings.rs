//! Albums with two collections each, songs and reviews: siblings, which a join multiplies.

use eagerly::{Entity, HasMany, Result, Session, joined, params, selectin};

#[derive(Debug, Entity)]
#[entity(table = "albums")]
pub struct Album {
    #[entity(key)]
    pub id: i64,
    #[entity(foreign_key = "album_id")]
    pub songs: HasMany<Song>,
    #[entity(foreign_key = "album_id")]
    pub reviews: HasMany<Review>,
}

#[derive(Debug, Entity)]
#[entity(table = "songs")]
pub struct Song {
    #[entity(key)]
    pub id: i64,
    pub album_id: i64,
}

#[derive(Debug, Entity)]
#[entity(table = "reviews")]
pub struct Review {
    #[entity(key)]
    pub id: i64,
    pub album_id: i64,
}

/// Creates `albums` albums with `each` songs and `each` reviews per album.
pub fn albums(albums: i64, each: i64) -> Result<Session> {
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

/// Loads all albums with both collections: in one statement if `by_joined`, otherwise in three.
pub fn side_by_side(session: &Session, by_joined: bool) -> Result<Vec<Album>> {
    let albums = Album::select();
    session.all(match by_joined {
        true => albums.with((joined(Album::SONGS), joined(Album::REVIEWS))),
        false => albums.with((selectin(Album::SONGS), selectin(Album::REVIEWS))),
    })
}
