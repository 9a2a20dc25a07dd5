-- The life of a policy: which plugins are installed, changes that wait for a second person, alarms.

-- When a change begins and ends, and who confirmed it; none of them for a change at once and for good.
ALTER TABLE policy_change ADD COLUMN effective_from BIGINT;
ALTER TABLE policy_change ADD COLUMN expires_at BIGINT;
ALTER TABLE policy_change ADD COLUMN confirmed_by TEXT;

-- What a tenant may put into its set. A row says who brought a component and when it went again; it
-- is never deleted, and a component that comes back is a new row.
CREATE TABLE plugin_installed (
    tenant_id TEXT NOT NULL,
    plugin TEXT NOT NULL,
    digest TEXT NOT NULL,
    installed_at BIGINT NOT NULL,
    version TEXT NOT NULL,
    -- Name of the trusted publisher; NULL for an unsigned one.
    publisher TEXT,
    installed_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- What it asks for, so that listing needs no sandbox.
    needs TEXT NOT NULL,
    removed_at BIGINT,
    removed_by TEXT,
    removed_reason TEXT,
    PRIMARY KEY (tenant_id, plugin, digest, installed_at)
) WITHOUT ROWID;

-- A weakening that waits for its second person; the request is carried out as it was made.
CREATE TABLE policy_pending (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    policy TEXT NOT NULL,
    request TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by TEXT,
    outcome TEXT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- What the DPO must look at. A break-glass is an alarm with an end; the index finds the one that an
-- actor has running.
CREATE TABLE alarm (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    reason TEXT NOT NULL,
    ends_at BIGINT,
    seen_at BIGINT,
    seen_by TEXT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE INDEX alarm_by_actor ON alarm (tenant_id, actor, kind, ends_at);
