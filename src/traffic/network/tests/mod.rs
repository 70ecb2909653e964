use super::streets::*;
use super::*;

mod build;
mod grid;
