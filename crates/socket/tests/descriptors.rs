//! Running out of descriptors; in a process of its own, as the limit is the process's.

use fourstep_socket::{Options, datagram, descriptor_limit, dial, dial_unix, source_for};
use fourstep_terms::{Fault, FaultKind};
use std::path::Path;

#[test]
fn descriptors_run_out_and_the_limit_can_be_raised() {
    let most = descriptor_limit();
    assert!(most >= 64);
    let limit = libc::rlimit { rlim_cur: 32, rlim_max: most };
    #[expect(unsafe_code, reason = "the limit is lowered for this test only, not by the crate")]
    // SAFETY: `limit` outlives the call, which only reads it.
    unsafe {
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit), 0);
    }

    let (to, options) = ("127.0.0.1:53".parse().unwrap(), Options::default());
    let mut kept = Vec::new();
    let said = (0..64).find_map(|_| datagram(to, &options).map(|one| kept.push(one)).err());
    let want = Fault { kind: FaultKind::Descriptors, os_error: Some(libc::EMFILE) };
    assert_eq!(said, Some(want));
    assert_eq!(dial(to, &options).map(drop), Err(want));
    assert_eq!(dial_unix(Path::new("/tmp/socket")).map(drop), Err(want));
    assert_eq!(source_for(to, &options), Err(want), "it is not that there is no way");

    assert_eq!(descriptor_limit(), most);
    assert!(datagram(to, &options).is_ok());
}
