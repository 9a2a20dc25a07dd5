;; Crashes where no purpose is named, as in a sweep; honest for every purpose.
(func (export "plan")
  (param $hook i32) (param $entity i32) (param $entity_length i32) (param $context i32) (param $context_length i32)
  (param $settings i32) (param $settings_length i32) (param $tables i32) (param $tables_length i32) (result i32)
  (if (i32.ne (i32.load8_u offset=8 (local.get $context)) (i32.const 4)) (then (unreachable)))
  (i32.const $PLAN))
