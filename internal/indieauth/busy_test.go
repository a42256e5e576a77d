//go:build !race

package indieauth

import (
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"
)

// spent is the time processors have worked for this test program so far, which
// other programs on the machine do not lengthen as they do the clock's.
func spent(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestALongPageOfAnAppCostsNoMoreThanItsLength(t *testing.T) {
	page := &url.URL{Scheme: "https", Host: "app.example", Path: "/"}
	for _, again := range []string{"<div class=h-app>", "<div class='h-app p-name'>x", "<p><b><i>", "<link rel=redirect_uri href=a>", "<b class=" + strings.Repeat("p-name ", 100) + ">"} {
		before := spent(t)
		info, err := ReadClient("https://app.example/", page, http.Header{"Content-Type": {"text/html"}}, []byte(strings.Repeat(again, 1<<20/len(again))))
		if took := spent(t) - before; took > 2*time.Second || err != nil || len(info.Redirects) > maxRedirects+1 || len([]rune(info.Name)) > maxName {
			t.Errorf("many %.20s: %s, %v, %d addresses", again, took, err, len(info.Redirects))
		}
	}
}
