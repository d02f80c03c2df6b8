//! Objects: types that write their members, with names that are joined at compile time with what stands
//! before them.

/// Has a type write itself as an object, given its members and what each is written as.
///
/// Members in brackets, `[name: value => usual, …]`, are mostly what stands behind the arrow, all of
/// them: then they are one piece. A `let` before a member is for those after it.
macro_rules! object {
    ($type:ty: |$it:pat_param| { $($members:tt)* }) => {
        impl $crate::record::json::Json for $type {
            fn write<'o>(
                &self,
                out: $crate::record::room::Room<'o>,
            ) -> $crate::record::room::Room<'o> {
                let $it = self;
                $crate::record::object::each!(out, "{\"", $($members)*).put(b"}")
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
            ($first, $($name),*) => match $crate::record::object::are!(
                $first => $usual $(, $name => $others)*
            ) {
                true => $out.put(concat!(
                    $before, stringify!($first), "\":", stringify!($usual)
                    $(, ",\"", stringify!($name), "\":", stringify!($others))*
                ).as_bytes()),
                false => $crate::record::object::each!(
                    $out, $before, $first: $first, $($name: $name,)*
                ),
            },
        };
        $crate::record::object::each!(out, ",\"", $($more)*)
    }};
}
pub(crate) use each;

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
