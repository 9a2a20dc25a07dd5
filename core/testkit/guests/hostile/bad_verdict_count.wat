;; Judges more rows than it was given.
(func (export "judge") (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
  (i32.store8 (i32.const 64) (i32.const 0))
  (i32.store (i32.const 68) (i32.const 128))
  (i32.store (i32.const 72) (i32.const 999))
  (i32.const 64))
