-- Edits, deletions, reactions and replies: each takes a place in its room's order.

ALTER TABLE messages ADD COLUMN kind TEXT NOT NULL DEFAULT 'text';

ALTER TABLE messages ADD COLUMN target INTEGER;

ALTER TABLE messages ADD COLUMN is_on INTEGER NOT NULL DEFAULT 1;

ALTER TABLE messages ADD COLUMN reply_to INTEGER;

ALTER TABLE messages ADD COLUMN edited_at INTEGER;

ALTER TABLE messages ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;

-- What a message said before the edit or deletion that stands at version_seq.
CREATE TABLE message_versions (
    room_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    version_seq INTEGER NOT NULL,
    body TEXT NOT NULL,
    replaced_by INTEGER NOT NULL,
    replaced_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, seq, version_seq)
) WITHOUT ROWID;

CREATE TABLE reactions (
    room_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    emoji TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    reacted_at INTEGER NOT NULL,
    PRIMARY KEY (room_id, seq, emoji, user_id)
) WITHOUT ROWID;
