-- Who gave or took access when: added to, and never changed. It names users by their ids and roles by their keys,
-- nobody by name or address, so nothing of it is to be erased with a user.
CREATE TABLE access_change (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    act TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C",
    role TEXT COLLATE "C",
    before TEXT COLLATE "C",
    after TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id)
);
-- What happened with one user.
CREATE INDEX access_change_of ON access_change (tenant_id, user_id, id);
SELECT garant_protect('access_change', true);
