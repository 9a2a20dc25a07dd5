;; Compares a text with an instant: the second node of its first rule becomes `now`.
(func (export "plan")
  (param $hook i32) (param $entity i32) (param $entity_length i32) (param $context i32) (param $context_length i32)
  (param $settings i32) (param $settings_length i32) (param $tables i32) (param $tables_length i32) (result i32)
  (i32.store8 offset=24 (i32.load (i32.load offset=12 (i32.const $PLAN))) (i32.const 5))
  (i32.const $PLAN))
