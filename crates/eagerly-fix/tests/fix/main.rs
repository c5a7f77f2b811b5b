//! Tests of the program: what it changes in a text, what it leaves alone, and how it treats files.

mod advice;
mod imports;
mod learned;
mod left_alone;
mod odd_sources;
mod placement;
mod program;
mod story;
mod support;
