//! Names: which strategies and entities can be written at a place, and how.
//!
//! A strategy that is not imported is written `eagerly::selectin`, which always compiles. For an entity there is no such path.
//! If it is not imported, there are three ways, and the first that fits is taken:
//!
//! 1. The query writes its entity with a path: `models::Customer::select()`. Then it is `models::Order`.
//! 2. The entity before it in the load path is imported by name. Then this import is extended.
//! 3. There is a glob import, such as `use shop::*`, that can bring it.
//!
//! These are assumptions. They are mostly right, because entities that refer to each other are mostly in one module. Each is
//! printed with the diff. If none fits, the source is left alone.

use std::collections::BTreeSet;
use std::ops::Range;

use syn::{Attribute, Ident, Item, Stmt, UseTree, Visibility};

use crate::place::{Query, Source};

/// Bytes to replace, and the text in their place.
pub(crate) type Edit = (Range<usize>, String);

/// The names at one place of the source.
pub(crate) struct Scope<'a> {
    source: &'a Source<'a>,
    imports: Vec<Import<'a>>,
    items: Vec<&'a Ident>,
    /// The names that are defined as something else than a type of data, or only in some builds. They cannot be imported.
    taken: Vec<&'a Ident>,
    globs: Vec<Vec<String>>,
    /// The path before the entity in the query: `models::`.
    prefix: String,
    /// The entity as the query writes it: `models::Customer`, or `Self`.
    root: &'a str,
}

#[derive(Clone)]
struct Import<'a> {
    /// The path without the name: `["shop"]`.
    module: Vec<String>,
    name: &'a Ident,
    /// The names beside it in the same braces.
    group: Option<Vec<&'a Ident>>,
    is_private: bool,
    /// Whether the name is the last part of the path, without `as`.
    is_plain: bool,
}

/// How to write an entity.
pub(crate) struct Name {
    pub(crate) text: String,
    /// What was assumed.
    pub(crate) note: Option<String>,
    pub(crate) import: Option<NewImport>,
}

/// A name to add to an import.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NewImport {
    /// The names that are imported there, and the bytes where each begins and ends.
    beside: Vec<(String, usize, usize)>,
    is_braced: bool,
    pub(crate) name: String,
}

impl<'a> Scope<'a> {
    pub(crate) fn of(query: &Query<'a>, source: &'a Source<'a>) -> Self {
        let written = &source.text[query.entity.clone()];
        let prefix = written.rfind("::").map_or("", |end| &written[..end + 2]).to_owned();
        let (imports, items, taken, globs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut scope = Self { source, imports, items, taken, globs, prefix, root: written };
        for block in query.blocks.iter().rev() {
            let items = block.stmts.iter().filter_map(|statement| match statement {
                Stmt::Item(item) => Some(item),
                _ => None,
            });
            items.for_each(|item| scope.add(item));
        }
        for (index, items) in query.modules.iter().enumerate().rev() {
            items.iter().for_each(|item| scope.add(item));
            let above = scope.globs.iter().position(|glob| glob == &["super"]);
            match above {
                // The module above is in the same file.
                Some(glob) if index > 0 => scope.globs.remove(glob),
                _ => break,
            };
        }
        scope
    }

    pub(crate) fn text(&self) -> &'a str {
        self.source.text
    }

    fn add(&mut self, item: &'a Item) {
        let (attributes, name) = match item {
            Item::Use(import) if !is_conditional(&import.attrs) => {
                let is_private = matches!(import.vis, Visibility::Inherited);
                self.add_imports(&import.tree, &[], None, is_private);
                return;
            }
            Item::Use(import) => return self.add_taken(&import.tree),
            Item::Mod(item) => return self.taken.push(&item.ident),
            Item::Trait(item) => return self.taken.push(&item.ident),
            Item::Union(item) => return self.taken.push(&item.ident),
            Item::Const(item) => (&item.attrs, &item.ident),
            Item::Enum(item) => (&item.attrs, &item.ident),
            Item::Fn(item) => (&item.attrs, &item.sig.ident),
            Item::Struct(item) => (&item.attrs, &item.ident),
            Item::Type(item) => (&item.attrs, &item.ident),
            _ => return,
        };
        match is_conditional(attributes) {
            true => self.taken.push(name),
            false => self.items.push(name),
        }
    }

    /// Adds the names of an import that only some builds have. A second import of the same name would be an error in these.
    fn add_taken(&mut self, tree: &'a UseTree) {
        match tree {
            UseTree::Path(path) => self.add_taken(&path.tree),
            UseTree::Name(name) => self.taken.push(&name.ident),
            UseTree::Rename(name) => self.taken.push(&name.rename),
            UseTree::Glob(_) => {}
            UseTree::Group(trees) => trees.items.iter().for_each(|tree| self.add_taken(tree)),
        }
    }

