//! Which instructions may make a NaN whose bits Wasm leaves open.

use wasm_encoder::InstructionSink;
use wasmparser::Operator;

/// The type of a float.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Float {
    Single,
    Double,
}

/// The type of the result of an instruction that may make a NaN of any bits. Negation, copies of signs, loads and
/// reinterpretation are not among them: Wasm says what their bits are.
pub fn kind(operator: &Operator<'_>) -> Option<Float> {
    use Operator as O;
    match operator {
        O::F32Add
        | O::F32Sub
        | O::F32Mul
        | O::F32Div
        | O::F32Min
        | O::F32Max
        | O::F32Sqrt
        | O::F32Ceil
        | O::F32Floor
        | O::F32Trunc
        | O::F32Nearest
        | O::F32DemoteF64 => Some(Float::Single),
        O::F64Add
        | O::F64Sub
        | O::F64Mul
        | O::F64Div
        | O::F64Min
        | O::F64Max
        | O::F64Sqrt
        | O::F64Ceil
        | O::F64Floor
        | O::F64Trunc
        | O::F64Nearest
        | O::F64PromoteF32 => Some(Float::Double),
        _ => None,
    }
}

/// Replaces the float on top of the stack by the canonical NaN if it is one; `scratch` is a local of its type.
pub fn canonicalize(sink: &mut InstructionSink<'_>, float: Float, scratch: u32) {
    sink.local_tee(scratch);
    match float {
        Float::Single => sink.f32_const(f32::from_bits(0x7fc0_0000).into()),
        Float::Double => sink.f64_const(f64::from_bits(0x7ff8_0000_0000_0000).into()),
    };
    sink.local_get(scratch).local_get(scratch);
    match float {
        Float::Single => sink.f32_eq(),
        Float::Double => sink.f64_eq(),
    };
    sink.select();
}
