-- Files that only earlier versions of posts show, and templates.

-- +goose Up

-- internal/media. The files that a revision names.
CREATE TABLE revision_files (
    post_id  TEXT NOT NULL,
    version  BIGINT NOT NULL,
    file_key TEXT NOT NULL,
    PRIMARY KEY (post_id, version, file_key),
    FOREIGN KEY (post_id, version) REFERENCES revisions (post_id, version) ON DELETE CASCADE
);
CREATE INDEX revision_files_file ON revision_files (file_key);
INSERT INTO revision_files (post_id, version, file_key)
SELECT revisions.post_id, revisions.version, files.key FROM revisions JOIN files
ON revisions.state LIKE '%/media/' || files.key || '%'
WHERE revisions.state LIKE '%/media/%';

-- internal/media. The same of a template.
CREATE TABLE template_files (
    template_id TEXT NOT NULL REFERENCES templates (id) ON DELETE CASCADE,
    file_key    TEXT NOT NULL,
    PRIMARY KEY (template_id, file_key)
);
CREATE INDEX template_files_file ON template_files (file_key);
INSERT INTO template_files (template_id, file_key)
SELECT templates.id, files.key FROM templates JOIN files
ON templates.state LIKE '%/media/' || files.key || '%';
