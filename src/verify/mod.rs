//! Placeholder of the verify module while the tree is being laid out.
