//! Columns that line up, for people.

use super::style;
use console::{Alignment, measure_text_width, pad_str};
use std::fmt;

/// Between two columns.
const GAP: &str = "  ";

/// A column.
#[derive(Debug, Clone, Copy)]
pub enum Column {
    /// Words begin at the left.
    Left(&'static str),
    /// Numbers end at the right.
    Right(&'static str),
}

/// Rows under a headline.
#[derive(Debug, Clone)]
pub struct Table<const N: usize> {
    columns: [Column; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// No rows yet.
    pub fn new(columns: [Column; N]) -> Table<N> {
        Table { columns, rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }

    fn width(&self, index: usize) -> usize {
        let cells = self.rows.iter().map(|row| measure_text_width(&row[index]));
        cells.fold(measure_text_width(self.columns[index].title()), usize::max)
    }

    fn line(&self, cell: impl Fn(usize) -> String) -> String {
        let padded =
            |index: usize| pad_str(&cell(index), self.width(index), self.columns[index].alignment(), None).into_owned();
        let cells: Vec<String> = (0..N).map(padded).collect();
        cells.join(GAP).trim_end().into()
    }
}

impl Column {
    fn title(&self) -> &'static str {
        match self {
            Column::Left(title) | Column::Right(title) => title,
        }
    }

    fn alignment(&self) -> Alignment {
        match self {
            Column::Left(_) => Alignment::Left,
            Column::Right(_) => Alignment::Right,
        }
    }
}

impl<const N: usize> fmt::Display for Table<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&style::dim(self.line(|index| self.columns[index].title().into())))?;
        self.rows.iter().try_for_each(|row| write!(f, "\n{}", self.line(|index| row[index].clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn columns_line_up_whatever_is_in_them() {
        let mut table = Table::new([Column::Left("chain"), Column::Right("balance"), Column::Left("owner")]);
        table.row(["añn".into(), "1'000.5".into(), style::good("ed25519:12…")]);
        table.row(["the shop".into(), "7".into(), String::new()]);
        let plain = anstream::adapter::strip_str(&table.to_string()).to_string();
        expect![[r#"
            chain     balance  owner
            añn       1'000.5  ed25519:12…
            the shop        7"#]]
        .assert_eq(&plain);
    }
}
