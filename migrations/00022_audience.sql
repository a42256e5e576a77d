-- A private post can name who may read it.

-- +goose Up

-- internal/posts: the addresses of those whom a private post is for, each in its one
-- spelling, in the order in which they were written.
CREATE TABLE audience (
    post_id  TEXT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    address  TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (post_id, address)
);
CREATE INDEX audience_address ON audience (address, post_id);

-- Whether the post at a path is private: whoever may not see it is answered without a
-- look at the post, in the time that it takes where there is none.
ALTER TABLE paths ADD COLUMN hidden BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE paths SET hidden = TRUE WHERE post_id IN (SELECT id FROM posts WHERE visibility = 'private');

-- internal/visitors: readers who are being asked who they are. key_hash is of what
-- their browser holds; the rest is what was asked, of whom, and where they go after it.
CREATE TABLE greetings (
    key_hash   TEXT PRIMARY KEY,
    state      TEXT NOT NULL,
    verifier   TEXT NOT NULL,
    me         TEXT NOT NULL,
    issuer     TEXT NOT NULL,
    endpoint   TEXT NOT NULL,
    next       TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Readers who have shown that an address is theirs. token_hash is of what their
-- browser holds. None of them has any right of the desk.
CREATE TABLE visitors (
    token_hash TEXT PRIMARY KEY,
    address    TEXT NOT NULL,
    begun_at   BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX visitors_address ON visitors (address, begun_at);
