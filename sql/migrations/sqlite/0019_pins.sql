-- The messages that stand above their rooms' timelines; the one pinned last has the greatest id.
CREATE TABLE pinned_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    seq INTEGER NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id),
    pinned_at INTEGER NOT NULL,
    UNIQUE (room_id, seq)
);

CREATE INDEX pinned_messages_by_user ON pinned_messages (user_id);
