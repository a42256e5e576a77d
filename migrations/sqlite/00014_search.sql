-- internal/posts: what search looks in. A number is the second of the post's time
-- and a count, so that the newest come first without being sorted. The words are
-- folded already, and single: the tokenizer has only to part them at the spaces.
CREATE TABLE searched (
    number  INTEGER PRIMARY KEY,
    post_id TEXT NOT NULL UNIQUE REFERENCES posts (id) ON DELETE CASCADE
);
CREATE VIRTUAL TABLE search USING fts5 (words, content='', contentless_delete=1, prefix='2 3', tokenize='ascii');
CREATE TRIGGER searched_gone AFTER DELETE ON searched BEGIN
    DELETE FROM search WHERE rowid = old.number;
END;
-- What a sitemap says, without the texts.
CREATE INDEX posts_mapped ON posts (status, published_at, id, updated_at, path, listed) WHERE listed;
-- The posts that are there are read by a job.
INSERT INTO jobs (id, kind, payload, run_at_ms, tries, taken, dead, error, created_at)
SELECT 'search', 'index', '""', 0, 0, FALSE, FALSE, '', 0 WHERE EXISTS (SELECT 1 FROM posts);
