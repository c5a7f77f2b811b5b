//! Edits one file: decides what each fix changes in the load paths of its query, and replaces the bytes of these paths.
//!
//! A fix is compared with the paths that the query has already:
//!
//! | advice | written | edit |
//! |---|---|---|
//! | add `selectin(A)` | nothing that begins like it | `.with(selectin(A))` is added at the end of the query |
//! | add `selectin(A).selectin(B)` | `.with(joined(A))` | `.selectin(B)` is added to the path |
//! | add `selectin(A).selectin(B)` | `.with(lazy(A))` | `lazy` becomes `selectin`, and `.selectin(B)` is added |
//! | add `selectin(A).selectin(B)` | `.with(selectin(A).selectin(C))` | another `.with(…)` is added; a query merges its paths |
//! | remove `selectin(A).selectin(B)` | `.with(selectin(A).selectin(B))` | `.selectin(B)` and what follows is removed |
//! | remove `selectin(A)` | `.with(selectin(A))` | the whole `.with(…)` is removed |
//!
//! Only these bytes change, so comments, line ends and the rest of the format stay. The result is parsed once more. If it
//! is not Rust, nothing is changed.

use std::collections::HashSet;
use std::ops::Range;

use eagerly_watch::{Change, Fix};

use crate::path::{Relation, Step, steps_of};
use crate::place::{Query, Source, Written};
use crate::scope::{Edit, NewImport, Scope, edits as imports};

/// The longest line that rustfmt leaves as it is.
const WIDTH: usize = 100;

/// A file with its changes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edited {
    /// The new text.
    pub text: String,
    /// The outcome of each fix, in the order of the fixes.
    pub outcomes: Vec<Outcome>,
    /// What was assumed, and what is left for rustfmt.
    pub notes: Vec<String>,
}

/// The outcome of a fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The text has changed.
    Changed,
    /// There is nothing to change, for this reason.
    Done(String),
    /// The user has to make the change, for this reason.
    Left(String),
}

/// The paths of a query, as they should be.
struct Draft<'a> {
    query: Query<'a>,
    scope: Scope<'a>,
    paths: Vec<Written>,
    imports: Vec<NewImport>,
    notes: Vec<String>,
}

/// Applies fixes to the text of a file.
#[must_use]
pub fn edited(text: &str, fixes: &[Fix]) -> Edited {
    let left = |reason: String| {
        let outcomes = fixes.iter().map(|_| Outcome::Left(reason.clone())).collect();
        Edited { text: text.to_owned(), outcomes, notes: Vec::new() }
    };
    let source = match Source::parse(text) {
        Ok(source) => source,
        Err(error) => {
            let line = error.span().start().line;
            return left(format!("the file cannot be parsed: {error}, on line {line}"));
        }
    };
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let mut outcomes = Vec::new();
    for fix in fixes {
        outcomes.push(match draft_for(fix, &source, &mut drafts) {
            Ok(draft) => draft.apply(fix).unwrap_or_else(Outcome::Left),
            Err(reason) => Outcome::Left(reason),
        });
    }
    let mut edits = Vec::new();
    for draft in &drafts {
        edits.extend(draft.edits(text));
    }
    let new_imports: Vec<_> = drafts.iter().flat_map(|draft| draft.imports.clone()).collect();
    edits.extend(imports(&new_imports));
    let new = match replaced(text, edits) {
        Some(new) if syn::parse_file(&new).is_ok() => new,
        _ => {
            return left(
                "the changed file would not be Rust; please report this as a bug in eagerly-fix".to_owned(),
            );
        }
    };
    let mut notes: Vec<_> = drafts.into_iter().flat_map(|draft| draft.notes).collect();
    notes.extend(long_lines(text, &new));
    notes.dedup();
    Edited { text: new, outcomes, notes }
}

fn draft_for<'d, 'a>(
    fix: &Fix,
    source: &'a Source<'a>,
    drafts: &'d mut Vec<Draft<'a>>,
) -> Result<&'d mut Draft<'a>, String> {
    let query = source.query_at(fix.line, fix.column, &fix.entity)?;
    let known = drafts.iter().position(|draft| draft.query.call == query.call);
    let index = known.unwrap_or_else(|| {
        let (scope, paths) = (Scope::of(&query, source), query.paths.clone());
        drafts.push(Draft { query, scope, paths, imports: Vec::new(), notes: Vec::new() });
        drafts.len() - 1
    });
    Ok(&mut drafts[index])
}

/// Returns how many steps the paths share at their beginning.
fn shared(path: &Written, steps: &[Step]) -> usize {
    path.steps.iter().zip(steps).take_while(|(one, other)| one.relation == other.relation).count()
}

