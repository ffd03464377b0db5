-- The word in the ids of this database's rooms, one row. It is in no backup, and so restored rooms have other ids.
CREATE TABLE room_ids (
    id INTEGER NOT NULL PRIMARY KEY,
    word VARCHAR(32) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
