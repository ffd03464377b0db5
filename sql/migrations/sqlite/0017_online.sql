-- Who is signed in to which of several servers: there is never more than one here, and the table stays empty.
CREATE TABLE online (
    user_id INTEGER NOT NULL,
    server TEXT NOT NULL,
    status TEXT NOT NULL,
    status_text TEXT NOT NULL,
    PRIMARY KEY (user_id, server)
);
