//! A list that mostly has one entry.

use std::ops::{Deref, DerefMut};

/// A list that mostly has one entry, which then needs no heap: a million probes hold a million of
/// them, and most dial once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Few<T> {
    /// The one.
    One(T),
    /// None, or more.
    Many(Vec<T>),
}

impl<T> Few<T> {
    /// Adds one at the end.
    pub fn push(&mut self, item: T) {
        match self {
            Few::Many(many) if many.is_empty() => *self = Few::One(item),
            Few::Many(many) => many.push(item),
            Few::One(_) => {
                let mut many = std::mem::take(self).into_vec();
                many.push(item);
                *self = Few::Many(many);
            }
        }
    }

    /// Takes one out, and lets the last have its place; `None` when there are not so many.
    pub fn swap_remove(&mut self, at: usize) -> Option<T> {
        match self {
            Few::Many(many) => (at < many.len()).then(|| many.swap_remove(at)),
            Few::One(_) => match std::mem::take(self) {
                Few::One(one) if at == 0 => Some(one),
                other => {
                    *self = other;
                    None
                }
            },
        }
    }

    pub(crate) fn into_vec(self) -> Vec<T> {
        match self {
            Few::One(one) => vec![one],
            Few::Many(many) => many,
        }
    }

    pub(crate) fn truncate(&mut self, most: usize) {
        match self {
            Few::One(_) if most == 0 => *self = Few::default(),
            Few::One(_) => {}
            Few::Many(many) => many.truncate(most),
        }
    }
}

impl<T> Default for Few<T> {
    fn default() -> Few<T> {
        Few::Many(Vec::new())
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Few::One(one) => std::slice::from_ref(one),
            Few::Many(many) => many,
        }
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match self {
            Few::One(one) => std::slice::from_mut(one),
            Few::Many(many) => many,
        }
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Few<T> {
        let mut items = items.into_iter();
        match (items.next(), items.next()) {
            (None, _) => Few::default(),
            (Some(one), None) => Few::One(one),
            (Some(first), Some(second)) => {
                Few::Many([first, second].into_iter().chain(items).collect())
            }
        }
    }
}

impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
