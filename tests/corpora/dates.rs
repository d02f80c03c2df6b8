//! http-dates: what curl's lenient reader makes of dates, and what Retry-After's reader does.

use super::{Counts, rows};
use fourstep::output::retry_after;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Only the three forms of RFC 9110 §5.6.7 are dates here; whatever is read is the moment that
/// curl reads.
#[test]
#[ignore = "needs the corpora: make corpora"]
fn http_dates() {
    let mut counts = Counts::of("http-dates");
    let now = UNIX_EPOCH + Duration::from_secs(1_795_327_200); // 2026-11-22T06:00:00Z
    for row in rows("http-dates/dates.jsonl") {
        let date = row["date"].as_str().unwrap();
        let curl = Some(row["epoch"].as_i64().unwrap()).filter(|epoch| *epoch != -1);
        let ours = retry_after(date.as_bytes(), now).map(|retry| epoch(retry.at));
        let form = if row["http_date"] == true { "of a form" } else { "of no form" };
        let outcome = match (ours, curl) {
            (Some(ours), Some(curl)) if ours == curl => "read",
            (Some(ours), _) => panic!("{date:?}: {ours}, curl {curl:?}"),
            (None, Some(_)) => "refused",
            (None, None) => "refused, by curl too",
        };
        counts.add(&format!("{form}: {outcome}"));
    }
    counts.hold();
}

/// Seconds since 1970, or before it.
fn epoch(at: SystemTime) -> i64 {
    let seconds = |length: Duration| i64::try_from(length.as_secs()).unwrap();
    match at.duration_since(UNIX_EPOCH) {
        Ok(after) => seconds(after),
        Err(before) => -seconds(before.duration()),
    }
}
