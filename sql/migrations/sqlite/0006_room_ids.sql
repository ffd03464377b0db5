-- The word in the ids of this database's rooms, one row. It is in no backup, and so restored rooms have other ids.
CREATE TABLE room_ids (
    id INTEGER PRIMARY KEY,
    word TEXT NOT NULL
);
