;; Reads every attribute it is given, byte by byte, and refuses with all names and values: whatever
;; could influence a plan shows up in its words.
(func (export "plan")
  (param $hook i32) (param $entity i32) (param $entity_length i32) (param $context i32) (param $context_length i32)
  (param $settings i32) (param $settings_length i32) (param $tables i32) (param $tables_length i32) (result i32)
  (local $at i32)
  (local $end i32)
  (local $to i32)
  (local.set $to (i32.const 0xe0000))
  (local.set $at (local.get $context))
  (local.set $end (i32.add (local.get $context) (i32.mul (local.get $context_length) (i32.const 24))))
  (block $done
    (loop $more
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      ;; The name, then the text of the value if it is one.
      (memory.copy (local.get $to) (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)))
      (local.set $to (i32.add (local.get $to) (i32.load offset=4 (local.get $at))))
      (i32.store8 (local.get $to) (i32.const 61))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (if (i32.eq (i32.load8_u offset=8 (local.get $at)) (i32.const 4))
        (then
          (memory.copy (local.get $to) (i32.load offset=16 (local.get $at)) (i32.load offset=20 (local.get $at)))
          (local.set $to (i32.add (local.get $to) (i32.load offset=20 (local.get $at))))))
      (i32.store8 (local.get $to) (i32.const 59))
      (local.set $to (i32.add (local.get $to) (i32.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 24)))
      (br $more)))
  (i32.store8 (i32.const 64) (i32.const 1))
  (i32.store (i32.const 68) (i32.const 0xe0000))
  (i32.store (i32.const 72) (i32.sub (local.get $to) (i32.const 0xe0000)))
  (i32.const 64))
