//! `myceline bench app-transfers`: many chains send tokens of an application on Wasm to each other, the fungible of the
//! examples. The same pattern as `bench transfers`, so that the two say what a contract costs.

use super::{
    application::{Application, Wanted},
    lanes::{Load, Work, drive},
    purse::Purse,
    recheck::{each, wrong},
    run::{Check, Common, Outcome, Scenario, Scene},
};
use crate::{CliError, Context};
use myceline_types::{Account, Amount, ChainId, Holder, Transaction};
use serde_json::{Value, json};
use std::sync::Arc;

/// What each chain has of the token before the load.
const FUNDS: Amount = Amount::from_tokens(10);
/// What is sent each time.
const PAYMENT: Amount = Amount(1_000_000_000);
/// Transfers in each block that hands out the tokens.
const HANDED_OUT_TOGETHER: usize = 100;
/// The lane of the requests that hand out the tokens.
const LANE: u32 = u32::MAX - 2;

/// Send tokens of an application on Wasm from many chains at once
#[derive(Debug, clap::Args)]
pub struct AppTransfers {
    /// Chains that send
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = super::chains())]
    chains: u32,
    /// Transfers in each block
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::transactions())]
    transactions_per_block: u32,
    #[command(flatten)]
    common: Common,
}

impl AppTransfers {
    /// Runs it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let (chains, transactions) = (super::as_usize(self.chains), super::as_usize(self.transactions_per_block));
        let scenario = Scenario { name: "app-transfers", chains, transactions };
        self.common.run(&scenario, context, async |scene| {
            let token = Arc::new(Token::issue(scene).await?);
            token.hand_out(scene).await?;
            let lanes = scene.chains.iter().take(chains).map(|chain| vec![*chain]).collect();
            let load = Load { lanes, window: scene.window, work: token.payments(scene, transactions)? };
            let driven = drive(&scene.ground, &scene.client, &scene.purse, load).await?;
            Ok(Outcome { afterwards: Some(token.check()), ..driven.into() })
        })
    }
}

/// The token that is sent.
struct Token {
    application: Application,
    supply: Amount,
}

impl Token {
    /// Creates it on the bank's chain, all of it the bank's.
    async fn issue(scene: &Scene) -> Result<Token, CliError> {
        let chains = u128::try_from(scene.chains.len()).unwrap_or(u128::MAX);
        let supply = Amount(FUNDS.0.saturating_mul(chains));
        let accounts = json!({ "accounts": { scene.ground.banker()?.to_string(): supply.to_string() } });
        let wanted = Wanted {
            example: "fungible",
            project: None,
            parameters: Some(r#"{"ticker": "BENCH"}"#),
            argument: &accounts.to_string(),
        };
        Ok(Token { application: Application::make(scene, wanted).await?, supply })
    }

    /// Gives every chain's owner as much on that chain.
    async fn hand_out(&self, scene: &Scene) -> Result<(), CliError> {
        let (client, bank, banker) = (&scene.client, scene.ground.bank, scene.ground.banker()?.to_string());
        let transfers = scene.chains.iter().enumerate().map(|(lane, chain)| {
            self.transfer(&banker, FUNDS, Account { chain: *chain, holder: holder(&scene.purse, lane) })
        });
        let transfers = transfers.collect::<Result<Vec<_>, _>>()?;
        for (turn, some) in (0..).zip(transfers.chunks(HANDED_OUT_TOGETHER)) {
            let request = scene.purse.request(LANE, turn);
            client.submit(bank, request, some.into(), Vec::new()).await?.finality().await?;
        }
        client.deliver(bank).await?;
        each(&scene.chains, |chain| async move { Ok(client.receive(chain).await?) }).await.map(drop)
    }

    /// So many payments, all to one chain's owner, and with every block to the next one's.
    fn payments(&self, scene: &Scene, count: usize) -> Result<Work, CliError> {
        let accounts: Vec<Account> = scene
            .chains
            .iter()
            .enumerate()
            .map(|(lane, chain)| Account { chain: *chain, holder: holder(&scene.purse, lane) })
            .collect();
        let table = accounts.iter().enumerate().map(|(lane, _)| {
            let owner = scene.purse.owner(lane).owner().to_string();
            let others = accounts.iter().cycle().skip(lane + 1).take(accounts.len() - 1);
            others.map(|to| self.transfer(&owner, PAYMENT, *to)).collect::<Result<Vec<_>, _>>()
        });
        let table = table.collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(move |lane, turn| vec![table[lane][turn % table[lane].len()].clone(); count]))
    }

    fn transfer(&self, owner: &str, amount: Amount, to: Account) -> Result<Transaction, CliError> {
        let words = json!({ "owner": owner, "amount": amount.to_string(), "to": to.to_string() });
        self.application.call(&json!({ "Transfer": words }).to_string())
    }

    /// When everything has been taken in, there is as much of the token as was issued.
    fn check(self: Arc<Token>) -> Check {
        Box::new(move |scene| {
            Box::pin(async move {
                let token = &self;
                let sums = each(&scene.chains, |chain| async move { token.sum_on(scene, chain).await }).await?;
                match Amount::checked_sum(sums) {
                    Some(sum) if sum == token.supply => Ok(()),
                    sum => Err(wrong(format_args!("{} were issued, and there are {sum:?}", token.supply))),
                }
            })
        })
    }

    /// What everybody together has on a chain.
    async fn sum_on(&self, scene: &Scene, chain: ChainId) -> Result<Amount, CliError> {
        let answer = self.application.ask(&scene.client, chain, "{ balances { amount } }").await?;
        let balances = answer["data"]["balances"].as_array().cloned().unwrap_or_default();
        let amounts = balances.iter().map(|balance| balance["amount"].as_str().and_then(|text| text.parse().ok()));
        let sum = amounts.collect::<Option<Vec<Amount>>>().and_then(Amount::checked_sum);
        sum.ok_or_else(|| wrong(format_args!("chain {chain} answers {}", Value::from(balances))))
    }
}

fn holder(purse: &Purse, lane: usize) -> Holder {
    Holder::Owner(purse.owner(lane).owner())
}
