//! What a module shows to its host: imports, exports, memory, tables.

use super::{MEMORY, Refuse, pieces::at_most, refusal};
use crate::limits;
use myceline_execution::engine::InvalidModule;
use myceline_types::guest::{ASK, Entry, IMPORTS, TAKE};
use wasmparser::{Export, ExternalKind, FuncType, Import, MemoryType, TableType, TypeRef, ValType};

/// The entry points of guests, with or without those that may be left out.
const ENTRIES: [Entry; 7] =
    [Entry::Instantiate, Entry::Operation, Entry::Message, Entry::Streams, Entry::Store, Entry::Query, Entry::Describe];

/// Whether an import is one of those that the host offers, of the right type.
pub fn check_import(import: &Import<'_>, types: &[FuncType]) -> Result<u32, InvalidModule> {
    let name = format!("`{}` of `{}`", short(import.name), short(import.module));
    let TypeRef::Func(index) = import.ty else {
        return Err(refusal(format!("it imports {name}, and may import functions only")));
    };
    let (parameters, results): (&[ValType], &[ValType]) = match (import.module, import.name) {
        (IMPORTS, ASK) => (&[ValType::I32; 3], &[ValType::I32]),
        (IMPORTS, TAKE) => (&[ValType::I32], &[]),
        _ => return Err(refusal(unknown_import(import.module, &name))),
    };
    let is_right = type_at(types, index).is_some_and(|ty| ty.params() == parameters && ty.results() == results);
    if is_right { Ok(index) } else { Err(refusal(format!("it imports {name} with another type than the host offers"))) }
}

fn unknown_import(module: &str, name: &str) -> String {
    let why = match module {
        "wasi_snapshot_preview1" | "wasi_unstable" => {
            ": build for wasm32-unknown-unknown, there is no system below a guest"
        }
        "env" => ": something is declared `extern` and not linked",
        "__wbindgen_placeholder__" | "__wbindgen_externref_xform__" | "wbg" => {
            ": a dependency expects a browser; look for a feature named js, wasm-bindgen or web and leave it out"
        }
        _ => "",
    };
    format!("it imports {name}, which the host does not offer{why}")
}

/// A name as a reason shows it.
fn short(name: &str) -> &str {
    const SHOWN_MAX: usize = 64;
    name.char_indices().nth(SHOWN_MAX).map_or(name, |(end, _)| &name[..end])
}

fn type_at(types: &[FuncType], index: u32) -> Option<&FuncType> {
    types.get(usize::try_from(index).ok()?)
}

/// An export that the host uses; it does not see others.
pub enum Used {
    Memory,
    Entry(Entry),
}

/// Whether the host uses an export, whose type must be right then.
pub fn check_export(export: &Export<'_>, types: &[FuncType], functions: &[u32]) -> Result<Option<Used>, InvalidModule> {
    at_most("bytes in the name of an export", export.name.len() as u64, limits::NAME_BYTES_MAX as u64)?;
    if export.name == MEMORY {
        let is_memory = export.kind == ExternalKind::Memory;
        return is_memory
            .then_some(Some(Used::Memory))
            .ok_or_else(|| refusal("its export `memory` is not a memory".into()));
    }
    let Some(entry) = ENTRIES.into_iter().find(|entry| entry.name() == export.name) else { return Ok(None) };
    let function = (export.kind == ExternalKind::Func).then_some(export.index);
    let declared = function.and_then(|index| functions.get(usize::try_from(index).ok()?));
    let ty = declared.and_then(|index| type_at(types, *index));
    let is_right = ty.is_some_and(|ty| ty.params() == [ValType::I32] && ty.results() == [ValType::I64]);
    let wrong = || refusal(format!("its export `{}` is not a function of the type (i32) -> i64", entry.name()));
    is_right.then_some(Some(Used::Entry(entry))).ok_or_else(wrong)
}

/// The memory with a bound on its growth: its own, or the limit if that is less.
pub fn pin_memory(memory: MemoryType, pages: u32) -> Result<MemoryType, InvalidModule> {
    at_most("pages of memory at the start", memory.initial, pages.into())?;
    let maximum = memory.maximum.unwrap_or(u64::MAX).min(pages.into());
    Ok(MemoryType { maximum: Some(maximum), ..memory })
}

/// A table with a bound on its growth.
pub fn pin_table(table: TableType) -> Result<TableType, InvalidModule> {
    let most = u64::from(limits::TABLE_ELEMENTS_MAX);
    at_most("elements of a table", table.initial, most)?;
    Ok(TableType { maximum: Some(table.maximum.unwrap_or(u64::MAX).min(most)), ..table })
}

/// Whether a function type, or that of a block, is of a size that engines handle.
pub fn check_type(ty: &FuncType) -> Result<(), InvalidModule> {
    at_most("parameters of a function", ty.params().len() as u64, limits::PARAMETERS_MAX as u64)?;
    at_most("results of a function", ty.results().len() as u64, limits::RESULTS_MAX as u64)
}

/// Where a constant expression of the kind that places segments points.
pub fn place(expression: &wasmparser::ConstExpr<'_>) -> Result<u64, InvalidModule> {
    let mut reader = expression.get_operators_reader();
    match reader.read().refuse()? {
        #[expect(clippy::cast_sign_loss, reason = "an address is unsigned, the instruction is not")]
        wasmparser::Operator::I32Const { value } => Ok(u64::from(value as u32)),
        _ => Err(refusal("a segment of it has no constant address".into())),
    }
}
