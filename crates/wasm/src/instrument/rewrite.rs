//! Reads a module section by section, and writes it again with what the pass adds.

use super::{
    ADDED_IMPORTS, FUEL, HUNGRY, ROOM, Refuse,
    body::{self, Added},
    pieces::{self, at_most},
    refusal,
    surface::{self, Used},
};
use crate::limits;
use myceline_execution::engine::InvalidModule;
use myceline_types::guest::Entry;
use std::{collections::BTreeMap, convert::Infallible};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, EntityType, ExportKind,
    ExportSection, FunctionSection, GlobalSection, GlobalType, ImportSection, MemorySection, Module, TableSection,
    TypeSection, ValType,
    reencode::{Error, Reencode},
};
use wasmparser::{
    DataKind, ElementItems, ElementKind, FuncType, FuncValidatorAllocations, FunctionBody, Parser, Payload,
    ValidPayload, Validator, WasmFeatures,
};

/// What today's stable Rust emits, and nothing whose result is not the same everywhere.
const FEATURES: WasmFeatures = WasmFeatures::FLOATS
    .union(WasmFeatures::MUTABLE_GLOBAL)
    .union(WasmFeatures::SATURATING_FLOAT_TO_INT)
    .union(WasmFeatures::SIGN_EXTENSION)
    .union(WasmFeatures::REFERENCE_TYPES)
    .union(WasmFeatures::MULTI_VALUE)
    .union(WasmFeatures::BULK_MEMORY);

const PAGE_BYTES: u64 = 1 << 16;

/// Code as engines run it.
#[derive(Clone, Debug)]
pub struct Instrumented {
    /// The module.
    pub code: Vec<u8>,
    /// The entry points that it has.
    pub entries: Vec<Entry>,
}

/// Validates a module and writes it again, with a memory of at most so many `pages`.
pub fn rewrite(code: &[u8], pages: u32) -> Result<Instrumented, InvalidModule> {
    at_most("bytes", code.len() as u64, limits::MODULE_BYTES_MAX as u64)?;
    let mut validator = Validator::new_with_features(FEATURES);
    let mut allocations = FuncValidatorAllocations::default();
    let mut sections = Sections::new(pages);
    // Most of the code is copied as it stands, so it may not even be spelt as other features would permit.
    let mut parser = Parser::new(0);
    parser.set_features(FEATURES);
    for payload in parser.parse_all(code) {
        let payload = payload.refuse()?;
        sections.before_validation(&payload)?;
        match validator.payload(&payload).refuse()? {
            ValidPayload::Func(function, body) => {
                let mut function = function.into_validator(allocations);
                sections.function(&body, &mut function)?;
                allocations = function.into_allocations();
            }
            _ => sections.section(payload)?,
        }
    }
    sections.finish()
}

/// Makes room for the import that the pass adds: the functions of the module come one later.
#[derive(Debug)]
pub struct Shift {
    imported: u32,
}

impl Shift {
    /// The number of a function as it is written.
    pub fn function(&self, function: u32) -> u32 {
        if function < self.imported { function } else { function + 1 }
    }
}

impl Reencode for Shift {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.function(function))
    }
}

/// The module as it is written, and what is known of the one that is read.
struct Sections {
    pages: u32,
    types: Vec<FuncType>,
    /// The type of each function, those imported first.
    functions: Vec<u32>,
    imported: u32,
    globals: u32,
    memories: Vec<wasmparser::MemoryType>,
    tables: Vec<wasmparser::TableType>,
    /// The types of blocks that the pass adds, by what they result in.
    blocks: BTreeMap<Vec<wasmparser::ValType>, u32>,
    entries: Vec<Entry>,
    exports_memory: bool,
    /// Function bodies so far.
    bodies: usize,
    shift: Shift,
    out: Out,
}

#[derive(Default)]
struct Out {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    exports: ExportSection,
    elements: ElementSection,
    data_count: Option<u32>,
    code: CodeSection,
    data: DataSection,
}

impl Sections {
    fn new(pages: u32) -> Sections {
        Sections {
            pages,
            types: Vec::new(),
            functions: Vec::new(),
            imported: 0,
            globals: 0,
            memories: Vec::new(),
            tables: Vec::new(),
            blocks: BTreeMap::new(),
            entries: Vec::new(),
            exports_memory: false,
            bodies: 0,
            shift: Shift { imported: 0 },
            out: Out::default(),
        }
    }

