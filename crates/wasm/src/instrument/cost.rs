//! What instructions cost: the schedule of metering version 0. One unit is about one simple instruction.
//!
//! Changing a number changes what blocks cost, on which all validators must agree, and takes a new version.

use wasmparser::Operator;

/// Copying eight bytes, or one element of a table.
pub const EIGHT_BYTES_SHIFT: u32 = 3;
/// A page that memory grows by: the machine zeroes it on first use.
pub const PAGE: i64 = 2_048;
/// A call of a function, its frame set up and taken down.
const CALL: u64 = 6;
/// A call through a table checks bounds and type, too.
const CALL_INDIRECT: u64 = 10;
/// Giving control to the host and getting it back.
const HOST_CALL: u64 = 400;
/// What reaches memory.
const MEMORY: u64 = 2;
/// Division, remainder and square root of integers and floats.
const DIVISION: u64 = 12;
/// Arithmetic on floats, with what makes its results canonical.
const FLOAT: u64 = 5;
/// A jump through a table.
const BRANCH_TABLE: u64 = 4;
/// An operation on many bytes, besides what the bytes cost.
const BULK: u64 = 20;

/// Locals that a function zeroes for one unit.
const LOCALS_PER_UNIT: u64 = 4;

/// Entering a function that has `locals` besides its parameters.
pub fn entry(locals: u32) -> u64 {
    1 + u64::from(locals) / LOCALS_PER_UNIT
}

/// The cost of an instruction, but for what depends on its operands. The first `imported` functions are the host's.
pub fn of(operator: &Operator<'_>, imported: u32) -> u64 {
    use Operator as O;
    match operator {
        O::Nop | O::Block { .. } | O::Else | O::End => 0,
        O::Call { function_index } if *function_index < imported => HOST_CALL,
        O::Call { .. } => CALL,
        O::CallIndirect { .. } => CALL_INDIRECT,
        O::BrTable { .. } => BRANCH_TABLE,
        O::MemoryGrow { .. } | O::MemoryCopy { .. } | O::MemoryFill { .. } | O::MemoryInit { .. } => BULK,
        O::TableGrow { .. } | O::TableCopy { .. } | O::TableFill { .. } | O::TableInit { .. } => BULK,
        O::DataDrop { .. } | O::ElemDrop { .. } => BULK,
        _ if is_memory_access(operator) => MEMORY,
        _ if is_division(operator) => DIVISION,
        _ if super::floats::kind(operator).is_some() => FLOAT,
        _ => 1,
    }
}

fn is_memory_access(operator: &Operator<'_>) -> bool {
    use Operator as O;
    let loads = matches!(
        operator,
        O::I32Load { .. }
            | O::I64Load { .. }
            | O::F32Load { .. }
            | O::F64Load { .. }
            | O::I32Load8S { .. }
            | O::I32Load8U { .. }
            | O::I32Load16S { .. }
            | O::I32Load16U { .. }
            | O::I64Load8S { .. }
            | O::I64Load8U { .. }
            | O::I64Load16S { .. }
            | O::I64Load16U { .. }
            | O::I64Load32S { .. }
            | O::I64Load32U { .. }
            | O::TableGet { .. }
    );
    let stores = matches!(
        operator,
        O::I32Store { .. }
            | O::I64Store { .. }
            | O::F32Store { .. }
            | O::F64Store { .. }
            | O::I32Store8 { .. }
            | O::I32Store16 { .. }
            | O::I64Store8 { .. }
            | O::I64Store16 { .. }
            | O::I64Store32 { .. }
            | O::TableSet { .. }
    );
    loads || stores
}

fn is_division(operator: &Operator<'_>) -> bool {
    use Operator as O;
    let integers = matches!(
        operator,
        O::I32DivS | O::I32DivU | O::I32RemS | O::I32RemU | O::I64DivS | O::I64DivU | O::I64RemS | O::I64RemU
    );
    integers || matches!(operator, O::F32Div | O::F64Div | O::F32Sqrt | O::F64Sqrt)
}
