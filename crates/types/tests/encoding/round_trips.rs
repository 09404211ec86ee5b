//! Values of the main types, whatever is in them, survive their encoding and their text.

use myceline_types::{
    Account, Amount, ApplicationId, Ballot, BlobId, BlobKind, Block, BlockHash, BlockHeight, Bundle, BundleAction,
    Certificate, CertificateKind, ChainId, Cursor, Epoch, Hash, Holder, IncomingBundle, Message, MessageContent,
    MessageKind, Opaque, Operation, Outcome, Owner, ProposedBlock, Report, Round, SentMessage, Slot, SystemMessage,
    TimeoutCertificate, TimeoutVote, Timestamp, Transaction, ValidatorSignature, Vote, VoteSignature,
    block::{EntryProof, List},
    encoding, merkle,
};
use proptest::{collection::vec, option, prelude::*};
use serde::{Serialize, de::DeserializeOwned};
use std::{fmt, str::FromStr, sync::Arc};

fn survives<T: Serialize + DeserializeOwned + PartialEq + fmt::Debug>(value: &T) {
    let bytes = encoding::to_bytes(value);
    assert_eq!(encoding::size_of(value), bytes.len());
    assert_eq!(encoding::from_bytes::<T>(&bytes).as_ref(), Ok(value));
    let text = serde_json::to_string(value).expect("JSON");
    assert_eq!(&serde_json::from_str::<T>(&text).expect("JSON"), value);
}

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash)
}

fn owner() -> impl Strategy<Value = Owner> {
    prop_oneof![
        any::<[u8; 32]>().prop_map(Owner::Ed25519),
        any::<[u8; 20]>().prop_map(Owner::Ethereum),
        (2..4u8, any::<[u8; 32]>()).prop_map(|(tag, x)| Owner::Passkey(std::array::from_fn(|at| if at == 0 {
            tag
        } else {
            x[at - 1]
        }))),
        hash().prop_map(|hash| Owner::Application(ApplicationId(hash))),
    ]
}

fn holder() -> impl Strategy<Value = Holder> {
    prop_oneof![Just(Holder::Chain), owner().prop_map(Holder::Owner)]
}

fn account() -> impl Strategy<Value = Account> {
    (hash(), holder()).prop_map(|(chain, holder)| Account { chain: ChainId(chain), holder })
}

fn amount() -> impl Strategy<Value = Amount> {
    any::<u128>().prop_map(Amount)
}

fn opaque() -> impl Strategy<Value = Opaque> {
    vec(any::<u8>(), 0..200).prop_map(Opaque)
}

fn cursor() -> impl Strategy<Value = Cursor> {
    (any::<u64>(), any::<u32>()).prop_map(|(height, transaction)| Cursor { height: BlockHeight(height), transaction })
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        (holder(), account(), amount()).prop_map(|(from, to, amount)| Operation::Transfer { from, to, amount }),
        (owner(), amount()).prop_map(|(spender, amount)| Operation::Approve { spender, amount }),
        (owner(), account(), amount()).prop_map(|(owner, to, amount)| Operation::TransferFrom { owner, to, amount }),
        (hash(), opaque()).prop_map(|(id, bytes)| Operation::Application { id: ApplicationId(id), bytes }),
        Just(Operation::CloseChain),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    let kind = prop_oneof![Just(MessageKind::Simple), Just(MessageKind::Tracked), Just(MessageKind::Bouncing)];
    let credit = (holder(), amount(), holder())
        .prop_map(|(target, amount, source)| MessageContent::System(SystemMessage::Credit { target, amount, source }));
    let call = (hash(), opaque(), amount()).prop_map(|(id, bytes, grant)| MessageContent::Application {
        id: ApplicationId(id),
        bytes,
        grant,
    });
    (kind, option::of(owner()), prop_oneof![credit, call]).prop_map(|(kind, authority, content)| Message {
        kind,
        authority,
        content,
    })
}

fn bundle() -> impl Strategy<Value = Bundle> {
    (cursor(), option::of(cursor()), any::<u32>(), any::<u64>(), vec(message(), 0..4)).prop_map(
        |(cursor, previous, epoch, timestamp, messages)| Bundle {
            cursor,
            previous,
            epoch: Epoch(epoch),
            timestamp: Timestamp(timestamp),
            messages,
        },
    )
}

fn transaction() -> impl Strategy<Value = Transaction> {
    let action = prop_oneof![Just(BundleAction::Accept), Just(BundleAction::Reject)];
    let receive = (hash(), bundle(), action).prop_map(|(origin, bundle, action)| IncomingBundle {
        origin: ChainId(origin),
        bundle,
        action,
    });
    prop_oneof![
        operation().prop_map(Transaction::Execute),
        receive.prop_map(Transaction::Receive),
        (hash(), cursor()).prop_map(|(origin, up_to)| Transaction::Skip { origin: ChainId(origin), up_to }),
    ]
}

fn slot() -> impl Strategy<Value = Slot> {
    (hash(), any::<u64>(), any::<u32>()).prop_map(|(chain, height, epoch)| Slot {
        chain: ChainId(chain),
        height: BlockHeight(height),
        epoch: Epoch(epoch),
    })
}

