-- Which records changed, for subscriptions: every server process reads what came after what it has read.
-- `seq` is the number of the transaction that wrote the row: what is older than the oldest one under way is
-- complete, so nothing that commits late is overlooked. No value of a record is here, and rows go after minutes.
CREATE TABLE record_change (
    tenant_id TEXT COLLATE "C" NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    -- In the order in which it is read, so that reading on is a walk of the key.
    PRIMARY KEY (tenant_id, seq, id)
);

-- Which processes follow which entities, until when: where nobody follows, nothing is written above. A process
-- that was killed is forgotten by itself.
CREATE TABLE change_listener (
    tenant_id TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    process TEXT COLLATE "C" NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, entity, process)
);

SELECT garant_protect('record_change', false);
SELECT garant_protect('change_listener', false);
