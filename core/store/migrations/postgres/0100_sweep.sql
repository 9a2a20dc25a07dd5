-- The sweep: what was destroyed, what sleeps, what is held. Nothing here holds a personal value in
-- clear; references are keyed hashes.

-- Runs with their receipts. `counts` is JSON by entity, effect and code; `receipt` chains the references
-- of every batch, so that a run can be told from another by what it did. It grows with each batch, in
-- the batch's transaction: a killed run tells what it had done.
CREATE TABLE sweep_run (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    actor TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    set_version BIGINT NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    culprit TEXT COLLATE "C",
    counts TEXT COLLATE "C" NOT NULL,
    receipt TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

-- Who sweeps, and until when it is theirs. One row for a tenant; each batch renews it.
CREATE TABLE sweep_lease (
    tenant_id TEXT COLLATE "C" NOT NULL,
    holder TEXT COLLATE "C" NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (tenant_id)
);

-- Records that were made anonymous and stay: at this version they are not due again.
CREATE TABLE sweep_mark (
    tenant_id TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, entity, record_id)
);

-- What was erased, by keyed reference: of the record (`record`), or of the key by which a source knew it
-- (`key`). `pending`: brought back after a restore, to be looked for by the next sweep.
CREATE TABLE erasure_ledger (
    tenant_id TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    effect TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    pending BOOLEAN NOT NULL,
    PRIMARY KEY (tenant_id, reference)
);
CREATE INDEX erasure_ledger_pending ON erasure_ledger (tenant_id, pending, entity);

-- Legal holds: data that a claim may need. The scope is frozen to ids when the hold is opened; `active`
-- says there whether it still holds, so that the fact is one look into one index.
CREATE TABLE legal_hold (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C" NOT NULL,
    basis TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL,
    opened_by TEXT COLLATE "C" NOT NULL,
    approved_at BIGINT,
    approved_by TEXT COLLATE "C",
    review_on BIGINT NOT NULL,
    released_at BIGINT,
    released_by TEXT COLLATE "C",
    release_reason TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id)
);
CREATE TABLE legal_hold_scope (
    tenant_id TEXT COLLATE "C" NOT NULL,
    hold_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    active BOOLEAN NOT NULL,
    PRIMARY KEY (tenant_id, hold_id, subject_id)
);
CREATE INDEX legal_hold_of ON legal_hold_scope (tenant_id, subject_id, active);

SELECT garant_protect('sweep_run', false);
SELECT garant_protect('sweep_lease', false);
SELECT garant_protect('sweep_mark', false);
SELECT garant_protect('erasure_ledger', false);
SELECT garant_protect('legal_hold', false);
SELECT garant_protect('legal_hold_scope', false);
