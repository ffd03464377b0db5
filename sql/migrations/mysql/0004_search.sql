-- The search index, which a thread of the server fills behind the commit.
-- An entry's id is its message's sent_at * 65536 and a number that makes it unique: the order of the ids is that of the times.
-- Every word of the text is ASCII and begins with w_: none is a stop word, and none is too short for the index.

CREATE TABLE search_entries (
    id BIGINT NOT NULL PRIMARY KEY,
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    sender_id BIGINT NOT NULL,
    text MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    UNIQUE KEY search_entries_by_place (room_id, seq),
    KEY search_entries_by_sender (sender_id, id),
    FULLTEXT KEY search_entries_by_text (text)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- Each word, and how often it was counted in one message of sixteen.
CREATE TABLE search_words (
    word VARCHAR(84) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    uses BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- Up to where each room is in the index, and from where on.
CREATE TABLE search_positions (
    room_id BIGINT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    first_seq BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
