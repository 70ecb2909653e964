//! Placeholder of the ui module while the tree is being laid out.
