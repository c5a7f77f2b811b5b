//! Finds a query in the syntax tree of a file. It returns the call at a line and column, the expression of its query, and the
//! load paths that are written there.
//!
//! ```text
//! session.all(Customer::select().filter(…).with(selectin(Customer::ORDERS)))
//!         └── the line and column of the advice      └── a step of a written path
//! ```
//!
//! The query is an argument written in place, or a local variable of the same block that is used once. Another query may serve
//! several callers, or may be built where it is not visible. For such a query, the result is the reason why it is left alone.

use std::collections::HashSet;
use std::ops::Range;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprCall, ExprMethodCall, ExprPath, File, Ident, Item, ItemImpl, ItemMod, Macro, Pat,
    PatIdent, Stmt, Type,
};

use crate::path::{Step, unwrapped, written};

/// The methods of a session that take a query and load its paths.
const CALLS: [&str; 5] = ["all", "all_with", "chunks", "first", "one"];

/// The methods of a query.
const BUILDERS: [&str; 6] = ["default", "filter", "limit", "offset", "order_by", "with"];

/// A source file and its syntax tree.
pub(crate) struct Source<'t> {
    pub(crate) text: &'t str,
    file: File,
    /// The number of bytes before the text that was parsed: a byte order mark, and a line `#!`.
    skipped: usize,
    /// The names of all variables of the file.
    pub(crate) variables: HashSet<String>,
}

/// A query of the source.
#[derive(Clone)]
pub(crate) struct Query<'a> {
    /// Where the call of the session begins. It identifies the query in the file.
    pub(crate) call: usize,
    /// The blocks around the call, and the items of the modules around it, from the outermost inward.
    pub(crate) blocks: Vec<&'a Block>,
    pub(crate) modules: Vec<&'a [Item]>,
    /// The name of the entity, and the bytes where it is written, such as `models::Customer` or `Self`.
    pub(crate) name: String,
    pub(crate) entity: Range<usize>,
    /// Where the expression of the query ends.
    pub(crate) end: usize,
    /// Where the dot of its last method is.
    pub(crate) last_dot: Option<usize>,
    pub(crate) paths: Vec<Written>,
}

/// A load path of a query.
#[derive(Clone)]
pub(crate) struct Written {
    /// `.with(…)`, with the blanks before it, if the path is all that it contains.
    pub(crate) with: Option<Range<usize>>,
    /// Whether the source states the type of the path, so that it cannot become longer or shorter.
    pub(crate) is_typed: bool,
    pub(crate) steps: Vec<Step>,
}

impl<'t> Source<'t> {
    pub(crate) fn parse(text: &'t str) -> syn::Result<Self> {
        let file = syn::parse_file(text)?;
        let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let skipped = mark + file.shebang.as_ref().map_or(0, String::len);
        let mut variables = Variables(HashSet::new());
        variables.visit_file(&file);
        Ok(Self { text, file, skipped, variables: variables.0 })
    }

    /// Returns the bytes of the file between the beginning of `span` and its end.
    pub(crate) fn bytes(&self, span: Span) -> Range<usize> {
        let bytes = span.byte_range();
        bytes.start + self.skipped..bytes.end + self.skipped
    }

    fn range(&self, node: impl syn::spanned::Spanned) -> Range<usize> {
        self.bytes(node.span())
    }

