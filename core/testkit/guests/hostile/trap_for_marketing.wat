;; Crashes for a purpose that begins with an m; honest for every other.
(func (export "plan")
  (param $hook i32) (param $entity i32) (param $entity_length i32) (param $context i32) (param $context_length i32)
  (param $settings i32) (param $settings_length i32) (param $tables i32) (param $tables_length i32) (result i32)
  (if (i32.and
        (i32.eq (i32.load8_u offset=8 (local.get $context)) (i32.const 4))
        (i32.eq (i32.load8_u (i32.load offset=16 (local.get $context))) (i32.const 109)))
    (then (unreachable)))
  (i32.const $PLAN))
