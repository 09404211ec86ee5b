//! The feed on a network, on both engines at once.

use myceline_sdk_testing::{Application, Module, Network};
use serde_json::json;
use social::{Operation, PostId, SocialAbi};

fn post(text: &str) -> Operation {
    Operation::Post { text: text.into(), image: None }
}

#[test]
fn who_follows_sees_posts_likes_and_comments() {
    let network = Network::new();
    let [ann, bob, cho] = [network.chain(), network.chain(), network.chain()];
    let social: Application<SocialAbi> = ann.create(ann.publish(&Module::current()), &(), &());
    ann.call(social, &post("Spores are in the air"));
    for (follower, chain) in [(&bob, &ann), (&cho, &ann), (&cho, &bob)] {
        follower.call(social, &Operation::Follow { chain: chain.id() });
    }
    // What was posted before counts too.
    assert_eq!(bob.process_events(), 1);
    let about = PostId { author: ann.id(), index: 0 };
    bob.call(social, &Operation::Like { post: about });
    bob.call(social, &Operation::Comment { post: about, text: "Bless you".into() });
    ann.call(social, &post("Thank you"));

    assert_eq!(cho.process_events(), 4);
    let feed = cho.graphql(social, "{ feed { text likes comments { text } } }");
    let expected = json!([
        { "text": "Thank you", "likes": 0, "comments": [] },
        { "text": "Spores are in the air", "likes": 1, "comments": [{ "text": "Bless you" }] },
    ]);
    assert_eq!(feed["feed"], expected);
    assert_eq!(cho.process_events(), 0, "nothing is seen twice");
}

#[test]
fn who_follows_no_more_sees_no_more() {
    let network = Network::new();
    let (ann, bob) = (network.chain(), network.chain());
    let social: Application<SocialAbi> = ann.create(ann.publish(&Module::current()), &(), &());
    bob.call(social, &Operation::Follow { chain: ann.id() });
    ann.call(social, &post("One"));
    assert_eq!(bob.process_events(), 1);
    bob.call(social, &Operation::Unfollow { chain: ann.id() });
    ann.call(social, &post("Two"));
    assert_eq!(bob.process_events(), 0);
    let feed = bob.graphql(social, "{ feed { text } follows }");
    assert_eq!(feed, json!({ "feed": [{ "text": "One" }], "follows": [] }));
}
