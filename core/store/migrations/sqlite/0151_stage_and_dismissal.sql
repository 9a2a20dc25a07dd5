-- Through which stages a deal went: who, when, from where to where. Written with the change and never after;
-- it goes with the deal.
CREATE TABLE stage_change (
    tenant_id TEXT NOT NULL,
    record_id TEXT NOT NULL,
    id TEXT NOT NULL,
    entity TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    from_stage TEXT,
    to_stage TEXT,
    from_pipeline_stage_id TEXT,
    to_pipeline_stage_id TEXT,
    PRIMARY KEY (tenant_id, record_id, id)
) WITHOUT ROWID;

-- Pairs that look like one and are not: a steward has said so. `first` is the lesser id.
CREATE TABLE duplicate_dismissal (
    tenant_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    first TEXT NOT NULL,
    second TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (tenant_id, entity, first, second)
) WITHOUT ROWID;
-- Erasing one of a pair forgets the pair.
CREATE INDEX duplicate_dismissal_second ON duplicate_dismissal (tenant_id, entity, second);
