package micropub

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// drawer is a blog that takes files.
type drawer struct {
	blog
	came, kept, dropped []string
	twice               func(context.Context) error
}

func (d *drawer) service(t *testing.T) Service {
	s := d.blog.service(t)
	s.MaxFiles, s.Unhurried, s.Twice = 10<<20, lengthen, d.twice
	s.Take = func(_ context.Context, property, name string, body io.Reader) (Upload, error) {
		file, err := io.ReadAll(body)
		if err != nil {
			return Upload{}, err
		}
		if string(file) == "bad" {
			return Upload{}, Invalid("%s: this is no picture.", property)
		}
		d.came = append(d.came, string(file))
		kept := false
		return Upload{
			Location: "https://hark.example/media/" + name,
			Keep:     func(context.Context) error { kept, d.kept = true, append(d.kept, string(file)); return nil },
			Drop: func() {
				if !kept {
					d.dropped = append(d.dropped, string(file))
				}
			},
		}, nil
	}
	create := s.Create
	s.Create = func(ctx context.Context, c Create) (string, error) {
		for _, upload := range c.Uploads {
			if d.err == nil {
				upload.Keep(ctx)
			}
		}
		return create(ctx, c)
	}
	return s
}

// sends sends a form in parts as formOf makes it.
func (d *drawer) sends(t *testing.T, header string, fields ...string) *hasty {
	t.Helper()
	contentType, body := formOf(t, fields...)
	h := &hasty{ResponseRecorder: httptest.NewRecorder(), body: strings.NewReader(body), knownBefore: func() bool { return len(d.asked) > 0 }}
	r := httptest.NewRequest(http.MethodPost, "/micropub", io.NopCloser(h))
	r.Header.Set("Content-Type", contentType)
	if header != "" {
		r.Header.Set("Authorization", "Bearer "+header)
	}
	Handler(d.service(t)).ServeHTTP(h, r)
	return h
}

func TestRocks300And301PhotosInAForm(t *testing.T) {
	photo := func(n int) []any {
		return slices.Repeat([]any{"https://hark.example/media/a.jpg"}, n)
	}
	for name, c := range map[string]struct {
		header string
		fields []string
		want   Properties
	}{
		"one":                     {"good", []string{"h=entry", "content=Frost", "@photo=x"}, Properties{"content": one("Frost"), "photo": photo(1)}},
		"several":                 {"good", []string{"@photo[]=x", "@photo[]=y", "content=Frost"}, Properties{"content": one("Frost"), "photo": photo(2)}},
		"with a token in a field": {"", []string{"access_token=good", "@photo=x"}, Properties{"photo": photo(1)}},
		"beside an address":       {"good", []string{"photo[]=https://pictures.example/1.jpg", "@photo[]=x"}, Properties{"photo": append([]any{"https://pictures.example/1.jpg"}, photo(1)...)}},
		"a film, a recording":     {"good", []string{"@video=x", "@audio=y"}, Properties{"video": photo(1), "audio": photo(1)}},
	} {
		d := &drawer{}
		h := d.sends(t, c.header, c.fields...)
		if h.Code != 201 || len(d.created) != 1 || !reflect.DeepEqual(d.created[0].Properties, c.want) {
			t.Errorf("%s: answered %d %s, created %+v", name, h.Code, h.Body, d.created)
		}
		if !slices.Equal(d.asked, []string{"create"}) || len(d.kept) == 0 || !slices.Equal(d.kept, d.came) || len(d.dropped) > 0 || !h.lengthened || h.early {
			t.Errorf("%s: asked for %q, kept %q of %q, dropped %q, lengthened %t, too early %t", name, d.asked, d.kept, d.came, d.dropped, h.lengthened, h.early)
		}
	}
}

