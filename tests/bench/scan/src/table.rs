//! Numbers for people, and the middle of several.

/// The middle of some numbers; NaN of none.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    percentile(&mut numbers, 0.5)
}

/// The number below which this part of them lies; sorts them.
pub fn percentile(numbers: &mut [f64], part: f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let last = numbers.len().saturating_sub(1);
    let at = (part * last as f64).round() as usize;
    numbers.get(at).copied().unwrap_or(f64::NAN)
}

/// Prints rows under a head: the first column to the left, numbers to the right, and what is
/// behind the last heading as it comes.
pub fn print(title: &str, head: &[&str], rows: &[Vec<String>]) {
    println!("\n{title}\n");
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count());
        cells.max().unwrap_or(0).max(head.get(at).map_or(0, |cell| cell.chars().count()))
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let show = |row: &[String]| {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate() {
            match (at, widths.get(at)) {
                (0, Some(width)) => line.push_str(&format!("  {cell:<width$}")),
                (_, Some(width)) => line.push_str(&format!("  {cell:>width$}")),
                (_, None) => line.push_str(&format!("  {cell}")),
            }
        }
        println!("{}", line.trim_end());
    };
    show(&head.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
    for row in rows {
        show(row);
    }
}

/// A number with so many digits behind the point; a dash when it is not known.
pub fn number(value: f64, digits: usize) -> String {
    if value.is_nan() { "-".to_owned() } else { grouped(&format!("{value:.digits$}")) }
}

/// Thousands apart.
fn grouped(text: &str) -> String {
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len() - at;
        if at > 0 && left % 3 == 0 && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// A number of octets.
pub fn octets(value: f64) -> String {
    match value {
        _ if value.is_nan() => "-".to_owned(),
        _ if value >= 1024.0 * 1024.0 => format!("{:.1} MB", value / 1024.0 / 1024.0),
        _ => format!("{:.1} KB", value / 1024.0),
    }
}
