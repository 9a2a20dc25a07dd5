-- The life of a policy: which plugins are installed, changes that wait for a second person, alarms.

-- When a change begins and ends, and who confirmed it; none of them for a change at once and for good.
ALTER TABLE policy_change ADD COLUMN effective_from BIGINT;
ALTER TABLE policy_change ADD COLUMN expires_at BIGINT;
ALTER TABLE policy_change ADD COLUMN confirmed_by TEXT COLLATE "C";

-- What a tenant may put into its set. A row says who brought a component and when it went again; it
-- is never deleted, and a component that comes back is a new row.
CREATE TABLE plugin_installed (
    tenant_id TEXT COLLATE "C" NOT NULL,
    plugin TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    installed_at BIGINT NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    -- Name of the trusted publisher; NULL for an unsigned one.
    publisher TEXT COLLATE "C",
    installed_by TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    -- What it asks for, so that listing needs no sandbox.
    needs TEXT COLLATE "C" NOT NULL,
    removed_at BIGINT,
    removed_by TEXT COLLATE "C",
    removed_reason TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, plugin, digest, installed_at)
);

-- A weakening that waits for its second person; the request is carried out as it was made.
CREATE TABLE policy_pending (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    policy TEXT COLLATE "C" NOT NULL,
    request TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by TEXT COLLATE "C",
    outcome TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id)
);

-- What the DPO must look at. A break-glass is an alarm with an end; the index finds the one that an
-- actor has running.
CREATE TABLE alarm (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    ends_at BIGINT,
    seen_at BIGINT,
    seen_by TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX alarm_by_actor ON alarm (tenant_id, actor, kind, ends_at);

SELECT garant_protect('plugin_installed', false);
SELECT garant_protect('policy_pending', false);
SELECT garant_protect('alarm', false);
