//! How large the parts of a module may be, whatever the policy says.
//!
//! They keep the time to check and compile a module in proportion to its size, and stay below the limits of both
//! engines. Code that today's Rust makes, unoptimised included, stays far below them.

/// Bytes of a module. A policy is stricter as a rule; this holds where none is asked.
pub const MODULE_BYTES_MAX: usize = 16 << 20;
/// Function types.
pub const TYPES_MAX: u32 = 4_096;
/// Parameters of a function, and of a block.
pub const PARAMETERS_MAX: usize = 128;
/// Results of a function, and of a block.
pub const RESULTS_MAX: usize = 16;
/// Imported functions.
pub const IMPORTS_MAX: u32 = 16;
/// Functions.
pub const FUNCTIONS_MAX: u32 = 32_768;
/// Bytes of the body of a function: the time to compile one may grow faster than its size.
pub const BODY_BYTES_MAX: usize = 1 << 19;
/// Locals of a function, its parameters included.
pub const LOCALS_MAX: u32 = 8_192;
/// Blocks inside blocks.
pub const NESTING_MAX: u32 = 4_096;
/// Values on the operand stack of a function.
pub const OPERANDS_MAX: u32 = 8_192;
/// Global variables.
pub const GLOBALS_MAX: u32 = 4_096;
/// Tables.
pub const TABLES_MAX: u32 = 8;
/// Elements of a table, which it may not grow beyond.
pub const TABLE_ELEMENTS_MAX: u32 = 32_768;
/// Segments of elements.
pub const ELEMENT_SEGMENTS_MAX: u32 = 4_096;
/// Segments of data.
pub const DATA_SEGMENTS_MAX: u32 = 16_384;
/// Exports.
pub const EXPORTS_MAX: u32 = 4_096;
/// Bytes of the name of an import or export.
pub const NAME_BYTES_MAX: usize = 1_024;

/// What the frames of a guest's nested calls may take, in bytes as [`check`](crate::check)'s pass counts them. The machine's own stack is
/// much larger, so that no engine comes to its end first.
pub const STACK_BYTES: i32 = 1 << 20;

/// Compiled modules that an engine keeps. Those that were not used for the longest time go first.
pub const MODULES_KEPT_MAX: usize = 256;
/// Guests that Wasmtime holds at once: every one that waits in a call of another, for more fuel or for an answer.
pub const GUESTS_MAX: u32 = 1_000;
/// Modules that were checked and that nobody has called yet: those of blocks which are about to be made. They are apart from the
/// others, so that publishing many does not drive out what is in use.
pub const MODULES_CHECKED_MAX: usize = 16;
/// Modules that wait for the compiler. When there are more, they are asked for again by their next guests.
pub const COMPILATIONS_MAX: usize = 64;
/// Bytes of rewritten code that are compiled; more is left to the interpreter, because nothing else is compiled meanwhile.
pub const COMPILED_BYTES_MAX: usize = 16 << 20;
/// What an interpreted guest may have been told for it to be moved to compiled code, in bytes: it is told again there.
pub const TOLD_BYTES_MAX: usize = 1 << 20;
/// How often, likewise.
pub const TOLD_TIMES_MAX: usize = 16_384;
