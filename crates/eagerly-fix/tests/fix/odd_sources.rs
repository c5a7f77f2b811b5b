//! odd_sources
