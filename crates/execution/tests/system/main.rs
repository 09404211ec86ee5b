//! System operations and messages as stories, and the conservation of value over random networks.

mod applications;
mod conservation;
mod puppet;
mod stories;
mod world;
