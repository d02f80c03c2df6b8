//! Where the fields of a head stand in it.

/// Where a name begins and how long it is, where its value does and how long that is: 32 bits each,
/// the low ones first. `Limits::head_bytes` keeps them from more.
pub(crate) type Place = [u8; 16];

/// Fills memory, where it is not enough other, with a copy of octets, and the places of fields in
/// them behind.
#[inline(never)]
pub(crate) fn keep(octets: &[u8], places: &[Place], room: &mut Vec<u8>) {
    let places = places.as_flattened();
    room.clear();
    if room.capacity() < octets.len() + places.len() {
        *room = Vec::with_capacity(octets.len() + places.len());
    }
    room.extend_from_slice(octets);
    room.extend_from_slice(places);
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

/// Octets from the first of a part on, and how many of them it has. What it has not is whatever stands
/// behind it.
pub(crate) type Start<'a, const N: usize> = (&'a [u8; N], usize);

/// The name and the value, if neither has more than so many octets and there are as many.
#[inline(always)]
pub(crate) fn starts<'a, const N: usize>(
    octets: &'a [u8],
    place: &Place,
) -> Option<[Start<'a, N>; 2]> {
    let [a, b, c, d, .., i, j, k, l, m, n, o, p] = *place;
    let start = |at, length| {
        let start = octets.get(number(at)..)?.first_chunk()?;
        (length <= N).then_some((start, length))
    };
    Some([start([a, b, c, d], name_length(place))?, start([i, j, k, l], number([m, n, o, p]))?])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_has_no_start() {
        let place = place((0, 4), (6, 5));
        let mut octets = Vec::new();
        keep(b"Name: value\r\n", &[place], &mut octets);
        assert_eq!(starts(&octets, &place), Some([(b"Name: ", 4), (b"value\r", 5)]));
        assert_eq!(starts::<5>(&octets, &place), Some([(b"Name:", 4), (b"value", 5)]));
        assert_eq!(starts::<4>(&octets, &place), None);
        assert_eq!(starts::<24>(&octets, &place), None);
    }
}
