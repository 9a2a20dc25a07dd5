-- What is kept under a key says which records were written and no value of theirs, so it does not matter which
-- policy set decided. What was kept before held values: it goes.
DELETE FROM idempotency_key;
ALTER TABLE idempotency_key DROP COLUMN set_version;
