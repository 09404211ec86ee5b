//! What real modules cost: checking, the first and a later instance, a description. `--example modules -- FILE.wasm…`

use myceline_execution::engine::{CodeLimits, Engine, Input, Turn};
use myceline_types::{Blob, BlobKind, Opaque, guest::Entry};
use myceline_wasm::{Interpreter, METERING, Tiered, Wasmtime};
use std::time::Instant;

const LIMITS: CodeLimits = CodeLimits { metering: METERING, memory_pages: 256 };

fn main() {
    for path in std::env::args().skip(1) {
        let code = std::fs::read(&path).expect("a file");
        println!("\n{path}, {} bytes", code.len());
        let kinds = [BlobKind::Contract, BlobKind::Service];
        let interpreter = Interpreter::new().expect("an engine");
        let kind = kinds.into_iter().find(|kind| interpreter.check(*kind, &code, LIMITS).is_ok()).expect("a module");
        let timed = |what: &str, work: &mut dyn FnMut()| {
            let start = Instant::now();
            work();
            println!("{:>10.2} ms  {what}", start.elapsed().as_secs_f64() * 1e3);
        };
        for _ in 0..10 {
            timed("check", &mut || drop(interpreter.check(kind, &code, LIMITS)));
        }
        for _ in 0..3 {
            run(&Interpreter::new().expect("an engine"), kind, &code, "interpreter", &timed);
            let tiered = Tiered::patient().expect("an engine");
            tiered.check(kind, &code, LIMITS).expect("it was checked before");
            run(&tiered, kind, &code, "tiered, checked before", &timed);
        }
        run(&Wasmtime::new().expect("an engine"), kind, &code, "Wasmtime", &timed);
    }
}

fn run(engine: &dyn Engine, kind: BlobKind, code: &[u8], name: &str, timed: &dyn Fn(&str, &mut dyn FnMut())) {
    let blob = Blob { kind, bytes: Opaque(code.to_vec()) }.id();
    for round in ["first", "second"] {
        let mut guest = None;
        timed(&format!("{name}: {round} instance"), &mut || {
            guest = engine.instantiate(blob, code, LIMITS).ok();
        });
        let mut guest = guest.expect("an instance");
        for time in ["first", "second"] {
            timed(&format!("{name}: {time} description"), &mut || {
                let mut fuel = i64::MAX;
                let turn = guest.resume(Input::Call(Entry::Describe, b""), &mut fuel);
                if let Turn::Returns(bytes) = turn {
                    println!("{} bytes, {} fuel", bytes.len(), i64::MAX - fuel);
                }
            });
        }
    }
}
