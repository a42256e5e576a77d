-- internal/mentions: how many mentions are in each state. The desk shows it on each
-- of its pages, and counting a million takes a third of a second.
CREATE TABLE tally (
    state    TEXT PRIMARY KEY,
    mentions INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO tally (state, mentions)
SELECT state, count(*) FROM mentions GROUP BY state;
CREATE TRIGGER mentions_come AFTER INSERT ON mentions BEGIN
    INSERT INTO tally (state, mentions) VALUES (new.state, 1)
    ON CONFLICT (state) DO UPDATE SET mentions = tally.mentions + 1;
END;
CREATE TRIGGER mentions_move AFTER UPDATE OF state ON mentions WHEN new.state <> old.state BEGIN
    UPDATE tally SET mentions = mentions - 1 WHERE state = old.state;
    INSERT INTO tally (state, mentions) VALUES (new.state, 1)
    ON CONFLICT (state) DO UPDATE SET mentions = tally.mentions + 1;
END;
CREATE TRIGGER mentions_go AFTER DELETE ON mentions BEGIN
    UPDATE tally SET mentions = mentions - 1 WHERE state = old.state;
END;
-- internal/posts: those that are in no list, so that their tags are not counted; and
-- the spellings of a tag.
CREATE INDEX posts_away ON posts (id) WHERE status <> 'published' OR NOT listed;
CREATE INDEX tags_named ON tags (tag, name, post_id);
