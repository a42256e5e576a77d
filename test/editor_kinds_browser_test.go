package test

import (
	"context"
	"strings"
	"testing"

	permissions "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestANewcomerPublishesAnEventAndACheckIn clicks and types as somebody who has read nothing.
func TestANewcomerPublishesAnEventAndACheckIn(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.owner()
	b := newBrowser(t)
	b.clockIn("Europe/Berlin")
	b.signIn(s, ownerName, ownerPassword)
	b.visit(s.url + "/desk/write")
	b.fill("#title", "Tea at the harbour")
	b.click("details:has(#start-day) > summary")
	b.fill("#start-day", "12012026")
	b.fill("#start-time", "0730PM")
	b.fill("#end-time", "0900PM")
	b.fill("#location-name", "Jar Bar")
	b.becomes("[data-part=preview]", "Tuesday, 1 December 2026, 19:30")
	b.becomes("[data-part=preview]", "Jar Bar")
	pages(b, "an event is written")
	if status := b.press("button[name=do][value=publish]"); status != 200 {
		t.Fatalf("publishing leads to a page that answers %d", status)
	}
	event := b.location()
	page := from(t, "127.0.0.1").page(event)
	if at := all(page, ".h-event time.dt-start"); len(at) != 1 || attr(at[0], "datetime") != "2026-12-01T19:30:00+01:00" {
		t.Errorf("the event begins %v", at)
	}
	if at := all(page, ".h-event .p-location.h-card .p-name"); len(at) != 1 || text(at[0]) != "Jar Bar" {
		t.Error("it does not say where it is")
	}

	b.stands(s, 54.47321, 9.05)
	b.visit(s.url + "/desk/write?checkin")
	b.fill("#checkin-name", "On the dyke")
	b.click("[data-locate=checkin-geo]")
	b.becomes("[data-part=preview]", "On the dyke")
	b.becomes(".field:has(#checkin-geo) [role=status]", "seen by everybody")
	pages(b, "a check-in is written")
	if status := b.press("button[name=do][value=publish]"); status != 200 {
		t.Fatalf("publishing leads to a page that answers %d", status)
	}
	page = from(t, "127.0.0.1").page(b.location())
	if at := all(page, ".u-checkin .p-latitude"); len(at) != 1 || attr(at[0], "value") != "54.47321" {
		t.Errorf("the check-in is at %v", at)
	}
	b.stayedAt(s)

	b.visit(event)
	b.press(".stamp a[href^='/desk/write/']")
	b.fill("#end-time", "0700PM")
	if status := b.press("button[name=do][value=publish]"); status != 422 {
		t.Fatalf("an event that ends before it begins is answered %d", status)
	}
	if got := b.text("#wrong-end"); !strings.Contains(got, "ends before it begins") {
		t.Errorf("beside the end stands %q", got)
	}
	pages(b, "an event that ends before it begins")
}

// click clicks what leads to no other page.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// clockIn takes the browser to a time zone.
func (b *browser) clockIn(zone string) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: zone})
		return err
	}))
}

// stands takes the browser to a place, and lets the site ask for it.
func (b *browser) stands(s *site, latitude, longitude float64) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, permissions.SetPermission, permissions.SetPermissionParams{
			Permission: &permissions.PermissionDescriptor{Name: "geolocation"}, Setting: permissions.PermissionSettingGranted, Origin: s.url}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, tab, emulation.SetGeolocationOverride, emulation.SetGeolocationOverrideParams{Latitude: &latitude, Longitude: &longitude, Accuracy: new(10.0)})
		return err
	}))
}

// TestANewcomerChoosesAKindWhileWriting presses tabs in the middle of a sentence: no word of
// it is lost, and each form is there at once, with scripts and without.
func TestANewcomerChoosesAKindWhileWriting(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.owner()
	for _, scripts := range []bool{true, false} {
		b := newBrowser(t)
		if !scripts {
			b.withoutScripts()
		}
		b.signIn(s, ownerName, ownerPassword)
		b.visit(s.url + "/desk/write")
		b.fill("#text", "See you ")
		b.press("[name=turn][value=event]")
		if b.measure("document.querySelector('#here').hidden ? 1 : 0") != 1 {
			t.Error("words are offered that stand in the form")
		}
		b.fill("#start-day", "12012026")
		b.press("[name=turn][value=rsvp]") // an event it stays
		if got := b.text("[data-part=kinds] [aria-current]"); got != "Event" {
			t.Errorf("what has a beginning is in the form of a %s (scripts: %v)", got, scripts)
		}
		b.fill("#title", "Tea at the harbour")
		b.measure("document.querySelector('#text').setSelectionRange(99, 99), 1")
		b.fill("#text", "there.")
		if scripts {
			b.becomes("#status", "Saved at")
		}
		if status := b.press("button[name=do][value=publish]"); status != 200 {
			t.Fatalf("publishing leads to a page that answers %d", status)
		}
		page := from(t, "127.0.0.1").page(b.location())
		if at := all(page, ".h-event .e-content"); len(at) != 1 || text(at[0]) != "See you there." {
			t.Errorf("what was written before and after the tabs is %v (scripts: %v)", at, scripts)
		}
		b.stayedAt(s)
	}
}
