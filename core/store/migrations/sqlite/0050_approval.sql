-- One operation that somebody asked others to let them do once. The operation itself is not kept: a keyed
-- digest binds it, and what is told of it are names of the schema. A row is never deleted.
CREATE TABLE approval (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    kind TEXT NOT NULL,
    digest TEXT NOT NULL,
    entity TEXT NOT NULL,
    outline TEXT NOT NULL,
    purposes TEXT NOT NULL,
    channel TEXT,
    recipient TEXT,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- Neither approved nor used from then on.
    expires_at BIGINT NOT NULL,
    approved_at BIGINT,
    approved_by TEXT,
    -- Turned down, or taken back after it was approved.
    declined_at BIGINT,
    declined_by TEXT,
    declined_reason TEXT,
    -- Used once, by one run: what else the run does, and what is told again of it, goes on under it.
    used_at BIGINT,
    used_in TEXT,
    PRIMARY KEY (tenant_id, id)
);
-- What an operation has is asked with every request that a rule makes depend on it.
CREATE INDEX approval_by_operation ON approval (tenant_id, digest, kind);
-- Lists, newest first, and how many somebody has open.
CREATE INDEX approval_by_time ON approval (tenant_id, at);
CREATE INDEX approval_by_actor ON approval (tenant_id, actor, expires_at);
