-- The newest messages of a room are indexed first: what lies between them and the older ones, from `hole_first` to
-- `hole_last`, is not in the index yet (0: there is no hole).
ALTER TABLE search_positions
    ADD COLUMN hole_first BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN hole_last BIGINT NOT NULL DEFAULT 0;
