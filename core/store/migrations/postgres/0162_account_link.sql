-- By which log-in at a provider somebody is known: a keyed hash of the issuer and of the subject that it names.
CREATE TABLE account_link (
    tenant_id TEXT COLLATE "C" NOT NULL,
    link TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, link)
);
-- Of each issuer a user has one log-in: an address that goes to somebody else there must not take the account
-- along.
CREATE UNIQUE INDEX account_link_of ON account_link (tenant_id, user_id, issuer);
SELECT garant_protect('account_link', false);
