;; Logs a thousand characters, a thousand times.
(import "garant:policy/host@1.0.0" "log" (func $log (param i32 i32 i32)))
(data (i32.const 0xf0000) "a line of a flood")
(func (export "plan")
  (param $hook i32) (param $entity i32) (param $entity_length i32) (param $context i32) (param $context_length i32)
  (param $settings i32) (param $settings_length i32) (param $tables i32) (param $tables_length i32) (result i32)
  (local $times i32)
  (loop $more
    (call $log (i32.const 1) (i32.const 0xf0000) (i32.const 1000))
    (local.set $times (i32.add (local.get $times) (i32.const 1)))
    (br_if $more (i32.lt_u (local.get $times) (i32.const 1000))))
  (i32.const $PLAN))