func TestFilesOfAPostThatIsRefusedAreNotKept(t *testing.T) {
	long := strings.Repeat("x", 2<<20)
	for name, c := range map[string]struct {
		header string
		fields []string
		status int
		words  string
	}{
		"a bad file":               {"good", []string{"@photo=x", "@photo=bad"}, 400, "no picture"},
		"a bad name":               {"good", []string{"@photo=x", "a b=c"}, 400, `a b`},
		"a bad type":               {"good", []string{"@photo=x", "h=review"}, 400, "review"},
		"a file for another":       {"good", []string{"@content=x"}, 400, "photo, video, audio"},
		"a file for none":          {"good", []string{"@=x"}, 400, "photo, video, audio"},
		"files to delete by":       {"good", []string{"@photo=x", "action=delete", "url=https://hark.example/x"}, 400, "delete"},
		"much text":                {"good", []string{"@photo=x", "content=" + long}, 413, "1 MiB"},
		"much text before":         {"good", []string{"content=" + long, "@photo=x"}, 413, "1 MiB"},
		"many files":               {"good", append(slices.Repeat([]string{"@photo=x"}, 101), "content=y"), 400, "100"},
		"large files":              {"good", slices.Repeat([]string{"@photo=" + long}, 7), 413, "10 MiB"},
		"a second token at last":   {"good", []string{"@photo=x", "access_token=good"}, 400, "not both"},
		"two tokens at first":      {"", []string{"access_token=good", "access_token=good", "@photo=x"}, 400, "not both"},
		"a token after the file":   {"", []string{"@photo=x", "access_token=good"}, 401, "missing"},
		"a token that may not":     {"reader", []string{"@photo=x"}, 403, "create"},
		"no token":                 {"", []string{"@photo=x"}, 401, "missing"},
		"no token, much text":      {"", []string{"content=" + long, "access_token=good"}, 401, "missing"},
		"a wrong token, much else": {"bad", []string{"@photo=" + long}, 401, "not known"},
	} {
		d := &drawer{}
		h := d.sends(t, c.header, c.fields...)
		if h.Code != c.status || !strings.Contains(h.Body.String(), c.words) || len(d.created) > 0 {
			t.Errorf("%s: answered %d %s", name, h.Code, h.Body)
		}
		if len(d.kept) > 0 || !slices.Equal(d.dropped, d.came) {
			t.Errorf("%s: of %d files that came, %d are kept and %d dropped", name, len(d.came), len(d.kept), len(d.dropped))
		}
		if c.status == 401 && (h.lengthened || h.read > maxBody+formBytes || c.header == "" && h.read > formBytes) {
			t.Errorf("%s: lengthened %t, after %d bytes", name, h.lengthened, h.read)
		}
	}
	d := &drawer{blog: blog{err: Invalid("published: no.")}}
	if h := d.sends(t, "good", "@photo=x", "published=no"); h.Code != 400 || len(d.kept) > 0 || len(d.dropped) != 1 {
		t.Errorf("a post that the blog refuses is answered %d, kept %q, dropped %q", h.Code, d.kept, d.dropped)
	}
}

func TestAFormThatBreaksOffInAPhotoLeavesNothing(t *testing.T) {
	d := &drawer{}
	contentType, body := formOf(t, "@photo=x", "@photo="+strings.Repeat("y", 100<<10))
	r := httptest.NewRequest(http.MethodPost, "/micropub", strings.NewReader(body[:len(body)-2000]))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Authorization", "Bearer good")
	w := httptest.NewRecorder()
	Handler(d.service(t)).ServeHTTP(w, r)
	if w.Code != 400 || !strings.Contains(w.Body.String(), `broke off in the property photo`) || len(d.kept)+len(d.created) > 0 || !slices.Equal(d.dropped, d.came) {
		t.Errorf("answered %d %s, kept %q, dropped %q", w.Code, w.Body, d.kept, d.dropped)
	}
}

// A browser's form sends a field for files also when none was chosen.
func TestAFieldWithoutAFileSaysNothing(t *testing.T) {
	d := &drawer{}
	body := "--b\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nFrost\r\n--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--b--\r\n"
	r := httptest.NewRequest(http.MethodPost, "/micropub", strings.NewReader(body))
	r.Header.Set("Content-Type", multipartType+"; boundary=b")
	r.Header.Set("Authorization", "Bearer good")
	w := httptest.NewRecorder()
	Handler(d.service(t)).ServeHTTP(w, r)
	if w.Code != 201 || len(d.came) > 0 || !reflect.DeepEqual(d.created[0].Properties, Properties{"content": one("Frost")}) {
		t.Errorf("answered %d %s: %+v", w.Code, w.Body, d.created)
	}
}

func TestATokenMayComeTwiceWhereTheServiceLetsIt(t *testing.T) {
	for _, fields := range [][]string{
		{"access_token=good", "content=Frost"}, {"access_token=good", "@photo=x"}, {"@photo=x", "access_token=good"},
	} {
		d := &drawer{twice: func(ctx context.Context) error {
			if ctx.Value(userKey{}) != "alice" {
				t.Error("asked before it was known whose the token is")
			}
			return nil
		}}
		if h := d.sends(t, "good", fields...); h.Code != 201 || len(d.created) != 1 || !slices.Equal(d.kept, d.came) || !slices.Equal(d.asked, []string{"create"}) {
			t.Errorf("%q: answered %d %s, kept %q of %q, asked for %q", fields, h.Code, h.Body, d.kept, d.came, d.asked)
		}
		d.twice, d.created, d.kept, d.came = func(context.Context) error { return Invalid("not this app") }, nil, nil, nil
		if h := d.sends(t, "good", fields...); h.Code != 400 || !strings.Contains(h.Body.String(), "not this app") || len(d.created)+len(d.kept) > 0 || !slices.Equal(d.dropped, d.came) {
			t.Errorf("%q: refused, answered %d %s, created %+v", fields, h.Code, h.Body, d.created)
		}
		if h := d.sends(t, "good", append(fields, "access_token=good")...); h.Code != 400 || !strings.Contains(h.Body.String(), "not both") {
			t.Errorf("%q: three times, answered %d %s", fields, h.Code, h.Body)
		}
	}
}
