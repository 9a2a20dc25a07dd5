;; Gives the first verdict to every row whose number in the second column is less than a threshold or
;; that has no value in the first. Columns are integers.
(func (export "judge")
  (param $hook i32) (param $entity i32) (param $entity_length i32) (param $context i32) (param $context_length i32)
  (param $settings i32) (param $settings_length i32) (param $columns i32) (param $columns_length i32) (result i32)
  (local $present i32)
  (local $rows i32)
  (local $numbers i32)
  (local $row i32)
  (local.set $present (i32.load offset=8 (local.get $columns)))
  (local.set $rows (i32.load offset=12 (local.get $columns)))
  (local.set $numbers (i32.load offset=48 (local.get $columns)))
  (block $done
    (loop $more
      (br_if $done (i32.ge_u (local.get $row) (local.get $rows)))
      (i32.store8
        (i32.add (i32.const 0xc0000) (local.get $row))
        (i32.or
          (i32.eqz (i32.load8_u (i32.add (local.get $present) (local.get $row))))
          (i64.lt_s
            (i64.load (i32.add (local.get $numbers) (i32.shl (local.get $row) (i32.const 3))))
            (i64.const 500))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br $more)))
  (i32.store8 (i32.const 64) (i32.const 0))
  (i32.store (i32.const 68) (i32.const 0xc0000))
  (i32.store (i32.const 72) (local.get $rows))
  (i32.const 64))
