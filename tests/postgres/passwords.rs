//! No message contains a password, whatever is in it and wherever it is in the URL.
//!
//! Most passwords here would end up in a message if the URL were read naively: a part of them would be taken for the host, for
//! the user or for the database. So each message is searched for every part of the password, not only for the whole.

use eagerly::{Error, Failure, Session};
use proptest::prelude::*;

use crate::databases::{server, with_admin};
use crate::failures::with_rule;

on_postgres!(
    no_part_of_any_password_is_in_a_message,
    odd_passwords_work_in_percent_encoding,
    the_name_of_an_option_in_a_password_needs_no_encoding,
    what_is_more_than_a_name_is_refused,
);

/// The letters do not appear next to each other in a message by chance.
const PASSWORD: &str = r#"[qxzvkjwQXZ@:/?#%&=+;,'"\\ \[\]é]{6,16}"#;

/// How many characters of a password are too many to be shown.
const PART: usize = 6;

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Returns whether a message contains a part of a password with at least three letters.
fn tells(message: &str, password: &str) -> bool {
    let characters: Vec<_> = password.chars().collect();
    characters.windows(PART).any(|part| {
        let part = String::from_iter(part);
        part.chars().filter(|character| character.is_alphabetic()).count() >= 3 && message.contains(&part)
    })
}

/// Returns the text of everything that connecting prints.
fn printed(url: &str) -> String {
    match Session::connect(url) {
        Ok(session) => format!("{session:?} {:?}", session.execute("SELEC", [])),
        Err(error) => {
            let text = error.to_string();
            assert!(text.starts_with("cannot connect to ") && text.contains("\n  help: "), "{url}: {text}");
            assert!(matches!(error, Error::Connect { .. }), "{url}: {text}");
            format!("{text} {error:?} {:?}", error.database())
        }
    }
}

/// Creates a user who needs a password.
fn guard(name: &str) -> String {
    with_admin(|admin| admin.execute(&format!("CREATE ROLE {name} LOGIN PASSWORD 'right'"), []).unwrap());
    with_rule(&format!("host all {name} 127.0.0.1/32 scram-sha-256"));
    server().unwrap().address().to_string()
}

fn no_part_of_any_password_is_in_a_message() {
    let address = guard("guarded");
    let url = |password: &str, database: &str, option: &str| {
        [
            format!("postgres://guarded:{password}@{address}/{database}?{option}"),
            format!("postgres://guarded@{address}/{database}?{option}&password={password}"),
            format!("postgres://{address}/{database}?{option}&user=guarded&password={password}"),
            format!("postgres://{address}?password={password}&{option}"),
        ]
    };
    proptest!(ProptestConfig::with_cases(16), |(password in PASSWORD)| {
        for written in [encoded(&password), password.clone()] {
            let mut urls = Vec::new();
            for option in ["connect_timeout=2", "sslmode=require", "sslmode=prefer", "colour=red", "port=a"] {
                urls.extend(url(&written, "postgres", option));
            }
            urls.extend(url(&written, "no_such_database", "connect_timeout=2"));
            urls.extend([
                format!("postgres://guarded:{written}@127.0.0.1:1/shop"),
                format!("postgres://guarded:{written}@127.0.0.1:port/shop"),
                format!("postgres://guarded:{written}@[::1/shop"),
                format!("postgres://guarded:{written}@/shop?host=/no/such/folder"),
                // Unencoded, this can be a valid URL: `postgres://host:/database`.
                format!("postgres://guarded:{}", encoded(&password)),
                format!("postgres://:{written}@127.0.0.1:1"),
                format!("mysql://guarded:{written}@127.0.0.1:1/shop"),
                format!("guarded:{written}@127.0.0.1:1/shop"),
                format!("host=127.0.0.1 port=1 password='{written}'"),
            ]);
            for url in urls {
                let message = printed(&url);
                prop_assert!(!tells(&message, &password) && !tells(&message, &written), "{url}: {message}");
            }
        }
    });
}

fn odd_passwords_work_in_percent_encoding() {
    let address = guard("odd");
    for password in ["p@ss:w/rd?x", "100%25%", "it's a #1 &=+", "sslmode=prefer&", "Zoë\"\\;,[]"] {
        let set = format!("ALTER ROLE odd PASSWORD '{}'", password.replace('\'', "''"));
        with_admin(|admin| admin.execute(&set, []).unwrap());
        for url in [
            format!("postgres://odd:{}@{address}/postgres", encoded(password)),
            format!("postgres://odd@{address}/postgres?password={}", encoded(password)),
        ] {
            let session = Session::connect(&url).unwrap_or_else(|error| panic!("{password}: {error}"));
            assert_eq!(session.query::<i32>("SELECT 1", []).unwrap(), [1]);
            assert!(!format!("{session:?}").contains(password));
        }
    }
}

fn the_name_of_an_option_in_a_password_needs_no_encoding() {
    let address = guard("plain");
    with_admin(|admin| admin.execute("ALTER ROLE plain PASSWORD 'mypassword=1'", []).unwrap());
    Session::connect(&format!("postgres://plain:mypassword=1@{address}/postgres")).unwrap();
    // This can be an option whose ? was forgotten, and the reason says how to write it otherwise.
    let error = Session::connect(&format!("postgres://plain:x&password=1@{address}/postgres")).unwrap_err();
    assert!(error.to_string().contains("an @, /, ? or & in the password"), "{error}");
}

fn what_is_more_than_a_name_is_refused() {
    let address = server().unwrap().address();
    for url in [
        format!("postgres://postgres%3Asecret@{address}/postgres"),
        format!("postgres://{address}/postgres?user=postgres:secret"),
        format!("postgres://{address}/?user=postgres&dbname=postgres://postgres:secret%40{address}/postgres"),
        format!("postgres://postgres@/postgres?host=postgres:secret%40{address}"),
        format!("postgres://{address}/postgres?password=more@secret"),
        format!("postgres://{address}/postgres&password=secret"),
        "postgres://localhost&password=secret".to_owned(),
        "postgres://postgres&password=secret@localhost".to_owned(),
        "postgres:///postgres?host=/tmp?password=secret".to_owned(),
        "postgres://postgres:x&password=more@/secret".to_owned(),
        format!("postgres://me:more?x@secret/x@{address}/postgres"),
    ] {
        let error = Session::connect(&url).unwrap_err();
        assert_eq!(error.database().map(|error| error.kind), Some(Failure::Url), "{url}: {error}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{url}: {error}");
    }
}
