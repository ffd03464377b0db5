-- The whole schema, version 20, with the rooms of a first start, for
--     mysql -u root -p chat < sql/chat.sql
-- into an empty database. It is what the numbered migrations lead to; the server goes on from here.
SET NAMES utf8mb4;

CREATE TABLE schema_migrations (
    version INTEGER NOT NULL PRIMARY KEY,
    name VARCHAR(190) NOT NULL,
    steps INTEGER NOT NULL,
    steps_begun INTEGER NOT NULL,
    steps_done INTEGER NOT NULL,
    readable_from INTEGER NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- Keys are compared byte by byte (utf8mb4_bin); a nonce is VARBINARY because utf8mb4_bin ignores trailing spaces.
CREATE TABLE users (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    username VARCHAR(64) NOT NULL,
    username_key VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    display_name VARCHAR(190) NOT NULL,
    display_key VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    role VARCHAR(16) NOT NULL DEFAULT 'member',
    password_hash VARCHAR(255) NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT,
    one_time_password TINYINT NOT NULL DEFAULT 0,
    erased TINYINT NOT NULL DEFAULT 0,
    kind VARCHAR(16) NOT NULL DEFAULT 'local',
    avatar VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    UNIQUE KEY users_by_username_key (username_key),
    KEY users_by_display_key (display_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- A direct room's name_key is '@' and its two users: no room that people name can begin with '@'.
CREATE TABLE rooms (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(190) NOT NULL,
    name_key VARCHAR(700) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    kind VARCHAR(16) NOT NULL,
    topic VARCHAR(1000) NOT NULL,
    arrival TINYINT NOT NULL DEFAULT 0,
    last_seq BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    archived_at BIGINT,
    user_a BIGINT,
    user_b BIGINT,
    first_seq BIGINT NOT NULL DEFAULT 1,
    description VARCHAR(1000) NOT NULL DEFAULT '',
    read_only TINYINT NOT NULL DEFAULT 0,
    UNIQUE KEY rooms_by_name_key (name_key),
    KEY rooms_by_user_a (user_a),
    KEY rooms_by_user_b (user_b)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE members (
    room_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    state VARCHAR(16) NOT NULL,
    read_seq BIGINT NOT NULL DEFAULT 0,
    reason VARCHAR(1000) NOT NULL DEFAULT '',
    requested_at BIGINT,
    owner TINYINT NOT NULL DEFAULT 0,
    joined_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (room_id, user_id),
    KEY members_by_user (user_id, state),
    CONSTRAINT members_room FOREIGN KEY (room_id) REFERENCES rooms (id),
    CONSTRAINT members_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- No foreign keys: a message is stored in the transaction that raised its room's last_seq, by a signed-in user.
CREATE TABLE messages (
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    sender_id BIGINT NOT NULL,
    body TEXT NOT NULL,
    nonce VARBINARY(256) NOT NULL,
    sent_at BIGINT NOT NULL,
    kind VARCHAR(8) NOT NULL DEFAULT 'text',
    target BIGINT,
    is_on TINYINT NOT NULL DEFAULT 1,
    reply_to BIGINT,
    edited_at BIGINT,
    deleted TINYINT NOT NULL DEFAULT 0,
    files INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (room_id, seq),
    UNIQUE KEY messages_by_nonce (sender_id, nonce),
    KEY messages_by_time (sent_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE tokens (
    token_hash VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL DEFAULT 0,
    address VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    public_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    device VARCHAR(190) NOT NULL DEFAULT '',
    UNIQUE KEY tokens_by_public_id (public_id),
    KEY tokens_by_user (user_id),
    KEY tokens_by_use (last_used_at),
    CONSTRAINT tokens_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE settings (
    name VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE user_addresses (
    user_id BIGINT NOT NULL,
    address VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, address),
    CONSTRAINT user_addresses_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE sanctions (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind VARCHAR(16) NOT NULL,
    user_id BIGINT,
    network VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    room_id BIGINT,
    reason VARCHAR(1000) NOT NULL,
    by_name VARCHAR(190) NOT NULL,
    created_at BIGINT NOT NULL,
    ends_at BIGINT,
    lifted_at BIGINT,
    lifted_by VARCHAR(190),
    KEY sanctions_by_user (user_id),
    KEY sanctions_by_room (room_id),
    KEY sanctions_by_lifting (lifted_at, ends_at),
    CONSTRAINT sanctions_user FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT sanctions_room FOREIGN KEY (room_id) REFERENCES rooms (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

CREATE TABLE audit (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    happened_at BIGINT NOT NULL,
    actor VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    origin VARCHAR(190) NOT NULL,
    action VARCHAR(190) NOT NULL,
    target VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    detail TEXT NOT NULL,
    allowed TINYINT NOT NULL,
    KEY audit_by_time (happened_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

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

-- The search index: an entry's id is its message's sent_at * 65536 and a number that makes it unique.
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

-- Up to where each room is in the index, and from where on; from `hole_first` to `hole_last` (0: no hole) it is not yet.
CREATE TABLE search_positions (
    room_id BIGINT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    hole_first BIGINT NOT NULL DEFAULT 0,
    hole_last BIGINT NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- The word in the ids of this database's rooms, one row. It is in no backup, and so restored rooms have other ids.
CREATE TABLE room_ids (
    id INTEGER NOT NULL PRIMARY KEY,
    word VARCHAR(32) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- Which server uses this database, one row that it renews. It is in no backup.
CREATE TABLE leases (
    name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    owner VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    holder VARCHAR(190) NOT NULL,
    until_ms BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- Files that were uploaded. One is named by the message at seq, or not yet; `gone` ones wait for their bytes to be removed.
CREATE TABLE files (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    public_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    room_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    nonce VARBINARY(256) NOT NULL,
    name VARCHAR(255) NOT NULL,
    size BIGINT NOT NULL,
    type VARCHAR(127) NOT NULL,
    digest VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    width INTEGER,
    height INTEGER,
    preview_size INTEGER NOT NULL DEFAULT 0,
    preview_digest VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    seq BIGINT,
    place INTEGER NOT NULL DEFAULT 0,
    gone TINYINT NOT NULL DEFAULT 0,
    UNIQUE KEY files_by_public_id (public_id),
    UNIQUE KEY files_by_nonce (user_id, nonce),
    KEY files_by_message (room_id, seq),
    KEY files_by_state (gone, seq, created_at),
    KEY files_by_digest (digest),
    KEY files_by_preview (preview_digest)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One-time invitations: who has the code may register once; only its hash is kept, and the row goes with its use.
CREATE TABLE invitations (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    code_hash VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    username VARCHAR(190) NOT NULL,
    role VARCHAR(16) NOT NULL,
    by_name VARCHAR(190) NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE KEY invitations_by_code (code_hash)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- Through these a program speaks in a room, as its bot; whoever knows the secret may.
CREATE TABLE incoming_webhooks (
    user_id BIGINT NOT NULL PRIMARY KEY,
    room_id BIGINT NOT NULL,
    secret_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    UNIQUE KEY incoming_webhooks_by_secret (secret_hash),
    KEY incoming_webhooks_by_room (room_id),
    CONSTRAINT incoming_webhooks_user FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT incoming_webhooks_room FOREIGN KEY (room_id) REFERENCES rooms (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- Where messages of a room are sent on, signed with the secret; sent_seq is the last one that was sent or given up.
CREATE TABLE outgoing_webhooks (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    room_id BIGINT NOT NULL,
    name VARCHAR(64) NOT NULL,
    name_key VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    url VARCHAR(2000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    secret VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at BIGINT NOT NULL,
    sent_seq BIGINT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    retry_at BIGINT NOT NULL DEFAULT 0,
    trouble VARCHAR(255) NOT NULL DEFAULT '',
    given_up BIGINT NOT NULL DEFAULT 0,
    UNIQUE KEY outgoing_webhooks_by_name_key (name_key),
    KEY outgoing_webhooks_by_room (room_id),
    CONSTRAINT outgoing_webhooks_room FOREIGN KEY (room_id) REFERENCES rooms (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- What users choose for all their devices: room_id 0 for no room, the value as JSON, counted by version.
CREATE TABLE own_settings (
    user_id BIGINT NOT NULL,
    room_id BIGINT NOT NULL,
    name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    value TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (user_id, room_id, name),
    CONSTRAINT own_settings_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- The messages that users have saved for themselves.
CREATE TABLE saved_messages (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    saved_at BIGINT NOT NULL,
    UNIQUE KEY saved_messages_by_user (user_id, room_id, seq),
    KEY saved_messages_by_place (room_id, seq),
    CONSTRAINT saved_messages_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- The messages that stand above their rooms' timelines; the one pinned last has the greatest id.
CREATE TABLE pinned_messages (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    room_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    pinned_at BIGINT NOT NULL,
    UNIQUE KEY pinned_messages_by_place (room_id, seq),
    KEY pinned_messages_by_user (user_id),
    CONSTRAINT pinned_messages_room FOREIGN KEY (room_id) REFERENCES rooms (id),
    CONSTRAINT pinned_messages_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- The servers that share this database, each with a row that it renews. They are in no backup.
CREATE TABLE servers (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    name VARCHAR(190) NOT NULL,
    address VARCHAR(190) NOT NULL,
    version VARCHAR(64) NOT NULL,
    fingerprint VARCHAR(128) NOT NULL,
    online INTEGER NOT NULL,
    since_ms BIGINT NOT NULL,
    beat_ms BIGINT NOT NULL,
    schema_version INTEGER NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- What one of these servers did and the others apply. Ids are not in the order of the commits. In no backup.
CREATE TABLE changes (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    server VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    number BIGINT NOT NULL,
    other BIGINT NOT NULL,
    detail MEDIUMTEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    KEY changes_by_time (at_ms)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- Who is signed in to which of the servers that share this database, for the others. In no backup.
CREATE TABLE online (
    user_id BIGINT NOT NULL,
    server VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status_text VARCHAR(320) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    PRIMARY KEY (user_id, server),
    KEY online_by_server (server)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- What became of requests to join while their users were away, as an event in JSON: told at the next sign-in.
CREATE TABLE pending_notices (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    room_key VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    event TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    UNIQUE KEY pending_notices_by_user (user_id, room_key),
    CONSTRAINT pending_notices_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- The pictures that users show of themselves, in base64; users.avatar names one by its content, without reading it.
CREATE TABLE avatars (
    user_id BIGINT NOT NULL PRIMARY KEY,
    data TEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    CONSTRAINT avatars_user FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

INSERT INTO rooms (name, name_key, kind, topic, arrival, created_at) VALUES
    ('Général', 'general', 'public', '', 1, 1767225600000),
    ('Blabla', 'blabla', 'public', '', 0, 1767225600000),
    ('Comptabilité', 'comptabilite', 'moderated', '', 0, 1767225600000),
    ('Informatique', 'informatique', 'moderated', '', 0, 1767225600000),
    ('Marketing', 'marketing', 'moderated', '', 0, 1767225600000);

INSERT INTO schema_migrations (version, name, steps, steps_begun, steps_done) VALUES
    (1, 'core', 7, 7, 7),
    (2, 'moderation', 5, 5, 5),
    (3, 'message_kinds', 3, 3, 3),
    (4, 'search', 3, 3, 3),
    (5, 'last_seq', 1, 1, 1),
    (6, 'room_ids', 1, 1, 1),
    (7, 'leases', 1, 1, 1),
    (8, 'files', 2, 2, 2),
    (9, 'devices', 3, 3, 3),
    (10, 'invitations', 1, 1, 1),
    (11, 'private_rooms', 2, 2, 2),
    (12, 'bots', 2, 2, 2),
    (13, 'outgoing_webhooks', 1, 1, 1),
    (14, 'search_holes', 1, 1, 1),
    (15, 'cluster', 2, 2, 2),
    (16, 'own_settings', 2, 2, 2),
    (17, 'online', 1, 1, 1),
    (18, 'pending_notices', 1, 1, 1),
    (19, 'pins', 1, 1, 1),
    (20, 'rolling', 2, 2, 2);

INSERT INTO schema_migrations (version, name, steps, steps_begun, steps_done, readable_from) VALUES
    (21, 'avatars', 2, 2, 2, 20);
