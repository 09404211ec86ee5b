//! Reads the body of a function: validates it, and cuts it into straight pieces with their costs.
//!
//! A piece begins where control may arrive from elsewhere, or leave. Code after a block that all ways through the block
//! lead to belongs to the piece before it, and what is short is paid for where control may turn towards it. What a piece
//! costs is known before it runs, so it is paid for with one subtraction at its beginning; a piece at the head of a loop,
//! or of the function, asks for more fuel there if there is too little. So between two places that ask, code runs forward
//! only.
//!
//! It also notes the few instructions that are written differently, so that all others can be copied.

use super::{
    Refuse, cost,
    floats::{self, Float},
    refusal,
};
use crate::limits;
use myceline_execution::engine::InvalidModule;
use wasmparser::{FuncValidator, FunctionBody, Operator, OperatorsReader, ValidatorResources};

/// What a piece may cost more for short pieces that may come after it. Each payment saved is two accesses to memory.
const SHORT_MAX: u64 = 16;

/// A straight piece of code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Where it begins, in bytes from the beginning of the module.
    pub at: usize,
    /// What it costs.
    pub cost: u64,
    /// Whether it asks for fuel.
    pub asks: bool,
}

/// An instruction that is written differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// Where it is, in bytes from the beginning of the module.
    pub at: usize,
    /// Where the next one is.
    pub end: usize,
    /// What it is.
    pub what: What,
}

/// What kind of instruction that is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// It calls a function.
    Call(u32),
    /// It refers to a function.
    Reference(u32),
    /// It leaves the function, out of so many blocks.
    Return(u32),
    /// It costs in proportion to the number on top of the stack.
    Bulk,
    /// It adds pages to memory.
    Grow,
    /// It results in a float of any bits.
    Float(Float),
}

/// What is known of a body before it is written again.
#[derive(Debug)]
pub struct Study {
    pub pieces: Vec<Piece>,
    pub changes: Vec<Change>,
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
    let mut operators = OperatorsReader::new(reader);
    let mut reading = Reading::new(imported, locals, parameters, operators.original_position());
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset().refuse()?;
        validator.op(offset, &operator).refuse()?;
        at_most("blocks inside blocks", validator.control_stack_height().into(), limits::NESTING_MAX.into())?;
        at_most("operands of a function", validator.operand_stack_height().into(), limits::OPERANDS_MAX.into())?;
        reading.study.operands = reading.study.operands.max(validator.operand_stack_height());
        reading.change(&operator, offset, operators.original_position());
        reading.step(&operator, operators.original_position());
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
    fn new(imported: u32, locals: u32, parameters: u32, at: usize) -> Reading {
        let first = Piece { at, cost: cost::entry(locals - parameters), asks: true };
        let study = Study {
            pieces: vec![first],
            changes: Vec::new(),
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

    /// Notes what is written differently.
    fn change(&mut self, operator: &Operator<'_>, at: usize, end: usize) {
        let what = match operator {
            Operator::Call { function_index } => What::Call(*function_index),
            Operator::RefFunc { function_index } => What::Reference(*function_index),
            Operator::Return => What::Return(u32::try_from(self.open.len().saturating_sub(1)).unwrap_or(u32::MAX)),
            Operator::MemoryGrow { .. } => What::Grow,
            _ if is_bulk(operator) => What::Bulk,
            _ => match floats::kind(operator) {
                Some(float) => What::Float(float),
                None => return,
            },
        };
        let study = &mut self.study;
        study.uses_bulk |= matches!(what, What::Bulk | What::Grow);
        study.uses_single |= what == What::Float(Float::Single);
        study.uses_double |= what == What::Float(Float::Double);
        study.changes.push(Change { at, end, what });
    }

    /// Goes on to the instruction at `next`.
    fn step(&mut self, operator: &Operator<'_>, next: usize) {
        self.study.calls |= matches!(operator, Operator::Call { .. } | Operator::CallIndirect { .. });
        self.study.operators += 1;
        self.study.pieces[self.piece].cost += cost::of(operator, self.imported);
        match operator {
            Operator::Block { .. } => self.begin(false, false),
            Operator::Loop { .. } => {
                self.begin(true, false);
                self.cut(next, true, None);
            }
            Operator::If { .. } => {
                self.begin(false, true);
                self.cut(next, false, Some(self.piece));
            }
            Operator::Else => self.cut(next, false, self.open.last().map(|open| open.before)),
            Operator::End => self.end(next),
            Operator::Br { relative_depth } => {
                self.branch(*relative_depth);
                self.cut(next, false, None);
            }
            Operator::BrIf { relative_depth } => {
                self.branch(*relative_depth);
                self.cut(next, false, Some(self.piece));
            }
            Operator::BrTable { targets } => {
                targets.targets().flatten().chain([targets.default()]).for_each(|depth| self.branch(depth));
                self.cut(next, false, None);
            }
            // What nobody reaches need not be told from what follows: nobody counts after a trap.
            Operator::Unreachable => self.cut(next, false, None),
            Operator::Return => {
                self.open.iter_mut().for_each(|open| open.escapes = true);
                self.cut(next, false, None);
            }
            _ => {}
        }
    }

    fn begin(&mut self, is_loop: bool, joins: bool) {
        self.open.push(Open { is_loop, joins, escapes: false, before: self.piece });
    }

    /// Begins a piece. At the head of a loop it costs something in any case, or an empty loop were free.
    fn cut(&mut self, at: usize, asks: bool, fork: Option<usize>) {
        self.study.pieces.push(Piece { at, cost: u64::from(asks), asks });
        self.forks.push(fork);
        self.piece = self.study.pieces.len() - 1;
    }

    fn branch(&mut self, depth: u32) {
        let from_top = usize::try_from(depth).unwrap_or(usize::MAX);
        let Some(target) = self.open.len().checked_sub(1).and_then(|top| top.checked_sub(from_top)) else { return };
        self.open[target].joins |= !self.open[target].is_loop;
        self.open[target + 1..].iter_mut().for_each(|open| open.escapes = true);
    }

    fn end(&mut self, next: usize) {
        let Some(open) = self.open.pop() else { return };
        if !open.escapes {
            self.piece = open.before;
        } else if open.joins || open.is_loop {
            self.cut(next, false, None);
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
fn is_bulk(operator: &Operator<'_>) -> bool {
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
