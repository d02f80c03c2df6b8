//! The places in a record that are asked for, as a tree.

use super::walk::{inside, items, members};

/// One name on the way to a value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    name: String,
    /// The columns that the value itself is written to. As JSON it then stands whole, and what is
    /// below does not matter.
    columns: Vec<usize>,
    below: Vec<Node>,
    /// A bit for the name of each of those, which it may share with others: most members are not asked
    /// for, and need not be looked for.
    names: u64,
}

impl Node {
    /// Adds the way to the value of a column.
    pub(crate) fn add(&mut self, path: &[String], column: usize) {
        let Some((name, rest)) = path.split_first() else { return self.columns.push(column) };
        self.names |= bit(name);
        let at = self.below.iter().position(|node| node.name == *name).unwrap_or_else(|| {
            self.below.push(Node { name: name.clone(), ..Node::default() });
            self.below.len() - 1
        });
        if let Some(node) = self.below.get_mut(at) {
            node.add(rest, column);
        }
    }

    /// Whether the value itself is asked for.
    pub(crate) fn is_whole(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Appends what of `value` is asked for, in its own order: what a record writes that is asked for
    /// no more.
    pub(crate) fn project(&self, value: &[u8], out: &mut Vec<u8>) {
        let mut comma: &[u8] = b"";
        let mut separate =
            |out: &mut Vec<u8>| out.extend_from_slice(std::mem::replace(&mut comma, b","));
        match value.first() {
            _ if !self.columns.is_empty() => out.extend_from_slice(value),
            Some(b'{') => {
                out.push(b'{');
                for (name, value) in members(value) {
                    let Some(node) = self.named(name) else { continue };
                    separate(out);
                    out.push(b'"');
                    out.extend_from_slice(name);
                    out.extend_from_slice(b"\":");
                    node.project(value, out);
                }
                out.push(b'}');
            }
            Some(b'[') => {
                out.push(b'[');
                for item in items(value) {
                    match pair(item) {
                        Some((name, _)) if self.field(name).is_none() => continue,
                        Some(_) => {
                            separate(out);
                            out.extend_from_slice(item);
                        }
                        None => {
                            separate(out);
                            self.project(item, out);
                        }
                    }
                }
                out.push(b']');
            }
            _ => out.extend_from_slice(value),
        }
    }

    /// Hands over each value that is asked for, with its column. Of a list it is each item's.
    pub(crate) fn visit<'a>(&self, value: &'a [u8], each: &mut impl FnMut(usize, &'a [u8])) {
        self.columns.iter().for_each(|column| each(*column, value));
        if !self.below.is_empty() {
            self.visit_below(value, each);
        }
    }

    fn visit_below<'a>(&self, value: &'a [u8], each: &mut impl FnMut(usize, &'a [u8])) {
        for (name, value) in members(value) {
            if let Some(node) = self.named(name) {
                node.visit(value, each);
            }
        }
        for item in items(value) {
            match pair(item) {
                None => self.visit_below(item, each),
                Some((name, value)) => {
                    if let Some(node) = self.field(name) {
                        node.visit(value, each);
                    }
                }
            }
        }
    }

    /// What is asked for of the member with this name.
    #[inline]
    pub(crate) fn below(&self, name: &str) -> Option<&Node> {
        match self.names & bit(name) {
            0 => None,
            _ => self.below.iter().find(|node| node.name == name),
        }
    }

    fn named(&self, name: &[u8]) -> Option<&Node> {
        self.below(str::from_utf8(name).ok()?)
    }

    /// The same of a field. Their names have no case (RFC 9110 §5.1).
    pub(crate) fn field(&self, name: &[u8]) -> Option<&Node> {
        self.below.iter().find(|node| node.name.as_bytes().eq_ignore_ascii_case(name))
    }
}

/// The bit of a name in [`Node::names`], known to the compiler where the name is.
#[inline(always)]
fn bit(name: &str) -> u64 {
    let first = name.as_bytes().first().copied().map_or(0, usize::from);
    1 << (name.len().wrapping_mul(11).wrapping_add(first) % 64)
}

/// The name and value of an HTTP field, which stand in a list of two.
fn pair(item: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut parts = items(item);
    Some((inside(parts.next()?)?, parts.next()?))
}
