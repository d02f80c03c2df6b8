//! Every exchange, disturbed between its lines.

use fourstep_simnet::{News, Random};
use fourstep_terms::Time;

use crate::case::{Case, end};

/// The stage sees to it that a tick before its moment brings nothing; here nothing may come of it
/// later either.
#[test]
fn early_ticks_change_nothing() {
    let mut random = Random::new(7);
    let mut early = 0;
    for case in Case::all() {
        let want = case.play(&case.news).lines().to_owned();
        for _ in 0..8 {
            let mut stage = case.stage();
            let mut last = Time::START;
            for (now, news) in &case.news {
                let mut moments: Vec<u64> = (0..4)
                    .map(|_| last.as_nanos() + random.below(now.as_nanos() - last.as_nanos() + 1))
                    .collect();
                moments.sort_unstable();
                for moment in moments.into_iter().map(Time::from_nanos) {
                    case.ok(stage.pass(moment));
                    if stage.wake().is_some_and(|wake| moment < wake) {
                        case.ok(stage.tell(moment, &News::Tick));
                        early += 1;
                    }
                }
                case.ok(stage.pass(*now));
                case.ok(stage.tell(*now, news));
                last = *now;
            }
            case.ok(stage.pass(Time::NEVER));
            assert_eq!(stage.lines(), want, "{}", case.name);
        }
    }
    assert!(early > 1000, "{early} early ticks");
}

#[test]
fn an_interrupt_at_any_line_ends_it_at_once() {
    for case in Case::all() {
        for at in 1..=case.news.len() {
            let mut stage = case.stage();
            for (now, news) in &case.news[..at] {
                case.ok(stage.pass(*now));
                case.ok(stage.tell(*now, news));
            }
            if stage.is_done() {
                continue;
            }
            let now = case.news[at - 1].0;
            let step = stage.report().step;
            case.ok(stage.tell(now, &News::Interrupt));
            assert!(stage.is_done(), "{} line {at}", case.name);
            let want = format!("local.interrupted step={step}");
            assert!(end(&stage).contains(&want), "{}: {}", case.name, end(&stage));
            case.ok(stage.finish());
        }
    }
}

/// A tick too late costs accuracy and nothing else: the report is sound, the legs are hung up.
#[test]
fn late_ticks_end_it_too() {
    let mut random = Random::new(8);
    for case in Case::all() {
        let mut stage = case.stage();
        for (now, news) in &case.news {
            case.ok(stage.pass(*now));
            case.ok(stage.tell(*now, news));
        }
        let mut now = case.news.last().unwrap().0.as_nanos();
        while let Some(wake) = stage.wake() {
            now = now.max(wake.as_nanos()) + random.below(50_000_000);
            case.ok(stage.tell(Time::from_nanos(now), &News::Tick));
        }
        case.ok(stage.finish());
    }
}

/// News that no network would bring in this order, or of legs that are not there: whatever a
/// driver does wrong, the probe keeps its promises.
#[test]
fn news_in_any_order_breaks_no_promise() {
    let cases = Case::all();
    let pool: Vec<&News> = cases.iter().flat_map(|case| &case.news).map(|(_, news)| news).collect();
    let mut random = Random::new(9);
    let mut pick = |bound: usize| usize::try_from(random.below(bound as u64)).unwrap();
    let mut ended = 0;
    for round in 0..20_000 {
        let case = &cases[round % cases.len()];
        let mut stage = case.stage();
        case.ok(stage.tell(Time::START, &News::Start));
        for _ in 0..pick(30) {
            let news = pool[pick(pool.len())];
            let now = stage.now() + std::time::Duration::from_millis(pick(400) as u64);
            case.ok(stage.pass(now));
            if let Err(breach) = stage.tell(now, news) {
                panic!("{}: {breach}\n{}", case.name, stage.lines());
            }
        }
        case.ok(stage.pass(Time::NEVER));
        // Where every limit is lifted, silence has no end.
        if stage.is_done() {
            let lines = stage.lines().to_owned();
            ended += 1;
            if let Err(breach) = stage.finish() {
                panic!("{}: {breach}\n{lines}", case.name);
            }
        }
    }
    assert!(ended > 19_000, "{ended} ended");
}
