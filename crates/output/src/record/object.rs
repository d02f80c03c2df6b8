//! Objects: types that write their members, all of them or those that are asked for.
//!
//! Of all, names are joined at compile time with what stands before them. Of some, what is not asked for
//! is not even made.

use super::json::Json;
use super::room::Room;
use crate::lines::tree::Node;

/// Has a type write itself as an object, given its members and what each is written as.
///
/// Members in brackets, `[name: value => usual, …]`, are mostly what stands behind the arrow, all of
/// them: then they are one piece. Before the brackets may stand `if` and when that is so, where it is
/// seen sooner. A `let` before a member is for those after it. `within N { … }` has members that take
/// less than so many octets whatever their values are, so that one look at the room is enough for all.
macro_rules! object {
    ($type:ty: |$it:pat_param| { $($members:tt)* }) => {
        impl $crate::record::json::Json for $type {
            // A record is one function: what is told of its parts on the way stays in registers.
            #[inline(always)]
            fn write<'o>(
                &self,
                out: $crate::record::room::Room<'o>,
            ) -> $crate::record::room::Room<'o> {
                let $it = self;
                $crate::record::object::each!(out, "{\"", $($members)*).put(b"}")
            }

            fn write_chosen<'o>(
                &self,
                asked: &$crate::lines::tree::Node,
                out: $crate::record::room::Room<'o>,
            ) -> $crate::record::room::Room<'o> {
                let $it = self;
                let some = $crate::record::object::Choice::of(asked, out);
                $crate::record::object::some!(some, $($members)*).end()
            }
        }
    };
}
pub(crate) use object;

/// Has a struct write itself as an object of its fields, in this order; a field that is forgotten is
/// an error of the compiler's.
macro_rules! members {
    ($type:ty { $($name:ident),* $(,)? }) => {
        $crate::record::object::object! {
            $type: |Self { $($name),* }| { $($name: $name,)* }
        }
    };
}
pub(crate) use members;

/// Writes members, the first of which `before` opens.
macro_rules! each {
    ($out:expr, $before:literal,) => { $out };
    ($out:expr, $before:literal, let $name:ident = $value:expr; $($more:tt)*) => {{
        let $name = $value;
        $crate::record::object::each!($out, $before, $($more)*)
    }};
    ($out:expr, $before:literal, within $most:literal { $($members:tt)* } $($more:tt)*) => {{
        let out = $out.within::<$most>(
            #[inline(always)]
            |out| $crate::record::object::each!(out, $before, $($members)*),
        );
        $crate::record::object::each!(out, ",\"", $($more)*)
    }};
    ($out:expr, $before:literal, $name:ident: $value:expr, $($more:tt)*) => {{
        let out = $crate::record::object::member!($out, $before, $name, $value);
        $crate::record::object::each!(out, ",\"", $($more)*)
    }};
    (
        $out:expr, $before:literal,
        [$first:ident: $value:expr => $usual:tt $(, $name:ident: $other:expr => $others:tt)*],
        $($more:tt)*
    ) => {{
        let out = match (&$value, $(&$other),*) {
            ($first, $($name),*) => $crate::record::object::each!(
                $out, $before,
                if $crate::record::object::are!($first => $usual $(, $name => $others)*),
                [$first: $first => $usual $(, $name: $name => $others)*],
            ),
        };
        $crate::record::object::each!(out, ",\"", $($more)*)
    }};
    (
        $out:expr, $before:literal,
        if $are:expr, [$first:ident: $value:expr => $usual:tt $(, $name:ident: $other:expr => $others:tt)*],
        $($more:tt)*
    ) => {{
        let out = match $are {
            true => $out.put(concat!(
                $before, stringify!($first), "\":", stringify!($usual)
                $(, ",\"", stringify!($name), "\":", stringify!($others))*
            ).as_bytes()),
            false => $crate::record::object::each!(
                $out, $before, $first: $value, $($name: $other,)*
            ),
        };
        $crate::record::object::each!(out, ",\"", $($more)*)
    }};
}
pub(crate) use each;

