package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// shared is how many connections one process holds to PostgreSQL.
const shared = 16

func openPostgres(ctx context.Context, address string) (*DB, error) {
	pool, err := sql.Open("pgx", address)
	if err != nil {
		return nil, fmt.Errorf("open the PostgreSQL database: %w", err)
	}
	pool.SetMaxOpenConns(shared)
	pool.SetMaxIdleConns(shared / 2)
	if err := migratePostgres(ctx, pool); err != nil {
		return nil, errors.Join(fmt.Errorf("open the PostgreSQL database: %w", err), pool.Close())
	}
	return &DB{write: pool, read: pool, postgres: true}, nil
}

// migratePostgres lets one of several processes that start together migrate,
// while the others wait.
func migratePostgres(ctx context.Context, pool *sql.DB) error {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	return migrate(ctx, pool, goose.DialectPostgres, nil, goose.WithSessionLocker(locker))
}
