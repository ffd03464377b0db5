-- Where messages of a room are sent on, signed with the secret; sent_seq is the last one that was sent or given up.
CREATE TABLE outgoing_webhooks (
    id INTEGER PRIMARY KEY,
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    sent_seq INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    retry_at INTEGER NOT NULL DEFAULT 0,
    trouble TEXT NOT NULL DEFAULT '',
    given_up INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX outgoing_webhooks_by_room ON outgoing_webhooks (room_id);
