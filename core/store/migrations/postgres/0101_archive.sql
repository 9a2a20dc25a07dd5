-- The archive of dormant data: records that left the active tables, sealed under a key of their person,
-- which is wrapped by the server's master key. Without the key a copy of any row is noise, so destroying
-- the key erases every copy. Ordinary reads never look here.

-- `part`: not the whole record but its link to the person and what it says of them; the rest stayed.
CREATE TABLE archive (
    tenant_id TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    part BOOLEAN NOT NULL,
    slept_at BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    sealed TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, entity, record_id)
);
-- A person wakes, and is erased, with everything that is theirs.
CREATE INDEX archive_of ON archive (tenant_id, subject_id);

CREATE TABLE archive_key (
    tenant_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    wrapped TEXT COLLATE "C" NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, subject_id)
);

-- Keys by which sources knew what sleeps, each as a keyed hash together with who sent it: to them the key
-- stays taken, to anybody else it is one that nobody ever sent.
CREATE TABLE archive_source (
    tenant_id TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, reference)
);
CREATE INDEX archive_source_of ON archive_source (tenant_id, subject_id);

-- Who opened what sleeps, and why; append-only. The record is named by keyed reference.
CREATE TABLE archive_access (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    entity TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id)
);

-- Who woke, by which act: of the person, or a decision of the DPO with its reason. Append-only.
CREATE TABLE waking (
    tenant_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    act TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, subject_id, at)
);

SELECT garant_protect('archive', false);
SELECT garant_protect('archive_key', false);
SELECT garant_protect('archive_source', false);
SELECT garant_protect('archive_access', false);
SELECT garant_protect('waking', false);
