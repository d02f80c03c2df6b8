//! Where one record ends and the next begins (RFC 8446 §5.1): all that is read outside rustls.

/// Follows a stream of records without keeping any.
#[derive(Default)]
pub(crate) struct Records {
    /// The head of the record under way: type, version, length.
    head: [u8; HEAD],
    /// How much of the head has come.
    have: usize,
    /// How much of the record is still to come after the head.
    left: usize,
}

const HEAD: usize = 5;

impl Records {
    /// Cuts `octets` where the record under way ends, or at their own end.
    pub(crate) fn cut<'a>(&mut self, octets: &'a [u8]) -> (&'a [u8], &'a [u8]) {
        let mut taken = 0;
        for (&octet, place) in octets.iter().zip(self.head.iter_mut().skip(self.have)) {
            *place = octet;
            taken += 1;
        }
        self.have += taken;
        if taken > 0 && self.have == HEAD {
            let [_, _, _, high, low] = self.head;
            self.left = usize::from(u16::from_be_bytes([high, low]));
        }
        let body = self.left.min(octets.len().saturating_sub(taken));
        self.left -= body;
        if self.have == HEAD && self.left == 0 {
            self.have = 0;
        }
        octets.split_at_checked(taken + body).unwrap_or((octets, &[]))
    }

    /// Whether no record is under way.
    #[cfg(test)]
    fn is_between(&self) -> bool {
        self.have == 0
    }
}

/// Whether a record can begin so: change_cipher_spec, alert, handshake, application_data, or
/// heartbeat (RFC 6520 §2).
pub(crate) fn begins_record(octet: u8) -> bool {
    (20..=24).contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_cut_alike_wherever_the_stream_is() {
        let stream = b"\x16\x03\x01\0\x03abc\x17\x03\x03\0\0\x15\x03\x03\0\x02xy\x16\x03";
        let ends = [8, 13, 20];
        for piece in 1..=stream.len() {
            let (mut records, mut at, mut found) = (Records::default(), 0, Vec::new());
            for mut rest in stream.chunks(piece) {
                while !rest.is_empty() {
                    let (record, after) = records.cut(rest);
                    at += record.len();
                    rest = after;
                    if records.is_between() {
                        found.push(at);
                    }
                }
            }
            assert_eq!(found, ends, "in pieces of {piece}");
        }
    }
}
