-- The search index, which a thread of the server fills behind the commit.
-- An entry's id is its message's sent_at * 65536 and a number that makes it unique: the order of the ids is that of the times.

CREATE TABLE search_entries (
    id INTEGER PRIMARY KEY,
    room_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    sender_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (room_id, seq)
);

-- Its text is that of the entry with its room and its sender as further words. Every word is ASCII.
CREATE VIRTUAL TABLE search_index USING fts5 (
    text, content='', columnsize=0, detail='none', tokenize="ascii tokenchars '_'"
);

-- Each word, and how often it was counted in one message of sixteen.
CREATE TABLE search_words (
    word TEXT NOT NULL PRIMARY KEY,
    uses INTEGER NOT NULL
) WITHOUT ROWID;

-- Up to where each room is in the index, and from where on.
CREATE TABLE search_positions (
    room_id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    first_seq INTEGER NOT NULL
);
