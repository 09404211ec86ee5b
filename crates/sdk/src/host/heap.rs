//! Where the values of a guest live: first in room that its module brings along, then in memory that it asks its host for.
//!
//! A short call is content with the room. A guest whose memory grows costs its host two system calls to protect pages,
//! once for the growth and once for the next guest: a twentieth of a block that calls a contract.
//!
//! Why it is sound: a guest has one thread, nobody but the allocator ever names the room, and grown pages are new.
#![allow(unsafe_code)]

use std::{
    alloc::Layout,
    arch::wasm32,
    mem::MaybeUninit,
    ptr::{self, NonNull},
};
use talc::{
    base::{Talc, binning::Binning},
    cell::TalcSyncCell,
    source::Source,
    wasm::WasmBinning,
};

/// What a module brings along: none of its bytes, since they are zeros.
const ROOM_BYTES: usize = 32 << 10;
/// How memory grows.
const PAGE_BYTES: usize = 64 << 10;
/// What the allocator may want to keep for itself of what it claims.
const SPARE_BYTES: usize = 1 << 10;

static mut ROOM: [MaybeUninit<u8>; ROOM_BYTES] = [MaybeUninit::uninit(); ROOM_BYTES];

#[global_allocator]
static HEAP: TalcSyncCell<RoomThenPages, WasmBinning> = TalcSyncCell::new_wasm(RoomThenPages::Room);

/// What the allocator gets when it has nothing left.
#[derive(Debug)]
enum RoomThenPages {
    /// The room.
    Room,
    /// Pages, which continue the heap if it ends here.
    Pages { end: Option<NonNull<u8>> },
}

// SAFETY: it speaks to the allocator only through what it is given, and allocates nothing itself.
unsafe impl Source for RoomThenPages {
    fn acquire<B: Binning>(heap: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        let end = match heap.source {
            // SAFETY: the room is handed out once and named nowhere else.
            RoomThenPages::Room => unsafe { heap.claim((&raw mut ROOM).cast(), ROOM_BYTES) },
            RoomThenPages::Pages { end } => add_pages(heap, end, pages_for(layout).ok_or(())?)?,
        };
        heap.source = RoomThenPages::Pages { end };
        Ok(())
    }
}

/// As many pages as what is asked for needs at most.
fn pages_for(layout: Layout) -> Option<usize> {
    let bytes = layout.size().checked_add(layout.align())?.checked_add(SPARE_BYTES)?;
    Some(bytes.div_ceil(PAGE_BYTES))
}

/// Grows the memory, and the heap with it; an error where the host gives no more. Answers where the heap ends now.
fn add_pages<B: Binning>(
    heap: &mut Talc<RoomThenPages, B>,
    end: Option<NonNull<u8>>,
    pages: usize,
) -> Result<Option<NonNull<u8>>, ()> {
    let before = wasm32::memory_grow::<0>(pages);
    if before == usize::MAX {
        return Err(());
    }
    let (new, bytes) = (ptr::without_provenance_mut::<u8>(before * PAGE_BYTES), pages * PAGE_BYTES);
    // SAFETY: pages that memory has just grown by are nobody's, and the heap has not moved its end since it told it.
    Ok(match end.filter(|end| end.as_ptr() == new) {
        Some(end) => Some(unsafe { heap.extend(end, new.wrapping_add(bytes)) }),
        None => unsafe { heap.claim(new, bytes) },
    })
}
