//! Two copies of one wallet propose different blocks at the same height, and neither can win by votes alone: each reaches
//! two of the four validators first. Then the rules of the rounds decide.

use super::{
    cast::{ANN, Narrator},
    device::{Device, until},
    link::{FirstVotes, Link},
    troupe::Troupe,
};
use crate::{CliError, Code, timeline::DemoEvent, wallet::Folder};
use myceline_rpc::GrpcPeer;
use myceline_storage::embedded::Lock;
use myceline_types::BlockHeight;
use std::{fs, io, path::Path, time::Duration};

/// How much longer a request takes to the validators that are far from a device: about as long as across a continent.
const FAR: Duration = Duration::from_millis(40);
/// The validators in the order of the committee, by the copy that is next door to them.
const NEXT_DOOR: [usize; 4] = [0, 0, 1, 1];
/// How long a closed wallet may take to give its store back.
const CLOSING: Duration = Duration::from_secs(10);

/// Answers one of the two copies, and how long the chain took to heal.
pub(super) async fn race(
    troupe: &Troupe,
    narrator: &Narrator,
    ann: Device,
    bob: &Device,
) -> Result<(Device, Duration), CliError> {
    let height = ann.next_height().await?;
    let votes = FirstVotes::default();
    let [phone, laptop] = two_copies(troupe, ann, &votes).await?;
    for copy in [&phone, &laptop] {
        // A copy cannot know whether it is the newest one, so it asks the validators before it signs anything.
        copy.catches_up(height).await?;
    }
    narrator.stage.show(DemoEvent::Raced { wallet: phone.wallet.clone(), height });
    let heard = hear_split(narrator, &votes, &phone, height);
    let (first, second, split) = tokio::join!(narrator.pay(&phone, bob, 7), narrator.pay(&laptop, bob, 9), heard);
    split?;
    let after = first?.finality.max(second?.finality);
    check_agreement(&phone, &laptop, height).await?;
    narrator.stage.show(DemoEvent::Healed { wallet: phone.wallet.clone(), height, after });
    narrator.show_balance(&phone).await?;
    Ok((phone, after))
}

/// Closes Ann's wallet, copies its folder and opens both.
async fn two_copies(troupe: &Troupe, ann: Device, votes: &FirstVotes) -> Result<[Device; 2], CliError> {
    let wallet = ann.wallet.clone();
    let (original, copy) = (troupe.plan().wallet(&ANN), Folder::new(troupe.plan().dir.join("ann-on-her-laptop")));
    drop(ann);
    let (from, to) = (original.clone(), copy.clone());
    let copying = tokio::task::spawn_blocking(move || copy_wallet(&from, &to));
    copying.await.map_err(|error| CliError::new(Code::General, "cannot copy a wallet").because(&error))??;
    let open = |folder, name: &str, side: usize| {
        let link = move |place: u8, peer: GrpcPeer| {
            let is_near = NEXT_DOOR.get(usize::from(place)) == Some(&side);
            Link::new(peer, if is_near { Duration::ZERO } else { FAR }, votes)
        };
        Ok::<_, CliError>(Device::open(folder, name, link)?.of_wallet(&wallet))
    };
    Ok([open(&original, "phone", 0)?, open(&copy, "laptop", 1)?])
}

/// Copies a wallet as people do: all of its folder, while nobody uses it.
fn copy_wallet(from: &Folder, to: &Folder) -> Result<(), CliError> {
    let failed = |error| CliError::new(Code::General, "cannot copy a wallet").because(&error);
    let lock = Lock::take_within(&from.store(), CLOSING).map_err(|error| CliError::telling(Code::Busy, &error))?;
    copy_folder(from.path(), to.path()).map_err(failed)?;
    drop(lock);
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Tells how the validators' first votes are split, when all have voted.
async fn hear_split(
    narrator: &Narrator,
    votes: &FirstVotes,
    copy: &Device,
    height: BlockHeight,
) -> Result<(), CliError> {
    let sides = || votes.sides(copy.chain, height);
    let all_voted = || async { Ok(sides().iter().map(Vec::len).sum::<usize>() == NEXT_DOOR.len()) };
    until("the first votes of all validators", all_voted).await?;
    narrator.stage.show(DemoEvent::Split { wallet: copy.wallet.clone(), height, sides: sides() });
    Ok(())
}

/// Both copies have both payments, in the same two blocks.
async fn check_agreement(phone: &Device, laptop: &Device, height: BlockHeight) -> Result<(), CliError> {
    let lost = || CliError::new(Code::General, "the chain has no heights left");
    let second = height.next().ok_or_else(lost)?;
    let next = second.next().ok_or_else(lost)?;
    for copy in [phone, laptop] {
        copy.catches_up(next).await?;
    }
    for height in [height, second] {
        let (here, there) = (phone.block(height).await?, laptop.block(height).await?);
        if here.is_none() || here.map(|block| block.block) != there.map(|block| block.block) {
            return Err(CliError::new(Code::General, format_args!("the two copies disagree at height {height}")));
        }
    }
    Ok(())
}
