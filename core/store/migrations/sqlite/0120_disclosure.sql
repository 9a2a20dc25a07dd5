-- Who got which person, for which purpose: so that whoever takes a person away from a purpose can be told
-- where to stop. The person is a keyed reference, as in the decision log; no value is here. `at` is the last
-- time to within thirty days, so that reading again writes nothing.
CREATE TABLE disclosure (
    tenant_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    recipient_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    way TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- The person first: who got them?
    PRIMARY KEY (tenant_id, subject, recipient_id, purpose)
) WITHOUT ROWID;
CREATE INDEX disclosure_at ON disclosure (tenant_id, at);

-- What somebody has to do by a day: tell a recipient to stop, tell people of a new processor. `record_id` is
-- there for whoever tells the recipient, and goes when it is done; the reference stays.
CREATE TABLE obligation (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    recipient_id TEXT,
    purpose TEXT,
    reference TEXT NOT NULL,
    record_id TEXT,
    opened_at BIGINT NOT NULL,
    due_on BIGINT NOT NULL,
    done_at BIGINT,
    done_by TEXT,
    note TEXT,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
-- Is there one already? What is open, the most urgent first?
CREATE INDEX obligation_of ON obligation (tenant_id, reference);
CREATE INDEX obligation_due ON obligation (tenant_id, due_on, id);
