-- What the outbox needs to be seen before publishing, to be polite for certain, and
-- to learn what came of it.

-- +goose Up

-- internal/posts: the links of a post whose sites are not told, as a JSON list.
ALTER TABLE posts ADD COLUMN quiet TEXT NOT NULL DEFAULT 'null';

-- internal/mentions, Outbox. host is where the target lives; property is how the
-- post responds to the target, empty for a plain link; told_at is when its endpoint
-- took what it was told last; turn_ms is the turn at the endpoint's host that is
-- reserved, 0 for none; said is what the receiver's status page said later; refused
-- says that the receiver answered, and did not want it; source is the address of the
-- post by which the target knows it.
-- A row without a post is a page of ours that a hub is told of.
ALTER TABLE deliveries ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN property TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN told_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN turn_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN said TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN refused BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE deliveries ADD COLUMN source TEXT NOT NULL DEFAULT '';
CREATE INDEX deliveries_state ON deliveries (state, updated_at, id);

-- When the next message may go to a host.
CREATE TABLE turns (
    host    TEXT PRIMARY KEY,
    next_ms BIGINT NOT NULL
);

-- What a look at a page that we link to has shown: where it wants to be told, and,
-- if it is one that we answer, what it says of itself (card). card says that it is
-- kept for that; others are forgotten after a day. problem is a sentence, empty
-- where the page could be read.
CREATE TABLE looks (
    address    TEXT PRIMARY KEY,
    looked_at  BIGINT NOT NULL,
    protocol   TEXT NOT NULL,
    endpoint   TEXT NOT NULL,
    problem    TEXT NOT NULL,
    card       BOOLEAN NOT NULL,
    read_at    BIGINT NOT NULL,
    title      TEXT NOT NULL,
    author     TEXT NOT NULL,
    author_url TEXT NOT NULL,
    words      TEXT NOT NULL,
    published  BIGINT NOT NULL
);
CREATE INDEX looks_time ON looks (looked_at) WHERE NOT card;
