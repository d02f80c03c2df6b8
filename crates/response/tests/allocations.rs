//! A head that arrives whole costs one allocation, for its octets and where its fields stand in them.

#![expect(
    unsafe_code,
    reason = "a global allocator that counts and leaves the work to the system's"
)]

use fourstep_response::{Asked, Event, Limits, Reader};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local!(static COUNT: Cell<usize> = const { Cell::new(0) });

struct Counting;

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are the system allocator's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = COUNT.with(Cell::get);
    let result = work();
    (COUNT.with(Cell::get) - before, result)
}

#[test]
fn a_whole_head_is_copied_once() {
    let octets = b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sun, 22 Nov 2026 06:00:00 GMT\r\n\
        Content-Type: text/html\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
    let mut reader = Reader::new(Asked::Other, Limits::default());
    let (count, event) = allocations(|| reader.read(octets));
    let (_, Event::Final(head, _)) = event.unwrap() else { panic!("no final head") };
    assert_eq!((count, head.fields().len()), (1, 5));
    let (rest, ()) = allocations(|| {
        assert!(matches!(reader.read(b"ok"), Ok((2, Event::Body(b"ok")))));
        assert!(matches!(reader.read(b""), Ok((0, Event::Complete { .. }))));
    });
    assert_eq!(rest, 0, "body and end");

    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    let mut reader = Reader::new(Asked::Other, Limits::default());
    let (count, ()) = allocations(|| {
        let mut rest = &chunked[..];
        loop {
            let (taken, event) = reader.read(rest).unwrap();
            if matches!(event, Event::Complete { .. }) {
                break;
            }
            rest = rest.get(taken..).unwrap();
        }
    });
    assert_eq!(count, 1, "the head, and no chunk");
}
