-- Readable from: 20
-- The pictures that users show of themselves, in base64; users.avatar names one by its content, without reading it.
CREATE TABLE avatars (
    user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (id),
    data TEXT NOT NULL
);

ALTER TABLE users ADD COLUMN avatar TEXT NOT NULL DEFAULT '';
