-- internal/mentions: how many mentions are in each state. Here they are counted: in a
-- row that each change of a mention changes, too, all changes would wait for each other.
CREATE VIEW tally AS
SELECT state, count(*) AS mentions FROM mentions GROUP BY state;
