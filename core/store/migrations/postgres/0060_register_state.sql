-- In which state the registers of a tenant are: another value with each transaction that writes to an
-- entity about nobody (purposes, recipients, assessments, ...). It changes in that transaction, so
-- whoever still finds the value that they kept their rows under may go on using them. A random value
-- and no counter: after a restore the old value stands for the old rows again.
CREATE TABLE register_state (
    tenant_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    state TEXT COLLATE "C" NOT NULL
);
SELECT garant_protect('register_state', false);
