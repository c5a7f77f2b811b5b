//! Tests of the tools, of echo and of virtual networks, on pages whose statements are known.

mod advice;
mod assertions;
mod chunks;
mod detector;
mod echo;
mod fixes;
mod network;
mod one_by_one;
mod recording;
mod reloaded;
mod slow_log;
mod support;
#[cfg(feature = "tracing")]
mod tracing;
mod waterfall;
mod way_back;
