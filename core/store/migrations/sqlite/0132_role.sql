-- What the roles of a tenant may do, where somebody has said otherwise than as shipped. It is read with each
-- credential, so a change is in force with the next request.
CREATE TABLE role (
    tenant_id TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
