//! Placeholder of the cli module while the tree is being laid out.
