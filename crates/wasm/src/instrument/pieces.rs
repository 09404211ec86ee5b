//! Reads the body of a function: validates it, and cuts it into straight pieces with their costs.
//!
//! A piece begins where control may arrive from elsewhere, or leave. Code after a block that all ways through the block
//! lead to belongs to the piece before it, and what is short is paid for where control may turn towards it. What a piece
//! costs is known before it runs, so it is paid for with one subtraction at its beginning; a piece at the head of a loop,
//! or of the function, asks for more fuel there if there is too little. So between two places that ask, code runs forward
//! only.

use super::{Refuse, cost, floats, refusal};
use crate::limits;
use myceline_execution::engine::InvalidModule;
use wasmparser::{FuncValidator, FunctionBody, Operator, OperatorsReader, ValidatorResources};

/// What a piece may cost more for short pieces that may come after it. Each payment saved is two accesses to memory.
const SHORT_MAX: u64 = 16;

/// A straight piece of code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// The instruction that it comes after; none at the beginning of the function.
    pub after: Option<usize>,
    /// What it costs.
    pub cost: u64,
    /// Whether it asks for fuel.
    pub asks: bool,
}

/// What is known of a body before it is written again.
#[derive(Debug)]
pub struct Study {
    pub pieces: Vec<Piece>,
    /// Instructions.
    pub operators: u64,
    /// Locals, parameters included.
    pub locals: u32,
    /// The greatest height of the operand stack.
    pub operands: u32,
    /// Whether it calls anything.
    pub calls: bool,
    pub uses_single: bool,
    pub uses_double: bool,
    /// Whether something in it costs in proportion to an operand.
    pub uses_bulk: bool,
}

/// A block that is open.
struct Open {
    is_loop: bool,
    /// Whether control arrives at its end from elsewhere.
    joins: bool,
    /// Whether control may leave from inside to somewhere else than its end.
    escapes: bool,
    /// The piece that it begins in.
    before: usize,
}

/// Validates and studies a body. The first `imported` functions are the host's; the function has so many `parameters`.
pub fn study(
    body: &FunctionBody<'_>,
    validator: &mut FuncValidator<ValidatorResources>,
    imported: u32,
    parameters: u32,
) -> Result<Study, InvalidModule> {
    limits_of(body)?;
    let mut reader = body.get_binary_reader();
    validator.read_locals(&mut reader).refuse()?;
    let locals = validator.len_locals();
    at_most("locals of a function", u64::from(locals), limits::LOCALS_MAX.into())?;
    let mut reading = Reading::new(imported, locals, parameters);
    let mut operators = OperatorsReader::new(reader);
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset().refuse()?;
        validator.op(offset, &operator).refuse()?;
        at_most("blocks inside blocks", validator.control_stack_height().into(), limits::NESTING_MAX.into())?;
        at_most("operands of a function", validator.operand_stack_height().into(), limits::OPERANDS_MAX.into())?;
        reading.study.operands = reading.study.operands.max(validator.operand_stack_height());
        reading.step(&operator);
    }
    operators.finish().refuse()?;
    Ok(reading.finish())
}

fn limits_of(body: &FunctionBody<'_>) -> Result<(), InvalidModule> {
    let bytes = body.range().len();
    at_most("bytes of a function", bytes as u64, limits::BODY_BYTES_MAX as u64)?;
    // Checked before the validator would make room for them.
    let mut locals: u64 = 0;
    for group in body.get_locals_reader().refuse()? {
        locals += u64::from(group.refuse()?.0);
        at_most("locals of a function", locals, limits::LOCALS_MAX.into())?;
    }
    Ok(())
}

/// Refuses what is too many.
pub fn at_most(what: &str, many: u64, most: u64) -> Result<(), InvalidModule> {
    if many <= most { Ok(()) } else { Err(refusal(format!("it has {many} {what}, and may have {most}"))) }
}

struct Reading {
    imported: u32,
    open: Vec<Open>,
    /// The piece that is read.
    piece: usize,
    /// For each piece the one that every way to it leads through, where control may turn towards it at the end of that one.
    forks: Vec<Option<usize>>,
    study: Study,
}

