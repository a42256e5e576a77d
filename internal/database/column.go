package database

import (
	"database/sql"
	"errors"
)

// Column reads rows of one text each, and closes them.
func Column(rows *sql.Rows) (all []string, err error) {
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, errors.Join(rows.Err(), rows.Close())
}
