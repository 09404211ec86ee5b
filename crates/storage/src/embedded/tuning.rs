//! The engine's sizes. The reasons are measurements: docs/adr/0003-embedded-engine.md has the tables.

/// Sizes that trade memory for writing. The default is for a validator or wallet; tests take smaller ones to see more happen.
#[derive(Debug, Clone, Copy)]
pub struct Tuning {
    /// When the log has grown by this much, its rows are flushed to tables. Twice this is the memory that rows take.
    pub segment_bytes: u64,
    /// How many full segments may wait for their flush before a commit waits.
    pub segments_waiting: usize,
    /// Blocks of table files kept in memory. The kernel's own cache stands behind it.
    pub cache_bytes: u64,
    /// The size of table files after merging.
    pub table_bytes: u64,
    /// How many flushed files may overlap before they are merged; a read looks through all of them, or their filters. A merge
    /// rewrites what was merged before, so half as many cost a busy validator a twentieth of its time.
    pub overlapping_files: u8,
    /// Open table files.
    pub open_files: usize,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning {
            segment_bytes: 4 << 20,
            segments_waiting: 2,
            cache_bytes: 4 << 20,
            table_bytes: 8 << 20,
            overlapping_files: 16,
            open_files: 128,
        }
    }
}
