//! Durations as people type them.

use std::time::Duration;

use crate::misfit::Misfit;

/// Reads `500ms`, `2s`, `5m`, `1h`, or plain seconds, each with a fraction if wanted. 0 lifts the
/// limit: [`Duration::MAX`]. What is not 0 is at least a nanosecond.
pub(crate) fn parse(text: &str) -> Result<Duration, Misfit> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = text.split_at(digits(text));
    let (fraction, unit) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(digits(rest)),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(Misfit { offset: 0, expected: "a number, as in 500ms, 2s, 5m or 1.5" });
    }
    let unit_nanos: u128 = match unit {
        "ms" => 1_000_000,
        "" | "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return Err(Misfit { offset: text.len() - unit.len(), expected: "ms, s, m or h" }),
    };
    if [whole, fraction].concat().bytes().all(|digit| digit == b'0') {
        return Ok(Duration::MAX);
    }
    // An hour has 13 digits of nanoseconds: what comes behind them changes nothing.
    let mut nanos = 0;
    let mut place = unit_nanos;
    for digit in fraction.bytes().take(13) {
        nanos += u128::from(digit - b'0') * place / 10;
        place /= 10;
    }
    let whole: u64 = match whole {
        "" => 0,
        whole => whole.parse().map_err(|_| Misfit { offset: 0, expected: "a smaller number" })?,
    };
    let nanos = u64::try_from(u128::from(whole) * unit_nanos + nanos).unwrap_or(u64::MAX);
    Ok(Duration::from_nanos(nanos.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_type() {
        let rows = [
            // typed, nanoseconds | the offset of what does not fit
            ("500ms", Ok(500_000_000)),
            ("2s", Ok(2_000_000_000)),
            ("5m", Ok(300_000_000_000)),
            ("1h", Ok(3_600_000_000_000)),
            ("2", Ok(2_000_000_000)),
            ("1.5", Ok(1_500_000_000)),
            (".25s", Ok(250_000_000)),
            ("0.5m", Ok(30_000_000_000)),
            ("1.234567ms", Ok(1_234_567)),
            ("0.00000000001", Ok(1)),
            ("99999999999h", Ok(u64::MAX)),
            ("", Err(0)),
            (".", Err(0)),
            ("-1", Err(0)),
            ("+1", Err(0)),
            ("s", Err(0)),
            ("inf", Err(0)),
            ("1e3", Err(1)),
            ("5x", Err(1)),
            ("5 s", Err(1)),
            ("1.5.2", Err(3)),
            ("2S", Err(1)),
            ("99999999999999999999", Err(0)),
        ];
        for (typed, want) in rows {
            let got = parse(typed).map_err(|misfit| misfit.offset);
            assert_eq!(got, want.map(Duration::from_nanos), "{typed:?}");
        }
    }

    #[test]
    fn zero_lifts_a_limit() {
        for typed in ["0", "0s", "0ms", "0.00", "000m"] {
            assert_eq!(parse(typed), Ok(Duration::MAX), "{typed}");
        }
    }
}