    fn add_imports(
        &mut self,
        tree: &'a UseTree,
        module: &[String],
        group: Option<&[&'a Ident]>,
        is_private: bool,
    ) {
        let import = |name, is_plain| {
            let group = group.map(<[_]>::to_vec);
            Import { module: module.to_vec(), name, group, is_private, is_plain }
        };
        match tree {
            UseTree::Path(path) => {
                let module = [module, &[path.ident.to_string()]].concat();
                self.add_imports(&path.tree, &module, None, is_private);
            }
            UseTree::Name(name) => self.imports.push(import(&name.ident, true)),
            UseTree::Rename(name) => self.imports.push(import(&name.rename, false)),
            UseTree::Glob(_) => self.globs.push(module.to_vec()),
            UseTree::Group(trees) => {
                let names = trees.items.iter().filter_map(|tree| match tree {
                    UseTree::Name(name) => Some(&name.ident),
                    _ => None,
                });
                let names: Vec<_> = names.collect();
                trees.items.iter().for_each(|tree| self.add_imports(tree, module, Some(&names), is_private));
            }
        }
    }

    fn imported(&self, name: &str) -> Option<&Import<'a>> {
        self.imports.iter().find(|import| import.name == name)
    }

    fn is_defined(&self, name: &str) -> bool {
        self.items.iter().any(|item| *item == name)
    }

    fn is_taken(&self, name: &str) -> bool {
        self.taken.iter().any(|taken| *taken == name)
    }

    /// Returns how to write the function of a strategy.
    pub(crate) fn function(&self, strategy: &str) -> String {
        let is_of_eagerly = |module: &Vec<String>| module == &["eagerly"];
        let is_in_scope = match self.imported(strategy) {
            Some(import) => import.is_plain && is_of_eagerly(&import.module),
            None => {
                let is_hidden = self.is_defined(strategy) || self.is_taken(strategy);
                !is_hidden && self.globs.iter().any(is_of_eagerly)
            }
        };
        // A parameter such as `batch: usize` hides the function.
        if is_in_scope && !self.source.variables.contains(strategy) {
            strategy.to_owned()
        } else {
            format!("eagerly::{strategy}")
        }
    }

    /// Returns how to write an entity. `root` is the entity of the query, and `before` are the entities that come before in
    /// the path.
    pub(crate) fn entity(&self, name: &str, root: &str, before: &[String]) -> Result<Name, String> {
        let plain = |text: String| Name { text, note: None, import: None };
        if name == root {
            return Ok(plain(self.root.to_owned()));
        }
        if self.is_defined(name) || self.imported(name).is_some_and(|import| import.is_plain) {
            return Ok(plain(name.to_owned()));
        }
        if self.imported(name).is_some() {
            return Err(format!("`{name}` has another meaning in this file"));
        }
        if !self.prefix.is_empty() {
            let text = format!("{}{name}", self.prefix);
            let note = Some(format!("`{text}` is assumed to be beside `{}{root}`", self.prefix));
            return Ok(Name { text, note, import: None });
        }
        if self.is_taken(name) {
            return Err(format!("`{name}` has another meaning in this file, or in some builds"));
        }
        let neighbours = before.iter().rev().filter_map(|before| self.imported(before));
        let mut usable = neighbours.filter(|import| import.is_plain && import.is_private);
        if let Some(import) = usable.next() {
            let module = import.module.join("::");
            let note = format!(
                "`{name}` is assumed to be in `{module}`, beside `{}`; the import now names it",
                import.name
            );
            return Ok(Name {
                text: name.to_owned(),
                note: Some(note),
                import: Some(self.extended(import, name)),
            });
        }
        let is_foreign = |glob: &&Vec<String>| {
            !glob.first().is_some_and(|first| {
                ["alloc", "core", "eagerly", "eagerly_watch", "std"].contains(&first.as_str())
            })
        };
        match self.globs.iter().find(is_foreign) {
            Some(glob) => {
                let note = format!("`{name}` is assumed to come from `use {}::*`", glob.join("::"));
                Ok(Name { text: name.to_owned(), note: Some(note), import: None })
            }
            None => Err(format!("`{name}` is not imported here")),
        }
    }

    fn extended(&self, import: &Import<'a>, name: &str) -> NewImport {
        let names = import.group.clone().unwrap_or_else(|| vec![import.name]);
        let beside = names.iter().map(|ident| {
            let at = self.source.bytes(ident.span());
            (ident.to_string(), at.start, at.end)
        });
        NewImport { beside: beside.collect(), is_braced: import.group.is_some(), name: name.to_owned() }
    }
}

/// Returns the edits that add names to imports: `use shop::Customer` becomes `use shop::{Customer, Order}`.
pub(crate) fn edits(imports: &[NewImport]) -> Vec<Edit> {
    let imports: BTreeSet<_> = imports.iter().collect();
    let mut edits: Vec<Edit> = Vec::new();
    for import in &imports {
        if import.is_braced {
            // Names of types are sorted before those of functions and modules.
            let is_before = |(name, ..): &&(String, usize, usize)| {
                name.starts_with(char::is_uppercase) && *name < import.name
            };
            let before = import.beside.iter().filter(is_before).max();
            edits.push(match (before, import.beside.first()) {
                (Some((.., end)), _) => (*end..*end, format!(", {}", import.name)),
                (None, Some((_, start, _))) => (*start..*start, format!("{}, ", import.name)),
                (None, None) => continue,
            });
        } else if let [(known, start, end)] = &import.beside[..] {
            let new = imports.iter().filter(|other| other.beside == import.beside).map(|other| &other.name);
            let mut names: Vec<_> = new.chain([known]).map(String::as_str).collect();
            names.sort_unstable();
            edits.push((*start..*end, format!("{{{}}}", names.join(", "))));
        }
    }
    edits.dedup();
    edits
}

fn is_conditional(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr"))
}
