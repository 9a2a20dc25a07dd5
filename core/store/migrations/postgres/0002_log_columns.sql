-- What of a line is asked for by time: who was active for which purpose, what observed policies would
-- have done, how much somebody has read. Copies for searching; the line itself, which the chain
-- covers, stays the truth. Older lines are filled in from their own text.
ALTER TABLE decision_log
    ADD COLUMN at BIGINT,
    ADD COLUMN actor TEXT COLLATE "C",
    ADD COLUMN role TEXT COLLATE "C",
    ADD COLUMN operation TEXT COLLATE "C",
    ADD COLUMN entity TEXT COLLATE "C",
    ADD COLUMN outcome TEXT COLLATE "C",
    ADD COLUMN channel TEXT COLLATE "C",
    ADD COLUMN recipient TEXT COLLATE "C",
    -- JSON: a list of keys, and lists of codes and of the rows that each would have touched.
    ADD COLUMN purposes TEXT COLLATE "C",
    ADD COLUMN observed TEXT COLLATE "C",
    ADD COLUMN records BIGINT;

UPDATE decision_log SET
    at = (line::json ->> 'at')::bigint,
    actor = line::json ->> 'actor',
    role = line::json ->> 'role',
    operation = line::json ->> 'operation',
    entity = line::json ->> 'entity',
    outcome = line::json ->> 'outcome',
    channel = line::json ->> 'channel',
    recipient = line::json ->> 'recipient',
    purposes = line::json ->> 'purposes',
    records = (line::json ->> 'count')::bigint;

-- The last days of a tenant, and of one actor.
CREATE INDEX decision_log_by_time ON decision_log (tenant_id, at);
CREATE INDEX decision_log_by_actor ON decision_log (tenant_id, actor, at);
