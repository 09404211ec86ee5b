//! Writes the body of a function again, with fuel, the depth of calls and canonical floats. What needs no change is copied.

use super::{
    Refuse, cost, floats,
    pieces::{Change, Piece, Study, What},
    refusal,
    rewrite::Shift,
};
use myceline_execution::engine::InvalidModule;
use wasm_encoder::{BlockType, Function, InstructionSink, ValType, reencode::Reencode};
use wasmparser::FunctionBody;

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
    let code = Code { bytes: body.as_bytes(), start: body.range().start };
    let mut writer = Writer { function, added, scratch, study, shift, code, at: code.start };
    writer.enter(result);
    writer.all();
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

/// The body as it is read.
#[derive(Clone, Copy)]
struct Code<'a> {
    bytes: &'a [u8],
    /// Where it stands in the module.
    start: usize,
}

struct Writer<'a> {
    function: Function,
    added: Added,
    scratch: Scratch,
    study: &'a Study,
    shift: &'a Shift,
    code: Code<'a>,
    /// What stands before this is written.
    at: usize,
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

    /// Writes all instructions, pieces and changes in the order of their places. A change ends where a piece may begin.
    fn all(&mut self) {
        let study = self.study;
        // What stands before the first piece declares locals.
        self.at = study.pieces.first().map_or(self.at, |piece| piece.at);
        let mut changes = study.changes.iter().peekable();
        for piece in &study.pieces {
            while let Some(change) = changes.next_if(|change| change.at < piece.at) {
                self.change(change);
            }
            self.copy(piece.at);
            self.piece(piece);
        }
        changes.for_each(|change| self.change(change));
        self.copy(self.code.start + self.code.bytes.len());
    }

    /// Copies what needs no change, up to a place.
    fn copy(&mut self, to: usize) {
        let bytes = self.code.bytes.get(self.at - self.code.start..to - self.code.start).unwrap_or_default();
        self.function.raw(bytes.iter().copied());
        self.at = to;
    }

    /// Pays for a piece.
    fn piece(&mut self, piece: &Piece) {
        if piece.cost == 0 {
            return;
        }
        let (fuel, cost) = (self.added.fuel, i64::try_from(piece.cost).unwrap_or(i64::MAX));
        self.sink().global_get(fuel).i64_const(cost).i64_sub();
        self.paid(piece.asks);
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

    /// Writes an instruction that is written differently.
    fn change(&mut self, change: &Change) {
        self.copy(change.at);
        let Scratch { many, single, double, .. } = self.scratch;
        match change.what {
            What::Call(function) => {
                let function = self.shift.function(function);
                self.sink().call(function);
                self.at = change.end;
            }
            What::Reference(function) => {
                let function = self.shift.function(function);
                self.sink().ref_func(function);
                self.at = change.end;
            }
            What::Return(depth) if self.study.calls => {
                self.sink().br(depth);
                self.at = change.end;
            }
            What::Return(_) => {}
            What::Bulk => self.pay_for_bulk(),
            What::Grow => {
                self.sink().local_tee(many);
                self.copy(change.end);
                self.pay_for_pages();
            }
            What::Float(float) => {
                self.copy(change.end);
                let scratch = if float == floats::Float::Single { single } else { double };
                floats::canonicalize(&mut self.sink(), float, scratch);
            }
        }
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