fn is_one_by_one(strategy: &str) -> bool {
    matches!(strategy, "lazy" | "immediate")
}

impl Draft<'_> {
    fn apply(&mut self, fix: &Fix) -> Result<Outcome, String> {
        let steps = steps_of(&fix.path).ok_or_else(|| "the advice is not a load path".to_owned())?;
        match fix.change {
            Change::Add => self.add(steps),
            Change::Remove => self.remove(&steps),
            _ => Ok(Outcome::Done("it is read".to_owned())),
        }
    }

    fn add(&mut self, steps: Vec<Step>) -> Result<Outcome, String> {
        let longest = self.paths.iter().map(|path| shared(path, &steps)).max().unwrap_or(0);
        let on_the_way = |path: &Written| {
            path.steps.iter().take(shared(path, &steps)).any(|step| step.strategy == "raise")
        };
        if self.paths.iter().any(on_the_way) {
            return Err("the query forbids it by `raise`, which you have to remove first".to_owned());
        }
        // Where the path continues: the last one wins where several share their beginning.
        let base = self.paths.iter().rposition(|path| longest > 0 && shared(path, &steps) == longest);
        let continued = base.filter(|base| self.paths[*base].steps.len() == longest);
        if continued.is_some_and(|base| self.paths[base].is_typed) && longest < steps.len() {
            return Err("its load path is a variable whose type is stated".to_owned());
        }
        let mut new = steps[longest..].to_vec();
        if continued.is_none() && longest < steps.len() {
            let beginning = base.map_or(&[][..], |base| &self.paths[base].steps[..longest]);
            let beginning = beginning.iter().zip(&steps).map(|(written, advised)| {
                let strategy = if is_one_by_one(&written.strategy) { advised } else { written };
                Step { strategy: strategy.strategy.clone(), relation: written.relation.clone(), at: None }
            });
            new = beginning.chain(new).collect();
        }
        if new.iter().any(|step| step.relation.is_part) {
            return Err(
                "the path leads through a part of a relation, and the part is written elsewhere".to_owned()
            );
        }
        let before: Vec<_> = steps.iter().map(|step| step.relation.entity.clone()).collect();
        self.check_names(&new, &before)?;
        let mut is_changed = !new.is_empty();
        for path in &mut self.paths {
            let length = shared(path, &steps);
            for (step, advised) in path.steps.iter_mut().zip(&steps).take(length) {
                if is_one_by_one(&step.strategy) {
                    is_changed = true;
                    step.strategy.clone_from(&advised.strategy);
                }
            }
        }
        match continued {
            _ if new.is_empty() => {}
            Some(base) => self.paths[base].steps.extend(new),
            None => self.paths.push(Written { with: None, is_typed: false, steps: new }),
        }
        Ok(match is_changed {
            true => Outcome::Changed,
            false => Outcome::Done("the query loads it already".to_owned()),
        })
    }

    /// Finds out how to write the entities of new steps.
    fn check_names(&mut self, new: &[Step], path: &[String]) -> Result<(), String> {
        let root = path.first().cloned().unwrap_or_default();
        let mut found = Vec::new();
        for step in new {
            let entity = &step.relation.entity;
            let before = path.iter().position(|other| other == entity).unwrap_or(path.len());
            found.push(self.scope.entity(entity, &root, &path[..before])?);
        }
        for name in found {
            self.imports.extend(name.import);
            self.notes.extend(name.note.filter(|note| !self.notes.contains(note)));
        }
        Ok(())
    }

    fn remove(&mut self, steps: &[Step]) -> Result<Outcome, String> {
        let kept = steps.len() - 1;
        let has_it = |path: &&mut Written| shared(path, steps) > kept;
        let mut found: Vec<_> = self.paths.iter_mut().filter(has_it).collect();
        if found.is_empty() {
            return Ok(Outcome::Done(
                "no `.with(…)` of the query loads it; if it is loaded by default, override the default with `lazy`".to_owned(),
            ));
        }
        if found.iter().any(|path| path.is_typed || (kept == 0 && path.with.is_none())) {
            return Err("its load path is not written alone in a `.with(…)`".to_owned());
        }
        let text = self.scope.text();
        if found.iter().any(|path| has_comment(text, &removed(path, kept))) {
            return Err("there is a comment beside it, which may be about this load path".to_owned());
        }
        found.iter_mut().for_each(|path| path.steps.truncate(kept));
        Ok(Outcome::Changed)
    }

    /// Returns the edits of the text that make the paths of the query what they should be.
    fn edits(&self, text: &str) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut added = String::new();
        for (index, path) in self.paths.iter().enumerate() {
            match self.query.paths.get(index) {
                Some(before) => self.change(before, path, text, &mut edits),
                None => added += &format!("{}.with({})", self.line_before(text), self.path(&path.steps)),
            }
        }
        if !added.is_empty() {
            let end = self.query.end;
            // A comment at the end of the line belongs to what is before it.
            let rest = text[end..].split('\n').next().unwrap_or_default().trim_end_matches('\r');
            let is_comment = added.starts_with(char::is_whitespace) && rest.trim_start().starts_with("//");
            let at = if is_comment { end + rest.len() } else { end };
            edits.push((at..at, added));
        }
        edits
    }

    fn change(&self, before: &Written, after: &Written, text: &str, edits: &mut Vec<Edit>) {
        let kept = before.steps.len().min(after.steps.len());
        if kept < before.steps.len() {
            edits.push((removed(before, kept), String::new()));
        }
        for (old, new) in before.steps.iter().zip(&after.steps) {
            if let Some(at) = old.at.as_ref().filter(|_| old.strategy != new.strategy) {
                let name = match at.is_bare_function {
                    true => self.scope.function(&new.strategy),
                    false => new.strategy.clone(),
                };
                edits.push((at.name.clone(), name));
            }
        }
        let Some(last) = before.steps.last().and_then(|step| step.at.as_ref()) else {
            return;
        };
        let line = last.dot.map_or(String::new(), |dot| line_before(text, dot));
        let new = after.steps[kept..].iter().map(|step| format!("{line}{}", self.method(step)));
        let new: String = new.collect();
        if !new.is_empty() {
            edits.push((last.end..last.end, new));
        }
    }

    /// Returns the line end and the indentation for a method of the query, if its methods are on lines of their own.
    fn line_before(&self, text: &str) -> String {
        self.query.last_dot.map_or(String::new(), |dot| line_before(text, dot))
    }

    fn path(&self, steps: &[Step]) -> String {
        let Some((first, rest)) = steps.split_first() else {
            return String::new();
        };
        let first = format!("{}({})", self.scope.function(&first.strategy), self.relation(&first.relation));
        rest.iter().fold(first, |path, step| path + &self.method(step))
    }

    fn method(&self, step: &Step) -> String {
        format!(".{}({})", step.strategy, self.relation(&step.relation))
    }

    fn relation(&self, relation: &Relation) -> String {
        let root = &self.query.name;
        // `check_names` has found the name.
        let name = self.scope.entity(&relation.entity, root, std::slice::from_ref(root));
        let entity = name.map_or_else(|_| relation.entity.clone(), |name| name.text);
        format!("{entity}::{}", relation.constant)
    }
}