/// Writes the members that are asked for.
macro_rules! some {
    ($some:expr,) => { $some };
    ($some:expr, let $name:ident = $value:expr; $($more:tt)*) => {{
        let $name = $value;
        $crate::record::object::some!($some, $($more)*)
    }};
    ($some:expr, within $most:literal { $($members:tt)* } $($more:tt)*) => {
        $crate::record::object::some!($some, $($members)* $($more)*)
    };
    ($some:expr, $name:ident: $value:expr, $($more:tt)*) => {{
        let some = match $some.is_asked(stringify!($name)) {
            Some(asked) => $some.write(stringify!($name), &$value, asked),
            None => $some,
        };
        $crate::record::object::some!(some, $($more)*)
    }};
    ($some:expr, $(if $are:expr,)? [$($name:ident: $value:expr => $usual:tt),*], $($more:tt)*) => {
        $crate::record::object::some!($some, $($name: $value,)* $($more)*)
    };
}
pub(crate) use some;

/// An object on its way, with the members that are asked for.
pub(crate) struct Choice<'n, 'o> {
    asked: &'n Node,
    out: Room<'o>,
    is_empty: bool,
}

impl<'n, 'o> Choice<'n, 'o> {
    pub(crate) fn of(asked: &'n Node, out: Room<'o>) -> Choice<'n, 'o> {
        Choice { asked, out: out.put(b"{"), is_empty: true }
    }

    #[inline]
    pub(crate) fn is_asked(&self, name: &str) -> Option<&'n Node> {
        self.asked.below(name)
    }

    pub(crate) fn write<T: Json + ?Sized>(self, name: &str, value: &T, asked: &Node) -> Self {
        let out = if self.is_empty { self.out } else { self.out.put(b",") };
        let out = out.put(b"\"").word(name.as_bytes()).put(b"\":");
        Choice { out: chosen(value, asked, out), is_empty: false, ..self }
    }

    pub(crate) fn end(self) -> Room<'o> {
        self.out.put(b"}")
    }
}

/// Writes of a value what is asked for: all of it, or parts.
pub(crate) fn chosen<'o, T: Json + ?Sized>(value: &T, asked: &Node, out: Room<'o>) -> Room<'o> {
    #[inline(never)]
    fn whole<'o, T: Json + ?Sized>(value: &T, out: Room<'o>) -> Room<'o> {
        value.write(out)
    }
    match asked.is_whole() {
        true => whole(value, out),
        false => value.write_chosen(asked, out),
    }
}

/// A value of which some is asked for.
pub(crate) struct Chosen<'n, T>(pub(crate) T, pub(crate) &'n Node);

impl<T: Json> Json for Chosen<'_, T> {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        self.0.write_chosen(self.1, out)
    }
}

/// Whether values are written as is told of each.
macro_rules! are {
    ($($value:expr => $usual:tt),*) => {
        $($crate::record::json::Json::is($value, stringify!($usual)))&&*
    };
}
pub(crate) use are;

/// Writes a member, which `before` opens.
macro_rules! member {
    ($out:expr, $before:literal, $name:ident, $value:expr) => {{
        struct Own;
        impl $crate::record::json::Name for Own {
            const VALUE: &[u8] = concat!($before, stringify!($name), "\":").as_bytes();
            const TEXT: &[u8] = concat!($before, stringify!($name), "\":\"").as_bytes();
            const NULL: &[u8] = concat!($before, stringify!($name), "\":null").as_bytes();
            const TRUE: &[u8] = concat!($before, stringify!($name), "\":true").as_bytes();
            const FALSE: &[u8] = concat!($before, stringify!($name), "\":false").as_bytes();
            const EMPTY: &[u8] = concat!($before, stringify!($name), "\":[]").as_bytes();
        }
        $crate::record::json::Json::write_member::<Own>(&$value, $out)
    }};
}
pub(crate) use member;
