-- What the people of a site must know of their accounts.

-- +goose Up

-- internal/auth: where each browser signed in last, and the last of the others
-- that were new that it was told of.
ALTER TABLE devices ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN told TEXT NOT NULL DEFAULT '';

-- What happened to each account. Rows with the same fold are one, which counts its
-- times. bad says that somebody was refused: those are bounded apart, so that a
-- flood of them washes nothing else away. device is the browser that was not seen
-- before, mailed_at when a letter told of it.
CREATE TABLE activity (
    id        TEXT PRIMARY KEY,
    user_id   TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    at        BIGINT NOT NULL,
    what      TEXT NOT NULL,
    how       TEXT NOT NULL,
    address   TEXT NOT NULL,
    agent     TEXT NOT NULL,
    times     BIGINT NOT NULL,
    bad       BOOLEAN NOT NULL,
    fold      TEXT NOT NULL,
    device    TEXT NOT NULL,
    mailed_at BIGINT NOT NULL,
    UNIQUE (user_id, fold)
);
CREATE INDEX activity_user ON activity (user_id, bad, at, id);
CREATE INDEX activity_time ON activity (at);
CREATE INDEX activity_device ON activity (at) WHERE device <> '';

-- How often on a day somebody came by a name or a token that nobody has.
CREATE TABLE strangers (
    day   BIGINT PRIMARY KEY,
    times BIGINT NOT NULL
);