/// Returns the bytes of the steps that are removed if the first `kept` stay.
fn removed(path: &Written, kept: usize) -> Range<usize> {
    let end = |step: &Step| step.at.as_ref().map_or(0, |at| at.end);
    match (kept, &path.with) {
        (0, Some(with)) => with.clone(),
        (0, None) => 0..0,
        _ => end(&path.steps[kept - 1])..path.steps.iter().map(end).max().unwrap_or(0),
    }
}

/// Returns whether there is a comment in these bytes, or after them on the same line.
fn has_comment(text: &str, bytes: &Range<usize>) -> bool {
    let rest = text[bytes.end..].split('\n').next().unwrap_or_default();
    let inside = &text[bytes.clone()];
    inside.contains("//") || inside.contains("/*") || rest.contains("//")
}

/// Returns the line end and the indentation before the byte `at`, if nothing else is before it on its line.
fn line_before(text: &str, at: usize) -> String {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let indentation = &text[start..at];
    let is_alone = start > 0 && indentation.chars().all(|character| matches!(character, ' ' | '\t'));
    let end = if text[..start].ends_with("\r\n") { "\r\n" } else { "\n" };
    if is_alone { format!("{end}{indentation}") } else { String::new() }
}

/// Returns the text with its edits; `None` if they overlap.
fn replaced(text: &str, mut edits: Vec<Edit>) -> Option<String> {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let mut new = String::with_capacity(text.len());
    let mut done = 0;
    for (Range { start, end }, insertion) in edits {
        new += text.get(done..start)?;
        new += &insertion;
        done = end;
    }
    new += text.get(done..)?;
    Some(new)
}

/// Returns a note for each changed line that is too long for rustfmt.
fn long_lines(before: &str, after: &str) -> Vec<String> {
    let known: HashSet<_> = before.lines().collect();
    let is_long = |line: &&str| line.chars().count() > WIDTH && !known.contains(line);
    let long = after.lines().filter(is_long).count();
    let note = format!("a changed line is longer than {WIDTH} columns; run `cargo fmt`");
    std::iter::repeat_n(note, long.min(1)).collect()
}
