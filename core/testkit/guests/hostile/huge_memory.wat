;; Wants a gigabyte from the start.
(memory (export "memory") 16384)
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (unreachable))