    /// Limits that hold before the validator makes room for what a section announces.
    fn before_validation(&self, payload: &Payload<'_>) -> Result<(), InvalidModule> {
        let most = |what, count: u32, most: u32| at_most(what, count.into(), most.into());
        match payload {
            Payload::TypeSection(section) => most("types", section.count(), limits::TYPES_MAX),
            Payload::ImportSection(section) => most("imports", section.count(), limits::IMPORTS_MAX),
            Payload::FunctionSection(section) => most("functions", section.count(), limits::FUNCTIONS_MAX),
            Payload::TableSection(section) => most("tables", section.count(), limits::TABLES_MAX),
            Payload::MemorySection(section) => most("memories", section.count(), 1),
            Payload::GlobalSection(section) => most("global variables", section.count(), limits::GLOBALS_MAX),
            Payload::ExportSection(section) => most("exports", section.count(), limits::EXPORTS_MAX),
            Payload::ElementSection(section) => {
                most("segments of elements", section.count(), limits::ELEMENT_SEGMENTS_MAX)
            }
            Payload::DataSection(section) => most("segments of data", section.count(), limits::DATA_SEGMENTS_MAX),
            Payload::TagSection(_) => Err(refusal("it uses exceptions: build it with panic = \"abort\"".into())),
            Payload::StartSection { .. } => Err(refusal("it has a start function, which nobody would pay for".into())),
            _ => Ok(()),
        }
    }

    /// Writes a section that the validator has accepted.
    fn section(&mut self, payload: Payload<'_>) -> Result<(), InvalidModule> {
        match payload {
            Payload::TypeSection(section) => self.types(section),
            Payload::ImportSection(section) => self.imports(section),
            Payload::FunctionSection(section) => {
                for index in section {
                    let index = index.refuse()?;
                    self.functions.push(index);
                    self.out.functions.function(index);
                }
                Ok(())
            }
            Payload::TableSection(section) => self.tables(section),
            Payload::MemorySection(section) => self.memories(section),
            Payload::GlobalSection(section) => {
                self.globals += section.count();
                written(self.shift.parse_global_section(&mut self.out.globals, section))
            }
            Payload::ExportSection(section) => self.exports(section),
            Payload::ElementSection(section) => self.elements(section),
            Payload::DataCountSection { count, .. } => {
                self.out.data_count = Some(count);
                Ok(())
            }
            Payload::DataSection(section) => self.data(section),
            // Names and other custom sections mean nothing to a host.
            _ => Ok(()),
        }
    }

    fn types(&mut self, section: wasmparser::TypeSectionReader<'_>) -> Result<(), InvalidModule> {
        for ty in section.into_iter_err_on_gc_types() {
            let ty = ty.refuse()?;
            surface::check_type(&ty)?;
            self.add_type(ty.params(), ty.results())?;
            self.types.push(ty);
        }
        Ok(())
    }

    fn add_type(
        &mut self,
        parameters: &[wasmparser::ValType],
        results: &[wasmparser::ValType],
    ) -> Result<u32, InvalidModule> {
        let index = self.out.types.len();
        let parameters = self.val_types(parameters)?;
        let results = self.val_types(results)?;
        self.out.types.ty().function(parameters, results);
        Ok(index)
    }

    fn val_types(&mut self, types: &[wasmparser::ValType]) -> Result<Vec<ValType>, InvalidModule> {
        types.iter().map(|ty| written(self.shift.val_type(*ty))).collect()
    }

    fn imports(&mut self, section: wasmparser::ImportSectionReader<'_>) -> Result<(), InvalidModule> {
        for import in section.into_imports() {
            let import = import.refuse()?;
            let index = surface::check_import(&import, &self.types)?;
            self.functions.push(index);
            self.out.imports.import(import.module, import.name, EntityType::Function(index));
            self.imported += 1;
        }
        self.shift.imported = self.imported;
        Ok(())
    }

    fn tables(&mut self, section: wasmparser::TableSectionReader<'_>) -> Result<(), InvalidModule> {
        for table in section {
            let table = table.refuse()?;
            let pinned = surface::pin_table(table.ty)?;
            self.out.tables.table(written(self.shift.table_type(pinned))?);
            self.tables.push(pinned);
        }
        Ok(())
    }

    fn memories(&mut self, section: wasmparser::MemorySectionReader<'_>) -> Result<(), InvalidModule> {
        for memory in section {
            let pinned = surface::pin_memory(memory.refuse()?, self.pages)?;
            self.out.memories.memory(written(self.shift.memory_type(pinned))?);
            self.memories.push(pinned);
        }
        Ok(())
    }

    fn exports(&mut self, section: wasmparser::ExportSectionReader<'_>) -> Result<(), InvalidModule> {
        for export in section {
            let export = export.refuse()?;
            match surface::check_export(&export, &self.types, &self.functions)? {
                Some(Used::Memory) => self.exports_memory = true,
                Some(Used::Entry(entry)) => self.entries.push(entry),
                None => continue,
            }
            written(self.shift.parse_export(&mut self.out.exports, export))?;
        }
        Ok(())
    }

