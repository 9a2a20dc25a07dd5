-- What of a line is asked for by time: who was active for which purpose, what observed policies would
-- have done, how much somebody has read. Copies for searching; the line itself, which the chain
-- covers, stays the truth. Older lines are filled in from their own text.
ALTER TABLE decision_log ADD COLUMN at BIGINT;
ALTER TABLE decision_log ADD COLUMN actor TEXT;
ALTER TABLE decision_log ADD COLUMN role TEXT;
ALTER TABLE decision_log ADD COLUMN operation TEXT;
ALTER TABLE decision_log ADD COLUMN entity TEXT;
ALTER TABLE decision_log ADD COLUMN outcome TEXT;
ALTER TABLE decision_log ADD COLUMN channel TEXT;
ALTER TABLE decision_log ADD COLUMN recipient TEXT;
-- JSON: a list of keys, and lists of codes and of the rows that each would have touched.
ALTER TABLE decision_log ADD COLUMN purposes TEXT;
ALTER TABLE decision_log ADD COLUMN observed TEXT;
ALTER TABLE decision_log ADD COLUMN records BIGINT;

DROP TRIGGER decision_log_append_only;
UPDATE decision_log SET
    at = json_extract(line, '$.at'),
    actor = json_extract(line, '$.actor'),
    role = json_extract(line, '$.role'),
    operation = json_extract(line, '$.operation'),
    entity = json_extract(line, '$.entity'),
    outcome = json_extract(line, '$.outcome'),
    channel = json_extract(line, '$.channel'),
    recipient = json_extract(line, '$.recipient'),
    purposes = json_extract(line, '$.purposes'),
    observed = NULL,
    records = json_extract(line, '$.count');
CREATE TRIGGER decision_log_append_only BEFORE UPDATE ON decision_log BEGIN SELECT RAISE(ABORT, 'append-only'); END;

-- The last days of a tenant, and of one actor.
CREATE INDEX decision_log_by_time ON decision_log (tenant_id, at);
CREATE INDEX decision_log_by_actor ON decision_log (tenant_id, actor, at);
