;; Says its one rule ten thousand times. A rule has 48 bytes.
(func (export "plan")
  (param $hook i32) (param $entity i32) (param $entity_length i32) (param $context i32) (param $context_length i32)
  (param $settings i32) (param $settings_length i32) (param $tables i32) (param $tables_length i32) (result i32)
  (local $rule i32)
  (local $times i32)
  (local.set $rule (i32.load offset=12 (i32.const $PLAN)))
  (loop $more
    (memory.copy
      (i32.add (i32.const 0x100000) (i32.mul (local.get $times) (i32.const 48)))
      (local.get $rule)
      (i32.const 48))
    (local.set $times (i32.add (local.get $times) (i32.const 1)))
    (br_if $more (i32.lt_u (local.get $times) (i32.const 10000))))
  (i32.store8 (i32.const 64) (i32.const 0))
  (i32.store (i32.const 76) (i32.const 0x100000))
  (i32.store (i32.const 80) (i32.const 10000))
  (i32.store8 (i32.const 84) (i32.const 0))
  (i32.const 64))
