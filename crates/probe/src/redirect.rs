//! Following a redirect (RFC 9110 §15.4): each hop is a probe of its own.

use std::sync::Arc;

use fourstep_request::Recipe;
use fourstep_response::ResponseError;
use fourstep_target::{Joined, Scheme, Target};

use crate::plan::Plan;
use crate::report::{Received, Report};

/// One step of a chain of redirects: what the next probe is to ask, and where the chain has been.
#[derive(Clone, Debug)]
pub struct Hop {
    /// What to probe.
    pub target: Arc<Target>,
    /// Its place in the chain; the first target is hop 0, so this is 1 or more.
    pub number: u16,
    /// What to ask: the first recipe, changed as the redirects demand.
    pub(crate) recipe: Recipe,
    /// The URLs of the chain so far, each with the method it was asked by.
    visited: Vec<(Box<str>, String)>,
}

/// Writes the next hop into the report of this one, if there is to be one.
#[inline(never)]
pub(crate) fn follow(
    report: &mut Report,
    hop: Option<&Hop>,
    plan: &Plan,
) -> Result<(), ResponseError> {
    if let Some(response) = &report.response {
        let recipe = hop.map_or(&plan.recipe, |hop| &hop.recipe);
        if let Some(hop) = next(&report.target, hop, recipe, response, plan)? {
            report.next = Some(hop);
        }
    }
    Ok(())
}

/// Where `response` sends us on to. `Ok(None)`: it does not, or to a scheme that we do not speak,
/// and then the redirect itself is the answer.
fn next(
    from: &Arc<Target>,
    before: Option<&Hop>,
    recipe: &Recipe,
    response: &Received,
    plan: &Plan,
) -> Result<Option<Box<Hop>>, ResponseError> {
    let Some(head) = &response.head else { return Ok(None) };
    let (limit, speaks_tls) = (plan.follow, plan.tls.is_some());
    let status = head.status();
    // 300, 304, 305 and 306 are not followed: they name choices, a cache, or nothing any more.
    if limit == 0 || !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = head.values("location").next() else { return Ok(None) };
    let malformed = |error: fourstep_target::TargetError| ResponseError::RedirectMalformed {
        offset: error.offset(),
        expected: error.expected(),
    };
    let target = match from.join(location).map_err(malformed)? {
        Joined::Target(target) if speaks_tls || target.scheme() == Scheme::Http => target,
        Joined::Target(_) | Joined::OtherScheme(_) => return Ok(None),
    };
    let number = before.map_or(0, |hop| hop.number) + 1;
    if number > limit {
        return Err(ResponseError::RedirectLimit { limit: limit.into() });
    }
    let next = recipe.redirected(status, target.origin_eq(from));
    let mut visited = before.map_or_else(Vec::new, |hop| hop.visited.clone());
    visited.push(place(recipe, from));
    let here = place(&next, &target);
    if visited.contains(&here) {
        return Err(ResponseError::RedirectLoop { target: target.shown().into() });
    }
    Ok(Some(Box::new(Hop { target: Arc::new(target), number, recipe: next, visited })))
}

/// What makes two requests of a chain the same one.
fn place(recipe: &Recipe, target: &Target) -> (Box<str>, String) {
    (recipe.method_name().into(), target.absolute())
}
