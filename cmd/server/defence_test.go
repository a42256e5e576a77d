package main

import (
	"testing"

	"hark/internal/database"
	"hark/internal/guard"
	choices "hark/internal/settings"
)

func TestTheDefaultsOfTheDeskAreThoseOfTheGuard(t *testing.T) {
	got, err := budgets(choices.New(database.Test(t)))(t.Context())
	if err != nil || got != guard.DefaultBudgets() {
		t.Errorf("got %+v, %v, want %+v", got, err, guard.DefaultBudgets())
	}
}
