//! Every exchange, its responses cut into other pieces.

use fourstep_simnet::News;

use crate::case::{Case, end};

/// How an exchange ended, but for what only one read can show: that more came behind the end.
fn comparable(end: &str) -> String {
    end.replace(" odd=excess-octets", "")
}

/// All but one: at the very moment of its limit, only one read is still taken.
fn cases() -> impl Iterator<Item = Case> {
    Case::all().into_iter().filter(|case| !case.name.starts_with("body-just-in-time"))
}

/// The case's news, with the piece at `at` cut.
fn split(case: &Case, at: usize, cuts: &[usize]) -> Vec<(fourstep_terms::Time, News)> {
    let mut all = case.news.clone();
    let (now, News::Received(leg, octets, came)) = all.remove(at) else { unreachable!() };
    let mut from = 0;
    let ends: Vec<usize> = cuts.iter().copied().chain([octets.len()]).collect();
    for (nth, end) in ends.into_iter().enumerate() {
        all.insert(at + nth, (now, News::Received(leg, octets[from..end].to_vec(), came)));
        from = end;
    }
    all
}

#[test]
fn a_response_cut_anywhere_ends_the_same() {
    let mut cuts = 0;
    for case in cases() {
        for (at, (_, news)) in case.news.iter().enumerate() {
            let News::Received(_, octets, _) = news else { continue };
            for cut in 0..=octets.len() {
                let stage = case.play(&split(&case, at, &[cut]));
                let name = &case.name;
                assert_eq!(comparable(end(&stage)), comparable(&case.end), "{name} cut at {cut}");
                case.ok(stage.finish());
                cuts += 1;
            }
            let single: Vec<usize> = (1..octets.len()).collect();
            let stage = case.play(&split(&case, at, &single));
            assert_eq!(comparable(end(&stage)), comparable(&case.end), "{} in octets", case.name);
            case.ok(stage.finish());
        }
    }
    assert!(cuts > 5000, "{cuts} cuts");
}

/// What is kept of a response does not depend on the cuts either.
#[test]
fn a_response_in_single_octets_is_the_same_response() {
    for case in cases() {
        let received = |(_, news): &(_, News)| matches!(news, News::Received(..));
        let Some(at) = case.news.iter().rposition(received) else { continue };
        let News::Received(_, octets, _) = &case.news[at].1 else { unreachable!() };
        let single: Vec<usize> = (1..octets.len()).collect();
        let report = case.ok(case.play(&split(&case, at, &single)).finish());
        let (is, want) = (report.response.unwrap(), case.report.response.as_ref().unwrap());
        let name = &case.name;
        assert_eq!(is.head.as_ref().map(|h| h.octets()), want.head.as_ref().map(|h| h.octets()));
        assert_eq!((is.body, is.body_octets), (want.body.clone(), want.body_octets), "{name}");
        assert_eq!((is.trailers, is.framing), (want.trailers.clone(), want.framing), "{name}");
        assert_eq!((is.complete, is.interim.len()), (want.complete, want.interim.len()), "{name}");
    }
}
