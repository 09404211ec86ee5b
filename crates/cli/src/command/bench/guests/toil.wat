;; A contract that divides numbers four times as often as its operation says, and nothing else: divisions that wait for each
;; other take most time for their fuel, so that seconds of them are less than a block may burn. What it divides by is in
;; memory, since a compiler makes a product of a division by a number that it knows.
(module
  (import "myceline" "take" (func $take (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 24) "\03")
  (func $toil (param i32) (result i64)
    (local $count i64) (local $number i64) (local $by i64)
    (call $take (i32.const 8))
    (local.set $count (i64.load (i32.const 8)))
    (local.set $number (i64.const -1))
    (local.set $by (i64.load (i32.const 24)))
    (block $done
      (loop $again
        (br_if $done (i64.eqz (local.get $count)))
        (local.set $number (i64.sub (i64.const -1) (i64.div_u (local.get $number) (local.get $by))))
        (local.set $number (i64.sub (i64.const -1) (i64.div_u (local.get $number) (local.get $by))))
        (local.set $number (i64.sub (i64.const -1) (i64.div_u (local.get $number) (local.get $by))))
        (local.set $number (i64.sub (i64.const -1) (i64.div_u (local.get $number) (local.get $by))))
        (local.set $count (i64.sub (local.get $count) (i64.const 1)))
        (br $again)))
    (i64.store (i32.const 16) (local.get $number))
    (i64.const 0))
  (func $rest (param i32) (result i64)
    (i64.const 0))
  (export "execute_operation" (func $toil))
  (export "instantiate" (func $rest))
  (export "execute_message" (func $rest))
  (export "process_streams" (func $rest))
  (export "store" (func $rest)))
