//! A request as an origin received it.

/// The octets of one received request, and just enough reading to choose a script by it.
///
/// Nothing is checked: a getter gives the empty text where there is nothing of the kind, or where
/// it is not UTF-8.
///
/// ```
/// use fourstep_peer::Request;
/// let request = Request::from(b"POST http://a.test/x?y HTTP/1.1\r\nHost:  a.test \r\n\r\nbody".to_vec());
/// assert_eq!((request.method(), request.path(), request.query()), ("POST", "/x", "y"));
/// assert_eq!(request.field("host"), Some("a.test"));
/// assert_eq!(request.body(), b"body");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    octets: Vec<u8>,
}

impl From<Vec<u8>> for Request {
    fn from(octets: Vec<u8>) -> Request {
        Request { octets }
    }
}

impl Request {
    /// All of it: head, blank line, body.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The method (RFC 9110 §9.1).
    pub fn method(&self) -> &str {
        self.word(0)
    }

    /// The request target, in whatever form it was sent (RFC 9112 §3.2).
    pub fn target(&self) -> &str {
        self.word(1)
    }

    /// The path of the request target, also of an absolute-form (RFC 9112 §3.2.2).
    pub fn path(&self) -> &str {
        self.path_and_query().0
    }

    /// What follows the first `?` of the request target.
    pub fn query(&self) -> &str {
        self.path_and_query().1
    }

    /// The value of the first field of this name, without the blanks around it.
    pub fn field(&self, name: &str) -> Option<&str> {
        let head = self.octets.get(..self.head_len()).unwrap_or_default();
        head.split(|&octet| octet == b'\n').skip(1).find_map(|line| {
            let (key, value) = str::from_utf8(line).ok()?.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// What follows the blank line.
    pub fn body(&self) -> &[u8] {
        self.octets.get(self.head_len()..).unwrap_or_default()
    }

    /// How long the request at the start of `octets` is in all, once that is known.
    pub(crate) fn length(octets: &[u8]) -> Option<usize> {
        let head = head_len(octets)?;
        let request = Request { octets: octets.get(..head)?.to_vec() };
        let body = request.field("Content-Length").and_then(|value| value.parse::<usize>().ok());
        Some(head.saturating_add(body.unwrap_or(0)))
    }

    fn head_len(&self) -> usize {
        head_len(&self.octets).unwrap_or(self.octets.len())
    }

    fn word(&self, at: usize) -> &str {
        let line = self.octets.split(|&octet| octet == b'\r' || octet == b'\n').next();
        let word = line.unwrap_or_default().split(|&octet| octet == b' ').nth(at);
        str::from_utf8(word.unwrap_or_default()).unwrap_or_default()
    }

    fn path_and_query(&self) -> (&str, &str) {
        let target = self.target();
        let origin_form = match target.split_once("://") {
            Some((_, rest)) => rest.find('/').and_then(|slash| rest.get(slash..)).unwrap_or("/"),
            None => target,
        };
        origin_form.split_once('?').unwrap_or((origin_form, ""))
    }
}

/// The length of the head at the start of `octets`, its blank line included.
fn head_len(octets: &[u8]) -> Option<usize> {
    Some(octets.windows(4).position(|four| four == b"\r\n\r\n")?.saturating_add(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_whole_when_its_body_is() {
        let rows: [(&[u8], Option<usize>); 6] = [
            // octets → length   (RFC 9112 §6.2, §6.3 item 7: no length is no body)
            (b"", None),
            (b"GET / HTTP/1.1\r\n", None),
            (b"GET / HTTP/1.1\r\n\r\n", Some(18)),
            (b"GET / HTTP/1.1\r\n\r\nafter", Some(18)),
            (b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nab", Some(41)),
            (b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", Some(38)),
        ];
        for (octets, want) in rows {
            assert_eq!(Request::length(octets), want, "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn what_is_not_there_is_empty() {
        for octets in [&b""[..], b"\r\n\r\n", b"GET", b"\xff \xff\r\n\xff: x\r\n\r\n"] {
            let request = Request::from(octets.to_vec());
            assert_eq!(request.path(), "", "{}", octets.escape_ascii());
            assert_eq!(request.field("x"), None, "{}", octets.escape_ascii());
            assert_eq!(request.body(), b"", "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn paths_of_every_form() {
        let rows = [
            // request target → path, query   (RFC 9112 §3.2)
            ("/a?b?c", "/a", "b?c"),
            ("http://h/a", "/a", ""),
            ("http://h", "/", ""),
            ("*", "*", ""),
            ("h:443", "h:443", ""),
        ];
        for (target, path, query) in rows {
            let request = Request::from(format!("GET {target} HTTP/1.1\r\n\r\n").into_bytes());
            assert_eq!((request.path(), request.query()), (path, query), "{target}");
        }
    }
}
