//! Streams, cut by chance.

use crate::random::Random;

/// Octets as a network delivers them: whole, or cut anywhere.
pub(super) fn pieces(octets: &[u8], random: &mut Random) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    let mut rest = octets;
    while !rest.is_empty() {
        let length = u64::try_from(rest.len()).unwrap_or(u64::MAX);
        let cut = match random.below(2) {
            0 => rest.len(),
            _ => usize::try_from(1 + random.below(length)).unwrap_or(rest.len()),
        };
        let (piece, more) = rest.split_at_checked(cut).unwrap_or((rest, &[]));
        pieces.push(piece.to_vec());
        rest = more;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_whole_and_none_is_empty() {
        let mut random = Random::new(1);
        for length in 0..50 {
            let octets = vec![b'x'; length];
            let pieces = pieces(&octets, &mut random);
            assert!(pieces.iter().all(|piece| !piece.is_empty()));
            assert_eq!(pieces.concat(), octets);
        }
    }
}
