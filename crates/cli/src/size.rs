//! Sizes and counts as people type them.

use crate::misfit::Misfit;

/// Reads `4096`, `64K`, `8M`, `1G`: K is 1,024. 0 lifts the limit: `u64::MAX`.
pub(crate) fn parse(text: &str) -> Result<u64, Misfit> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return Err(Misfit { offset: 0, expected: "a number, as in 4096, 64K or 8M" });
    }
    let shift = match unit {
        "" => 0,
        "k" | "K" => 10,
        "m" | "M" => 20,
        "g" | "G" => 30,
        _ => return Err(Misfit { offset: digits, expected: "K, M, G or nothing" }),
    };
    let number: Option<u64> = number.parse().ok();
    match number.and_then(|number| number.checked_mul(1 << shift)) {
        Some(0) => Ok(u64::MAX),
        Some(octets) => Ok(octets),
        None => Err(Misfit { offset: 0, expected: "a smaller number" }),
    }
}

/// Reads the same for a limit of a smaller type, whose greatest number is no limit.
pub(crate) fn limit<T: TryFrom<u64>>(text: &str, none: T) -> Result<T, Misfit> {
    match parse(text)? {
        u64::MAX => Ok(none),
        number => {
            T::try_from(number).map_err(|_| Misfit { offset: 0, expected: "a smaller number" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_type() {
        let rows = [
            // typed, octets | the offset of what does not fit
            ("4096", Ok(4096)),
            ("64K", Ok(65_536)),
            ("8m", Ok(8 << 20)),
            ("1G", Ok(1 << 30)),
            ("0", Ok(u64::MAX)),
            ("0M", Ok(u64::MAX)),
            ("", Err(0)),
            ("K", Err(0)),
            ("-1", Err(0)),
            ("1.5K", Err(1)),
            ("64KB", Err(2)),
            ("64 K", Err(2)),
            ("99999999999999999999", Err(0)),
            ("99999999999999G", Err(0)),
        ];
        for (typed, want) in rows {
            assert_eq!(parse(typed).map_err(|misfit| misfit.offset), want, "{typed:?}");
        }
    }

    #[test]
    fn a_small_limit_has_a_greatest() {
        assert_eq!(limit("16", u8::MAX), Ok(16));
        assert_eq!(limit("0", u8::MAX), Ok(255));
        assert!(limit("256", u8::MAX).is_err());
    }
}
