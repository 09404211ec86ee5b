//! System operations and messages as stories, and the conservation of value over random networks.

mod conservation;
mod stories;
mod world;
