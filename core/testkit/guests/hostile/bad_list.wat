;; Answers with a list that reaches outside its memory.
(func (export "plan")
  (param $hook i32) (param $entity i32) (param $entity_length i32) (param $context i32) (param $context_length i32)
  (param $settings i32) (param $settings_length i32) (param $tables i32) (param $tables_length i32) (result i32)
  (i32.store8 (i32.const 64) (i32.const 0))
  (i32.store (i32.const 68) (i32.const 0x1ffff0))
  (i32.store (i32.const 72) (i32.const 100))
  (i32.const 64))
