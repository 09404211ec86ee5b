//! Writes the body of a function again, with fuel, the depth of calls and canonical floats.

use super::{Refuse, cost, refusal};
use super::{
    floats::{self, Float},
    pieces::{Piece, Study, is_bulk},
    rewrite::Shift,
};
use myceline_execution::engine::InvalidModule;
use wasm_encoder::{BlockType, Function, InstructionSink, ValType, reencode::Reencode};
use wasmparser::{FunctionBody, Operator};

/// What a function call takes of the stack besides its values: return address, saved registers, alignment.
const FRAME_BYTES: u64 = 64;
/// A local or operand.
const VALUE_BYTES: u64 = 8;

/// Where the rewritten module keeps what the pass adds.
#[derive(Clone, Copy, Debug)]
pub struct Added {
    /// The global with what is left of the fuel.
    pub fuel: u32,
    /// The global with what is left of the stack.
    pub room: u32,
    /// The imported function that gets more fuel.
    pub hungry: u32,
}

/// Locals of a function that the pass adds.
#[derive(Clone, Copy, Default, Debug)]
struct Scratch {
    left: u32,
    many: u32,
    grown: u32,
    single: u32,
    double: u32,
}

/// Writes a body. `result` is the type of a block with the results of the function.
pub fn write(
    body: &FunctionBody<'_>,
    study: &Study,
    added: Added,
    result: BlockType,
    shift: &mut Shift,
) -> Result<Function, InvalidModule> {
    let (function, scratch) = with_locals(body, study, shift)?;
    let mut writer = Writer { function, added, scratch, depth: 0, study };
    writer.enter(result);
    writer.piece(None);
    let mut reader = body.get_operators_reader().refuse()?;
    let mut index = 0;
    while !reader.eof() {
        let operator = reader.read().refuse()?;
        writer.operator(operator, shift)?;
        writer.piece(Some(index));
        index += 1;
    }
    writer.leave();
    Ok(writer.function)
}

/// A function with the locals of a body and those of the pass.
fn with_locals(
    body: &FunctionBody<'_>,
    study: &Study,
    shift: &mut Shift,
) -> Result<(Function, Scratch), InvalidModule> {
    let mut groups = Vec::new();
    for group in body.get_locals_reader().refuse()? {
        let (count, ty) = group.refuse()?;
        groups.push((count, shift.val_type(ty).map_err(|error| refusal(error.to_string()))?));
    }
    let mut next = study.locals;
    let mut add = |count: u32, ty: ValType, wanted: bool| {
        let first = next;
        if wanted {
            groups.push((count, ty));
            next += count;
        }
        first
    };
    let left = add(1, ValType::I64, true);
    let many = add(2, ValType::I32, study.uses_bulk);
    let single = add(1, ValType::F32, study.uses_single);
    let double = add(1, ValType::F64, study.uses_double);
    Ok((Function::new(groups), Scratch { left, many, grown: many + 1, single, double }))
}

/// What a call takes of the room for the stack, in bytes: an upper bound, within a factor, of what engines take for it.
fn frame(study: &Study) -> i32 {
    let values = u64::from(study.locals) + u64::from(study.operands);
    // A compiler may keep the result of any instruction for later.
    let bytes = FRAME_BYTES + values * VALUE_BYTES + study.operators;
    i32::try_from(bytes).unwrap_or(i32::MAX)
}

struct Writer<'a> {
    function: Function,
    added: Added,
    scratch: Scratch,
    /// Blocks that are open.
    depth: u32,
    study: &'a Study,
}

