-- Which server uses this database; here a lock beside the file says so, and the table stays empty.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    holder TEXT NOT NULL,
    until_ms INTEGER NOT NULL
);
