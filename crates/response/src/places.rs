//! Where the fields of a head stand in it.

/// Where a name begins and how long it is, where its value does and how long that is: 32 bits each,
/// the low ones first. `Limits::head_bytes` keeps them from more.
pub(crate) type Place = [u8; 16];

/// The fields that are listed without an allocation: of 173 replies of 44 server programs none has
/// more than 16, those of content delivery networks often have 30.
const FEW: usize = 32;

/// The places of fields, as they are found.
pub(crate) struct Places {
    few: [Place; FEW],
    fields: usize,
    more: Vec<Place>,
}

impl Places {
    #[inline(always)]
    pub(crate) const fn new() -> Places {
        Places { few: [[0; 16]; FEW], fields: 0, more: Vec::new() }
    }

    /// The fields so far.
    pub(crate) const fn len(&self) -> usize {
        self.fields
    }

    /// Adds a field whose name and value begin there, and are so long.
    #[inline(always)]
    pub(crate) fn add(&mut self, name: (usize, usize), value: (usize, usize)) {
        let [a, b, c, d, ..] = name.0.to_le_bytes();
        let [e, f, g, h, ..] = name.1.to_le_bytes();
        let [i, j, k, l, ..] = value.0.to_le_bytes();
        let [m, n, o, p, ..] = value.1.to_le_bytes();
        let place = [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p];
        match self.few.get_mut(self.fields) {
            Some(free) => *free = place,
            None => self.add_one_more(place),
        }
        self.fields += 1;
    }

    #[inline(never)]
    fn add_one_more(&mut self, place: Place) {
        self.more.push(place);
    }

    /// A copy of the octets that these are the places of, and these behind them.
    pub(crate) fn keep(&self, octets: &[u8]) -> Box<[u8]> {
        let few = self.few.get(..self.fields).unwrap_or(&self.few).as_flattened();
        let more = self.more.as_flattened();
        let mut kept = Vec::with_capacity(octets.len() + few.len() + more.len());
        kept.extend_from_slice(octets);
        kept.extend_from_slice(few);
        if !more.is_empty() {
            kept.extend_from_slice(more);
        }
        kept.into_boxed_slice()
    }
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
