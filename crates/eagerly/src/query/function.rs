//! Skip at first. The functions of aggregates: what each writes for the rows of the last level, for the levels above, and
//! for a parent.

use crate::database::Dialect;
use crate::model::ColumnType;
use crate::query::sql;

/// What is aggregated: columns of the last level.
#[derive(Clone, Copy)]
pub(crate) enum Operand {
    Rows,
    Column(&'static str, Numbers),
    Product(&'static str, &'static str, Numbers),
}

/// How the values of a column are added up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    Integers,
    Reals,
    Decimals,
}

impl Numbers {
    pub(crate) fn of<T: ColumnType>() -> Self {
        match (T::IS_INTEGER, T::IS_DECIMAL) {
            (true, _) => Self::Integers,
            (_, true) => Self::Decimals,
            _ => Self::Reals,
        }
    }
}

impl Operand {
    /// Returns the columns that it reads.
    pub(crate) fn columns(self) -> Vec<&'static str> {
        match self {
            Self::Rows => Vec::new(),
            Self::Column(name, _) => vec![name],
            Self::Product(one, other, _) => vec![one, other],
        }
    }

    pub(crate) fn numbers(self) -> Numbers {
        match self {
            Self::Rows => Numbers::Integers,
            Self::Column(_, numbers) | Self::Product(_, _, numbers) => numbers,
        }
    }

    fn render(self, table: Option<&str>, dialect: Dialect) -> String {
        let column = |name| sql::column(table, name);
        match self {
            Self::Rows => "*".to_owned(),
            Self::Column(name, _) => column(name),
            Self::Product(one, other, numbers) => {
                dialect.product(&column(one), &column(other), numbers == Numbers::Integers)
            }
        }
    }
}

/// What is computed from the related rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Count,
    Sum,
    Min,
    Max,
    /// The sum, divided by the number of values. `avg` could not be combined over several levels.
    Average,
}

impl Function {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
            Self::Average => "average",
        }
    }

    /// Returns the columns `value` and, for an average, `rows`, from the rows of the last level.
    pub(crate) fn of_rows(self, operand: Operand, table: Option<&str>, dialect: Dialect) -> String {
        let of = operand.render(table, dialect);
        match self {
            Self::Average => format!("{} AS \"value\", count({of}) AS \"rows\"", dialect.sum_of_reals(&of)),
            Self::Sum if operand.numbers() == Numbers::Reals => {
                format!("{} AS \"value\"", dialect.sum_of_reals(&of))
            }
            _ => format!("{}({of}) AS \"value\"", self.name()),
        }
    }

    /// Returns these columns from the figures of the level below. Counts are added up.
    pub(crate) fn of_figures(self, figures: &str) -> String {
        let column = |name| sql::column(Some(figures), name);
        match self {
            Self::Count | Self::Sum => format!("sum({}) AS \"value\"", column("value")),
            Self::Average => {
                format!("sum({}) AS \"value\", sum({}) AS \"rows\"", column("value"), column("rows"))
            }
            Self::Min | Self::Max => format!("{}({}) AS \"value\"", self.name(), column("value")),
        }
    }

    /// Returns the figure of a parent, which may have no related rows.
    pub(crate) fn of_parent(self, figures: &str) -> String {
        let value = sql::column(Some(figures), "value");
        match self {
            Self::Count | Self::Sum => format!("coalesce({value}, 0)"),
            Self::Min | Self::Max => value,
            Self::Average => format!("{value} / nullif({}, 0)", sql::column(Some(figures), "rows")),
        }
    }
}
