//! What to ask.

use crate::error::RequestError;
use crate::field::{self, Edit, is_credential};
use crate::method::{self, Asks};
use crate::version::Version;
use crate::write::Mould;
use fourstep_target::Userinfo;
use std::fmt;
use std::sync::Arc;

/// What to ask, of any number of targets: method, version, fields, body.
///
/// It starts as `GET`, HTTP/1.1, with the fields Host, User-Agent, Accept and Connection. What is
/// handed in is checked at once; so [`Recipe::write`] cannot fail.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipe {
    /// A token; `None`: GET, or POST when there is a body.
    pub(crate) method: Option<Box<str>>,
    pub(crate) version: Version,
    /// Instead of our own; empty: no such field.
    pub(crate) user_agent: Option<Box<str>>,
    /// In the order given; at most one Host with a value, and nothing that frames the body.
    pub(crate) edits: Vec<Edit>,
    pub(crate) body: Option<Arc<[u8]>>,
    pub(crate) request_target: Option<Box<[u8]>>,
    pub(crate) proxy: Option<Proxy>,
    /// What the rest comes to: `changed` writes it.
    pub(crate) mould: Mould,
}

impl Default for Recipe {
    fn default() -> Recipe {
        let recipe = Recipe {
            method: None,
            version: Version::default(),
            user_agent: None,
            edits: Vec::new(),
            body: None,
            request_target: None,
            proxy: None,
            mould: Mould::default(),
        };
        recipe.changed()
    }
}

/// The request goes through a proxy that wants absolute-form.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    /// The value of Proxy-Authorization.
    pub(crate) credentials: Option<Box<str>>,
}

impl Recipe {
    /// `GET`, HTTP/1.1, the default fields.
    pub fn new() -> Recipe {
        Recipe::default()
    }

    /// Asks with this method: any token, case kept (RFC 9110 §9.1).
    ///
    /// # Errors
    /// It is empty or no token.
    pub fn method(mut self, method: &str) -> Result<Recipe, RequestError> {
        method::check(method)?;
        self.method = Some(method.into());
        Ok(self.changed())
    }

    /// Says this version in the request line.
    pub fn version(mut self, version: Version) -> Recipe {
        self.version = version;
        self.changed()
    }

    /// Takes one field line, in curl's forms:
    ///
    /// - `Name: value` replaces the default field of that name; given again, it adds another;
    /// - `Name:` removes the default, and what was given before under that name;
    /// - `Name;` sends the field with an empty value.
    ///
    /// White space around the value is left out (RFC 9110 §5.5). `Host: value` replaces the
    /// target's, as the first field; `Host:` sends none, which a server must answer with 400
    /// (RFC 9112 §3.2).
    ///
    /// # Errors
    /// The name is no token; the value has a control octet other than tab; it is a second Host; or it
    /// frames the body (Content-Length, Transfer-Encoding), which only the writer does.
    pub fn field(mut self, line: &[u8]) -> Result<Recipe, RequestError> {
        let edit = field::read(line)?;
        if edit.value.is_none() {
            self.edits.retain(|earlier| !earlier.is_named(&edit.name));
        } else if edit.is_named("Host") && self.given("Host").next().is_some() {
            let expected = "no second Host";
            return Err(RequestError::at(line, 0, "field `Host`", expected, "RFC 9112 §3.2"));
        }
        self.edits.push(edit);
        Ok(self.changed())
    }

    /// Sends this body, with its length; with POST unless a method was set, and as
    /// `application/x-www-form-urlencoded` unless a Content-Type was given or removed.
    pub fn body(mut self, body: Arc<[u8]>) -> Recipe {
        self.body = Some(body);
        self.changed()
    }

    /// Sends this request target instead of the target's own: `*` with OPTIONS (RFC 9112 §3.2.4),
    /// or whatever a server is to be shown.
    ///
    /// # Errors
    /// It is empty, or has a control octet or a space, which would end it (RFC 9112 §3).
    pub fn request_target(mut self, request_target: &[u8]) -> Result<Recipe, RequestError> {
        let unfit = |&octet: &u8| octet == b' ' || octet.is_ascii_control();
        let offset = match request_target.iter().position(unfit) {
            None if request_target.is_empty() => 0,
            None => {
                self.request_target = Some(request_target.into());
                return Ok(self.changed());
            }
            Some(offset) => offset,
        };
        let expected = "a request target without spaces and control characters";
        Err(RequestError::at(request_target, offset, "request target", expected, "RFC 9112 §3.2"))
    }

    /// Says who asks (RFC 9110 §10.1.5); empty: says nothing. A `User-Agent:` field line wins.
    ///
    /// # Errors
    /// It has a control octet other than tab.
    pub fn user_agent(mut self, user_agent: &str) -> Result<Recipe, RequestError> {
        field::check_value(user_agent.as_bytes(), 0, || "user agent".into())?;
        self.user_agent = Some(user_agent.trim_ascii().into());
        Ok(self.changed())
    }

