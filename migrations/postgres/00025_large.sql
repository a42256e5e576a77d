-- internal/mentions: how many mentions are in each state. Here they are counted: in a
-- row that each change of a mention changes, too, all changes would wait for each other.
CREATE VIEW tally AS
SELECT state, count(*) AS mentions FROM mentions GROUP BY state;
-- internal/posts: those that are in no list, so that their tags are not counted; and
-- the spellings of a tag.
CREATE INDEX posts_away ON posts (id) WHERE status <> 'published' OR NOT listed;
CREATE INDEX tags_named ON tags (tag, name, post_id);
