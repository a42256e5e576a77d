package posts

import (
	"slices"
	"testing"
)

// close are the addresses that are suggested for one.
func (b *bench) close(t *testing.T, address string) (paths []string) {
	t.Helper()
	found, err := b.Close(t.Context(), address)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	for _, n := range found {
		paths = append(paths, n.Path)
	}
	return paths
}

func TestASlugIsFoundWithoutItsYearAndInAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	old := b.save(t, &Post{Status: Published, Title: "Notes", Slug: "rain-jar", Content: "x", Published: b.now().AddDate(-9, 0, 0)})
	renamed := b.save(t, &Post{Status: Published, Title: "Wind", Slug: "wind-jar", Content: "x"})
	renamed.Slug = "wind-jars"
	b.save(t, renamed)
	hidden := b.save(t, &Post{Status: Published, Title: "Mist", Slug: "mist-jar", Content: "x", Visibility: Private})
	for address, want := range map[string][]string{
		"/rain-jar":      {old.Path},
		"/2025/rain-jar": {old.Path},
		"/rain-jarr":     {old.Path},
		"/wind-jar":      {renamed.Path}, // once, under whatever it was
		"/mist-jar":      nil,
		"/mist-jarr":     nil,
	} {
		paths := b.close(t, address)
		if !slices.Equal(paths, want) {
			t.Errorf("%s: %q, want %q; not %s", address, paths, want, hidden.Path)
		}
	}
}

func TestCloseAddresses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	rain := b.publish(t, "Six years of rain", "In a jar.")
	b.save(t, &Post{Status: Published, Title: "Six years of raid", Content: "x", Visibility: Private})
	b.publish(t, "Curlews", "x")
	b.save(t, &Post{Status: Published, Title: "Imprint", Content: "x", Apart: true})
	year := rain.Path[:len("/2026")]
	for address, want := range map[string]bool{
		year + "/six-years-of-rian":      true, // mistyped
		year + "/six-years-of-ran":       true,
		year + "/six-yea":                true, // cut short
		year + "/six-years-of-rain).":    true,
		"/1999/six-years-of-rain":        true, // of another year
		"/2020/05/17/six-years-of-rain/": true, // as WordPress has it
		"/six-years-of-rain.html":        true,
		"/six-years-of-rian":             true, // without its year
		"/six-yea/":                      true,
		year + "/ten-days-of-snow":       false,
		year + "/six":                    false,
		year + "/2026":                   false,
		"/":                              false,
		"/wp-login.php":                  false,
		"/\xff\xfe\xfd\xfc":              false,
		"/kind:poem":                     false,
		`/"""""`:                         false,
	} {
		paths := b.close(t, address)
		if want && !slices.Equal(paths, []string{rain.Path}) || !want && paths != nil {
			t.Errorf("%s: %q", address, paths)
		}
	}
}
