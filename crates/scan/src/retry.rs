//! Which probes are tried again.

use fourstep_probe::Report;
use fourstep_terms::Code;

/// Whether another try may show something else: what failed may have been the moment's.
pub fn is_worth_retrying(report: &Report) -> bool {
    !report.answered() && report.failure.as_ref().is_some_and(|f| may_pass(f.code()))
}

fn may_pass(code: Code) -> bool {
    matches!(code, Code::ConnectSilent)
}
