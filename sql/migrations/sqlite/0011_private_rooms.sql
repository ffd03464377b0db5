-- Rooms that people make: who owns one, since when somebody belongs to it, what it is for, and whether it is archived (read-only).
ALTER TABLE rooms ADD COLUMN description TEXT NOT NULL DEFAULT '';

ALTER TABLE rooms ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0;

ALTER TABLE members ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;

ALTER TABLE members ADD COLUMN joined_at INTEGER NOT NULL DEFAULT 0;
