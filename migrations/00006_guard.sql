-- What turns people away at the door, and what was turned away.

-- +goose Up

-- internal/guard: who may not come in. network is what was named, covers what that
-- shuts out; by_whom is a person, "command", or a jail of fail2ban, and each lifts
-- its own; until is 0 for a ban for good.
CREATE TABLE bans (
    network TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    covers  TEXT NOT NULL,
    why     TEXT NOT NULL,
    since   BIGINT NOT NULL,
    until   BIGINT NOT NULL,
    PRIMARY KEY (network, by_whom)
);
CREATE INDEX bans_covers ON bans (covers);

-- A number that moves with every change of the bans, so that whoever serves sees
-- cheaply what another process has changed. It has one row.
CREATE TABLE ban_changes (
    one    BIGINT PRIMARY KEY,
    number BIGINT NOT NULL
);

-- internal/guard: what came in an hour, how it ended and why, as numbers alone, so
-- that a flood makes no rows. Kept for 400 days.
CREATE TABLE tallies (
    hour    BIGINT NOT NULL,
    door    TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason  TEXT NOT NULL,
    n       BIGINT NOT NULL,
    PRIMARY KEY (hour, door, outcome, reason)
);

-- Whose refusals were most on a day: sort is address or host, mostly the commonest
-- reason. At most 200 of a sort are kept for a day, and all for 31 days.
CREATE TABLE busiest (
    day    BIGINT NOT NULL,
    sort   TEXT NOT NULL,
    name   TEXT NOT NULL,
    mostly TEXT NOT NULL,
    n      BIGINT NOT NULL,
    PRIMARY KEY (day, sort, name)
);
