//! Placeholder of the report module while the tree is being laid out.
