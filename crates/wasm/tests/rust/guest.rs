//! A contract in plain Rust, as a test builds it: its operation works on its argument.

mod work;

#[link(wasm_import_module = "myceline")]
unsafe extern "C" {
    fn take(at: *mut u8);
}

#[unsafe(no_mangle)]
extern "C" fn execute_operation(length: usize) -> u64 {
    let mut argument = vec![0; length];
    // SAFETY: the host writes as many bytes as it said.
    unsafe { take(argument.as_mut_ptr()) };
    let answer = work::work(&argument).leak();
    (answer.as_ptr().addr() as u64) << 32 | answer.len() as u64
}

#[unsafe(no_mangle)]
extern "C" fn instantiate(_: usize) -> u64 {
    0
}

#[unsafe(no_mangle)]
extern "C" fn execute_message(_: usize) -> u64 {
    panic!("a guest that gives up");
}

#[unsafe(no_mangle)]
extern "C" fn process_streams(_: usize) -> u64 {
    0
}

#[unsafe(no_mangle)]
extern "C" fn store(_: usize) -> u64 {
    0
}