fn block() -> impl Strategy<Value = Block> {
    let sent = (0..3u32, hash(), message()).prop_map(|(transaction, recipient, message)| SentMessage {
        transaction,
        recipient: ChainId(recipient),
        message,
    });
    let head = (slot(), any::<u64>(), option::of(hash()), option::of(owner()));
    (head, vec(transaction(), 0..4), vec(sent, 0..4), hash()).prop_map(
        |((slot, timestamp, previous, author), transactions, messages, state)| Block {
            proposed: ProposedBlock {
                chain: slot.chain,
                epoch: slot.epoch,
                height: slot.height,
                timestamp: Timestamp(timestamp),
                previous: previous.map(BlockHash),
                author,
                transactions,
            },
            outcome: Outcome { messages, state, ..Outcome::default() },
        },
    )
}

fn report() -> impl Strategy<Value = Report> {
    prop_oneof![
        Just(Report::Nothing),
        hash().prop_map(|block| Report::Fast(BlockHash(block))),
        (any::<u32>(), hash()).prop_map(|(round, block)| Report::Certificate(Round(round), BlockHash(block))),
    ]
}

fn vote_signature() -> impl Strategy<Value = VoteSignature> {
    (any::<[u8; 32]>(), any::<u64>(), vec(hash(), 0..6)).prop_map(|(bytes, index, siblings)| VoteSignature {
        signature: ValidatorSignature(std::array::from_fn(|at| bytes[at % 32])),
        path: merkle::Path { index, siblings },
    })
}

fn certificate() -> impl Strategy<Value = Certificate> {
    let kind = prop_oneof![Just(CertificateKind::Validated), Just(CertificateKind::Confirmed)];
    (slot(), any::<u32>(), kind, hash(), vec(any::<u8>(), 0..8), vec(vote_signature(), 0..8)).prop_map(
        |(slot, round, kind, block, signers, signatures)| Certificate {
            slot,
            round: Round(round),
            kind,
            block: BlockHash(block),
            signers: signers.into_iter().collect(),
            signatures: Arc::new(signatures),
        },
    )
}

fn timeout() -> impl Strategy<Value = TimeoutCertificate> {
    let vote = (any::<u8>(), report(), vote_signature()).prop_map(|(signer, report, signature)| TimeoutVote {
        signer,
        report,
        signature,
    });
    (slot(), any::<u32>(), vec(vote, 0..5), option::of(certificate()))
        .prop_map(|(slot, round, votes, attached)| TimeoutCertificate { slot, round: Round(round), votes, attached })
}

fn is_read_back<T: FromStr<Err: fmt::Debug> + fmt::Display + PartialEq + fmt::Debug>(value: &T) {
    assert_eq!(&value.to_string().parse::<T>().expect("its own text"), value);
}

/// A vote whose leaf must not be that of another one.
fn vote() -> impl Strategy<Value = Vote> {
    let ballot = prop_oneof![
        hash().prop_map(|block| Ballot::Validate(BlockHash(block))),
        hash().prop_map(|block| Ballot::Confirm(BlockHash(block))),
        report().prop_map(Ballot::Timeout),
    ];
    (slot(), any::<u32>(), ballot).prop_map(|(slot, round, ballot)| Vote { slot, round: Round(round), ballot })
}

proptest! {
    #[test]
    fn blocks_survive_and_their_entries_are_proved(block in block()) {
        survives(&block);
        survives(&block.header());
        for (list, count) in [
            (List::Transactions, block.proposed.transactions.len()),
            (List::Messages, block.outcome.messages.len()),
        ] {
            for index in 0..count {
                let proof = EntryProof::new(&block, list, index).expect("an entry");
                survives(&proof);
                prop_assert!(proof.verify(&block.header()));
                let other = Block { outcome: Outcome::default(), ..Block::clone(&block) };
                prop_assert!(list == List::Transactions || !proof.verify(&other.header()));
            }
            prop_assert_eq!(EntryProof::new(&block, list, count), None);
        }
    }

    #[test]
    fn certificates_survive(certificate in certificate(), timeout in timeout()) {
        survives(&certificate);
        survives(&timeout);
    }

    #[test]
    fn votes_survive_and_no_two_have_one_leaf(a in vote(), b in vote()) {
        survives(&a);
        let network = myceline_types::NetworkId(Hash::ZERO);
        prop_assert_eq!(a.leaf(network) == b.leaf(network), a == b);
    }

    #[test]
    fn text_is_read_back(owner in owner(), account in account(), holder in holder(), amount in amount(), hash in hash()) {
        is_read_back(&owner);
        is_read_back(&account);
        is_read_back(&holder);
        is_read_back(&amount);
        is_read_back(&hash);
        is_read_back(&BlobId { kind: BlobKind::Committee, hash });
        survives(&account);
        survives(&amount);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*", prefix in prop_oneof![Just(""), Just("0x"), Just("ed25519:"), Just("data:"), Just("1.")]) {
        let text = format!("{prefix}{text}");
        let _ = (text.parse::<Owner>().is_ok(), text.parse::<Account>().is_ok(), text.parse::<Holder>().is_ok());
        let _ = (text.parse::<Amount>().is_ok(), text.parse::<Hash>().is_ok(), text.parse::<BlobId>().is_ok());
    }
}
