//! The built command.
