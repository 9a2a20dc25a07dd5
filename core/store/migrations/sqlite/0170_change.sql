-- Which records changed, for subscriptions: every server process reads what came after what it has read.
-- `seq` counts on with each statement: there is one writer, so the numbers are in the order of the commits. No
-- value of a record is here, and rows go after minutes.
CREATE TABLE record_change (
    tenant_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    entity TEXT NOT NULL,
    record_id TEXT NOT NULL,
    -- In the order in which it is read, so that reading on is a walk of the key.
    PRIMARY KEY (tenant_id, seq, id)
) WITHOUT ROWID;

-- Which processes follow which entities, until when: where nobody follows, nothing is written above. A process
-- that was killed is forgotten by itself.
CREATE TABLE change_listener (
    tenant_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    process TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, entity, process)
) WITHOUT ROWID;
