//! The failure codes: the enum, the table in the manual, and the list that scripts rely on.
//!
//! `UPDATE=1 cargo test -p fourstep-tests codes` writes the manual's table anew.

use std::fmt::Write;
use std::path::Path;

use fourstep::Code;
use fourstep::terms::Step;

/// The contract: none of these may be renamed or go.
const CLOSED: &str = "
    target.malformed
    resolve.no-such-name resolve.no-address resolve.server-failure resolve.refused resolve.silent
    resolve.unreachable resolve.malformed
    connect.refused connect.silent connect.unreachable connect.reset connect.denied
    tls.silent tls.closed tls.reset tls.alert tls.not-tls tls.malformed tls.untrusted tls.expired
    tls.not-yet-valid tls.revoked tls.wrong-name tls.wrong-pin tls.incompatible
    request.reset request.silent
    response.empty response.silent response.stalled response.reset response.cut response.malformed
    response.too-large response.redirect-loop response.redirect-limit response.redirect-malformed
    local.descriptors local.ports local.memory local.interrupted
";

#[test]
fn the_enum_is_the_contract() {
    let enumerated: Vec<&str> = Code::ALL.into_iter().map(|code| code.as_str()).collect();
    let closed: Vec<&str> = CLOSED.split_whitespace().collect();
    assert_eq!(enumerated, closed);
}

#[test]
fn the_manual_has_a_line_for_each() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the repository");
    let file = root.join("crates/fourstep/CODES.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, table()).unwrap();
    }
    let have = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(have, table(), "CODES.md is not what the enum says (UPDATE=1 writes it anew)");
}

fn table() -> String {
    let mut page = String::from(
        "The failure codes: `step.cause`, a closed table.\n\n\
         The text of a code never changes. `local.*` says nothing of the target: it is this\n\
         machine's own lack, at whatever step was under way.\n",
    );
    let mut step = None;
    for code in Code::ALL {
        if step != Some(code.step()) {
            step = Some(code.step());
            let title = code.step().map_or("local", Step::as_str);
            let _ = write!(
                page,
                "\n# {title}\n\n| code | blame | what it means | what to try |\n|---|---|---|---|\n"
            );
        }
        let (blame, meaning) = (code.blame(), code.meaning());
        // A bracket would begin a link.
        let hint = code.hint().replace('[', "\\[");
        let _ = writeln!(page, "| `{code}` | {blame} | {meaning} | {hint} |");
    }
    page
}
