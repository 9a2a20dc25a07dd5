-- Who shares an address or number with whom, by a keyed hash of its normal form: what a person says for
-- an address covers every contact that has it. The key is derived from the server's secret and is not
-- here, so a copy of the database tells no address.
CREATE TABLE subject_address (
    tenant_id TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    -- Address first: who has it? The other index: what does this person have?
    PRIMARY KEY (tenant_id, address, subject_id)
);
CREATE INDEX subject_address_of ON subject_address (tenant_id, subject_id);

-- Withdrawals and objections by the addresses that they were said for; append-only. It outlives the
-- contact: somebody who objected and was erased is covered when they are entered anew. `subject_id` is
-- who said it, null where it was said for the address itself; the last columns are its evidence then.
CREATE TABLE address_event (
    tenant_id TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    event_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C",
    purpose TEXT COLLATE "C" NOT NULL,
    channel TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    method TEXT COLLATE "C",
    wording TEXT COLLATE "C",
    collector TEXT COLLATE "C",
    evidence TEXT COLLATE "C",
    recorded_at BIGINT,
    recorded_by TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, address, event_id)
);

-- Under which key a tenant's addresses are hashed, as a digest of it: after a change they are hashed anew.
CREATE TABLE address_index (
    tenant_id TEXT COLLATE "C" NOT NULL,
    key_digest TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id)
);

SELECT garant_protect('subject_address', false);
SELECT garant_protect('address_event', true);
SELECT garant_protect('address_index', false);
