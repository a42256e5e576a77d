package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pressly/goose/v3"

	"hark/migrations"
)

// ErrNewer says that the database was last written by a newer hark.
var ErrNewer = errors.New("it was written by a newer hark. Start that version again, or put back a copy made before the upgrade")

func migrateSQLite(ctx context.Context, db *sql.DB, file string) error {
	return migrate(ctx, db, goose.DialectSQLite3, func(version int64) error {
		return snapshot(ctx, db, filepath.Join(filepath.Dir(file), fmt.Sprintf("before-%d.db", version)))
	})
}

// migrate runs the steps that the database has not seen. A database that holds
// something is copied by keep first; nil keeps nothing.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, keep func(version int64) error, options ...goose.ProviderOption) error {
	apart, err := stepsApart(dialect)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	options = append(options, goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(apart...))
	steps, err := goose.NewProvider(dialect, db, migrations.Files, options...)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	now, newest, err := steps.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	switch {
	case now > newest:
		return fmt.Errorf("%w (schema %d, this one knows %d)", ErrNewer, now, newest)
	case now == newest:
		return nil
	case now > 0 && keep != nil:
		if err := keep(newest); err != nil {
			return fmt.Errorf("copy the database before migration %d: %w", newest, err)
		}
	}
	if _, err := steps.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// stepsApart are those that the engine does not share with the other.
func stepsApart(dialect goose.Dialect) (steps []*goose.Migration, err error) {
	folder := "sqlite"
	if dialect == goose.DialectPostgres {
		folder = "postgres"
	}
	files, err := fs.Glob(migrations.Files, folder+"/*.sql")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		version, err := goose.NumericComponent(file)
		if err != nil {
			return nil, err
		}
		text, err := fs.ReadFile(migrations.Files, file)
		if err != nil {
			return nil, err
		}
		run := func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, string(text))
			return err
		}
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{RunTx: run}, nil))
	}
	return steps, nil
}

// snapshot writes a whole copy of the database to file. A copy from an attempt
// that was cut off is replaced.
func snapshot(ctx context.Context, db *sql.DB, file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO $1", file); err != nil {
		return err
	}
	return entrust(file)
}
