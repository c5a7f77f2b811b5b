//! What the programs of this package share: the peers, the shop that they connect to, and eagerly as a peer.

#[path = "../../support/by_hand.rs"]
pub mod by_hand;
#[path = "../../support/by_hand_postgres.rs"]
pub mod by_hand_postgres;
mod install;
pub mod ours;
pub mod peer;
#[path = "../protocol.rs"]
pub mod protocol;
pub mod server;
pub mod site;
