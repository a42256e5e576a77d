package test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var figureName = regexp.MustCompile(`\b(hark|go|process)_[a-z0-9_]+\b`)

// figureNames are those of the families on /metrics.
func figureNames(t *testing.T, s *site) map[string]bool {
	t.Helper()
	a := from(t, "127.0.0.1").get(s.url + "/metrics")
	if a.status != http.StatusOK {
		t.Fatalf("/metrics is answered %d", a.status)
	}
	names := map[string]bool{}
	for line := range strings.Lines(a.body) {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ := strings.Cut(rest, " ")
			names[name] = true
		}
	}
	return names
}

func TestTheDashboardAsksForFiguresThatThereAre(t *testing.T) {
	t.Parallel()
	s := start(t)
	names := figureNames(t, s)
	text, err := os.ReadFile(filepath.Join(root(t), "contrib", "grafana", "hark.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	if len(dashboard.Panels) < 10 {
		t.Errorf("it has %d panels", len(dashboard.Panels))
	}
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			asked := figureName.FindAllString(target.Expr, -1)
			if len(asked) == 0 || strings.Count(target.Expr, "(") != strings.Count(target.Expr, ")") || strings.Count(target.Expr, "{") != strings.Count(target.Expr, "}") {
				t.Errorf("%s: %s", panel.Title, target.Expr)
			}
			for _, name := range asked {
				if !names[name] {
					t.Errorf("%s asks for %s, which is not there", panel.Title, name)
				}
			}
		}
	}
	doc, err := os.ReadFile(filepath.Join(root(t), "docs", "monitoring.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range names {
		if strings.HasPrefix(name, "hark_") && !strings.HasPrefix(name, "hark_page_cache_") && !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("%s is not in docs/monitoring.md", name)
		}
	}
}

func TestTheMuninPluginReadsTheFigures(t *testing.T) {
	t.Parallel()
	peer(t, "curl")
	const token = "a-token-that-nobody-guesses"
	s := start(t, "HARK_METRICS_TOKEN="+token)
	s.owner()
	wrongLogin(t, s, from(t, "127.0.0.9"), "root")
	run := func(env []string, args ...string) string {
		t.Helper()
		cmd := exec.Command("sh", append([]string{filepath.Join(root(t), "contrib", "munin", "hark")}, args...)...)
		cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "url=" + s.url + "/metrics"}, env...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("munin plugin %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	// Each field that the configuration names has a value, in the same graph.
	fields := func(text, end string) (list []string) {
		graph := ""
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if name, ok := strings.CutPrefix(line, "multigraph "); ok {
				graph = name
			}
			if name, _, ok := strings.Cut(line, end+" "); ok {
				list = append(list, graph+" "+name)
			}
		}
		slices.Sort(list)
		return list
	}
	values := run([]string{"token=" + token})
	if got, want := fields(values, ".value"), fields(run(nil, "config"), ".label"); len(got) < 20 || !slices.Equal(got, want) {
		t.Errorf("values of %q, want %q", got, want)
	}
	if !strings.Contains(values, "multigraph hark_logins\naccepted.value 0\nfailed.value 1\n") {
		t.Errorf("got\n%s", values)
	}
	if got := run(nil, "autoconf"); got != "yes\n" {
		t.Errorf("autoconf says %q", got)
	}
	if got := run([]string{"url=" + s.url + "/nowhere"}, "autoconf"); !strings.HasPrefix(got, "no (") {
		t.Errorf("where no figures are autoconf says %q", got)
	}
}
