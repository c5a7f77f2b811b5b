//! Parses a struct that derives `Entity`, and checks it.

use syn::{DeriveInput, Field, Ident, LitStr, Result, Type, Visibility};

use crate::attributes::{FieldAttributes, StructAttributes};
use crate::order;
use crate::rename::Rename;
use crate::syntax::{Kind, error, named_fields, plain, relation_type};

/// A struct that derives `Entity`.
pub(crate) struct Model<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) visibility: &'a Visibility,
    pub(crate) schema: Option<LitStr>,
    pub(crate) table: LitStr,
    /// The name of the module with the relation types, if it is not the snake case of the struct's name.
    pub(crate) module: Option<Ident>,
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

impl<'a> Model<'a> {
    pub(crate) fn parse(input: &'a DeriveInput) -> Result<Self> {
        if !input.generics.params.is_empty() {
            return error(
                &input.generics,
                "an entity cannot be generic\nhelp: remove the generic parameters",
            );
        }
        let StructAttributes { schema, table, rename_all, module } = StructAttributes::parse(input)?;
        let mut model = Self {
            name: &input.ident,
            visibility: &input.vis,
            schema,
            table,
            module,
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
