-- What the rules of policies asked the host to do besides: a task, an alarm, a freeze of a recipient. Each once
-- for a version of the policy, a code and a recipient (empty for none). Nobody is named here.
CREATE TABLE policy_task (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    policy TEXT NOT NULL,
    policy_version BIGINT NOT NULL,
    code TEXT NOT NULL,
    recipient_id TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    done_at BIGINT,
    done_by TEXT,
    note TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, kind, name, policy, policy_version, code, recipient_id)
) WITHOUT ROWID;
