//! Advice never changes a graph: whatever an advisor answers, the page reads what it reads lazily.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::rc::Rc;

use eagerly::{Advised, Advisor, QueryFacts, Question, Run, Strategy, joined, lazy, selectin};
use eagerly_watch::Learner;
use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
use shop::{Customer, Order};

use crate::databases::cases;
use crate::shared::yielding;
use crate::support::{graph, shop_of};

on_both!(every_advice_returns_the_graph_of_lazy, every_run_of_a_learner_returns_the_graph_of_lazy,);

/// Answers by chance. The same question has the same answer.
struct Chance(u64);

impl Advisor for Chance {
    fn begin(self: Rc<Self>, _: &QueryFacts<'_>) -> Option<Rc<dyn Run>> {
        Some(self)
    }
}

impl Run for Chance {
    fn strategy(&self, question: &Question<'_>) -> Option<Advised> {
        let mut hasher = DefaultHasher::new();
        (self.0, question.relation.constant()).hash(&mut hasher);
        question.way.iter().for_each(|step| step.relation.constant().hash(&mut hasher));
        let number = hasher.finish() as usize;
        // A way that leads back and forth joins more and more rows, so it ends.
        let strategies =
            if question.way.len() < 3 { yielding() } else { vec![Strategy::Lazy, Strategy::Batch] };
        let strategy = strategies.get(number % (strategies.len() + 1)).copied();
        strategy.map(|strategy| Advised { strategy, runs: 1 })
    }
}

fn every_advice_returns_the_graph_of_lazy() {
    let session = shop_of(6);
    let expected = graph(&session.all(Customer::select()).unwrap()).unwrap();
    proptest!(ProptestConfig::with_cases(cases(120)), |(seed in any::<u64>(), path in 0..4)| {
        session.advise(Some(Rc::new(Chance(seed))));
        let query = Customer::select();
        let query = match path {
            0 => query,
            1 => query.with(lazy(Customer::ORDERS)),
            2 => query.with(selectin(Customer::ORDERS).joined(Order::CUSTOMER)),
            _ => query.with(joined(Customer::ORDERS)),
        };
        prop_assert_eq!(&graph(&session.all(query).unwrap()).unwrap(), &expected);
        session.advise(None);
    });
}

fn every_run_of_a_learner_returns_the_graph_of_lazy() {
    let session = shop_of(6);
    let expected = graph(&session.all(Customer::select()).unwrap()).unwrap();
    let learner = Learner::in_memory();
    learner.attach(&session);
    let counts = RefCell::new(Vec::new());
    proptest!(ProptestConfig::with_cases(cases(60)), |(reads in 0_usize..7, everything in any::<bool>())| {
        let tally = session.tally();
        let customers = session.all(Customer::select()).unwrap();
        let whole = if everything { &customers[..] } else { &customers[..reads] };
        let expected: Vec<_> = expected.iter().take(whole.len()).cloned().collect();
        prop_assert_eq!(graph(whole).unwrap(), expected);
        counts.borrow_mut().push(tally.statements());
    });
    // It has learned more than one strategy on the way.
    let mut counts = counts.into_inner();
    counts.sort_unstable();
    counts.dedup();
    assert!(counts.len() > 1, "{counts:?}");
}
