//! What a struct says about itself, read and checked.

use std::fmt::Display;

use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DeriveInput, Error, Field, Fields, GenericArgument, Ident, LitStr, PathArguments,
    Result, Token, Type, Visibility, token,
};

/// A struct that derives `Entity`.
pub(crate) struct Model<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) visibility: &'a Visibility,
    pub(crate) table: LitStr,
    pub(crate) columns: Vec<ColumnField<'a>>,
    pub(crate) relations: Vec<RelationField<'a>>,
}

/// A field that is a column.
pub(crate) struct ColumnField<'a> {
    pub(crate) field: &'a Field,
    pub(crate) ident: &'a Ident,
    pub(crate) column: String,
    pub(crate) is_key: bool,
}

/// A field that is a relation.
pub(crate) struct RelationField<'a> {
    pub(crate) field: &'a Field,
    pub(crate) ident: &'a Ident,
    pub(crate) kind: Kind,
    pub(crate) target: &'a Type,
    /// The columns that point: of the target's table for a has-many and a has-one, of this one for a
    /// belongs-to.
    pub(crate) columns: Vec<LitStr>,
    /// The default strategy, as `Strategy` names it.
    pub(crate) strategy: Option<Ident>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    HasMany,
    HasOne,
    BelongsTo,
}

impl<'a> Model<'a> {
    pub(crate) fn parse(input: &'a DeriveInput) -> Result<Self> {
        if !input.generics.params.is_empty() {
            return error(&input.generics, "an entity is one table: it cannot be generic");
        }
        let mut model = Self {
            name: &input.ident,
            visibility: &input.vis,
            table: table(input)?,
            columns: Vec::new(),
            relations: Vec::new(),
        };
        for field in named_fields(input, "an entity")? {
            model.add(field)?;
        }
        if model.columns.is_empty() {
            return error(model.name, "an entity needs at least one field that is a column");
        }
        model.check_columns()?;
        for relation in &model.relations {
            model.check(relation)?;
        }
        Ok(model)
    }

    fn add(&mut self, field: &'a Field) -> Result<()> {
        let Some(ident) = &field.ident else {
            return Ok(());
        };
        let attributes = FieldAttributes::parse(field)?;
        match relation_type(&field.ty) {
            Some((kind, target)) => self.relations.push(RelationField {
                field,
                ident,
                kind,
                target,
                strategy: attributes.strategy()?,
                columns: attributes.pointing_columns(field, kind)?,
            }),
            None => self.columns.push(ColumnField {
                field,
                ident,
                column: attributes.column_name(field, ident)?,
                is_key: attributes.key.is_some(),
            }),
        }
        Ok(())
    }

    fn check_columns(&self) -> Result<()> {
        for (index, column) in self.columns.iter().enumerate() {
            let mut before = self.columns[..index].iter();
            if before.any(|other| other.column.eq_ignore_ascii_case(&column.column)) {
                let message = format!("two fields are the column {:?}", column.column);
                return error(column.field, message);
            }
        }
        Ok(())
    }

    fn check(&self, relation: &RelationField<'_>) -> Result<()> {
        let keys = self.key().count();
        match relation.kind {
            Kind::BelongsTo => relation
                .columns
                .iter()
                .try_for_each(|column| self.check_own(column)),
            _ if keys == 0 => error(
                relation.field,
                "other rows point to this one by its key, and there is none: mark the field that identifies a row with #[entity(key)]",
            ),
            _ if keys != relation.columns.len() => error(
                relation.field,
                format!(
                    "the key of {} has {keys} columns: name as many that point to it, as in #[entity(foreign_key(\"a\", \"b\"))]",
                    self.name
                ),
            ),
            _ => Ok(()),
        }
    }

    fn check_own(&self, column: &LitStr) -> Result<()> {
        let name = column.value();
        match self.column(&name) {
            Some(_) => Ok(()),
            None => error(
                column,
                format!(
                    "no field of {} is the column {name:?}: add `pub {name}: i64`, or `Option<i64>` where it may be null",
                    self.name
                ),
            ),
        }
    }

    pub(crate) fn key(&self) -> impl Iterator<Item = &ColumnField<'a>> {
        self.columns.iter().filter(|column| column.is_key)
    }

    pub(crate) fn column(&self, name: &str) -> Option<&ColumnField<'a>> {
        self.columns.iter().find(|column| column.column == name)
    }
}

/// What stands in the `#[entity(…)]` of a field.
#[derive(Default)]
struct FieldAttributes {
    /// `key`, with the columns where it is `key = "…"` or `key("…", "…")`.
    key: Option<Vec<LitStr>>,
    foreign_key: Vec<LitStr>,
    column: Option<LitStr>,
    strategy: Option<LitStr>,
}

