package settings

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"hark/internal/database"
)

func TestWhomTheSiteTellsIsKept(t *testing.T) {
	store, ctx := New(database.Test(t)), context.Background()
	if got, err := store.Telling(ctx); err != nil || got != DefaultTelling {
		t.Errorf("before any choice: %+v, %v", got, err)
	}
	typed := Telling{Hub: " https://hub.example:8443/p?a=b%20c \n", Never: "https://Bücher.example/x, shop.example"}
	want := Telling{Hub: "https://hub.example:8443/p?a=b%20c", Never: "xn--bcher-kva.example\nshop.example"}
	if err := store.SaveTelling(ctx, typed); err != nil {
		t.Fatal(err)
	}
	if got, err := store.Telling(ctx); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := store.SaveTelling(ctx, DefaultTelling); err != nil {
		t.Fatal(err)
	}
	if got, err := store.Telling(ctx); err != nil || got != DefaultTelling {
		t.Errorf("after all was taken back: %+v, %v", got, err)
	}
}

func TestOfManyWhoSilenceASiteAtOnceNoneIsLost(t *testing.T) {
	store, ctx := New(database.Test(t)), context.Background()
	if err := store.SaveTelling(ctx, Telling{Hub: "https://hub.example/", Never: "a.example"}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for n := range 10 {
		all.Go(func() {
			err := store.ChangeNever(ctx, func(list Hosts) Hosts { return list.With(fmt.Sprintf("b%d.example", n)) })
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := store.Telling(ctx)
	if err != nil || len(got.Never.All()) != 11 || got.Hub != "https://hub.example/" {
		t.Errorf("got %+v, %v", got, err)
	}
	err = store.ChangeNever(ctx, func(Hosts) Hosts { return Hosts(strings.Repeat("a.example\n", mostHosts+1)) })
	if invalid := (*Invalid)(nil); !errors.As(err, &invalid) || invalid.Field != "never" {
		t.Errorf("too many: %v", err)
	}
}

func TestWhatCannotBeKeptAboutTellingNamesItsField(t *testing.T) {
	store := New(database.Test(t))
	for name, spoil := range map[string]func(*Telling){
		"hub: no scheme":    func(s *Telling) { s.Hub = "hub.example" },
		"hub: no host":      func(s *Telling) { s.Hub = "https:///x" },
		"hub: a path":       func(s *Telling) { s.Hub = "/hub" },
		"hub: no web":       func(s *Telling) { s.Hub = "ftp://hub.example/" },
		"hub: script":       func(s *Telling) { s.Hub = "javascript:alert(1)" },
		"hub: no address":   func(s *Telling) { s.Hub = "https://[" },
		"hub: user":         func(s *Telling) { s.Hub = "https://wren:secret@hub.example/" },
		"hub: empty user":   func(s *Telling) { s.Hub = "https://@hub.example/" },
		"hub: fragment":     func(s *Telling) { s.Hub = "https://hub.example/#x" },
		"hub: bare #":       func(s *Telling) { s.Hub = "https://hub.example/#" },
		"hub: header":       func(s *Telling) { s.Hub = "https://hub.example/>;rel=x,<y" },
		"hub: no ASCII":     func(s *Telling) { s.Hub = "https://hub.example/ü" },
		"hub: long":         func(s *Telling) { s.Hub = "https://hub.example/" + strings.Repeat("x", maxHub) },
		"never: no host":    func(s *Telling) { s.Never = "a..b" },
		"never: many hosts": func(s *Telling) { s.Never = Hosts(strings.Repeat("a.example\n", mostHosts+1)) },
	} {
		telling := DefaultTelling
		spoil(&telling)
		field, _, _ := strings.Cut(name, ":")
		var invalid *Invalid
		if err := store.SaveTelling(context.Background(), telling); !errors.As(err, &invalid) || invalid.Field != field || invalid.Text == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if got, _ := store.Telling(context.Background()); got != DefaultTelling {
		t.Errorf("something was kept: %+v", got)
	}
	longest := Telling{Hub: "https://hub.example/" + strings.Repeat("x", maxHub-len("https://hub.example/"))}
	if err := store.SaveTelling(context.Background(), longest); err != nil {
		t.Errorf("2048 bytes: %v", err)
	}
}

func TestHostsWithAndWithoutOne(t *testing.T) {
	const list = Hosts("b.example\na.example")
	for name, test := range map[string]struct{ got, want Hosts }{
		"with":                 {list.With("c.example"), "b.example\na.example\nc.example"},
		"with one it has":      {list.With("A.example"), list},
		"with one below":       {list.With("x.a.example"), list + "\nx.a.example"},
		"with an address":      {list.With("https://bücher.example/x"), list + "\nxn--bcher-kva.example"},
		"with none":            {list.With(" "), list},
		"the first":            {Hosts("").With("a.example"), "a.example"},
		"without":              {list.Without("b.example"), "a.example"},
		"without an address":   {list.Without("https://A.example:443/x"), "b.example"},
		"without one below":    {list.Without("x.a.example"), list},
		"without none":         {list.Without(""), list},
		"without the last":     {Hosts("a.example").Without("a.example"), ""},
		"without it each time": {Hosts("a.example\nb.example\na.example").Without("a.example"), "b.example"},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", name, test.got, test.want)
		}
	}
}
