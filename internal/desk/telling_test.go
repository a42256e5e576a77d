package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"hark/internal/settings"
)

func (h *house) keptTelling() settings.Telling {
	h.t.Helper()
	telling, err := h.settings.Telling(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return telling
}

func TestWhoIsNeverToldAndWhichHubIsAreKept(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.get("/desk/settings/telling").is(http.StatusOK).says("main .tabs [aria-current]", "Telling others").says("#hub-hint", "WebSub").fields("main form")
	fields.Set("hub", "https://hub.example/")
	fields.Set("never", "quiet.example, https://loud.example/page")
	a := v.follow(v.post("/desk/settings/telling", fields)).says(".banner", "Saved.")
	if got := h.keptTelling(); got.Hub != "https://hub.example/" || !slices.Equal(got.Never.All(), []string{"quiet.example", "loud.example"}) {
		t.Errorf("kept is %+v", got)
	}
	if got := a.fields("main form"); got.Get("hub") != "https://hub.example/" || got.Get("never") != "quiet.example\nloud.example" {
		t.Errorf("the form holds %v", got)
	}
}

func TestAMistakeAboutWhoIsNeverToldStandsBesideItsField(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.mistaken("/desk/settings/telling", "never", "no host <b>", url.Values{"hub": {"https://hub.example/"}, "never": {"a.example"}})
	if got := h.keptTelling(); got != settings.DefaultTelling {
		t.Errorf("kept is %+v", got)
	}
	if h.db.Postgres() {
		return // its disk is not ours to fill
	}
	h.fill()
	typed := url.Values{"hub": {"https://hub.example/"}, "never": {strings.Repeat("a.example\n", 9000)}}
	a := v.post("/desk/settings/telling", typed).is(http.StatusInsufficientStorage).says("[role=alert]", "The disk is full")
	if got := a.value("hub"); got != typed.Get("hub") {
		t.Errorf("the hub came back as %q", got)
	}
}
