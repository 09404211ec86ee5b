//! Newcomers at a faucet whose chain is made up: what each of them gets, and what it takes.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it should be")]

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, join_all},
};
use myceline_faucet::{Book, ClaimError, Faucet, GiveError, Giver, Settings};
use myceline_types::{ChainId, Hash, Owner};
use std::sync::{Arc, Mutex};

/// A chain that opens at most so many in a block, until so many are given in all.
#[derive(Clone)]
struct Chain {
    together: usize,
    left: Arc<Mutex<usize>>,
    blocks: Arc<Mutex<Vec<usize>>>,
    book: Arc<Mutex<Book>>,
    /// How many of the next blocks become final without anybody being told.
    silent: Arc<Mutex<usize>>,
}

impl Giver for Chain {
    fn give<'a>(&'a self, owners: &'a [Owner]) -> BoxFuture<'a, Result<Vec<ChainId>, GiveError>> {
        async {
            tokio::task::yield_now().await;
            if owners.len() > self.together {
                return Err(GiveError::TooMany);
            }
            let mut left = self.left.lock().unwrap();
            *left = left.checked_sub(owners.len()).ok_or(GiveError::Empty)?;
            self.blocks.lock().unwrap().push(owners.len());
            owners.iter().for_each(|owner| self.book.lock().unwrap().note(*owner, chain_of(owner)));
            let mut silent = self.silent.lock().unwrap();
            if *silent > 0 {
                *silent -= 1;
                return Err(GiveError::Failed("too few validators answered".into()));
            }
            Ok(owners.iter().map(chain_of).collect())
        }
        .boxed()
    }

    fn recall(&self) -> BoxFuture<'_, Result<Book, GiveError>> {
        let book = self.book.lock().unwrap().clone();
        async { Ok(book) }.boxed()
    }
}

fn chain(together: usize, left: usize) -> Chain {
    Chain {
        together,
        left: Arc::new(Mutex::new(left)),
        blocks: Arc::default(),
        book: Arc::default(),
        silent: Arc::default(),
    }
}

fn chain_of(owner: &Owner) -> ChainId {
    ChainId(Hash::of_value("chain of", owner))
}

fn owner(number: u8) -> Owner {
    Owner::Ethereum([number; 20])
}

async fn open(chain: &Chain, per_minute: u32) -> Faucet {
    Faucet::open(chain.clone(), Settings { per_minute }).await.unwrap()
}

#[tokio::test]
async fn many_at_once_share_blocks_and_each_gets_one_chain() {
    let chain = chain(100, 1_000);
    let faucet = open(&chain, 1_000).await;
    let claims = join_all((0..=199).map(|number| faucet.claim(owner(number)))).await;
    for (number, claimed) in (0..=199).zip(claims) {
        assert_eq!(claimed, Ok(chain_of(&owner(number))));
    }
    assert!(chain.blocks.lock().unwrap().len() <= 3, "{:?}", chain.blocks);
    assert_eq!(faucet.given(), 200);
}

#[tokio::test]
async fn who_asks_again_gets_the_same_chain_and_spends_no_budget() {
    let chain = chain(100, 1_000);
    let faucet = open(&chain, 2).await;
    let (first, second) = tokio::join!(faucet.claim(owner(1)), faucet.claim(owner(1)));
    assert_eq!((&first, &second), (&Ok(chain_of(&owner(1))), &first));
    assert_eq!(faucet.claim(owner(1)).await, first);
    assert_eq!(faucet.claim(owner(2)).await, Ok(chain_of(&owner(2))));
    assert!(matches!(faucet.claim(owner(3)).await, Err(ClaimError::TooFast { .. })));
    assert_eq!(faucet.claim(owner(1)).await, first, "who has a chain is answered all the same");
    assert_eq!(*chain.blocks.lock().unwrap(), [1, 1]);
}

#[tokio::test]
async fn a_block_that_takes_fewer_gets_fewer() {
    let chain = chain(7, 1_000);
    let claims = open(&chain, 1_000).await;
    let claimed = join_all((0..60).map(|number| claims.claim(owner(number)))).await;
    assert!(claimed.iter().all(Result::is_ok), "{claimed:?}");
    assert_eq!(chain.blocks.lock().unwrap().iter().sum::<usize>(), 60);
}

#[tokio::test]
async fn an_empty_faucet_says_so_and_gives_when_it_is_filled() {
    let chain = chain(100, 1);
    let faucet = open(&chain, 2).await;
    assert!(faucet.claim(owner(1)).await.is_ok());
    assert_eq!(faucet.claim(owner(2)).await, Err(ClaimError::Give(GiveError::Empty)));
    *chain.left.lock().unwrap() = 1;
    assert!(faucet.claim(owner(2)).await.is_ok(), "what was not given was not counted");
}

#[tokio::test]
async fn who_goes_away_has_a_chain_all_the_same() {
    let chain = chain(100, 10);
    let faucet = open(&chain, 10).await;
    assert_eq!(faucet.claim(owner(1)).now_or_never(), None, "a block takes a while");
    while faucet.chain_of(&owner(1)).is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(faucet.claim(owner(1)).await, Ok(chain_of(&owner(1))));
    assert_eq!(*chain.blocks.lock().unwrap(), [1]);
}

#[tokio::test]
async fn a_block_that_became_final_unheard_gives_nobody_a_second_chain() {
    let chain = chain(100, 10);
    let faucet = open(&chain, 10).await;
    *chain.silent.lock().unwrap() = 1;
    assert!(matches!(faucet.claim(owner(1)).await, Err(ClaimError::Give(GiveError::Failed(_)))));
    let (again, other) = tokio::join!(faucet.claim(owner(1)), faucet.claim(owner(2)));
    assert_eq!((again, other), (Ok(chain_of(&owner(1))), Ok(chain_of(&owner(2)))));
    assert_eq!(*chain.blocks.lock().unwrap(), [1, 1]);
}

#[tokio::test]
async fn a_faucet_that_starts_again_knows_whom_it_gave_to() {
    let chain = chain(100, 10);
    let given = open(&chain, 10).await.claim(owner(1)).await;
    let faucet = open(&chain, 0).await;
    assert_eq!((faucet.given(), faucet.claim(owner(1)).await), (1, given));
    assert!(faucet.claim(owner(2)).await.is_err());
}
