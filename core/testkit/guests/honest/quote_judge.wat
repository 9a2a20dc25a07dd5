;; Refuses to judge, quoting the first text of its first column.
(func (export "judge") (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
  (i32.store8 (i32.const 64) (i32.const 1))
  (i32.store (i32.const 68) (i32.load (i32.load offset=20 (local.get 7))))
  (i32.store (i32.const 72) (i32.load offset=4 (i32.load offset=20 (local.get 7))))
  (i32.const 64))
