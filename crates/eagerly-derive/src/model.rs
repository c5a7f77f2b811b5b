//! Parses a struct that derives `Entity`, and checks it.

use std::fmt::Display;

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Data, DeriveInput, Error, Field, Fields, GenericArgument, Ident, LitStr, PathArguments,
    Result, Token, Type, Visibility, token,
};

use crate::order;
use crate::rename::{self, Rename};

/// A struct that derives `Entity`.
pub(crate) struct Model<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) visibility: &'a Visibility,
    pub(crate) schema: Option<LitStr>,
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
    /// Whether the column is never written.
    pub(crate) is_read_only: bool,
}

/// A field that is a relation.
pub(crate) struct RelationField<'a> {
    pub(crate) field: &'a Field,
    pub(crate) ident: &'a Ident,
    pub(crate) kind: Kind,
    pub(crate) target: &'a Type,
    /// The foreign key columns. They are in the target's table for a has-many and a has-one, and in this
    /// table for a belongs-to.
    pub(crate) columns: Vec<LitStr>,
    /// The columns that the foreign key points to. Empty if it points to the key.
    pub(crate) references: Vec<LitStr>,
    /// The name of the default strategy.
    pub(crate) strategy: Option<LitStr>,
    /// The names of the relations that this one goes through; empty if it goes directly to its target. Then it has no
    /// columns of its own.
    pub(crate) through: Vec<Ident>,
    /// The order of the related rows, as it is written, and its terms.
    pub(crate) order: Option<(LitStr, Vec<order::Term>)>,
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
            return error(
                &input.generics,
                "an entity cannot be generic\nhelp: remove the generic parameters",
            );
        }
        let StructAttributes { schema, table, rename_all } = StructAttributes::parse(input)?;
        let mut model = Self {
            name: &input.ident,
            visibility: &input.vis,
            schema,
            table,
            columns: Vec::new(),
            relations: Vec::new(),
        };
        for field in named_fields(input, "an entity")? {
            model.add(field, rename_all)?;
        }
        if model.columns.is_empty() {
            return error(
                model.name,
                "an entity needs at least one field that is a column\nhelp: add a field for each column of the table",
            );
        }
        model.check_columns()?;
        for relation in &model.relations {
            model.check(relation)?;
        }
        Ok(model)
    }

    fn add(&mut self, field: &'a Field, rename_all: Option<Rename>) -> Result<()> {
        let Some(ident) = &field.ident else {
            return Ok(());
        };
        let attributes = FieldAttributes::parse(field)?;
        if let (Some(place), Some(_)) = (&attributes.read_only, relation_type(&field.ty)) {
            return error(
                place,
                "only a column can be read only, and this field is a relation, which is never written\nhelp: remove `read_only`",
            );
        }
        match relation_type(&field.ty) {
            Some((kind, target)) => self.relations.push(RelationField {
                field,
                ident,
                kind,
                target,
                strategy: attributes.strategy.clone(),
                through: attributes.through(field, kind)?,
                order: attributes.order(kind)?,
                references: attributes.references.clone().unwrap_or_default(),
                columns: attributes.pointing_columns(field, kind)?,
            }),
            None => self.columns.push(ColumnField {
                field,
                ident,
                column: attributes.column_name(field, ident, rename_all)?,
                is_key: attributes.key.is_some(),
                is_read_only: attributes.read_only.is_some(),
            }),
        }
        Ok(())
    }

    fn check_columns(&self) -> Result<()> {
        for (index, column) in self.columns.iter().enumerate() {
            let mut before = self.columns[..index].iter();
            if before.any(|other| other.column.eq_ignore_ascii_case(&column.column)) {
                let message = format!(
                    "two fields map to the column {:?}\nhelp: map one of them to another column",
                    column.column
                );
                return error(column.field, message);
            }
        }
        Ok(())
    }

    fn check(&self, relation: &RelationField<'_>) -> Result<()> {
        let keys = self.key().count();
        if let Some(first) = relation.through.first() {
            return self.check_first(first, relation);
        }
        let (named, referenced) = (relation.columns.len(), relation.references.len());
        if let Some(first) = relation.references.first()
            && named != referenced
        {
            let message = format!(
                "the column counts differ: {named} in the foreign key, {referenced} in `references`\nhelp: name one column in `references` for each column of the foreign key, in the same order"
            );
            return error(first, message);
        }
        match relation.kind {
            Kind::HasMany | Kind::HasOne if referenced > 0 => {
                relation.references.iter().try_for_each(|column| self.check_own(column))
            }
            Kind::BelongsTo => relation.columns.iter().try_for_each(|column| self.check_own(column)),
            _ if keys == 0 => error(
                relation.field,
                "a has-many or has-one relation needs an entity with a key\nhelp: mark the field that identifies a row with #[entity(key)], or name the column that the foreign key points to, as in `references = \"code\"`",
            ),
            _ if keys != relation.columns.len() => error(
                relation.field,
                format!(
                    "the column counts differ: {keys} in the key of {}, {} in the foreign key\nhelp: name one foreign key column for each key column, as in #[entity(foreign_key(\"a\", \"b\"))]",
                    self.name,
                    relation.columns.len()
                ),
            ),
            _ => Ok(()),
        }
    }

    /// Checks the first name in `through(…)`, which must be a relation of this entity.
    fn check_first(&self, name: &Ident, relation: &RelationField<'_>) -> Result<()> {
        let is_named = |own: &&RelationField<'_>| plain(own.ident) == plain(name);
        if is_named(&relation) {
            return error(
                name,
                "a relation cannot go through itself\nhelp: name another relation of this entity",
            );
        }
        if self.relations.iter().any(|own| is_named(&own)) {
            return Ok(());
        }
        let own = self.relations.iter().filter(|own| own.ident != relation.ident);
        let own: Vec<_> = own.map(|own| format!("`{}`", plain(own.ident))).collect();
        let help = match own.is_empty() {
            true => format!("first add a relation to the entity on the way, such as `{name}: HasMany<…>`"),
            false => format!("begin with a relation of {}: {}", self.name, own.join(" or ")),
        };
        error(name, format!("{} has no relation `{}`\nhelp: {help}", self.name, plain(name)))
    }

    /// Requires that a column, which an attribute names, belongs to a field.
    fn check_own(&self, column: &LitStr) -> Result<()> {
        let name = column.value();
        if self.column(&name).is_some() {
            return Ok(());
        }
        let help = match self.columns.iter().find(|field| plain(field.ident) == name) {
            Some(field) => format!("the field `{name}` is the column {0:?}: write {0:?} here", field.column),
            None => format!("add `pub {name}: i64`, or `Option<i64>` if the column can be null"),
        };
        error(column, format!("no field of {} maps to the column {name:?}\nhelp: {help}", self.name))
    }

    /// Returns the name of the table in messages.
    pub(crate) fn full_name(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", schema.value(), self.table.value()),
            None => self.table.value(),
        }
    }

    pub(crate) fn key(&self) -> impl Iterator<Item = &ColumnField<'a>> {
        self.columns.iter().filter(|column| column.is_key)
    }

    pub(crate) fn column(&self, name: &str) -> Option<&ColumnField<'a>> {
        self.columns.iter().find(|column| column.column == name)
    }
}

