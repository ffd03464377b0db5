-- What became of requests to join while their users were away: one row for each room, told at the next sign-in.
CREATE TABLE pending_notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id),
    room_key TEXT NOT NULL,
    event TEXT NOT NULL,
    UNIQUE (user_id, room_key)
);
