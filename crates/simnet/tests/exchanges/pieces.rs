//! Every exchange, its responses cut into other pieces.

use fourstep_probe::Input;
use fourstep_simnet::{News, Stage};
use fourstep_terms::Time;

use crate::case::{Case, end};

/// How an exchange ended, but for what only one read can show: that more came behind the end.
fn comparable(end: &str) -> String {
    end.replace(" odd=excess-octets", "")
}

/// All but one: at the very moment of its limit, only one read is still taken.
fn cases() -> impl Iterator<Item = Case> {
    Case::all().into_iter().filter(|case| !case.name.starts_with("body-just-in-time"))
}

/// Plays the case with what comes at `at` cut so; how long that is.
fn play(case: &Case, at: usize, cuts: &[usize]) -> (Stage, usize) {
    let (mut stage, mut length) = (case.stage(), 0);
    for (nth, (now, news)) in case.news.iter().enumerate() {
        case.ok(stage.pass(*now));
        let (leg, octets, came) = match news {
            News::Received(leg, octets, came) if nth == at => (*leg, octets.clone(), *came),
            News::Spoken(leg, speech, came) if nth == at => {
                (*leg, stage.spoken(*leg, speech), *came)
            }
            _ => {
                case.ok(stage.tell(*now, news));
                continue;
            }
        };
        length = octets.len();
        let mut from = 0;
        for end in cuts.iter().copied().chain([length]).map(|end| end.min(length)) {
            let octets = &octets[from..end];
            case.ok(stage.feed(*now, Input::Received { leg, octets, at: came }).map(drop));
            from = end;
        }
    }
    case.ok(stage.pass(Time::NEVER));
    (stage, length)
}

fn comes(news: &News) -> bool {
    matches!(news, News::Received(..) | News::Spoken(..))
}

#[test]
fn a_response_cut_anywhere_ends_the_same() {
    let mut cuts = 0;
    for case in cases() {
        for (at, (_, news)) in case.news.iter().enumerate() {
            if !comes(news) {
                continue;
            }
            let (_, length) = play(&case, at, &[]);
            // A handshake costs more than reading a head does.
            let step = if matches!(news, News::Spoken(..)) { 17 } else { 1 };
            for cut in (0..=length).step_by(step) {
                let (stage, _) = play(&case, at, &[cut]);
                let name = &case.name;
                assert_eq!(comparable(end(&stage)), comparable(&case.end), "{name} cut at {cut}");
                case.ok(stage.finish());
                cuts += 1;
            }
            let single: Vec<usize> = (1..length).collect();
            let (stage, _) = play(&case, at, &single);
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
        let Some(at) = case.news.iter().rposition(|(_, news)| comes(news)) else { continue };
        let (_, length) = play(&case, at, &[]);
        let single: Vec<usize> = (1..length).collect();
        let report = case.ok(play(&case, at, &single).0.finish());
        let (Some(is), Some(want)) = (report.response, case.report.response.as_ref()) else {
            continue;
        };
        let name = &case.name;
        assert_eq!(is.head.as_ref().map(|h| h.octets()), want.head.as_ref().map(|h| h.octets()));
        assert_eq!((is.body, is.body_octets), (want.body.clone(), want.body_octets), "{name}");
        assert_eq!((is.trailers, is.framing), (want.trailers.clone(), want.framing), "{name}");
        assert_eq!((is.complete, is.interim.len()), (want.complete, want.interim.len()), "{name}");
    }
}
