-- What users choose for all their devices (room_id 0: for no room), counted by version, and the messages that they have saved.
CREATE TABLE own_settings (
    user_id INTEGER NOT NULL REFERENCES users (id),
    room_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (user_id, room_id, name)
);

CREATE TABLE saved_messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id),
    room_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    saved_at INTEGER NOT NULL,
    UNIQUE (user_id, room_id, seq)
);

CREATE INDEX saved_messages_by_place ON saved_messages (room_id, seq);