    /// Segments that would not fit would make every instance fail, so they are refused now.
    fn elements(&mut self, section: wasmparser::ElementSectionReader<'_>) -> Result<(), InvalidModule> {
        for element in section.clone() {
            let element = element.refuse()?;
            let count = match &element.items {
                ElementItems::Functions(items) => items.count(),
                ElementItems::Expressions(_, items) => items.count(),
            };
            at_most("elements in a segment", count.into(), limits::TABLE_ELEMENTS_MAX.into())?;
            let ElementKind::Active { table_index, offset_expr } = &element.kind else { continue };
            let table = usize::try_from(table_index.unwrap_or(0)).ok().and_then(|index| self.tables.get(index));
            let size = table.map_or(0, |table| table.initial);
            fits("elements", surface::place(offset_expr)?, count.into(), size)?;
        }
        written(self.shift.parse_element_section(&mut self.out.elements, section))
    }

    fn data(&mut self, section: wasmparser::DataSectionReader<'_>) -> Result<(), InvalidModule> {
        let size = self.memories.first().map_or(0, |memory| memory.initial * PAGE_BYTES);
        for data in section.clone() {
            let data = data.refuse()?;
            let DataKind::Active { offset_expr, .. } = &data.kind else { continue };
            fits("data", surface::place(offset_expr)?, data.data.len() as u64, size)?;
        }
        written(self.shift.parse_data_section(&mut self.out.data, section))
    }

    fn function(
        &mut self,
        body: &FunctionBody<'_>,
        validator: &mut wasmparser::FuncValidator<wasmparser::ValidatorResources>,
    ) -> Result<(), InvalidModule> {
        let index = self.imported as usize + self.bodies;
        self.bodies += 1;
        let ty = self.functions.get(index).and_then(|ty| self.types.get(*ty as usize)).cloned();
        let ty = ty.ok_or_else(|| refusal("it has more bodies than functions".into()))?;
        let parameters = u32::try_from(ty.params().len()).unwrap_or(u32::MAX);
        let study = pieces::study(body, validator, self.imported, parameters)?;
        let result = if study.calls { self.block_type(ty.results())? } else { BlockType::Empty };
        let added = Added { fuel: self.globals, room: self.globals + 1, hungry: self.imported };
        self.out.code.function(&body::write(body, &study, added, result, &mut self.shift)?);
        Ok(())
    }

    /// The type of a block without parameters that results in what a function does.
    fn block_type(&mut self, results: &[wasmparser::ValType]) -> Result<BlockType, InvalidModule> {
        match results {
            [] => Ok(BlockType::Empty),
            [one] => Ok(BlockType::Result(written(self.shift.val_type(*one))?)),
            _ => match self.blocks.get(results) {
                Some(index) => Ok(BlockType::FunctionType(*index)),
                None => {
                    let index = self.add_type(&[], results)?;
                    self.blocks.insert(results.to_vec(), index);
                    Ok(BlockType::FunctionType(index))
                }
            },
        }
    }

    fn finish(mut self) -> Result<Instrumented, InvalidModule> {
        if !self.exports_memory {
            return Err(refusal("it does not export its memory under the name `memory`".into()));
        }
        let hungry = self.add_type(&[], &[])?;
        self.out.imports.import(ADDED_IMPORTS, HUNGRY, EntityType::Function(hungry));
        let global = |val_type| GlobalType { val_type, mutable: true, shared: false };
        self.out.globals.global(global(ValType::I64), &ConstExpr::i64_const(0));
        self.out.globals.global(global(ValType::I32), &ConstExpr::i32_const(limits::STACK_BYTES));
        self.out.exports.export(FUEL, ExportKind::Global, self.globals);
        self.out.exports.export(ROOM, ExportKind::Global, self.globals + 1);
        Ok(Instrumented { code: self.out.assemble(), entries: self.entries })
    }
}

impl Out {
    fn assemble(self) -> Vec<u8> {
        let mut module = Module::new();
        module.section(&self.types).section(&self.imports).section(&self.functions);
        module.section(&self.tables).section(&self.memories).section(&self.globals);
        module.section(&self.exports).section(&self.elements);
        if let Some(count) = self.data_count {
            module.section(&DataCountSection { count });
        }
        module.section(&self.code).section(&self.data);
        module.finish()
    }
}

fn fits(what: &str, at: u64, length: u64, size: u64) -> Result<(), InvalidModule> {
    let end = at + length;
    if end <= size { Ok(()) } else { Err(refusal(format!("its {what} reach to {end}, beyond the end at {size}"))) }
}

/// Turns what the writer says into a reason. It says nothing about modules that passed validation.
fn written<T>(result: Result<T, Error<Infallible>>) -> Result<T, InvalidModule> {
    result.map_err(|error| refusal(format!("it cannot be written again: {error}")))
}