impl Reading {
    fn new(imported: u32, locals: u32, parameters: u32) -> Reading {
        let first = Piece { after: None, cost: cost::entry(locals - parameters), asks: true };
        let study = Study {
            pieces: vec![first],
            operators: 0,
            locals,
            operands: 0,
            calls: false,
            uses_single: false,
            uses_double: false,
            uses_bulk: false,
        };
        let body = Open { is_loop: false, joins: false, escapes: false, before: 0 };
        Reading { imported, open: vec![body], piece: 0, forks: vec![None], study }
    }

    fn step(&mut self, operator: &Operator<'_>) {
        self.note(operator);
        self.study.pieces[self.piece].cost += cost::of(operator, self.imported);
        match operator {
            Operator::Block { .. } => self.begin(false, false),
            Operator::Loop { .. } => {
                self.begin(true, false);
                self.cut(true, None);
            }
            Operator::If { .. } => {
                self.begin(false, true);
                self.cut(false, Some(self.piece));
            }
            Operator::Else => self.cut(false, self.open.last().map(|open| open.before)),
            Operator::End => self.end(),
            Operator::Br { relative_depth } => {
                self.branch(*relative_depth);
                self.cut(false, None);
            }
            Operator::BrIf { relative_depth } => {
                self.branch(*relative_depth);
                self.cut(false, Some(self.piece));
            }
            Operator::BrTable { targets } => {
                targets.targets().flatten().chain([targets.default()]).for_each(|depth| self.branch(depth));
                self.cut(false, None);
            }
            // What nobody reaches need not be told from what follows: nobody counts after a trap.
            Operator::Unreachable => self.cut(false, None),
            Operator::Return => {
                self.open.iter_mut().for_each(|open| open.escapes = true);
                self.cut(false, None);
            }
            _ => {}
        }
        self.study.operators += 1;
    }

    fn note(&mut self, operator: &Operator<'_>) {
        let study = &mut self.study;
        study.calls |= matches!(operator, Operator::Call { .. } | Operator::CallIndirect { .. });
        study.uses_bulk |= is_bulk(operator);
        study.uses_single |= floats::kind(operator) == Some(floats::Float::Single);
        study.uses_double |= floats::kind(operator) == Some(floats::Float::Double);
    }

    fn begin(&mut self, is_loop: bool, joins: bool) {
        self.open.push(Open { is_loop, joins, escapes: false, before: self.piece });
    }

    /// Begins a piece after the instruction. At the head of a loop it costs something in any case, or an empty loop were free.
    fn cut(&mut self, asks: bool, fork: Option<usize>) {
        let after = usize::try_from(self.study.operators).ok();
        self.study.pieces.push(Piece { after, cost: u64::from(asks), asks });
        self.forks.push(fork);
        self.piece = self.study.pieces.len() - 1;
    }

    fn branch(&mut self, depth: u32) {
        let from_top = usize::try_from(depth).unwrap_or(usize::MAX);
        let Some(target) = self.open.len().checked_sub(1).and_then(|top| top.checked_sub(from_top)) else { return };
        self.open[target].joins |= !self.open[target].is_loop;
        self.open[target + 1..].iter_mut().for_each(|open| open.escapes = true);
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if !open.escapes {
            self.piece = open.before;
        } else if open.joins || open.is_loop {
            self.cut(false, None);
        }
    }

    /// Pays for short pieces where control turns towards them.
    fn finish(mut self) -> Study {
        let mut paid_by: Vec<usize> = (0..self.forks.len()).collect();
        let mut added = vec![0; self.forks.len()];
        for (piece, fork) in self.forks.iter().enumerate() {
            let Some(payer) = fork.map(|fork| paid_by[fork]) else { continue };
            let cost = self.study.pieces[piece].cost;
            if added[payer] + cost <= SHORT_MAX {
                added[payer] += cost;
                paid_by[piece] = payer;
                self.study.pieces[payer].cost += cost;
                self.study.pieces[piece].cost = 0;
            }
        }
        self.study
    }
}

/// Whether an instruction costs in proportion to the number on top of the stack.
pub fn is_bulk(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::MemoryGrow { .. }
            | O::MemoryCopy { .. }
            | O::MemoryFill { .. }
            | O::MemoryInit { .. }
            | O::TableGrow { .. }
            | O::TableCopy { .. }
            | O::TableFill { .. }
            | O::TableInit { .. }
    )
}
