//! What a compressed body says: content codings, undone within a bound (RFC 9110 §8.4).

use std::borrow::Cow;
use std::io::Read;

use brotli_decompressor::Decompressor;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use fourstep_response::Head;
use ruzstd::decoding::StreamingDecoder;

use crate::fields::{CONTENT_ENCODING, Fields};

/// The most octets that a body is decoded to: pages are small, and a few octets can be made to
/// decode to very many.
const MOST: u64 = 64 * 1024;

/// The largest window of zstd: a sender must not ask for more (RFC 9659 §3).
const WINDOW: u64 = 8 << 20;

/// Codings that are undone; more than these nobody applies.
const DEPTH: usize = 2;

/// The first octets of the content that a body holds, its codings undone; the body itself when it
/// has none, or one that is not known.
///
/// Only the first octets of the body were kept, so that a coding may break off: what came out until
/// then is what there is. Of zstd that is nothing, as a page is one block, and comes out whole.
#[inline]
pub(crate) fn content<'r>(head: &'r Head, fields: &Fields<'r>, body: &'r [u8]) -> Cow<'r, [u8]> {
    // Mostly there is none.
    if fields.has(CONTENT_ENCODING) { decoded(head, body) } else { Cow::Borrowed(body) }
}

#[cold]
#[inline(never)] // decoders have large frames
fn decoded<'a>(head: &Head, body: &'a [u8]) -> Cow<'a, [u8]> {
    let codings: Vec<&[u8]> = head
        .values("Content-Encoding")
        .flat_map(|line| line.split(|octet| *octet == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"))
        .collect();
    let mut content = Cow::Borrowed(body);
    if codings.len() > DEPTH {
        return content;
    }
    // They stand in the order in which they were applied.
    for coding in codings.iter().rev() {
        let decoded = match coding.to_ascii_lowercase().as_slice() {
            // RFC 9110 §8.4.1.3: x-gzip is gzip.
            b"gzip" | b"x-gzip" => read(MultiGzDecoder::new(&*content)),
            // RFC 9110 §8.4.1.2: some send it without the zlib wrapper.
            b"deflate" => {
                let decoded = read(ZlibDecoder::new(&*content));
                if decoded.is_empty() { read(DeflateDecoder::new(&*content)) } else { decoded }
            }
            b"br" => read(Decompressor::new(&*content, 4096)),
            // RFC 8878 §6.2.
            b"zstd" => StreamingDecoder::new_with_max_window_size(&*content, WINDOW)
                .map_or_else(|_| Vec::new(), read),
            _ => return content,
        };
        content = Cow::Owned(decoded);
    }
    content
}

/// What comes out of a decoder until it ends, fails or has given enough.
fn read(decoder: impl Read) -> Vec<u8> {
    let mut content = Vec::new();
    // A coding that breaks off leaves what came before.
    let _ = decoder.take(MOST).read_to_end(&mut content);
    content
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;
    use crate::testing::head;

    fn gzip(octets: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(octets).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(octets: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(octets).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(octets: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(octets).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(octets: &[u8]) -> Vec<u8> {
        compress_to_vec(octets, CompressionLevel::Fastest)
    }

    #[test]
    fn codings_are_undone_in_turn() {
        let page = b"no healthy upstream";
        // Brotli without compression: one raw metablock (RFC 7932 §9.2), then the last, empty one.
        let brotli = [&[0x0b, 0x09, 0x80][..], page, &[0x03]].concat();
        let rows: [(&str, Vec<u8>); 13] = [
            // Content-Encoding, body   (RFC 9110 §8.4)
            ("", page.to_vec()),
            ("Content-Encoding: identity", page.to_vec()),
            ("Content-Encoding: gzip", gzip(page)),
            ("Content-Encoding: X-GZIP", gzip(page)),
            ("Content-Encoding: deflate", zlib(page)),
            ("Content-Encoding: deflate", deflate(page)),
            ("Content-Encoding: br", brotli),
            ("Content-Encoding: zstd", zstd(page)),
            ("Content-Encoding: zstd, gzip", gzip(&zstd(page))),
            ("Content-Encoding: deflate, gzip", gzip(&zlib(page))),
            ("Content-Encoding: deflate\r\nContent-Encoding: gzip", gzip(&zlib(page))),
            ("Content-Encoding: compress", page.to_vec()), // not known: as it is
            ("Content-Encoding: gzip, gzip, gzip", page.to_vec()), // nobody does
        ];
        for (field, body) in rows {
            assert_eq!(&*decoded(&head("503 x", field), &body), page, "{field}");
        }
    }

    #[test]
    fn what_breaks_off_leaves_its_beginning() {
        let page: Vec<u8> = (0..9000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
        let body = gzip(&page);
        let head = head("503 x", "Content-Encoding: gzip");
        for cut in [0, 1, 10, 100, 4096] {
            let content = decoded(&head, &body[..cut.min(body.len())]);
            assert!(page.starts_with(&content), "{cut}");
        }
        assert!(decoded(&head, &body[..4096]).len() > 1000);
        assert_eq!(&*decoded(&head, b"this is not gzip"), b"");
    }

    #[test]
    fn a_bomb_is_cut() {
        let bomb = gzip(&gzip(&vec![0; 50 << 20]));
        let head = head("503 x", "Content-Encoding: gzip, gzip");
        assert_eq!(decoded(&head, &bomb).len(), 65_536);
        let head = crate::testing::head("503 x", "Content-Encoding: zstd");
        assert_eq!(decoded(&head, &zstd(&vec![0; 5 << 20])).len(), 65_536);
        // Magic number, a frame with a window of 2 GiB, one last block of 128 KiB of one octet
        // (RFC 8878 §3.1.1.1.2, §3.1.1.2): nothing is made ready for it.
        let wide = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA8, 0x03, 0x00, 0x10, b'x'];
        assert_eq!(&*decoded(&head, &wide), b"");
        // The same with 1 KiB and the largest window that is taken.
        let fits = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x68, 0x03, 0x20, 0x00, b'x'];
        assert_eq!(&*decoded(&head, &fits), &[b'x'; 1024]);
    }
}