impl Writer<'_> {
    fn sink(&mut self) -> InstructionSink<'_> {
        self.function.instructions()
    }

    /// Takes room on the stack, and traps with a negative number in its place if there is too little. A function that calls nothing
    /// gives nothing back, because it takes nothing; others have their body in a block, so that all ways out lead to its end.
    fn enter(&mut self, result: BlockType) {
        let (room, frame, calls) = (self.added.room, frame(self.study), self.study.calls);
        self.sink().global_get(room).i32_const(frame).i32_lt_s().if_(BlockType::Empty);
        self.sink().i32_const(-1).global_set(room).unreachable().end();
        if calls {
            self.sink().global_get(room).i32_const(frame).i32_sub().global_set(room);
            self.sink().block(result);
        }
    }

    /// Gives the room back.
    fn leave(&mut self) {
        let (room, frame) = (self.added.room, frame(self.study));
        if self.study.calls {
            self.sink().global_get(room).i32_const(frame).i32_add().global_set(room).end();
        }
    }

    /// Pays for the piece that begins after an instruction.
    fn piece(&mut self, after: Option<usize>) {
        let pieces = &self.study.pieces;
        let Ok(found) = pieces.binary_search_by_key(&after, |piece| piece.after) else { return };
        let Piece { cost, asks, .. } = pieces[found];
        if cost == 0 {
            return;
        }
        let (fuel, cost) = (self.added.fuel, i64::try_from(cost).unwrap_or(i64::MAX));
        self.sink().global_get(fuel).i64_const(cost).i64_sub();
        self.paid(asks);
    }

    /// Stores what is left of the fuel, and asks for more if that is less than nothing.
    fn paid(&mut self, asks: bool) {
        let (Added { fuel, hungry, .. }, left) = (self.added, self.scratch.left);
        if asks {
            self.sink().local_tee(left).global_set(fuel);
            self.sink().local_get(left).i64_const(0).i64_lt_s().if_(BlockType::Empty).call(hungry).end();
        } else {
            self.sink().global_set(fuel);
        }
    }

    fn operator(&mut self, operator: Operator<'_>, shift: &mut Shift) -> Result<(), InvalidModule> {
        match operator {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => self.depth += 1,
            Operator::End => self.depth = self.depth.saturating_sub(1),
            Operator::Return if self.study.calls => {
                let depth = self.depth;
                self.sink().br(depth);
                return Ok(());
            }
            _ => {}
        }
        let (float, bulk, grows) = (floats::kind(&operator), is_bulk(&operator), as_memory_grow(&operator));
        if bulk && !grows {
            self.pay_for_bulk();
        } else if grows {
            let many = self.scratch.many;
            self.sink().local_tee(many);
        }
        let instruction = shift.instruction(operator).map_err(|error| refusal(error.to_string()))?;
        self.function.instruction(&instruction);
        if grows {
            self.pay_for_pages();
        }
        let Scratch { single, double, .. } = self.scratch;
        match float {
            Some(Float::Single) => floats::canonicalize(&mut self.sink(), Float::Single, single),
            Some(Float::Double) => floats::canonicalize(&mut self.sink(), Float::Double, double),
            None => {}
        }
        Ok(())
    }

    /// Pays for what the number on top of the stack says before it is done, and leaves the number there.
    fn pay_for_bulk(&mut self) {
        let (many, fuel) = (self.scratch.many, self.added.fuel);
        self.sink().local_set(many).global_get(fuel);
        self.sink().local_get(many).i64_extend_i32_u().i64_const(cost::EIGHT_BYTES_SHIFT.into()).i64_shr_u().i64_sub();
        self.paid(true);
        self.sink().local_get(many);
    }

    /// Pays for the pages that were added; nothing if there were none. Their number is in a local, the result on the stack.
    fn pay_for_pages(&mut self) {
        let (Scratch { many, grown, .. }, fuel) = (self.scratch, self.added.fuel);
        self.sink().local_set(grown).global_get(fuel);
        self.sink().local_get(many).i64_extend_i32_u().i64_const(cost::PAGE).i64_mul();
        self.sink().local_get(grown).i32_const(-1).i32_ne().i64_extend_i32_u().i64_mul().i64_sub();
        self.paid(true);
        self.sink().local_get(grown);
    }
}

fn as_memory_grow(operator: &Operator<'_>) -> bool {
    matches!(operator, Operator::MemoryGrow { .. })
}
