;; Logs the first text of its first column while judging.
(import "garant:policy/host@1.0.0" "log" (func $log (param i32 i32 i32)))
(func (export "judge") (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
  (call $log
    (i32.const 3)
    (i32.load (i32.load offset=20 (local.get 7)))
    (i32.load offset=4 (i32.load offset=20 (local.get 7))))
  (i32.store8 (i32.const 64) (i32.const 0))
  (i32.store (i32.const 68) (i32.const 128))
  (i32.store (i32.const 72) (i32.const 3))
  (i32.const 64))