    /// Asks through a proxy: the request target is in absolute-form (RFC 9112 §3.2.2), and
    /// `credentials` go into Proxy-Authorization (RFC 9110 §11.7.2).
    pub fn proxied(mut self, credentials: Option<&Userinfo>) -> Recipe {
        let credentials = credentials.map(|credentials| credentials.basic().into());
        self.proxy = Some(Proxy { credentials });
        self.changed()
    }

    /// For a target that a proxy may not look into: the request for a tunnel to it
    /// (RFC 9110 §9.3.6), and what is then asked through the tunnel. `None` without a proxy.
    pub fn tunnelled(&self) -> Option<(Recipe, Recipe)> {
        let proxy = self.proxy.clone()?;
        let of_no_use = ["Accept", "Connection"];
        let without = |name: &str| Edit { name: name.into(), value: None };
        let outer = Recipe {
            method: Some("CONNECT".into()),
            user_agent: self.user_agent.clone(),
            edits: of_no_use.into_iter().map(without).collect(),
            proxy: Some(proxy),
            ..Recipe::default()
        };
        Some((outer.changed(), Recipe { proxy: None, ..self.clone() }.changed()))
    }

    /// What the reader of the response must know.
    pub fn asks(&self) -> Asks {
        self.mould.asks
    }

    /// Whether the request target is each target's own, in origin-form (RFC 9112 §3.2.1).
    pub fn asks_in_origin_form(&self) -> bool {
        self.request_target.is_none() && self.proxy.is_none() && self.asks() != Asks::Connect
    }

    /// The same, and by GET: as most ask.
    pub fn gets_in_origin_form(&self) -> bool {
        self.mould.gets && self.asks_in_origin_form()
    }

    /// The method that is sent.
    pub fn method_name(&self) -> &str {
        match (&self.method, &self.body) {
            (Some(method), _) => method,
            (None, Some(_)) => "POST",
            (None, None) => "GET",
        }
    }

    /// What it asks beyond [`Recipe::new`], each change by a name and a value: `method`, `version`
    /// (`1.0`), `user-agent`, `header` (a line for [`Recipe::field`]), `body`, `request-target`,
    /// `proxied`. The values of credentials are `***`; `proxied` has no other value.
    ///
    /// Done in this order to a new recipe, they make one that writes the same, but for those.
    pub fn changes(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut changes = Vec::new();
        let mut add = |name, value: Option<&[u8]>| {
            changes.extend(value.map(|value| (name, value.to_vec())));
        };
        add("method", self.method.as_deref().map(str::as_bytes));
        add("version", (self.version == Version::Http10).then_some(b"1.0"));
        add("user-agent", self.user_agent.as_deref().map(str::as_bytes));
        for Edit { name, value } in &self.edits {
            let hidden = value.as_deref().map(|value| match value {
                [_, ..] if is_credential(name) => b"***",
                value => value,
            });
            let line = match hidden {
                None => [name.as_bytes(), b":"].concat(),
                Some([]) => [name.as_bytes(), b";"].concat(),
                Some(value) => [name.as_bytes(), b": ", value].concat(),
            };
            add("header", Some(&line));
        }
        add("body", self.body.as_deref());
        add("request-target", self.request_target.as_deref());
        if let Some(Proxy { credentials }) = &self.proxy {
            add("proxied", Some(if credentials.is_some() { b"***" } else { b"" }));
        }
        changes
    }

    /// The values given for a field.
    pub(crate) fn given(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let named = self.edits.iter().filter(move |edit| edit.is_named(name));
        named.filter_map(|edit| edit.value.as_deref())
    }

    /// Whether the default field of this name is to be sent.
    pub(crate) fn keeps_default(&self, name: &str) -> bool {
        !self.edits.iter().any(|edit| edit.is_named(name))
    }
}

/// Without the values of credentials, and without the body.
impl fmt::Debug for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |edit: &Edit| match edit.value.as_deref() {
            None => format!("{}:", edit.name),
            Some(_) if is_credential(&edit.name) => format!("{}: ***", edit.name),
            Some(value) => format!("{}: {}", edit.name, value.escape_ascii()),
        };
        f.debug_struct("Recipe")
            .field("method", &self.method_name())
            .field("version", &self.version)
            .field("fields", &self.edits.iter().map(line).collect::<Vec<_>>())
            .field("body_octets", &self.body.as_ref().map(|body| body.len()))
            .field(
                "request_target",
                &self.request_target.as_ref().map(|t| t.escape_ascii().to_string()),
            )
            .field("proxied", &self.proxy.is_some())
            .finish_non_exhaustive()
    }
}
