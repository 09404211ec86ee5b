;; A service that answers nothing.
(module
  (memory (export "memory") 1)
  (func $rest (param i32) (result i64)
    (i64.const 0))
  (export "handle_query" (func $rest))
  (export "describe" (func $rest)))
