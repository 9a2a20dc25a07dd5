-- One operation that somebody asked others to let them do once. The operation itself is not kept: a keyed
-- digest binds it, and what is told of it are names of the schema. A row is never deleted.
CREATE TABLE approval (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    outline TEXT COLLATE "C" NOT NULL,
    purposes TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C",
    recipient TEXT COLLATE "C",
    code TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    -- Neither approved nor used from then on.
    expires_at BIGINT NOT NULL,
    approved_at BIGINT,
    approved_by TEXT COLLATE "C",
    -- Turned down, or taken back after it was approved.
    declined_at BIGINT,
    declined_by TEXT COLLATE "C",
    declined_reason TEXT COLLATE "C",
    -- Used once, by one run: what else the run does, and what is told again of it, goes on under it.
    used_at BIGINT,
    used_in TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id)
);
-- What an operation has is asked with every request that a rule makes depend on it.
CREATE INDEX approval_by_operation ON approval (tenant_id, digest, kind);
-- Lists, newest first, and how many somebody has open.
CREATE INDEX approval_by_time ON approval (tenant_id, at);
CREATE INDEX approval_by_actor ON approval (tenant_id, actor, expires_at);
SELECT garant_protect('approval', false);
