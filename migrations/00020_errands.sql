-- Files on other hosts that posts name, and that are to be brought here.

-- +goose Up

-- internal/courier. A row for each that is not here yet: waiting for its next try, or
-- failed for good. reason says in words what was wrong at the last one.
CREATE TABLE errands (
    id       TEXT PRIMARY KEY,
    post_id  TEXT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    address  TEXT NOT NULL,
    state    TEXT NOT NULL,
    reason   TEXT NOT NULL,
    tried_at BIGINT NOT NULL,
    UNIQUE (post_id, address)
);