/// The content of the `#[entity(…)]` attributes of a field.
#[derive(Default)]
struct FieldAttributes {
    /// The columns of `key = "…"` or `key("…", "…")`; empty for a plain `key`.
    key: Option<Vec<LitStr>>,
    foreign_key: Vec<LitStr>,
    column: Option<LitStr>,
    strategy: Option<LitStr>,
    /// The names of `through(…)`.
    through: Option<Vec<Ident>>,
    order_by: Option<LitStr>,
    references: Option<Vec<LitStr>>,
    read_only: Option<Span>,
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
                } else if meta.path.is_ident("through") {
                    found.through = Some(relations(&meta)?);
                } else if meta.path.is_ident("strategy") {
                    found.strategy = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("order_by") {
                    found.order_by = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("read_only") {
                    found.read_only = Some(meta.path.span());
                } else if meta.path.is_ident("references") {
                    let references = columns(&meta)?;
                    if references.is_empty() {
                        return Err(meta.error(
                            "`references` needs the column that the foreign key points to\nhelp: write `references = \"code\"`",
                        ));
                    }
                    found.references = Some(references);
                } else {
                    return Err(meta.error(
                        "unknown attribute\nhelp: use `key`, `read_only`, `key = \"…\"`, `foreign_key = \"…\"`, `through(…)`, `column = \"…\"`, `references = \"…\"`, `order_by = \"…\"` or `strategy = \"…\"` on a field",
                    ));
                }
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// Returns the names of the relations that a relation goes through.
    fn through(&self, field: &Field, kind: Kind) -> Result<Vec<Ident>> {
        let Some(names) = &self.through else {
            return Ok(Vec::new());
        };
        if kind == Kind::BelongsTo {
            return error(
                &field.ty,
                "a relation through others is a has-many or a has-one\nhelp: write `HasMany<…>`, or `HasOne<…>` if it leads to one row",
            );
        }
        let own = [
            self.key.is_some(),
            !self.foreign_key.is_empty(),
            self.column.is_some(),
            self.references.is_some(),
        ];
        if own.contains(&true) {
            return error(
                field,
                "a relation through others has no columns of its own\nhelp: remove `foreign_key`, `key`, `references` and `column`",
            );
        }
        Ok(names.clone())
    }

    /// Returns the order of a relation's rows.
    fn order(&self, kind: Kind) -> Result<Option<(LitStr, Vec<order::Term>)>> {
        match &self.order_by {
            Some(order) if kind == Kind::BelongsTo => error(
                order,
                "a belongs-to relation leads to one row, which needs no order\nhelp: remove `order_by`",
            ),
            Some(order) => Ok(Some((order.clone(), order::parse(order)?))),
            None => Ok(None),
        }
    }

    /// Returns the foreign key columns of a relation.
    fn pointing_columns(self, field: &Field, kind: Kind) -> Result<Vec<LitStr>> {
        if self.through.is_some() {
            return Ok(Vec::new());
        }
        let (named, other, wanted) = match kind {
            Kind::HasMany | Kind::HasOne => (
                self.foreign_key,
                self.key.is_some(),
                "a has-many or has-one relation needs `foreign_key`, without `key` or `column`\nhelp: name the column of the other table that points here, as in #[entity(foreign_key = \"customer_id\")]",
            ),
            Kind::BelongsTo => (
                self.key.unwrap_or_default(),
                !self.foreign_key.is_empty(),
                "a belongs-to relation needs `key = \"…\"`, without `foreign_key` or `column`\nhelp: name the column of this table that points there, as in #[entity(key = \"customer_id\")]",
            ),
        };
        match named.is_empty() || other || self.column.is_some() {
            true => error(field, wanted),
            false => Ok(named),
        }
    }

    /// Returns the column name of a field that is not a relation.
    fn column_name(&self, field: &Field, ident: &Ident, rename_all: Option<Rename>) -> Result<String> {
        if let Some(foreign_key) = self.foreign_key.first() {
            return error(
                foreign_key,
                "only a relation can have a foreign key, and this field is a column\nhelp: change the type of the field to HasMany<…> or HasOne<…>",
            );
        }
        if let Some(through) = self.through.iter().flatten().next() {
            return error(
                through,
                "only a relation can go through others, and this field is a column\nhelp: change the type of the field to HasMany<…> or HasOne<…>",
            );
        }
        if let Some(strategy) = &self.strategy {
            return error(
                strategy,
                "only a relation can have a strategy, and this field is a column\nhelp: remove the strategy",
            );
        }
        if let Some(references) = self.references.iter().flatten().next() {
            return error(
                references,
                "only a relation can have `references`, and this field is a column\nhelp: write it on the HasMany<…>, HasOne<…> or BelongsTo<…>",
            );
        }
        if let Some(order) = &self.order_by {
            return error(
                order,
                "only a relation can have an order, and this field is a column\nhelp: sort in the query, as in `Customer::select().order_by(Customer::LAST_NAME)`",
            );
        }
        if let Some(key) = self.key.iter().flatten().next() {
            return error(
                key,
                "only a relation of type BelongsTo<…> can have `key = \"…\"`, and this field is a column\nhelp: write `key` to mark the key, and add `column = \"…\"` to name its column",
            );
        }
        if let Type::Reference(reference) = &field.ty {
            return error(
                reference,
                "an entity must own its data\nhelp: write String instead of &str, and Vec<u8> instead of &[u8]",
            );
        }
        Ok(match &self.column {
            Some(column) => column.value(),
            None => match rename_all {
                Some(rename) => rename(&plain(ident)),
                None => plain(ident),
            },
        })
    }
}

/// Parses the columns of `key = "…"` or `key("…", "…")`. Returns an empty list for a plain `key`.
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

/// Parses the names of `through(taggings, tag)`.
fn relations(meta: &ParseNestedMeta<'_>) -> Result<Vec<Ident>> {
    let wanted = "`through` needs the names of two relations or more\nhelp: name a relation of this entity, then one of the entity that it leads to, as in #[entity(through(taggings, tag))]";
    if !meta.input.peek(token::Paren) {
        return Err(meta.error(wanted));
    }
    let listed;
    syn::parenthesized!(listed in meta.input);
    let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(&listed, Ident::parse_any)?;
    match names.len() < 2 {
        true => Err(meta.error(wanted)),
        false => Ok(names.into_iter().collect()),
    }
}

/// The content of the `#[entity(…)]` attributes of a struct.
struct StructAttributes {
    schema: Option<LitStr>,
    table: LitStr,
    rename_all: Option<Rename>,
}

impl StructAttributes {
    fn parse(input: &DeriveInput) -> Result<Self> {
        let (mut schema, mut table, mut rename_all) = (None, None, None);
        for attribute in entity_attributes(&input.attrs) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("table") {
                    table = Some(meta.value()?.parse::<LitStr>()?);
                } else if meta.path.is_ident("schema") {
                    schema = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("rename_all") {
                    rename_all = Some(rename::parse(&meta.value()?.parse()?)?);
                } else {
                    return Err(meta.error(
                        "unknown attribute\nhelp: use `table = \"…\"`, `schema = \"…\"` or `rename_all = \"…\"` on a struct",
                    ));
                }
                Ok(())
            })?;
        }
        match table {
            Some(table) => Ok(Self { schema, table, rename_all }),
            None => error(
                &input.ident,
                "an entity needs the name of its table\nhelp: write #[entity(table = \"customers\")] above the struct",
            ),
        }
    }
}

fn entity_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("entity"))
}

/// Returns the fields of a struct with named fields. `what` is the subject of the error messages.
pub(crate) fn named_fields<'a>(
    input: &'a DeriveInput,
    what: &str,
) -> Result<impl Iterator<Item = &'a Field>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields.named.iter()),
            _ => error(
                &input.ident,
                format!(
                    "{what} must be a struct with named fields\nhelp: declare a named field for each column"
                ),
            ),
        },
        _ => error(
            &input.ident,
            format!("{what} must be a struct\nhelp: replace the enum or union with a struct"),
        ),
    }
}

/// Returns the kind and the target of a relation's type; `None` if the field is a column.
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

/// Returns whether a type is written as `Option<…>`. A macro sees only the text, so it misses type aliases.
pub(crate) fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

/// Returns the name of an identifier, without the `r#` of a raw identifier.
pub(crate) fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
}

pub(crate) fn error<T>(place: &impl syn::spanned::Spanned, message: impl Display) -> Result<T> {
    Err(Error::new(place.span(), message))
}
