//! Steps of real chains over stores in memory: votes and groups, restarts, commits and what lacks.

mod commits;
mod kit;
mod votes;