impl FieldAttributes {
    fn parse(field: &Field) -> Result<Self> {
        let mut found = Self::default();
        for attribute in entity_attributes(&field.attrs) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("key") {
                    found.key = Some(columns(&meta)?);
                } else if meta.path.is_ident("foreign_key") {
                    found.foreign_key = columns(&meta)?;
                } else if meta.path.is_ident("column") {
                    found.column = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("strategy") {
                    found.strategy = Some(meta.value()?.parse()?);
                } else {
                    return Err(meta.error(
                        "unknown here; a field can have `key`, `key = \"…\"`, `foreign_key = \"…\"`, `column = \"…\"` or `strategy = \"…\"`",
                    ));
                }
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// The columns of a relation.
    fn pointing_columns(self, field: &Field, kind: Kind) -> Result<Vec<LitStr>> {
        let (named, other, wanted) = match kind {
            Kind::HasMany | Kind::HasOne => (
                self.foreign_key,
                self.key.is_some(),
                "which column of the other table points here? Write #[entity(foreign_key = \"customer_id\")]",
            ),
            Kind::BelongsTo => (
                self.key.unwrap_or_default(),
                !self.foreign_key.is_empty(),
                "which column of this table points there? Write #[entity(key = \"customer_id\")]",
            ),
        };
        match named.is_empty() || other || self.column.is_some() {
            true => error(field, wanted),
            false => Ok(named),
        }
    }

    /// The default strategy of a relation.
    fn strategy(&self) -> Result<Option<Ident>> {
        const KNOWN: [&str; 7] = [
            "Lazy",
            "Immediate",
            "Batch",
            "Selectin",
            "Subquery",
            "Joined",
            "Raise",
        ];
        let Some(named) = &self.strategy else {
            return Ok(None);
        };
        let known = KNOWN.iter().find(|known| known.to_lowercase() == named.value());
        match known {
            Some(known) => Ok(Some(Ident::new(known, named.span()))),
            None => error(
                named,
                "no such strategy; there are lazy, immediate, batch, selectin, subquery, joined and raise",
            ),
        }
    }

    /// The column of a field that is no relation.
    fn column_name(&self, field: &Field, ident: &Ident) -> Result<String> {
        if let Some(foreign_key) = self.foreign_key.first() {
            return error(
                foreign_key,
                "a foreign key belongs to a relation: a field of type HasMany<…> or HasOne<…>",
            );
        }
        if let Some(strategy) = &self.strategy {
            return error(
                strategy,
                "a strategy belongs to a relation: this field is a column",
            );
        }
        if let Some(key) = self.key.iter().flatten().next() {
            return error(
                key,
                "`key = \"…\"` belongs to a relation: a field of type BelongsTo<…>. To mark the key write #[entity(key)]; to name the column add column = \"…\"",
            );
        }
        if let Type::Reference(reference) = &field.ty {
            return error(
                reference,
                "an entity owns its data: write String for &str, Vec<u8> for &[u8]",
            );
        }
        Ok(match &self.column {
            Some(column) => column.value(),
            None => plain(ident),
        })
    }
}

/// The columns of `key = "…"` or `key("…", "…")`; none for `key` alone.
fn columns(meta: &ParseNestedMeta<'_>) -> Result<Vec<LitStr>> {
    if meta.input.peek(Token![=]) {
        return Ok(vec![meta.value()?.parse()?]);
    }
    if !meta.input.peek(token::Paren) {
        return Ok(Vec::new());
    }
    let listed;
    syn::parenthesized!(listed in meta.input);
    let columns = Punctuated::<LitStr, Token![,]>::parse_terminated(&listed)?;
    Ok(columns.into_iter().collect())
}

fn table(input: &DeriveInput) -> Result<LitStr> {
    let mut table = None;
    for attribute in entity_attributes(&input.attrs) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("table") {
                table = Some(meta.value()?.parse::<LitStr>()?);
                Ok(())
            } else {
                Err(meta.error("unknown here; a struct can have `table = \"…\"`"))
            }
        })?;
    }
    match table {
        Some(table) => Ok(table),
        None => error(
            &input.ident,
            "which table? Write #[entity(table = \"customers\")] above the struct",
        ),
    }
}

fn entity_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("entity"))
}

/// The fields of a struct that has named ones.
pub(crate) fn named_fields<'a>(
    input: &'a DeriveInput,
    what: &str,
) -> Result<impl Iterator<Item = &'a Field>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields.named.iter()),
            _ => error(
                &input.ident,
                format!("{what} is a struct with named fields, a field for each column"),
            ),
        },
        _ => error(&input.ident, format!("{what} is a struct")),
    }
}

/// Whether a field is a relation, and what it leads to.
fn relation_type(ty: &Type) -> Option<(Kind, &Type)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let kind = match last.ident.to_string().as_str() {
        "HasMany" => Kind::HasMany,
        "HasOne" => Kind::HasOne,
        "BelongsTo" => Kind::BelongsTo,
        _ => return None,
    };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(target) => Some((kind, target)),
        _ => None,
    }
}

/// Whether a type is written as an `Option`.
pub(crate) fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

/// An identifier's name, without the `r#` of a keyword.
pub(crate) fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
}

pub(crate) fn error<T>(place: &impl syn::spanned::Spanned, message: impl Display) -> Result<T> {
    Err(Error::new(place.span(), message))
}
