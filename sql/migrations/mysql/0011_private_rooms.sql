-- Rooms that people make: who owns one, since when somebody belongs to it, what it is for, and whether it is archived (read-only).
ALTER TABLE rooms
    ADD COLUMN description VARCHAR(1000) NOT NULL DEFAULT '',
    ADD COLUMN read_only TINYINT NOT NULL DEFAULT 0;

ALTER TABLE members
    ADD COLUMN owner TINYINT NOT NULL DEFAULT 0,
    ADD COLUMN joined_at BIGINT NOT NULL DEFAULT 0;
