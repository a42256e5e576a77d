-- What the inbox needs to judge, to thread, to be searched and to be undone.
-- BYTEA is PostgreSQL's word; SQLite keeps what it is given.

-- +goose Up

-- internal/posts: a closed post takes no more answers.
ALTER TABLE posts ADD COLUMN closed BOOLEAN NOT NULL DEFAULT FALSE;

-- internal/mentions, Inbox. host is where the source lives; author_key, reply_key
-- are addresses in their one spelling: who says it, and which other answer it
-- answers. score and signs are the judgement, lesson is what the filter was taught
-- by it (ham, spam), asked counts what came again after a standing verdict,
-- rest_until is until when its host has asked to be left alone.
ALTER TABLE mentions ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE mentions ADD COLUMN author_key TEXT NOT NULL DEFAULT '';
ALTER TABLE mentions ADD COLUMN author_photo TEXT NOT NULL DEFAULT '';
ALTER TABLE mentions ADD COLUMN face TEXT NOT NULL DEFAULT '';
ALTER TABLE mentions ADD COLUMN reply_key TEXT NOT NULL DEFAULT '';
ALTER TABLE mentions ADD COLUMN score BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mentions ADD COLUMN signs TEXT NOT NULL DEFAULT '';
ALTER TABLE mentions ADD COLUMN lesson TEXT NOT NULL DEFAULT '';
ALTER TABLE mentions ADD COLUMN asked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mentions ADD COLUMN rest_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mentions ADD COLUMN search TEXT NOT NULL DEFAULT '';
DROP INDEX mentions_post;
CREATE INDEX mentions_post ON mentions (post_id, state, kind, published_at, id);
CREATE INDEX mentions_host ON mentions (host, received_at);
CREATE INDEX mentions_author ON mentions (author_key, state) WHERE author_key <> '';
CREATE INDEX mentions_changed ON mentions (received_at, id) WHERE changed <> '';
CREATE INDEX mentions_photo ON mentions (author_photo) WHERE author_photo <> '';

-- What the owner has said of authors, hosts and addresses, once and for all.
CREATE TABLE rules (
    id         TEXT PRIMARY KEY,
    verdict    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    value      TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    hits       BIGINT NOT NULL,
    hit_at     BIGINT NOT NULL,
    UNIQUE (kind, value)
);

-- What was decided, and how it was before, so that it can be undone. A row a
-- mention; those decided together share a batch. A row without a mention is a
-- rule that the decision made, and the rule it took the place of. position
-- numbers the decisions about a mention.
CREATE TABLE decisions (
    id         TEXT PRIMARY KEY,
    batch      TEXT NOT NULL,
    mention_id TEXT NOT NULL,
    rule_id    TEXT NOT NULL,
    position   BIGINT NOT NULL,
    before     TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE INDEX decisions_batch ON decisions (batch);
CREATE INDEX decisions_mention ON decisions (mention_id, position);
CREATE INDEX decisions_time ON decisions (decided_at);

-- The filter: in how many mentions of either kind a word stood. The empty word
-- counts the mentions.
CREATE TABLE words (
    word TEXT PRIMARY KEY,
    ham  BIGINT NOT NULL,
    spam BIGINT NOT NULL
);

-- Photos of authors, made small, and at which address each was found.
CREATE TABLE faces (
    hash  TEXT PRIMARY KEY,
    type  TEXT NOT NULL,
    bytes BYTEA NOT NULL
);
CREATE TABLE photos (
    address TEXT PRIMARY KEY,
    hash    TEXT NOT NULL,
    read_at BIGINT NOT NULL
);
CREATE INDEX photos_hash ON photos (hash);

-- internal/mentions, Outbox: the target in its one spelling.
ALTER TABLE deliveries ADD COLUMN target_key TEXT NOT NULL DEFAULT '';
CREATE INDEX deliveries_target ON deliveries (target_key) WHERE linked;
