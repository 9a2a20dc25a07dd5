;; Crashes when asked who it is.
(func (export "describe") (result i32) (unreachable))
