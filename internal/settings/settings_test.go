package settings

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"testing"

	"hark/internal/database"
)

func TestWhatWasChosenIsKept(t *testing.T) {
	store, ctx := New(database.Test(t)), context.Background()
	if got, err := store.Site(ctx); err != nil || got != Default {
		t.Errorf("before any choice: %+v, %v", got, err)
	}
	want := Site{Title: "Tidewrack", Description: "At the edge.", Author: "Wren", About: "# Me\n\nHere.", Language: "en-GB", Zone: "Europe/Berlin", Unlisted: Yes, Unread: Yes}
	typed := want
	typed.Title, typed.Zone = "  Tidewrack\n", " berlin"
	if err := store.Save(ctx, typed); err != nil {
		t.Fatal(err)
	}
	if got, err := store.Site(ctx); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatCannotBeKeptNamesItsField(t *testing.T) {
	store := New(database.Test(t))
	for field, spoil := range map[string]func(*Site){
		"title":       func(s *Site) { s.Title = " " },
		"description": func(s *Site) { s.Description = strings.Repeat("x", 301) },
		"author":      func(s *Site) { s.Author = strings.Repeat("x", 101) },
		"about":       func(s *Site) { s.About = strings.Repeat("x", 64<<10+1) },
		"language":    func(s *Site) { s.Language = `en" onload="x` },
		"unlisted":    func(s *Site) { s.Unlisted = "no" },
		"unread":      func(s *Site) { s.Unread = "on" },
		"zone":        func(s *Site) { s.Zone = "Mars/Olympus" },
	} {
		site := Default
		spoil(&site)
		var invalid *Invalid
		if err := store.Save(context.Background(), site); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	if got, _ := store.Site(context.Background()); got != Default {
		t.Errorf("something was kept: %+v", got)
	}
}

func TestAChangeIsSeenByAllWhoHaveReadBefore(t *testing.T) {
	db, ctx := database.Test(t), context.Background()
	stores := []*Store{New(db), New(db)}
	for n, title := range []string{"One", "Two", "Three"} {
		site := Default
		site.Title = title
		if err := stores[n%2].Save(ctx, site); err != nil {
			t.Fatal(err)
		}
		for _, s := range stores {
			if got, err := s.Site(ctx); err != nil || got.Title != title {
				t.Errorf("after %s: %+v, %v", title, got, err)
			}
		}
	}
}

func TestTheZoneOfTheSite(t *testing.T) {
	db, ctx := database.Test(t), context.Background()
	store, other := New(db), New(db)
	check := func(want string) {
		t.Helper()
		if got, err := other.Zone(ctx); err != nil || got.String() != want || other.KnownZone() != got {
			t.Errorf("got %v, %v, known %v; want %s", got, err, other.KnownZone(), want)
		}
	}
	check("UTC")
	site := Default
	for _, name := range []string{"Asia/Kolkata", "UTC", ""} {
		site.Zone = name
		if err := store.Save(ctx, site); err != nil {
			t.Fatal(err)
		}
		check(cmp.Or(name, "UTC"))
	}
	err := db.InTx(ctx, func(tx *database.Tx) error {
		tx.Touch(Generation)
		_, err := tx.Exec("UPDATE settings SET value = 'Mars/Olympus' WHERE name = 'zone'")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	check("UTC") // whatever stands there, pages are drawn
}

func TestASavedSettingMovesItsGeneration(t *testing.T) {
	db := database.Test(t)
	number := func() uint64 {
		n, err := db.Generations(context.Background(), Generation)
		if err != nil {
			t.Fatal(err)
		}
		return n[0]
	}
	before := number()
	if err := New(db).Save(context.Background(), Default); err != nil {
		t.Fatal(err)
	}
	if number() == before {
		t.Error("the number stands still")
	}
}

func TestWhatWasChosenAboutAnswersIsKept(t *testing.T) {
	store, ctx := New(database.Test(t)), context.Background()
	if got, err := store.Answers(ctx); err != nil || got != DefaultAnswers {
		t.Errorf("before any choice: %+v, %v", got, err)
	}
	typed := Answers{Mode: HoldAll, Bridges: " Brid.gy, https://bridge.example/x\n", Suspects: "Bücher.example", Aliases: "www.tidewrack.example:8080", Akismet: " abc123 "}
	want := Answers{Mode: HoldAll, Bridges: "brid.gy\nbridge.example", Suspects: "xn--bcher-kva.example", Aliases: "www.tidewrack.example:8080", Akismet: "abc123"}
	if err := store.SaveAnswers(ctx, typed); err != nil {
		t.Fatal(err)
	}
	if got, err := store.Answers(ctx); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if !want.Bridges.Have("fed.brid.gy") || !want.Bridges.Have("brid.gy") || want.Bridges.Have("notbrid.gy") {
		t.Error("a list does not have what is below its domains, or more")
	}
}

func TestWhatCannotBeKeptAboutAnswersNamesItsField(t *testing.T) {
	store := New(database.Test(t))
	for field, spoil := range map[string]func(*Answers){
		"mode":     func(a *Answers) { a.Mode = "maybe" },
		"bridges":  func(a *Answers) { a.Bridges = "http://user@brid.gy/" },
		"suspects": func(a *Answers) { a.Suspects = "a..b <script>" },
		"aliases":  func(a *Answers) { a.Aliases = Hosts(strings.Repeat("a.example\n", mostHosts+1)) },
		"akismet":  func(a *Answers) { a.Akismet = "key&blog=x" },
	} {
		answers := DefaultAnswers
		spoil(&answers)
		var invalid *Invalid
		if err := store.SaveAnswers(context.Background(), answers); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}

func TestHowTheOwnerIsWrittenToIsKept(t *testing.T) {
	store, ctx := New(database.Test(t)), context.Background()
	want := Letters{Every: Daily, To: "wren@tidewrack.example", Server: "mail.tidewrack.example", Port: "465", Security: "tls", User: "wren", Password: " a secret ", From: "hark@tidewrack.example"}
	if err := store.SaveLetters(ctx, want); err != nil {
		t.Fatal(err)
	}
	if got, err := store.Letters(ctx); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	for field, spoil := range map[string]func(*Letters){
		"letters":       func(l *Letters) { l.Every = "often" },
		"letters_to":    func(l *Letters) { l.To = "wren@a.example\r\nBcc: all@b.example" },
		"smtp_server":   func(l *Letters) { l.Server = "" },
		"smtp_port":     func(l *Letters) { l.Port = "0" },
		"smtp_security": func(l *Letters) { l.Security = "some" },
		"smtp_from":     func(l *Letters) { l.From = "Wren <wren@a.example>" },
	} {
		letters := want
		spoil(&letters)
		var invalid *Invalid
		if err := store.SaveLetters(ctx, letters); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}

func TestWhoIsNeverToBeBannedIsKept(t *testing.T) {
	store, ctx := New(database.Test(t)), context.Background()
	if got, err := store.Defence(ctx); err != nil || got != DefaultDefence {
		t.Errorf("before any choice: %+v, %v", got, err)
	}
	chosen := DefaultDefence
	chosen.Spared = " 203.0.113.5,2001:DB8::5/32\n::ffff:192.0.2.1\r\n10.0.0.0/32"
	if err := store.SaveDefence(ctx, chosen); err != nil {
		t.Fatal(err)
	}
	got, err := store.Defence(ctx)
	if want := Networks("203.0.113.5\n2001:db8::/32\n192.0.2.1\n10.0.0.0"); err != nil || got.Spared != want || len(got.Spared.All()) != 4 {
		t.Errorf("got %q, %v", got.Spared, err)
	}
	for _, wrong := range []Networks{"example.org", "203.0.113.5/33", "<script>", Networks(strings.Repeat("10.0.0.1\n", mostNetworks+1))} {
		var invalid *Invalid
		chosen.Spared = wrong
		if err := store.SaveDefence(ctx, chosen); !errors.As(err, &invalid) || invalid.Field != "spared" {
			t.Errorf("%.20s: got %v", wrong, err)
		}
	}
}

func TestBudgetsOfPingsAreKeptWithinBounds(t *testing.T) {
	store, ctx := New(database.Test(t)), context.Background()
	chosen := DefaultDefence
	chosen.Address, chosen.Junk = " 10  5 ", "0 0"
	if err := store.SaveDefence(ctx, chosen); err != nil {
		t.Fatal(err)
	}
	got, err := store.Defence(ctx)
	if burst, perMinute := got.Address.Numbers(); err != nil || burst != 10 || perMinute != 5 || got.Network != DefaultDefence.Network || got.Junk.Limit().Burst != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	for field, spoil := range map[string]func(*Defence){
		"address": func(d *Defence) { d.Address = "0 30" },
		"source":  func(d *Defence) { d.Source = "10 many" },
		"target":  func(d *Defence) { d.Target = "10 0" },
		"junk":    func(d *Defence) { d.Junk = "-1 5" },
		"network": func(d *Defence) { d.Address, d.Network = "60 30", "59 30" },
		"total":   func(d *Defence) { d.Total = "20000 100" },
	} {
		typed := DefaultDefence
		spoil(&typed)
		var invalid *Invalid
		if err := store.SaveDefence(ctx, typed); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	typed := DefaultDefence
	typed.Total = "99999999999999999999 5"
	if err := store.SaveDefence(ctx, typed); err == nil {
		t.Error("there is no end to what can be allowed")
	}
}
