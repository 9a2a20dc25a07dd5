-- Who gave or took access when: added to, and never changed. It names users by their ids and roles by their keys,
-- nobody by name or address, so nothing of it is to be erased with a user.
CREATE TABLE access_change (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    user_id TEXT,
    role TEXT,
    before TEXT,
    after TEXT,
    PRIMARY KEY (tenant_id, id)
);
-- What happened with one user.
CREATE INDEX access_change_of ON access_change (tenant_id, user_id, id);
