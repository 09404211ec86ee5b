//! What can be shown at some moment, by number, and under other names of the blocks.

use super::{
    Mixed, rename_bits, renamings,
    scene::{Scene, View},
};
use std::collections::HashMap;

/// A view by number.
pub type ViewId = u32;

/// All views met so far.
pub struct Views {
    /// The ways to rename the blocks, the first of which changes nothing.
    pub renamings: Vec<Vec<u8>>,
    views: Vec<View>,
    numbers: HashMap<View, ViewId, Mixed>,
    renamed: HashMap<(ViewId, usize), ViewId, Mixed>,
}

impl Views {
    pub fn new(scene: &Scene) -> Views {
        Views {
            renamings: renamings(&scene.plan),
            views: Vec::new(),
            numbers: HashMap::default(),
            renamed: HashMap::default(),
        }
    }

    pub fn view(&self, id: ViewId) -> &View {
        &self.views[id as usize]
    }

    pub fn number(&mut self, view: View) -> ViewId {
        *self.numbers.entry(view).or_insert_with(|| {
            self.views.push(view);
            ViewId::try_from(self.views.len() - 1).unwrap()
        })
    }

    /// The view under another renaming of blocks.
    pub fn rename(&mut self, scene: &Scene, id: ViewId, renaming: usize) -> ViewId {
        if let Some(renamed) = self.renamed.get(&(id, renaming)) {
            return *renamed;
        }
        let names = &self.renamings[renaming];
        let view = self.view(id);
        let renamed = View {
            certificates: rename_bits(view.certificates, names),
            timeouts: view.timeouts.map(|kinds| rename_kinds(scene, kinds, names)),
        };
        let number = self.number(renamed);
        self.renamed.insert((id, renaming), number);
        number
    }
}

/// The kinds of timeout certificates with the blocks renamed.
fn rename_kinds(scene: &Scene, kinds: u64, names: &[u8]) -> u64 {
    let blocks = scene.block_count();
    let renamed = |kind: u8| {
        let (attached, permitted) = (kind / (blocks + 1), kind % (blocks + 1));
        let attached = attached.checked_sub(1).map_or(0, |id| 1 + scene.rename_certificate(id, names));
        let permitted = permitted.checked_sub(1).map_or(0, |block| 1 + names[usize::from(block)]);
        attached * (blocks + 1) + permitted
    };
    (0..64).filter(|kind| kinds >> kind & 1 == 1).fold(0, |all, kind| all | 1 << renamed(kind))
}
