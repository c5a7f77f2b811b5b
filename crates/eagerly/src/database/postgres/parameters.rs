//! Binds values as parameters.
//!
//! A value travels as text, and its type is not declared. The server infers the type from the context: in
//! `"id" = $1` it is the type of the column, such as `integer`, `uuid` or `citext`. SQLite does the same with a column's affinity.
//! Binary values would need every type to be known here, and are not measurably faster. Only bytes travel as they are.

use std::error::Error;
use std::fmt::{self, Write as _};

use bytes::BytesMut;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};

use crate::database::value::{Array, Value};

type Encoded = Result<IsNull, Box<dyn Error + Sync + Send>>;

/// A value to bind.
pub(super) struct Parameter<'v>(pub(super) &'v Value<'v>);

/// Hides the value, because the client library writes parameters to the log of the program.
impl fmt::Debug for Parameter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self, declared: &Type, out: &mut BytesMut) -> Encoded {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Integer(integer) => write!(out, "{integer}")?,
            Value::Real(real) => write!(out, "{real:?}")?,
            Value::Text(text) => out.extend_from_slice(text.as_bytes()),
            Value::Blob(bytes) if *declared == Type::BYTEA => out.extend_from_slice(bytes),
            Value::Blob(bytes) => return Err(misplaced(bytes.len(), declared)),
            Value::Array(array) => write_array(array, declared, out)?,
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        match self.0 {
            Value::Blob(_) => Format::Binary,
            _ => Format::Text,
        }
    }

    to_sql_checked!();
}

fn misplaced(bytes: usize, declared: &Type) -> Box<dyn Error + Sync + Send> {
    format!(
        "a blob of {bytes} bytes cannot be a value of the type {}; only a bytea can hold it",
        declared.name()
    )
    .into()
}

/// Writes a list as PostgreSQL reads an array: `{1,NULL,"a \"b\""}`.
fn write_array(
    array: &Array,
    declared: &Type,
    out: &mut BytesMut,
) -> Result<(), Box<dyn Error + Sync + Send>> {
    let mut separator = '{';
    for value in array.iter() {
        out.write_char(separator)?;
        separator = ',';
        match value {
            Value::Null => out.write_str("NULL")?,
            Value::Integer(integer) => write!(out, "{integer}")?,
            Value::Real(real) => write!(out, "{real:?}")?,
            Value::Text(text) => write_quoted(&text, out)?,
            Value::Blob(bytes) if *declared == Type::BYTEA_ARRAY => {
                out.write_str(r#""\\x"#)?;
                bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?;
                out.write_char('"')?;
            }
            Value::Blob(bytes) => return Err(misplaced(bytes.len(), declared)),
            Value::Array(_) => return Err("a list of values cannot hold another list".into()),
        }
    }
    if separator == '{' {
        out.write_char('{')?;
    }
    Ok(out.write_char('}')?)
}

fn write_quoted(text: &str, out: &mut BytesMut) -> std::fmt::Result {
    out.write_char('"')?;
    for part in text.split_inclusive(['"', '\\']) {
        match part.strip_suffix(['"', '\\']) {
            Some(plain) => {
                out.write_str(plain)?;
                out.write_char('\\')?;
                out.write_str(&part[plain.len()..])?;
            }
            None => out.write_str(part)?,
        }
    }
    out.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(values: impl IntoIterator<Item = Value<'static>>, declared: &Type) -> String {
        let mut out = BytesMut::new();
        let array = Value::Array(values.into_iter().collect());
        let _ = Parameter(&array).to_sql(declared, &mut out).expect("an array that can be written");
        String::from_utf8(out.to_vec()).expect("text")
    }

    #[test]
    fn an_array_quotes_what_is_special_in_it() {
        assert_eq!(written([], &Type::INT8_ARRAY), "{}");
        assert_eq!(written([1, -2].map(Value::from), &Type::INT8_ARRAY), "{1,-2}");
        let texts = [r#"a "b" \c"#, "{x,y}", "NULL", ""].map(Value::from);
        assert_eq!(written(texts, &Type::TEXT_ARRAY), r#"{"a \"b\" \\c","{x,y}","NULL",""}"#);
        assert_eq!(written([Value::Null, Value::from(1.5)], &Type::FLOAT8_ARRAY), "{NULL,1.5}");
        assert_eq!(written([Value::from(vec![0_u8, 255])], &Type::BYTEA_ARRAY), r#"{"\\x00ff"}"#);
    }

    #[test]
    fn bytes_are_refused_where_the_column_does_not_hold_bytes() {
        let blob = Value::from(vec![1_u8]);
        let error = Parameter(&blob).to_sql(&Type::TEXT, &mut BytesMut::new()).err();
        let message = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(message.contains("cannot be a value of the type text"), "{message}");
    }

    #[test]
    fn a_parameter_does_not_print_its_value() {
        // The client library logs parameters with `log::debug!`.
        let values = [Value::from("secret"), Value::Array([Value::from("secret")].into_iter().collect())];
        let printed = format!("{:?}", values.each_ref().map(Parameter));
        assert_eq!(printed, "[…, …]");
    }
}
