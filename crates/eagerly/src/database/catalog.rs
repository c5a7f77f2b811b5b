//! Skip at first. The SQL that asks a database for the columns and indexes of a table.
//!
//! Both databases return rows of the same form. The name of the table is bound, like every value.

use crate::database::dialect::{Dialect, table_name};
use crate::database::value::Value;

/// A table or a view, as the database describes it.
#[derive(Debug)]
pub(crate) struct TableFacts {
    /// Whether it is a plain table. A database reports less about the columns of a view or of a virtual table.
    pub(crate) is_table: bool,
    pub(crate) columns: Vec<ColumnFacts>,
    /// The columns of each index, in their order. A part that is not a column is an empty text.
    pub(crate) indexes: Vec<Vec<String>>,
}

/// A column, as the database describes it.
#[derive(Debug)]
pub(crate) struct ColumnFacts {
    pub(crate) name: String,
    /// The type as a message shows it: `character varying(20)`.
    pub(crate) declared: String,
    /// The type for [`SqlType::fits`](crate::SqlType): `varchar`.
    pub(crate) type_name: String,
    pub(crate) may_be_null: bool,
    /// Whether the database chooses a value for a row that does not name the column.
    pub(crate) has_default: bool,
    /// Whether the column cannot be written.
    pub(crate) is_generated: bool,
}

impl Dialect {
    /// Returns the query for the columns of a table. Its rows have the schema, whether it is a table, and then the fields of
    /// [`ColumnFacts`].
    pub(crate) fn columns_of_table(self) -> &'static str {
        match self {
            Self::Sqlite => SQLITE_COLUMNS,
            Self::Postgres => POSTGRES_COLUMNS,
        }
    }

    /// Returns the query for the indexes of a table. Its rows have the number of an index, the name of a column, and its
    /// place in the index, in this order. A partial index is left out, because it does not find every row.
    pub(crate) fn indexes_of_table(self) -> &'static str {
        match self {
            Self::Sqlite => SQLITE_INDEXES,
            Self::Postgres => POSTGRES_INDEXES,
        }
    }

    /// Returns the values to bind to both queries.
    pub(crate) fn named_table(self, schema: Option<&str>, table: &str) -> Vec<Value<'static>> {
        match self {
            Self::Sqlite => vec![Value::from(table), schema.map_or(Value::Null, Value::from)],
            Self::Postgres => vec![Value::from(table_name(schema, table).as_str())],
        }
    }
}

/// SQLite looks for a table in the temporary schema first, then in the main one, then in the attached ones. A key that is the
/// number of the row needs no index: `INTEGER PRIMARY KEY`, for which there is no index of the kind `pk`. A key of another
/// type could be null if it is not declared otherwise. That is not reported, because rows with such a key are mistakes.
const SQLITE_COLUMNS: &str = r#"SELECT found.schema, found.type = 'table', info.name, info.type, info.type,
       info."notnull" = 0 AND info.pk = 0,
       info.dflt_value IS NOT NULL OR (
           info.pk = 1 AND info.type = 'INTEGER' COLLATE NOCASE AND found.type = 'table'
           AND (SELECT count(*) FROM pragma_table_xinfo(?1, found.schema) AS other WHERE other.pk > 0) = 1
           AND NOT EXISTS (SELECT 1 FROM pragma_index_list(?1, found.schema) WHERE origin = 'pk')
       ),
       info.hidden IN (2, 3)
FROM (SELECT tables.schema, tables.type FROM pragma_table_list(?1) AS tables
      JOIN pragma_database_list AS databases ON databases.name = tables.schema
      WHERE ?2 IS NULL OR tables.schema = ?2 COLLATE NOCASE
      ORDER BY databases.name <> 'temp', databases.seq LIMIT 1) AS found
JOIN pragma_table_xinfo(?1, found.schema) AS info
WHERE info.hidden <> 1 ORDER BY info.cid"#;

/// The number of the row is found without an index. Here it counts as one.
const SQLITE_INDEXES: &str = "SELECT list.seq AS number, coalesce(info.name, ''), info.seqno AS place
FROM pragma_index_list(?1, ?2) AS list JOIN pragma_index_info(list.name, ?2) AS info
WHERE list.partial = 0
UNION ALL
SELECT -1, info.name, 0 FROM pragma_table_xinfo(?1, ?2) AS info
WHERE info.pk = 1 AND info.type = 'INTEGER' COLLATE NOCASE
      AND (SELECT count(*) FROM pragma_table_xinfo(?1, ?2) AS other WHERE other.pk > 0) = 1
      AND NOT EXISTS (SELECT 1 FROM pragma_index_list(?1, ?2) WHERE origin = 'pk')
ORDER BY number, place";

/// `to_regclass` looks for a table as a statement does. A domain is described by the type that it restricts.
const POSTGRES_COLUMNS: &str = "SELECT relation.relnamespace::pg_catalog.regnamespace::pg_catalog.text,
       relation.relkind IN ('r', 'p'), attname, pg_catalog.format_type(atttypid, atttypmod),
       CASE base.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' ELSE base.typname END,
       NOT (attnotnull OR declared.typnotnull),
       atthasdef OR attidentity <> '' OR declared.typdefault IS NOT NULL,
       attgenerated <> '' OR attidentity = 'a'
FROM pg_catalog.pg_attribute
JOIN pg_catalog.pg_class AS relation ON relation.oid = attrelid
JOIN pg_catalog.pg_type AS declared ON declared.oid = atttypid
JOIN pg_catalog.pg_type AS base ON base.oid = CASE declared.typtype WHEN 'd' THEN declared.typbasetype ELSE atttypid END
WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum";

/// Only these two kinds of index find equal values of every type.
const POSTGRES_INDEXES: &str = "SELECT indexrelid::bigint, coalesce(attname, '')::text, part.place
FROM pg_catalog.pg_index
JOIN pg_catalog.pg_class AS relation ON relation.oid = indexrelid
JOIN pg_catalog.pg_am AS method ON method.oid = relation.relam
CROSS JOIN LATERAL pg_catalog.unnest(indkey::pg_catalog.int2[]) WITH ORDINALITY AS part(number, place)
LEFT JOIN pg_catalog.pg_attribute ON attrelid = indrelid AND attnum = part.number
WHERE indrelid = pg_catalog.to_regclass($1) AND indpred IS NULL AND indisvalid AND part.place <= indnkeyatts
      AND method.amname IN ('btree', 'hash')
ORDER BY indexrelid, part.place";
