//! Where the fields of a head stand in it.

/// Where a name begins and how long it is, where its value does and how long that is: 32 bits each,
/// the low ones first. `Limits::head_bytes` keeps them from more.
pub(crate) type Place = [u8; 16];

/// A copy of octets, and the places of fields in them behind, in this memory.
#[inline(never)]
pub(crate) fn keep(mut room: Vec<u8>, octets: &[u8], places: &[Place]) -> Vec<u8> {
    let places = places.as_flattened();
    room.clear();
    room.reserve_exact(octets.len() + places.len());
    room.extend_from_slice(octets);
    room.extend_from_slice(places);
    room
}

/// The place of a field whose name and value begin there, and are so long.
#[inline(always)]
pub(crate) const fn place(name: (usize, usize), value: (usize, usize)) -> Place {
    let [a, b, c, d, ..] = name.0.to_le_bytes();
    let [e, f, g, h, ..] = name.1.to_le_bytes();
    let [i, j, k, l, ..] = value.0.to_le_bytes();
    let [m, n, o, p, ..] = value.1.to_le_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]
}

/// The name of the field that has this place in these octets.
#[inline(always)]
pub(crate) fn name<'a>(octets: &'a [u8], place: &Place) -> &'a [u8] {
    let [a, b, c, d, ..] = *place;
    part(octets, [a, b, c, d], name_length(place))
}

#[inline(always)]
pub(crate) fn name_length(place: &Place) -> usize {
    let [_, _, _, _, e, f, g, h, ..] = *place;
    number([e, f, g, h])
}

/// Its value.
#[inline(always)]
pub(crate) fn value<'a>(octets: &'a [u8], place: &Place) -> &'a [u8] {
    let [.., i, j, k, l, m, n, o, p] = *place;
    part(octets, [i, j, k, l], number([m, n, o, p]))
}

#[inline(always)]
fn part(octets: &[u8], at: [u8; 4], length: usize) -> &[u8] {
    let at = number(at);
    octets.get(at..at.saturating_add(length)).unwrap_or_default()
}

#[inline(always)]
fn number(octets: [u8; 4]) -> usize {
    usize::try_from(u32::from_le_bytes(octets)).unwrap_or(usize::MAX)
}
