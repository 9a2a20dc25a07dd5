-- What a tenant defined in its catalogue besides the standard entities: fields and objects of its own. Like
-- a policy set, a version is inserted and never updated; the highest one counts, and the first statement of
-- each unit of work reads its number, so that every process sees a change with its next unit.
CREATE TABLE custom_catalog (
    tenant_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- The whole of it, as JSON: it is small, and read as a whole.
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    -- What was done, and to what: `createCustomField`, `contact.shoe_size`.
    what TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (tenant_id, version)
) WITHOUT ROWID;