    /// Returns the query whose call begins at this line and column.
    pub(crate) fn query_at(&self, line: u32, column: u32, entity: &str) -> Result<Query<'_>, String> {
        let mut finder = Finder::new(line as usize);
        finder.modules.push(&self.file.items);
        finder.visit_file(&self.file);
        let before = self.text[self.skipped..].lines().nth(finder.line.saturating_sub(1)).unwrap_or_default();
        let is_plain = |call: &&Found<'_>| {
            before.chars().take(call.call.method.span().start().column).all(|character| character.is_ascii())
        };
        let is_it = |call: &&Found<'_>| {
            let blanks = before.chars().take(call.call.method.span().start().column);
            // The compiler counts 4 columns for a tab.
            let columns: usize = blanks.map(|character| if character == '\t' { 4 } else { 1 }).sum();
            is_plain(call) && columns + 1 == column as usize
        };
        // The columns of other characters depend on their width, so there the call has to be the only one of its line.
        let only = match &finder.calls[..] {
            [only] if !is_plain(&only) && !finder.is_in_macro => Some(only),
            _ => None,
        };
        let Some(found) = finder.calls.iter().find(is_it).or(only) else {
            return Err(match finder.is_in_macro {
                true => "the call is inside a macro, whose text is not parsed".to_owned(),
                false => {
                    "no session is called at this place; the source has changed, or the call is in a function with `#[track_caller]`".to_owned()
                }
            });
        };
        let method = found.call.method.to_string();
        if method == "load" {
            return Err("`load` takes the path as an argument of its own, which also is its type".to_owned());
        }
        let Some(query) = found.call.args.first().filter(|_| CALLS.contains(&method.as_str())) else {
            return Err(format!("`{method}` takes no query; the query is built elsewhere"));
        };
        self.query(found, self.resolved(query, found)?.0, entity)
    }

    /// Returns the query that a chain of methods builds.
    fn query<'a>(&'a self, found: &Found<'a>, whole: &'a Expr, entity: &str) -> Result<Query<'a>, String> {
        let mut withs = Vec::new();
        let mut last_dot = None;
        let mut rest = whole;
        while let Expr::MethodCall(call) = rest {
            let method = call.method.to_string();
            if !BUILDERS.contains(&method.as_str()) {
                return Err(format!(
                    "`.{method}(…)` is not a method of `Select`, so the query is built elsewhere"
                ));
            }
            last_dot = last_dot.or(Some(self.range(call.dot_token).start));
            if method == "with" {
                withs.push(call);
            }
            rest = unwrapped(&call.receiver);
        }
        let selected = match rest {
            Expr::Call(call) => selected(call),
            _ => None,
        };
        let Some(path) = selected else {
            return Err("the query is built elsewhere".to_owned());
        };
        let names: Vec<_> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let written = &names[names.len() - 2];
        let is_self = written == "Self" && found.of_impl.as_deref() == Some(entity);
        if written != entity && !is_self {
            return Err(format!(
                "the query at this place selects `{written}`; either this is another name of `{entity}`, or the source has changed"
            ));
        }
        let last = &path.path.segments[names.len() - 2];
        let mut paths = Vec::new();
        for with in withs.into_iter().rev() {
            let understood = self.paths(with, found);
            let line = with.method.span().start().line;
            paths.extend(
                understood
                    .ok_or_else(|| format!("its `.with(…)` on line {line} is not a plain load path"))?,
            );
        }
        Ok(Query {
            call: self.range(&found.call.method).start,
            blocks: found.blocks.clone(),
            modules: found.modules.clone(),
            name: entity.to_owned(),
            entity: self.range(path).start..self.range(&last.ident).end,
            end: self.range(whole).end,
            last_dot,
            paths,
        })
    }

    /// Returns the paths of `.with(…)`; `None` if one of them is not plain.
    fn paths<'a>(&self, with: &'a ExprMethodCall, found: &Found<'a>) -> Option<Vec<Written>> {
        let argument = unwrapped(with.args.first()?);
        let Expr::Tuple(tuple) = argument else {
            let (expression, variable) = self.resolved(argument, found).ok()?;
            let with = self.range(&*with.receiver).end..self.range(with).end;
            let is_typed = variable == Some(Typed(true));
            let with = Some(with).filter(|_| variable.is_none());
            return Some(vec![Written { with, is_typed, steps: self.steps(expression, found)? }]);
        };
        let paths = tuple.elems.iter().map(|path| {
            let steps = self.steps(unwrapped(path), found)?;
            Some(Written { with: None, is_typed: false, steps })
        });
        paths.collect()
    }

    fn steps(&self, path: &Expr, found: &Found<'_>) -> Option<Vec<Step>> {
        let mut steps = written(path, |span| self.bytes(span))?;
        for step in steps.iter_mut().filter(|step| step.relation.entity == "Self") {
            step.relation.entity = found.of_impl.clone()?;
        }
        Some(steps)
    }

    /// Returns the expression itself, or for a variable the one that it is initialised with.
    fn resolved<'a>(
        &self,
        expression: &'a Expr,
        found: &Found<'a>,
    ) -> Result<(&'a Expr, Option<Typed>), String> {
        let expression = unwrapped(expression);
        let Expr::Path(path) = expression else {
            return Ok((expression, None));
        };
        let elsewhere = || "the query is built elsewhere".to_owned();
        let name = path.path.get_ident().ok_or_else(elsewhere)?;
        let block = found.blocks.last().ok_or_else(elsewhere)?;
        let mut uses = Uses { name, bindings: 0, uses: 0 };
        uses.visit_block(block);
        let local = block.stmts.iter().find_map(|statement| local(statement, name)).ok_or_else(elsewhere)?;
        let is_before = self.range(local.0).end <= self.range(path).start;
        match (uses.bindings, uses.uses, is_before) {
            (1, 1, true) => Ok((unwrapped(local.0), Some(Typed(local.1)))),
            _ => Err(format!("the variable `{name}` is used or bound several times")),
        }
    }
}

