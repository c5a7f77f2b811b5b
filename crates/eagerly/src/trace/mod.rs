//! The trace floor: facts about statements, and the observers that receive them.
//!
//! Nothing here sends a statement. Each file holds one kind of fact about a statement.
//!
//! Read in this order:
//! 1. `strategy.rs`: the names of the loading strategies;
//! 2. `relation_info.rs`: the names and columns of entities and relations;
//! 3. `cohort.rs`: **the idea that carries the design**, rows that were loaded together;
//! 4. `ancestry.rs`: skip at first; how a cohort was reached;
//! 5. `cause.rs`: why a statement was sent;
//! 6. `event.rs`: one statement that was sent, and the trait that receives it;
//! 7. `observers.rs`: the list of a session's observers;
//! 8. `advisor.rs`: skip at first; chooses a strategy if nothing else does;
//! 9. `network.rs`: a modelled network.

pub(crate) mod advisor;
mod ancestry;
pub(crate) mod cause;
pub(crate) mod cohort;
pub(crate) mod event;
pub(crate) mod network;
pub(crate) mod observers;
pub(crate) mod relation_info;
pub(crate) mod strategy;

pub(crate) use self::advisor::{Advisor, Queried, QueryFacts, Question, Run, WAY, WayStep, learned_from};
pub(crate) use self::cause::{Cause, Kind, Place};
pub(crate) use self::cohort::{Cohort, next_position};
pub(crate) use self::event::{Event, Observer};
pub(crate) use self::network::Network;
pub(crate) use self::observers::{Observation, Observers};
pub(crate) use self::relation_info::{EntityInfo, OrderTerm, RelationInfo, RelationKind};
pub(crate) use self::strategy::{Defaults, Strategy, When};
