package site

import (
	"errors"
	"fmt"
	"testing"

	"hark/internal/database"
	"hark/internal/micropub"
	"hark/internal/webmention"
)

func TestAFullDiskIsNamedAtTheDoors(t *testing.T) {
	full := fmt.Errorf("create: %w", database.ErrFull)
	if app := (*micropub.Error)(nil); !errors.As(appFull(full), &app) || app.Status != 507 {
		t.Errorf("an app is told %v", appFull(full))
	}
	if sender := (*webmention.Error)(nil); !errors.As(senderFull(full), &sender) || sender.Status != 507 {
		t.Errorf("a sender is told %v", senderFull(full))
	}
	other := errors.New("another")
	if appFull(other) != other || senderFull(other) != other || appFull(nil) != nil || senderFull(nil) != nil {
		t.Error("an error that is none of a full disk is changed")
	}
}
