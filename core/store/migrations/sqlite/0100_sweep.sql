-- The sweep: what was destroyed, what sleeps, what is held. Nothing here holds a personal value in
-- clear; references are keyed hashes.

-- Runs with their receipts. `counts` is JSON by entity, effect and code; `receipt` chains the references
-- of every batch, so that a run can be told from another by what it did. It grows with each batch, in
-- the batch's transaction: a killed run tells what it had done.
CREATE TABLE sweep_run (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    set_version BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    culprit TEXT,
    counts TEXT NOT NULL,
    receipt TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;

-- Who sweeps, and until when it is theirs. One row for a tenant; each batch renews it.
CREATE TABLE sweep_lease (
    tenant_id TEXT NOT NULL,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (tenant_id)
) WITHOUT ROWID;

-- Records that were made anonymous and stay: at this version they are not due again.
CREATE TABLE sweep_mark (
    tenant_id TEXT NOT NULL,
    entity TEXT NOT NULL,
    record_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, entity, record_id)
) WITHOUT ROWID;

-- What was erased, by keyed reference: of the record (`record`), or of the key by which a source knew it
-- (`key`). `pending`: brought back after a restore, to be looked for by the next sweep.
CREATE TABLE erasure_ledger (
    tenant_id TEXT NOT NULL,
    reference TEXT NOT NULL,
    kind TEXT NOT NULL,
    entity TEXT NOT NULL,
    effect TEXT NOT NULL,
    at BIGINT NOT NULL,
    pending BOOLEAN NOT NULL,
    PRIMARY KEY (tenant_id, reference)
) WITHOUT ROWID;
CREATE INDEX erasure_ledger_pending ON erasure_ledger (tenant_id, pending, entity);

-- Legal holds: data that a claim may need. The scope is frozen to ids when the hold is opened; `active`
-- says there whether it still holds, so that the fact is one look into one index.
CREATE TABLE legal_hold (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    basis TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    opened_by TEXT NOT NULL,
    approved_at BIGINT,
    approved_by TEXT,
    review_on BIGINT NOT NULL,
    released_at BIGINT,
    released_by TEXT,
    release_reason TEXT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
CREATE TABLE legal_hold_scope (
    tenant_id TEXT NOT NULL,
    hold_id TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    PRIMARY KEY (tenant_id, hold_id, subject_id)
) WITHOUT ROWID;
CREATE INDEX legal_hold_of ON legal_hold_scope (tenant_id, subject_id, active);
