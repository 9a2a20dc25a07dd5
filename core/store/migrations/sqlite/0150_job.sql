-- Imports and exports that run by themselves. Nothing here holds a personal value in clear: what was asked,
-- the position, the file, its rejects and the answer are sealed under a key of the job, which is wrapped by
-- the server's master key. With the row the key goes, and with it every copy of the file.

-- `due_at`: of a job that waits when it may be tried, of one that runs until when it is left to whoever runs
-- it. `fence` grows with each claim: whoever was taken over commits nothing more.
CREATE TABLE job (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    entity TEXT NOT NULL,
    state TEXT NOT NULL,
    wrapped TEXT NOT NULL,
    request TEXT NOT NULL,
    position TEXT,
    progress TEXT NOT NULL,
    problem TEXT,
    fence BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
-- What is to be claimed next.
CREATE INDEX job_due ON job (tenant_id, state, due_at);
-- Somebody's own jobs, the newest first.
CREATE INDEX job_of ON job (tenant_id, owner, id);
-- What is past its days.
CREATE INDEX job_expiry ON job (tenant_id, expires_at);

-- Pieces of what came in, of what goes out and of what was rejected, in their order.
-- Large rows, so they lie beside their index.
CREATE TABLE job_part (
    tenant_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    part TEXT NOT NULL,
    seq BIGINT NOT NULL,
    sealed TEXT NOT NULL,
    PRIMARY KEY (tenant_id, job_id, part, seq)
);

-- Keyed hashes of the keys that a file has named so far, with the line of each: a second row with a key is
-- found without the file in memory.
CREATE TABLE job_key (
    tenant_id TEXT NOT NULL,
    job_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    line BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, job_id, digest)
) WITHOUT ROWID;
