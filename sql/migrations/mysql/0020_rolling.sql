-- From here on each migration says which programs go on beside it, in a line like this one:
-- Readable from: 20
-- A server tells the others of which version it is, and waits with what an older one cannot read.
ALTER TABLE schema_migrations ADD COLUMN readable_from INTEGER NOT NULL DEFAULT 0;

ALTER TABLE servers ADD COLUMN schema_version INTEGER NOT NULL DEFAULT 0;
