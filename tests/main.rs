//! Integration tests: one binary, one module per part of the product.

mod cli;
