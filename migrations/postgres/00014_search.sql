-- internal/posts: what search looks in. A number is the second of the post's time
-- and a count, so that the newest come first. The words are folded already.
CREATE TABLE searched (
    number  BIGINT NOT NULL,
    post_id TEXT PRIMARY KEY REFERENCES posts (id) ON DELETE CASCADE,
    words   TSVECTOR NOT NULL
);
CREATE INDEX searched_newest ON searched (number);
CREATE INDEX searched_words ON searched USING GIN (words);
-- What a sitemap says, without the texts.
CREATE INDEX posts_mapped ON posts (status, published_at, id, updated_at, path, listed) WHERE listed;
-- The posts that are there are read by a job.
INSERT INTO jobs (id, kind, payload, run_at_ms, tries, taken, dead, error, created_at)
SELECT 'search', 'index', '""', 0, 0, FALSE, FALSE, '', 0 WHERE EXISTS (SELECT 1 FROM posts);
