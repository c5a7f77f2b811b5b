//! Load paths, as they are written in a source or in the advice: `selectin(Customer::ORDERS).selectin(Order::ITEMS)`.
//!
//! A plain path is a function and methods that are named after strategies, each with one relation or a part of one. Everything
//! else, such as `by(…)` or a function that returns a path, is not understood, so the query that has it is left alone.

use std::ops::Range;

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprCall, ExprMethodCall, ExprPath, Ident};

/// The functions and methods of a load path.
const STRATEGIES: [&str; 7] = ["batch", "immediate", "joined", "lazy", "raise", "selectin", "subquery"];

/// A step of a load path.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) strategy: String,
    pub(crate) relation: Relation,
    /// `None` if the step is to be written.
    pub(crate) at: Option<At>,
}

/// A relation of a step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Relation {
    pub(crate) entity: String,
    pub(crate) constant: String,
    pub(crate) is_part: bool,
}

/// Where a step is in the source.
#[derive(Clone)]
pub(crate) struct At {
    /// The name of the strategy.
    pub(crate) name: Range<usize>,
    /// Whether the name is that of a function, without a path before it.
    pub(crate) is_bare_function: bool,
    /// Where the dot of the method is.
    pub(crate) dot: Option<usize>,
    /// Where the step ends.
    pub(crate) end: usize,
}

/// Returns the steps of a load path in a source; `None` if it is anything else. `bytes` returns where a token is.
pub(crate) fn written(path: &Expr, bytes: impl Fn(Span) -> Range<usize>) -> Option<Vec<Step>> {
    let mut steps = steps(path)?;
    for (step, call) in &mut steps {
        step.at = Some(match call {
            Call::Function(call, function) => At {
                name: bytes(function.path.segments.last()?.ident.span()),
                is_bare_function: function.path.segments.len() == 1,
                dot: None,
                end: bytes(call.span()).end,
            },
            Call::Method(call) => At {
                name: bytes(call.method.span()),
                is_bare_function: false,
                dot: Some(bytes(call.dot_token.span()).start),
                end: bytes(call.span()).end,
            },
        });
    }
    Some(steps.into_iter().map(|(step, _)| step).collect())
}

enum Call<'a> {
    Function(&'a ExprCall, &'a ExprPath),
    Method(&'a ExprMethodCall),
}

/// Returns the steps of a load path, each with its call, without their places.
fn steps(path: &Expr) -> Option<Vec<(Step, Call<'_>)>> {
    let step = |strategy: &Ident, argument| {
        let strategy = strategy.to_string();
        let relation = relation(argument)?;
        STRATEGIES.contains(&strategy.as_str()).then_some(Step { strategy, relation, at: None })
    };
    let mut steps = Vec::new();
    let mut rest = unwrapped(path);
    while let Expr::MethodCall(call) = rest {
        let argument = call.args.first().filter(|_| call.args.len() == 1)?;
        steps.push((step(&call.method, argument)?, Call::Method(call)));
        rest = unwrapped(&call.receiver);
    }
    let Expr::Call(call) = rest else {
        return None;
    };
    let Expr::Path(function) = &*call.func else {
        return None;
    };
    let argument = call.args.first().filter(|_| call.args.len() == 1)?;
    steps.push((step(&function.path.segments.last()?.ident, argument)?, Call::Function(call, function)));
    steps.reverse();
    Some(steps)
}

/// Returns the relation of a step: `Customer::ORDERS`, or a part of it such as `Customer::ORDERS.filter(…)`.
fn relation(argument: &Expr) -> Option<Relation> {
    match unwrapped(argument) {
        Expr::Path(path) if path.qself.is_none() && path.path.segments.len() > 1 => {
            let segments = &path.path.segments;
            let [entity, constant] =
                [2, 1].map(|from_end| segments[segments.len() - from_end].ident.to_string());
            Some(Relation { entity, constant, is_part: false })
        }
        Expr::MethodCall(call) => Some(Relation { is_part: true, ..relation(&call.receiver)? }),
        _ => None,
    }
}

/// Returns the steps of a load path of the advice; `None` if it is not a load path.
pub(crate) fn steps_of(path: &str) -> Option<Vec<Step>> {
    // The advice does not contain the filter of a part.
    let path = syn::parse_str(&path.replace(".…", ".part()")).ok()?;
    Some(steps(&path)?.into_iter().map(|(step, _)| step).collect())
}

/// Returns the relations of a load path of the advice.
pub(crate) fn relations(path: &str) -> Vec<Relation> {
    steps_of(path).unwrap_or_default().into_iter().map(|step| step.relation).collect()
}

/// Returns the expression without the parentheses around it.
pub(crate) fn unwrapped(mut expression: &Expr) -> &Expr {
    loop {
        match expression {
            Expr::Paren(inner) => expression = &inner.expr,
            Expr::Group(inner) => expression = &inner.expr,
            _ => return expression,
        }
    }
}
