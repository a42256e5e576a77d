package micropub

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// shelf stands for what keeps files behind the media endpoint. It knows the token
// "good".
type shelf struct {
	asked int
	kept  []string
}

func (s *shelf) service() MediaService {
	return MediaService{
		Authorize: func(ctx context.Context, token, scope string) (context.Context, error) {
			s.asked++
			if token != "good" || scope != "media" {
				return nil, Unauthorized("This token is not known.")
			}
			return context.WithValue(ctx, userKey{}, "alice"), nil
		},
		Keep: func(ctx context.Context, name string, body io.Reader) (string, error) {
			file, err := io.ReadAll(body)
			if err != nil {
				return "", err
			}
			s.kept = append(s.kept, string(file))
			return "https://hark.example/media/" + name, nil
		},
		Last:      func(context.Context, int, int) ([]MediaItem, error) { return nil, nil },
		MaxBytes:  10 << 20,
		Unhurried: lengthen,
	}
}

// lengthen gives a request an hour, where its connection has deadlines.
func lengthen(w http.ResponseWriter) error {
	err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Hour))
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// hasty is a connection with deadlines, which counts what is read of it.
type hasty struct {
	*httptest.ResponseRecorder
	body        io.Reader
	read        int
	lengthened  bool
	knownBefore func() bool
	early       bool // it was lengthened before the token was known
}

func (h *hasty) SetReadDeadline(time.Time) error {
	h.lengthened = true
	h.early = h.early || !h.knownBefore()
	return nil
}

func (h *hasty) Read(p []byte) (int, error) {
	n, err := h.body.Read(p)
	h.read += n
	return n, err
}

// upload sends a form of fields, as "name=value", and of files, as "@name=bytes".
func (s *shelf) upload(t *testing.T, header string, fields ...string) *hasty {
	t.Helper()
	contentType, body := formOf(t, fields...)
	h := &hasty{ResponseRecorder: httptest.NewRecorder(), body: strings.NewReader(body), knownBefore: func() bool { return s.asked > 0 }}
	r := httptest.NewRequest(http.MethodPost, "/media", io.NopCloser(h))
	r.Header.Set("Content-Type", contentType)
	if header != "" {
		r.Header.Set("Authorization", "Bearer "+header)
	}
	Media(s.service()).ServeHTTP(h, r)
	return h
}

func formOf(t *testing.T, fields ...string) (contentType, body string) {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for _, field := range fields {
		name, value, _ := strings.Cut(field, "=")
		make := w.CreateFormField
		name, isFile := strings.CutPrefix(name, "@")
		if isFile {
			make = func(name string) (io.Writer, error) { return w.CreateFormFile(name, "a.jpg") }
		}
		part, err := make(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(part, value)
	}
	w.Close()
	return w.FormDataContentType(), form.String()
}

func TestATokenComesOnceWhereverItStands(t *testing.T) {
	for name, c := range map[string]struct {
		header string
		fields []string
		status int
	}{
		"in the header":              {"good", []string{"@file=x"}, 201},
		"in the form":                {"", []string{"access_token=good", "@file=x"}, 201},
		"with other fields around":   {"good", []string{"a=b", "@file=x", "c=d"}, 201},
		"in both, before the file":   {"good", []string{"access_token=good", "@file=x"}, 400},
		"in both, after the file":    {"good", []string{"@file=x", "access_token=good"}, 400},
		"in both, at the very end":   {"good", []string{"@file=x", "a=b", "access_token=bad"}, 400},
		"twice in the form":          {"", []string{"access_token=good", "access_token=good", "@file=x"}, 400},
		"in the form, around a file": {"", []string{"access_token=good", "@file=x", "access_token=good"}, 400},
		"after the file alone":       {"", []string{"@file=x", "access_token=good"}, 401},
		"empty":                      {"", []string{"access_token=", "@file=x"}, 401},
		"nowhere":                    {"", []string{"@file=x"}, 401},
		"with two files":             {"good", []string{"@file=x", "@file=y"}, 400},
		"with no file":               {"good", []string{"photo=x"}, 400},
	} {
		s := &shelf{}
		h := s.upload(t, c.header, c.fields...)
		if h.Code != c.status {
			t.Errorf("%s: answered %d %s, want %d", name, h.Code, h.Body, c.status)
		}
		if want := c.status == 201; want != slices.Equal(s.kept, []string{"x"}) || !want && len(s.kept) > 0 {
			t.Errorf("%s: kept %q", name, s.kept)
		}
	}
}

func TestAFormThatBreaksOffAfterItsFileLeavesNothing(t *testing.T) {
	s := &shelf{}
	contentType, body := formOf(t, "access_token=good", "@file=x", "a=b")
	r := httptest.NewRequest(http.MethodPost, "/media", strings.NewReader(body[:len(body)-10]))
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	Media(s.service()).ServeHTTP(w, r)
	if w.Code != 400 || !strings.Contains(w.Body.String(), "broke off") || len(s.kept) > 0 {
		t.Errorf("answered %d %s, kept %q", w.Code, w.Body, s.kept)
	}
}

// Nobody keeps the door open, or has it read much, without a token.
func TestAStrangerGetsNeitherTimeNorBytes(t *testing.T) {
	long := strings.Repeat("x", 5<<20)
	for name, c := range map[string]struct {
		header string
		fields []string
		status int
	}{
		"no token, a large field":      {"", []string{"a=" + long, "access_token=good", "@file=x"}, 401},
		"no token, a large file":       {"", []string{"@other=" + long, "@file=x"}, 401},
		"no token, a large token":      {"", []string{"access_token=" + long, "@file=x"}, 401},
		"a wrong token":                {"bad", []string{"@file=" + long}, 401},
		"a wrong token in the form":    {"", []string{"access_token=bad", "@file=" + long}, 401},
		"a token after the large file": {"", []string{"@file=" + long, "access_token=good"}, 401},
	} {
		s := &shelf{}
		h := s.upload(t, c.header, c.fields...)
		if h.Code != c.status || h.lengthened || h.read > formBytes || len(s.kept) > 0 {
			t.Errorf("%s: answered %d %s, lengthened %t, after %d bytes", name, h.Code, h.Body, h.lengthened, h.read)
		}
		if h.Header().Get("Connection") != "close" {
			t.Errorf("%s: the rest is read", name)
		}
	}
	for header, fields := range map[string][]string{"good": {"@file=" + long}, "": {"access_token=good", "@file=" + long}} {
		s := &shelf{}
		if h := s.upload(t, header, fields...); h.Code != 201 || !h.lengthened || h.early || len(s.kept) != 1 || s.kept[0] != long {
			t.Errorf("a good token is answered %d %s, lengthened %t, too early %t", h.Code, h.Body, h.lengthened, h.early)
		}
	}
}

func TestAFileThatIsTooLargeIsNotKept(t *testing.T) {
	s := &shelf{}
	if h := s.upload(t, "good", "@file="+strings.Repeat("x", 11<<20)); h.Code != 413 || !strings.Contains(h.Body.String(), "10 MiB") || len(s.kept) > 0 {
		t.Errorf("answered %d %s", h.Code, h.Body)
	}
}
