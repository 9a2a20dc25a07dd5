-- Through which stages a deal went: who, when, from where to where. Written with the change and never after;
-- it goes with the deal.
CREATE TABLE stage_change (
    tenant_id TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    from_stage TEXT COLLATE "C",
    to_stage TEXT COLLATE "C",
    from_pipeline_stage_id TEXT COLLATE "C",
    to_pipeline_stage_id TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, record_id, id)
);

-- Pairs that look like one and are not: a steward has said so. `first` is the lesser id.
CREATE TABLE duplicate_dismissal (
    tenant_id TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    first TEXT COLLATE "C" NOT NULL,
    second TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, entity, first, second)
);
-- Erasing one of a pair forgets the pair.
CREATE INDEX duplicate_dismissal_second ON duplicate_dismissal (tenant_id, entity, second);

SELECT garant_protect('stage_change', false);
SELECT garant_protect('duplicate_dismissal', false);