/// Whether the type of a variable is stated.
#[derive(Debug, PartialEq, Eq)]
struct Typed(bool);

/// Returns what a `let` initialises the variable `name` with, and whether it states the type.
fn local<'a>(statement: &'a Stmt, name: &Ident) -> Option<(&'a Expr, bool)> {
    let Stmt::Local(local) = statement else {
        return None;
    };
    let (pattern, is_typed) = match &local.pat {
        Pat::Type(typed) => (&*typed.pat, true),
        pattern => (pattern, false),
    };
    let init = local.init.as_ref().filter(|init| init.diverge.is_none() && local.attrs.is_empty())?;
    match pattern {
        Pat::Ident(pattern) if pattern.ident == *name && pattern.subpat.is_none() => {
            Some((&*init.expr, is_typed))
        }
        _ => None,
    }
}

/// Returns the path of `Customer::select()`.
fn selected(call: &ExprCall) -> Option<&ExprPath> {
    let Expr::Path(path) = &*call.func else {
        return None;
    };
    let segments = &path.path.segments;
    let is_plain = path.qself.is_none() && segments.iter().all(|segment| segment.arguments.is_none());
    let is_select = segments.len() > 1 && segments.last()?.ident == "select" && call.args.is_empty();
    (is_plain && is_select).then_some(path)
}

/// A call of a method, and what is around it.
struct Found<'a> {
    call: &'a ExprMethodCall,
    /// The type that `Self` stands for.
    of_impl: Option<String>,
    blocks: Vec<&'a Block>,
    modules: Vec<&'a [Item]>,
}

/// Finds the calls of a session on one line.
struct Finder<'a> {
    line: usize,
    calls: Vec<Found<'a>>,
    of_impl: Option<String>,
    blocks: Vec<&'a Block>,
    modules: Vec<&'a [Item]>,
    is_in_macro: bool,
}

impl Finder<'_> {
    fn new(line: usize) -> Self {
        let (calls, blocks, modules) = (Vec::new(), Vec::new(), Vec::new());
        Self { line, calls, of_impl: None, blocks, modules, is_in_macro: false }
    }
}

impl<'a> Visit<'a> for Finder<'a> {
    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        let is_of_session = CALLS.iter().chain(&["load"]).any(|name| call.method == name);
        if is_of_session && call.method.span().start().line == self.line {
            let (blocks, modules) = (self.blocks.clone(), self.modules.clone());
            self.calls.push(Found { call, of_impl: self.of_impl.clone(), blocks, modules });
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_block(&mut self, block: &'a Block) {
        self.blocks.push(block);
        visit::visit_block(self, block);
        self.blocks.pop();
    }

    fn visit_item_impl(&mut self, item: &'a ItemImpl) {
        let name = match &*item.self_ty {
            Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        let outer = std::mem::replace(&mut self.of_impl, name);
        visit::visit_item_impl(self, item);
        self.of_impl = outer;
    }

    fn visit_item_mod(&mut self, module: &'a ItemMod) {
        if let Some((_, items)) = &module.content {
            let outer = std::mem::take(&mut self.blocks);
            self.modules.push(items);
            visit::visit_item_mod(self, module);
            self.modules.pop();
            self.blocks = outer;
        }
    }

    fn visit_macro(&mut self, call: &'a Macro) {
        let delimiters = call.delimiter.span();
        let lines = delimiters.open().start().line..=delimiters.close().end().line;
        self.is_in_macro |= lines.contains(&self.line);
    }
}

/// Collects the names of variables and parameters.
struct Variables(HashSet<String>);

impl<'a> Visit<'a> for Variables {
    fn visit_pat_ident(&mut self, pattern: &'a PatIdent) {
        self.0.insert(pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }
}

/// Counts where a variable is bound and used.
struct Uses<'n> {
    name: &'n Ident,
    bindings: usize,
    uses: usize,
}

impl<'a> Visit<'a> for Uses<'_> {
    fn visit_pat_ident(&mut self, pattern: &'a PatIdent) {
        self.bindings += usize::from(pattern.ident == *self.name);
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_expr_path(&mut self, path: &'a ExprPath) {
        self.uses += usize::from(path.path.is_ident(self.name));
        visit::visit_expr_path(self, path);
    }

    fn visit_macro(&mut self, call: &'a Macro) {
        self.uses += count(&call.tokens, self.name);
    }
}

fn count(tokens: &TokenStream, name: &Ident) -> usize {
    let counts = tokens.clone().into_iter().map(|token| match token {
        TokenTree::Ident(ident) => usize::from(ident == *name),
        TokenTree::Group(group) => count(&group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => 0,
    });
    counts.sum()
}
