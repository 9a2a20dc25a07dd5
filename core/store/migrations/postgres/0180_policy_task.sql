-- What the rules of policies asked the host to do besides: a task, an alarm, a freeze of a recipient. Each once
-- for a version of the policy, a code and a recipient (empty for none). Nobody is named here.
CREATE TABLE policy_task (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    policy TEXT COLLATE "C" NOT NULL,
    policy_version BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    recipient_id TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL,
    done_at BIGINT,
    done_by TEXT COLLATE "C",
    note TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, kind, name, policy, policy_version, code, recipient_id)
);

SELECT garant_protect('policy_task', false);
