;; Refuses with the text of its only attribute, and crashes if it is given more or fewer.
(func (export "plan")
  (param $hook i32) (param $entity i32) (param $entity_length i32) (param $context i32) (param $context_length i32)
  (param $settings i32) (param $settings_length i32) (param $tables i32) (param $tables_length i32) (result i32)
  (if (i32.ne (local.get $context_length) (i32.const 1)) (then (unreachable)))
  (i32.store8 (i32.const 64) (i32.const 1))
  (i32.store (i32.const 68) (i32.load offset=16 (local.get $context)))
  (i32.store (i32.const 72) (i32.load offset=20 (local.get $context)))
  (i32.const 64))
