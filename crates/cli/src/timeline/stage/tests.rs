//! The story of a demo, as each kind of spectator gets it.

use super::*;
use crate::timeline::Payment;
use expect_test::{Expect, expect};
use myceline_types::{Amount, BlockHeight, ChainId, Hash};

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn payment() -> Payment {
    Payment { number: 1, from: "ann".into(), to: "bob".into(), amount: Amount::from_tokens(5) }
}

/// One event of each kind, and when it happens.
fn story() -> Vec<(Duration, DemoEvent)> {
    let wallet = || "ann".to_owned();
    let height = BlockHeight(7);
    vec![
        (ms(0), DemoEvent::Act { title: "A validator starts".into() }),
        (ms(1), DemoEvent::Starting { validator: 3, process: 4711 }),
        (ms(412), DemoEvent::Ready { validator: 3, after: ms(411) }),
        (
            ms(420),
            DemoEvent::Opened {
                wallet: wallet(),
                chain: ChainId(Hash([0xab; 32])),
                balance: Amount::from_tokens(1000),
            },
        ),
        (ms(500), DemoEvent::Act { title: "Ann pays Bob".into() }),
        (ms(501), DemoEvent::Sent { payment: payment() }),
        (ms(502), DemoEvent::PreConfirmed { payment: payment(), after: ms(1) }),
        (ms(505), DemoEvent::Final { payment: payment(), after: ms(4) }),
        (ms(505), DemoEvent::Balance { wallet: wallet(), balance: Amount::from_tokens(995) }),
        (ms(509), DemoEvent::Received { payment: payment(), after: ms(8) }),
        (ms(600), DemoEvent::Act { title: "A validator dies and comes back".into() }),
        (ms(601), DemoEvent::Killed { validator: 3, process: 4711 }),
        (ms(700), DemoEvent::CatchingUp { validator: 3, behind: 12 }),
        (ms(910), DemoEvent::CaughtUp { validator: 3, blocks: 12, after: ms(210) }),
        (ms(1000), DemoEvent::Act { title: "Two devices at once".into() }),
        (ms(1001), DemoEvent::Raced { wallet: wallet(), height }),
        (ms(1003), DemoEvent::Split { wallet: wallet(), height, sides: vec![vec![1, 2], vec![3, 4]] }),
        (ms(1046), DemoEvent::Healed { wallet: wallet(), height, after: ms(45) }),
        (ms(1100), DemoEvent::Conserved { supply: Amount::from_tokens(2000), blocks: 31, chains: 2 }),
    ]
}

/// Lines without colours, each behind a bar, so that the space they begin with is part of what is expected.
fn framed(lines: &[String]) -> String {
    lines.iter().map(|line| format!("|{}\n", anstream::adapter::strip_str(line))).collect()
}

fn check_lines(format: Format, expected: Expect) {
    let lines: Vec<String> = story().iter().map(|(at, event)| line(format, *at, event)).collect();
    expected.assert_eq(&framed(&lines));
}

