-- Edits, deletions, reactions and replies: each takes a place in its room's order.

ALTER TABLE messages
    ADD COLUMN kind VARCHAR(8) NOT NULL DEFAULT 'text',
    ADD COLUMN target BIGINT,
    ADD COLUMN is_on TINYINT NOT NULL DEFAULT 1,
    ADD COLUMN reply_to BIGINT,
    ADD COLUMN edited_at BIGINT,
    ADD COLUMN deleted TINYINT NOT NULL DEFAULT 0;

-- What a message said before the edit or deletion that stands at version_seq.
CREATE TABLE message_versions (
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    version_seq BIGINT NOT NULL,
    body TEXT NOT NULL,
    replaced_by BIGINT NOT NULL,
    replaced_at BIGINT NOT NULL,
    PRIMARY KEY (room_id, seq, version_seq)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE reactions (
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    emoji VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    user_id BIGINT NOT NULL,
    reacted_at BIGINT NOT NULL,
    PRIMARY KEY (room_id, seq, emoji, user_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
