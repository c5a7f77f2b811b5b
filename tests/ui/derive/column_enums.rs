use eagerly::ColumnType;

#[derive(ColumnType)]
enum Nothing {}

#[derive(ColumnType)]
enum Payment {
    Cash,
    Card(String),
}

#[derive(ColumnType)]
enum Twice {
    Open,
    #[column(name = "open")]
    Reopened,
}

#[derive(ColumnType)]
#[column(text)]
enum Unknown {
    Open,
}

#[derive(ColumnType)]
enum UnknownOnVariant {
    #[column(column = "open")]
    Open,
}

const FIRST: isize = 1;

#[derive(ColumnType)]
#[column(integer)]
enum Computed {
    Open = FIRST,
}

#[derive(ColumnType)]
#[column(integer)]
enum NamedNumber {
    #[column(name = "open")]
    Open,
}

#[derive(ColumnType)]
#[column(integer, rename_all = "lowercase")]
enum RenamedNumbers {
    Open,
}

#[derive(ColumnType)]
#[column(integer)]
struct Cents(i64);

fn main() {}
