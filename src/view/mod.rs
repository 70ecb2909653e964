//! Placeholder of the view module while the tree is being laid out.