#[test]
fn whoever_reads_a_pipe_gets_a_sentence_per_event() {
    check_lines(
        Format::Human,
        expect![[r#"
        |  0.000 s  A validator starts
        |  0.001 s    validator 3 starts (process 4711)
        |  0.412 s    validator 3 answers after 411 ms
        |  0.420 s    ann has 1'000 on chain abababab…
        |  0.500 s  Ann pays Bob
        |  0.501 s    ann → bob 5: sent
        |  0.502 s    ann → bob 5: pre-confirmed after 1.0 ms
        |  0.505 s    ann → bob 5: final after 4.0 ms
        |  0.505 s    ann has 995
        |  0.509 s    ann → bob 5: received after 8.0 ms
        |  0.600 s  A validator dies and comes back
        |  0.601 s    validator 3 killed with -9 (process 4711)
        |  0.700 s    validator 3 is back, 12 blocks behind
        |  0.910 s    validator 3 caught up: 12 blocks in 210 ms
        |  1.000 s  Two devices at once
        |  1.001 s    two copies of ann's wallet propose different blocks at height 7
        |  1.003 s    validators 1 and 2 signed one block, 3 and 4 the other
        |  1.046 s    ann's chain healed after 45 ms: one block at height 7
        |  1.100 s    all 2'000 tokens are there: 31 blocks on 2 chains executed again
    "#]],
    );
}

#[test]
fn a_script_gets_the_same_keys_every_time() {
    check_lines(
        Format::Json,
        expect![[r#"
        |{"at_ms":0.0,"event":"act","title":"A validator starts"}
        |{"at_ms":1.0,"event":"starting","validator":3,"process":4711}
        |{"at_ms":412.0,"event":"ready","validator":3,"after_ms":411.0}
        |{"at_ms":420.0,"event":"opened","wallet":"ann","chain":"abababababababababababababababababababababababababababababababab","balance":"1000"}
        |{"at_ms":500.0,"event":"act","title":"Ann pays Bob"}
        |{"at_ms":501.0,"event":"sent","payment":1,"from":"ann","to":"bob","amount":"5"}
        |{"at_ms":502.0,"event":"pre-confirmed","payment":1,"from":"ann","to":"bob","amount":"5","after_ms":1.0}
        |{"at_ms":505.0,"event":"final","payment":1,"from":"ann","to":"bob","amount":"5","after_ms":4.0}
        |{"at_ms":505.0,"event":"balance","wallet":"ann","balance":"995"}
        |{"at_ms":509.0,"event":"received","payment":1,"from":"ann","to":"bob","amount":"5","after_ms":8.0}
        |{"at_ms":600.0,"event":"act","title":"A validator dies and comes back"}
        |{"at_ms":601.0,"event":"killed","validator":3,"process":4711}
        |{"at_ms":700.0,"event":"catching-up","validator":3,"behind":12}
        |{"at_ms":910.0,"event":"caught-up","validator":3,"blocks":12,"after_ms":210.0}
        |{"at_ms":1000.0,"event":"act","title":"Two devices at once"}
        |{"at_ms":1001.0,"event":"raced","wallet":"ann","height":7}
        |{"at_ms":1003.0,"event":"split","wallet":"ann","height":7,"sides":[[1,2],[3,4]]}
        |{"at_ms":1046.0,"event":"healed","wallet":"ann","height":7,"after_ms":45.0}
        |{"at_ms":1100.0,"event":"conserved","supply":"2000","blocks":31,"chains":2}
    "#]],
    );
}

/// What a terminal shows after so many events of the story: what has scrolled up, then what still moves.
fn picture(events: usize, now: Duration) -> String {
    let mut scene = Scene::default();
    let mut settled: Vec<String> = Vec::new();
    for (at, event) in story().iter().take(events) {
        settled.extend(scene.apply(*at, event));
    }
    format!("{}---\n{}", framed(&settled), framed(&scene.lines(now)))
}

#[test]
fn a_person_sees_what_is_under_way() {
    expect![[r#"
        |
        |  ✔ A validator starts  500 ms
        |    ✔ validator 3 answers after 411 ms
        |    ✔ ann has 1'000 on chain abababab…
        ---
        |
        |  ⠦ Ann pays Bob  7.0 ms
        |    ⠦ ann → bob 5  ● pre-confirmed 1.0 ms  ● final 4.0 ms  ○ received
        |
        |  validators  ● 3
        |  wallets     ann 1'000
    "#]]
    .assert_eq(&picture(8, ms(507)));
}

#[test]
fn a_person_sees_a_validator_die_and_catch_up() {
    expect![[r#"
        |
        |  ✔ A validator starts  500 ms
        |    ✔ validator 3 answers after 411 ms
        |    ✔ ann has 1'000 on chain abababab…
        |
        |  ✔ Ann pays Bob  100 ms
        |    ✔ ann → bob 5  ● pre-confirmed 1.0 ms  ● final 4.0 ms  ● received 8.0 ms
        ---
        |
        |  ⠇ A validator dies and comes back  50 ms
        |    ✘ validator 3 killed with -9 (process 4711)
        |
        |  validators  ✘ 3 killed
        |  wallets     ann 995
    "#]]
    .assert_eq(&picture(12, ms(650)));
    expect![[r#"
        |
        |  ✔ A validator starts  500 ms
        |    ✔ validator 3 answers after 411 ms
        |    ✔ ann has 1'000 on chain abababab…
        |
        |  ✔ Ann pays Bob  100 ms
        |    ✔ ann → bob 5  ● pre-confirmed 1.0 ms  ● final 4.0 ms  ● received 8.0 ms
        ---
        |
        |  ⠏ A validator dies and comes back  150 ms
        |    ✘ validator 3 killed with -9 (process 4711)
        |    ⠏ validator 3 is back, 12 blocks behind
        |
        |  validators  ⠏ 3 catching up
        |  wallets     ann 995
    "#]]
    .assert_eq(&picture(13, ms(750)));
}

#[test]
fn a_person_sees_a_race_end_well() {
    let shown = picture(18, ms(1047));
    let (_, moving) = shown.split_once("---").unwrap();
    expect![[r#"

        |
        |  ⠸ Two devices at once  47 ms
        |    ✘ validators 1 and 2 signed one block, 3 and 4 the other
        |    ✔ ann's chain healed after 45 ms: one block at height 7
        |
        |  validators  ● 3
        |  wallets     ann 995
    "#]]
    .assert_eq(moving);
}

#[test]
fn what_is_under_way_when_the_demo_fails_is_marked() {
    let mut scene = Scene::default();
    for (at, event) in story().iter().take(7) {
        scene.apply(*at, event);
    }
    expect![[r#"
        |
        |  ✘ Ann pays Bob  400 ms
        |    · ann → bob 5  ● pre-confirmed 1.0 ms  ○ final  ○ received
    "#]]
    .assert_eq(&framed(&scene.end(ms(900), false)));
}

#[test]
fn a_timeline_ends_while_somebody_still_holds_its_stage() {
    let output = Output::new(crate::output::Options { format: Format::Human, quiet: true });
    let timeline = Timeline::start(&output);
    let stage = timeline.stage();
    stage.show(DemoEvent::Act { title: "An act".into() });
    timeline.close();
    stage.show(DemoEvent::Act { title: "An act that nobody sees".into() });
}
