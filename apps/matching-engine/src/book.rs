//! The order book: the best price first, and of one price the oldest order first. It knows numbers only and moves no tokens.

use async_graphql::{Enum, SimpleObject};
use myceline_sdk::{
    Describe, Log, Map, Register, Set, State,
    types::{Account, Amount},
};
use serde::{Deserialize, Serialize};

/// Which side of the book.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, Enum)]
pub enum Side {
    /// Wants the base token.
    Buy,
    /// Has the base token.
    Sell,
}

/// An order, or what is left of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, SimpleObject)]
pub struct Order {
    /// Its number.
    pub id: u64,
    /// Where what it brings goes.
    pub home: Account,
    /// Whether it buys or sells.
    pub side: Side,
    /// The worst price.
    pub price: u64,
    /// What is left to buy or to sell.
    pub left: Amount,
}

/// Two orders met.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, SimpleObject)]
pub struct Trade {
    /// At which price.
    pub price: u64,
    /// How much of the base token.
    pub quantity: Amount,
    /// Where the base token goes.
    pub buyer: Account,
    /// Where what is paid goes.
    pub seller: Account,
    /// What the buyer had set aside for a worse price.
    pub saved: Amount,
}

/// The book of one market.
#[derive(Debug, State)]
pub struct Book {
    /// Orders by their numbers.
    pub orders: Map<u64, Order>,
    /// Those that buy, by how far their price is below the highest that there can be.
    bids: Set<(u64, u64)>,
    /// Those that sell, by price.
    asks: Set<(u64, u64)>,
    /// All trades so far.
    pub trades: Log<Trade>,
    next: Register<u64>,
}

impl Side {
    fn other(self) -> Side {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }
}

impl Order {
    /// What it has set aside: of the quote token if it buys, of the base token if it sells.
    pub fn reserved(&self) -> Amount {
        match self.side {
            Side::Buy => cost(self.left, self.price),
            Side::Sell => self.left,
        }
    }

    fn rank(&self) -> (u64, u64) {
        match self.side {
            Side::Buy => (u64::MAX - self.price, self.id),
            Side::Sell => (self.price, self.id),
        }
    }

    fn meets(&self, other: &Order) -> bool {
        match self.side {
            Side::Buy => other.price <= self.price,
            Side::Sell => other.price >= self.price,
        }
    }
}

impl Book {
    /// Takes an order in. Gives the trades that come of it at once; what is left of it waits.
    pub fn submit(&mut self, home: Account, side: Side, price: u64, quantity: Amount) -> Vec<Trade> {
        let id = self.next.update(|next| std::mem::replace(next, *next + 1));
        let mut order = Order { id, home, side, price, left: quantity };
        let mut trades = Vec::new();
        while !order.left.is_zero()
            && let Some(best) = self.best(side.other()).filter(|best| order.meets(best))
        {
            trades.push(self.trade(&mut order, best));
        }
        if !order.left.is_zero() {
            self.side(side).insert(&order.rank());
            self.orders.insert(&id, order);
        }
        for trade in &trades {
            self.trades.push(trade.clone());
        }
        trades
    }

    /// Takes an order out.
    pub fn remove(&mut self, id: u64) -> Option<Order> {
        let order = self.orders.get(&id)?;
        self.orders.remove(&id);
        self.side(order.side).remove(&order.rank());
        Some(order)
    }

    /// The orders of a side, the best first.
    pub fn ranked(&self, side: Side) -> impl Iterator<Item = Order> {
        let ranks = match side {
            Side::Buy => &self.bids,
            Side::Sell => &self.asks,
        };
        ranks.iter().map(|(_, id)| self.orders.get(&id).expect("what is ranked is there"))
    }

    /// The order that waits has set the price.
    fn trade(&mut self, order: &mut Order, waiting: Order) -> Trade {
        let quantity = order.left.min(waiting.left);
        order.left = order.left.saturating_sub(quantity);
        let rest = Order { left: waiting.left.saturating_sub(quantity), ..waiting.clone() };
        self.remove(waiting.id);
        if !rest.left.is_zero() {
            self.side(rest.side).insert(&rest.rank());
            self.orders.insert(&rest.id.clone(), rest);
        }
        let price = waiting.price;
        match order.side {
            Side::Buy => {
                let saved = cost(quantity, order.price - price);
                Trade { price, quantity, buyer: order.home, seller: waiting.home, saved }
            }
            Side::Sell => Trade { price, quantity, buyer: waiting.home, seller: order.home, saved: Amount::ZERO },
        }
    }

    fn best(&self, side: Side) -> Option<Order> {
        self.ranked(side).next()
    }

    fn side(&mut self, side: Side) -> &mut Set<(u64, u64)> {
        match side {
            Side::Buy => &mut self.bids,
            Side::Sell => &mut self.asks,
        }
    }
}

/// What a quantity costs at a price.
pub fn cost(quantity: Amount, price: u64) -> Amount {
    quantity.checked_mul(price).expect("an order is for less than can be counted")
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::{
        mock::Mock,
        types::{ChainId, Hash, Holder, Owner},
    };

    fn home(person: u8) -> Account {
        Account { chain: ChainId(Hash([person; 32])), holder: Holder::Owner(Owner::Ed25519([person; 32])) }
    }

    fn traded(trades: &[Trade]) -> Vec<(u64, u128, u128)> {
        trades.iter().map(|trade| (trade.price, trade.quantity.0, trade.saved.0)).collect()
    }

    #[test]
    fn the_best_price_comes_first_then_the_oldest() {
        let mock = Mock::new();
        let mut book = Book::load(mock.storage());
        assert_eq!(book.submit(home(1), Side::Sell, 12, Amount(5)), []);
        assert_eq!(book.submit(home(2), Side::Sell, 10, Amount(5)), []);
        assert_eq!(book.submit(home(3), Side::Sell, 10, Amount(5)), []);
        let trades = book.submit(home(4), Side::Buy, 11, Amount(8));
        assert_eq!(traded(&trades), [(10, 5, 5), (10, 3, 3)]);
        assert_eq!([trades[0].seller, trades[1].seller], [home(2), home(3)]);
        let left: Vec<_> = book.ranked(Side::Sell).map(|order| (order.price, order.left.0)).collect();
        assert_eq!(left, [(10, 2), (12, 5)]);
    }

    #[test]
    fn what_is_left_waits_and_sets_the_price() {
        let mock = Mock::new();
        let mut book = Book::load(mock.storage());
        book.submit(home(1), Side::Buy, 20, Amount(4));
        book.submit(home(2), Side::Buy, 21, Amount(4));
        let trades = book.submit(home(3), Side::Sell, 15, Amount(6));
        assert_eq!(traded(&trades), [(21, 4, 0), (20, 2, 0)]);
        let bid = book.ranked(Side::Buy).next().unwrap();
        assert_eq!((bid.left, bid.reserved()), (Amount(2), Amount(40)));
        assert_eq!(book.remove(bid.id), Some(bid.clone()));
        assert_eq!(book.remove(bid.id), None);
        assert_eq!(book.ranked(Side::Buy).count(), 0);
    }
}
