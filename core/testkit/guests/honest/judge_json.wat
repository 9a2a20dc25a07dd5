;; Is given one record as JSON in a column of texts, walks it to the last number, and gives the first
;; verdict if that is less than a threshold. For comparison only: a policy is never asked about one record.
(func (export "judge")
  (param $hook i32) (param $entity i32) (param $entity_length i32) (param $context i32) (param $context_length i32)
  (param $settings i32) (param $settings_length i32) (param $columns i32) (param $columns_length i32) (result i32)
  (local $at i32)
  (local $end i32)
  (local $byte i32)
  (local $number i32)
  (local.set $at (i32.load (i32.load offset=20 (local.get $columns))))
  (local.set $end (i32.add (local.get $at) (i32.load offset=4 (i32.load offset=20 (local.get $columns)))))
  (block $done
    (loop $more
      (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
      (local.set $byte (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
      (if (i32.lt_u (local.get $byte) (i32.const 10))
        (then (local.set $number (i32.add (i32.mul (local.get $number) (i32.const 10)) (local.get $byte))))
        (else
          ;; A colon begins another value.
          (if (i32.eq (local.get $byte) (i32.const 10)) (then (local.set $number (i32.const 0))))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $more)))
  (i32.store8 (i32.const 0xc0000) (i32.lt_u (local.get $number) (i32.const 500)))
  (i32.store8 (i32.const 64) (i32.const 0))
  (i32.store (i32.const 68) (i32.const 0xc0000))
  (i32.store (i32.const 72) (i32.const 1))
  (i32.const 64))
