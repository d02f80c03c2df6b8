//! One probe through the house (being written).
