//! Questions, answers and pointers.
//!
//! The argument is `argument`. A question is answered with its code and what was asked in reverse.

use crate::{Case, End::*};
use myceline_execution::engine::Trap::*;

pub const CASES: &[Case] = &[
    ("takes its argument", "(call $take (i32.const 100)) (i64.load (i32.const 100))", Gives(0x746e_656d_7567_7261)),
    ("takes its argument twice", "(call $take (i32.const 100)) (call $take (i32.const 104)) (i64.load (i32.const 104))", Gives(0x746e_656d_7567_7261)),
    ("takes to the last bytes of its memory", "(call $take (i32.const 65528)) (i64.const 1)", Gives(1)),
    ("takes across the end of its memory", "(call $take (i32.const 65529)) (i64.const 1)", Traps(BadPointer)),
    ("takes to the end of the address space", "(call $take (i32.const -1)) (i64.const 1)", Traps(BadPointer)),
    ("takes to an address that is negative", "(call $take (i32.const -2147483648)) (i64.const 1)", Traps(BadPointer)),
    ("asks nothing", "(i64.extend_i32_u (call $ask (i32.const 9) (i32.const 0) (i32.const 0)))", Gives(4)),
    ("asks and hears how long the answer is", "(i64.extend_i32_u (call $ask (i32.const 9) (i32.const 0) (i32.const 60)))", Gives(64)),
    ("asks with a code that no question has", "(i64.extend_i32_u (call $ask (i32.const -1) (i32.const 0) (i32.const 0)))", Gives(4)),
    ("asks, and takes the answer", "(drop (call $ask (i32.const 7) (i32.const 0) (i32.const 4))) (call $take (i32.const 100)) (i64.load (i32.const 100))", Gives(7)),
    ("asks, and takes no answer", "(drop (call $ask (i32.const 7) (i32.const 0) (i32.const 4))) (i64.const 2)", Gives(2)),
    ("asks with all of its memory", "(i64.extend_i32_u (call $ask (i32.const 1) (i32.const 0) (i32.const 65536)))", Gives(65_540)),
    ("asks nothing at the end of its memory", "(i64.extend_i32_u (call $ask (i32.const 1) (i32.const 65536) (i32.const 0)))", Gives(4)),
    ("asks nothing beyond the end of its memory", "(i64.extend_i32_u (call $ask (i32.const 1) (i32.const 65537) (i32.const 0)))", Traps(BadPointer)),
    ("asks across the end of its memory", "(i64.extend_i32_u (call $ask (i32.const 1) (i32.const 65535) (i32.const 2)))", Traps(BadPointer)),
    ("asks with a length that wraps around", "(i64.extend_i32_u (call $ask (i32.const 1) (i32.const 16) (i32.const -1)))", Traps(BadPointer)),
    ("asks with address and length at their greatest", "(i64.extend_i32_u (call $ask (i32.const 1) (i32.const -1) (i32.const -1)))", Traps(BadPointer)),
    ("asks in a loop", "(local i32) (loop (drop (call $ask (local.get 0) (i32.const 0) (i32.const 8))) (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10)))) (i64.extend_i32_u (local.get 0))", Gives(10)),
    ("asks without end", "(loop (drop (call $ask (i32.const 0) (i32.const 0) (i32.const 8))) (br 0)) (i64.const 0)", Starves),
    ("asks from deep inside", "(func $deep (param i32) (result i32) (if (result i32) (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (call $ask (i32.const 3) (i32.const 0) (i32.const 0))))) (func $main (result i64) (i64.extend_i32_u (call $deep (i32.const 100))))", Gives(4)),
    ("returns nothing", "(func $entry (param i32) (result i64) (i64.const 0))", Returns(b"")),
    ("returns nothing at the end of its memory", "(func $entry (param i32) (result i64) (i64.const 0x0001_0000_0000_0000))", Returns(b"")),
    ("returns its argument", "(func $entry (param i32) (result i64) (call $take (i32.const 0)) (i64.extend_i32_u (local.get 0)))", Returns(b"argument")),
    ("returns what is not in its memory", "(func $entry (param i32) (result i64) (i64.const 0x0001_0000_0000_0001))", Traps(BadPointer)),
    ("returns more than there is", "(func $entry (param i32) (result i64) (i64.const 0xffff_ffff))", Traps(BadPointer)),
    ("returns address and length at their greatest", "(func $entry (param i32) (result i64) (i64.const -1))", Traps(BadPointer)),
];
