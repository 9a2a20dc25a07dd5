-- Who gave a consent, to which notice, and whether they were free to: derived from the events like the
-- rest of the row. States of before know none of it until the person's next event.
ALTER TABLE consent_state ADD COLUMN notice TEXT NOT NULL DEFAULT '';
ALTER TABLE consent_state ADD COLUMN given_by TEXT NOT NULL DEFAULT '';
ALTER TABLE consent_state ADD COLUMN conditional BOOLEAN NOT NULL DEFAULT FALSE;
-- The addresses are hashed anew at the next start, which folds the states of all.
DELETE FROM address_index;
