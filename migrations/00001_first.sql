-- Times are whole seconds since 1970 unless the column says _ms; 0 means never.
-- Keys are made by database.NewID. Both SQLite and PostgreSQL run this file.

-- +goose Up

-- internal/settings: what the owner has chosen.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- internal/auth: who may write.
CREATE TABLE users (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    role         TEXT NOT NULL,
    password     TEXT NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE TABLE setup (
    token_hash TEXT PRIMARY KEY,
    created_at BIGINT NOT NULL
);
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address    TEXT NOT NULL,
    agent      TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE TABLE devices (
    token_hash TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL
);
CREATE INDEX devices_user ON devices (user_id);
CREATE TABLE tokens (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    scope      TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX tokens_user ON tokens (user_id);

-- internal/queue: work remembered until done.
CREATE TABLE jobs (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,
    payload    TEXT NOT NULL,
    run_at_ms  BIGINT NOT NULL,
    tries      BIGINT NOT NULL,
    taken      BOOLEAN NOT NULL,
    dead       BOOLEAN NOT NULL,
    error      TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (kind, run_at_ms) WHERE NOT dead;
CREATE UNIQUE INDEX jobs_waiting ON jobs (kind, payload) WHERE tries = 0 AND NOT dead;

-- internal/posts: the owner's writing.
CREATE TABLE posts (
    id           TEXT PRIMARY KEY,
    author_id    TEXT NOT NULL REFERENCES users (id),
    status       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    path         TEXT NOT NULL,
    slug         TEXT NOT NULL,
    title        TEXT NOT NULL,
    content      TEXT NOT NULL,
    properties   TEXT NOT NULL,
    html         TEXT NOT NULL,
    summary      TEXT NOT NULL,
    words        BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    published_at BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    deleted_at   BIGINT NOT NULL
);
CREATE INDEX posts_stream ON posts (status, published_at, id);
CREATE INDEX posts_kind ON posts (status, kind, published_at, id);
-- Every address a post has or had; posts.path is the one it answers at now.
CREATE TABLE paths (
    path    TEXT PRIMARY KEY,
    post_id TEXT NOT NULL REFERENCES posts (id) ON DELETE CASCADE
);
CREATE INDEX paths_post ON paths (post_id);
CREATE TABLE tags (
    post_id  TEXT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    tag      TEXT NOT NULL,
    name     TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (post_id, tag)
);
CREATE INDEX tags_tag ON tags (tag, post_id);

-- internal/mentions, Inbox: what others say about our posts. One by
-- (canonical source, post); post_id is empty for a mention of the site itself.
CREATE TABLE mentions (
    id            TEXT PRIMARY KEY,
    post_id       TEXT NOT NULL,
    source_key    TEXT NOT NULL,
    source        TEXT NOT NULL,
    target        TEXT NOT NULL,
    via           TEXT NOT NULL,
    address       TEXT NOT NULL,
    state         TEXT NOT NULL,
    reason        TEXT NOT NULL,
    refusal       TEXT NOT NULL,
    checking      BOOLEAN NOT NULL,
    strikes       BIGINT NOT NULL,
    struck_at     BIGINT NOT NULL,
    kind          TEXT NOT NULL,
    author_name   TEXT NOT NULL,
    author_url    TEXT NOT NULL,
    title         TEXT NOT NULL,
    html          TEXT NOT NULL,
    rsvp          TEXT NOT NULL,
    changed       TEXT NOT NULL,
    published_at  BIGINT NOT NULL,
    received_at   BIGINT NOT NULL,
    verified_at   BIGINT NOT NULL,
    decided_at    BIGINT NOT NULL,
    UNIQUE (source_key, post_id)
);
CREATE INDEX mentions_post ON mentions (post_id, state, published_at, id);
CREATE INDEX mentions_state ON mentions (state, received_at, id);
-- The ledger: why each mention is where it is.
CREATE TABLE mention_events (
    id         TEXT PRIMARY KEY,
    mention_id TEXT NOT NULL REFERENCES mentions (id) ON DELETE CASCADE,
    position   BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    what       TEXT NOT NULL,
    detail     TEXT NOT NULL
);
CREATE INDEX mention_events_mention ON mention_events (mention_id, position);

-- internal/mentions, Outbox: what our posts say about others.
CREATE TABLE deliveries (
    id         TEXT PRIMARY KEY,
    post_id    TEXT NOT NULL,
    target     TEXT NOT NULL,
    linked     BOOLEAN NOT NULL,
    version    TEXT NOT NULL,
    protocol   TEXT NOT NULL,
    endpoint   TEXT NOT NULL,
    state      TEXT NOT NULL,
    tries      BIGINT NOT NULL,
    answer     TEXT NOT NULL,
    location   TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    next_at    BIGINT NOT NULL,
    UNIQUE (post_id, target)
);
CREATE INDEX deliveries_updated ON deliveries (updated_at, id);

-- internal/database: generation numbers, where several processes share one
-- PostgreSQL; with SQLite they live in memory.
CREATE TABLE generations (
    name   TEXT PRIMARY KEY,
    number BIGINT NOT NULL
);
