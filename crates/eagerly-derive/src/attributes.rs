//! Parses the `#[entity(…)]` attributes of a struct and of its fields.

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, DeriveInput, Field, Ident, LitStr, Result, Token, Type, token};

use crate::order;
use crate::rename::{self, Rename};
use crate::syntax::{Kind, error, plain};

/// The content of the `#[entity(…)]` attributes of a field.
#[derive(Default)]
pub(crate) struct FieldAttributes {
    /// The columns of `key = "…"` or `key("…", "…")`; empty for a plain `key`.
    pub(crate) key: Option<Vec<LitStr>>,
    pub(crate) foreign_key: Vec<LitStr>,
    pub(crate) column: Option<LitStr>,
    pub(crate) strategy: Option<LitStr>,
    /// The names of `through(…)`.
    pub(crate) through: Option<Vec<Ident>>,
    pub(crate) order_by: Option<LitStr>,
    pub(crate) references: Option<Vec<LitStr>>,
    pub(crate) read_only: Option<Span>,
}

impl FieldAttributes {
    pub(crate) fn parse(field: &Field) -> Result<Self> {
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
    pub(crate) fn through(&self, field: &Field, kind: Kind) -> Result<Vec<Ident>> {
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
    pub(crate) fn order(&self, kind: Kind) -> Result<Option<(LitStr, Vec<order::Term>)>> {
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
    pub(crate) fn pointing_columns(self, field: &Field, kind: Kind) -> Result<Vec<LitStr>> {
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
    pub(crate) fn column_name(
        &self,
        field: &Field,
        ident: &Ident,
        rename_all: Option<Rename>,
    ) -> Result<String> {
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
pub(crate) struct StructAttributes {
    pub(crate) schema: Option<LitStr>,
    pub(crate) table: LitStr,
    pub(crate) rename_all: Option<Rename>,
    pub(crate) module: Option<Ident>,
}

impl StructAttributes {
    pub(crate) fn parse(input: &DeriveInput) -> Result<Self> {
        let (mut schema, mut table, mut rename_all, mut module) = (None, None, None, None);
        for attribute in entity_attributes(&input.attrs) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("table") {
                    table = Some(meta.value()?.parse::<LitStr>()?);
                } else if meta.path.is_ident("schema") {
                    schema = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("rename_all") {
                    rename_all = Some(rename::parse(&meta.value()?.parse()?)?);
                } else if meta.path.is_ident("module") {
                    module = Some(module_name(&meta.value()?.parse()?)?);
                } else {
                    return Err(meta.error(
                        "unknown attribute\nhelp: use `table = \"…\"`, `schema = \"…\"`, `rename_all = \"…\"` or `module = \"…\"` on a struct",
                    ));
                }
                Ok(())
            })?;
        }
        match table {
            Some(table) => Ok(Self { schema, table, rename_all, module }),
            None => error(
                &input.ident,
                "an entity needs the name of its table\nhelp: write #[entity(table = \"customers\")] above the struct",
            ),
        }
    }
}

/// Parses the name in `module = "…"`. An error about the module points at the attribute.
fn module_name(name: &LitStr) -> Result<Ident> {
    name.parse().or_else(|_| {
        error(
            name,
            "this is not a name for a module\nhelp: write a name in snake case, as in #[entity(module = \"order_relations\")]",
        )
    })
}

fn entity_attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("entity"))
}
