package courier

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/auth/authtest"
	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/media"
	"hark/internal/picture"
	"hark/internal/posts"
	"hark/internal/queue"
)

const ours = "https://ours.example"

// world is our blog, with a clock that the test moves, and one other host.
type world struct {
	*Courier
	t      *testing.T
	at     time.Time
	author string
	other  *httptest.Server
	files  map[string]http.HandlerFunc // of the other host, by path
	asked  []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, at: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), files: map[string]http.HandlerFunc{}}
	now := func() time.Time { return w.at }
	db, log := database.Test(t), slog.New(slog.DiscardHandler)
	jobs := queue.New(db, log, now)
	shelf, err := media.New(db, filepath.Join(t.TempDir(), "media"), picture.New(), nil, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shelf.Close() })
	w.author = authtest.Add(t, db, "wren", "Wren", "four plain words suffice", auth.Owner, w.at).ID
	w.Courier = New(Rooms{
		DB: db, Queue: jobs, Posts: posts.New(db, jobs, ours, now), Media: shelf, Log: log, Now: now, URL: ours,
		Fetch: fetch.New(fetch.Options{Agent: "hark test", Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}),
	})
	w.other = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.asked = append(w.asked, r.URL.Path)
		if file := w.files[r.URL.Path]; file != nil {
			file(rw, r)
			return
		}
		http.NotFound(rw, r)
	}))
	t.Cleanup(w.other.Close)
	return w
}

// gives puts a file on the other host, and tells its address.
func (w *world) gives(path, bytes string) string {
	w.files[path] = func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, bytes) }
	return w.other.URL + path
}

// save saves a post and does what is due.
func (w *world) save(p *posts.Post) *posts.Post {
	w.t.Helper()
	p.AuthorID = w.author
	if p.Status == "" {
		p.Status = posts.Published
	}
	if err := w.Posts.Save(w.t.Context(), p); err != nil {
		w.t.Fatal(err)
	}
	w.work()
	return w.read(p)
}

func (w *world) work() {
	w.t.Helper()
	if err := w.Queue.Drain(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(p *posts.Post) *posts.Post {
	w.t.Helper()
	got, err := w.Posts.ByID(w.t.Context(), p.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

// isHere expects that a file of a post lies here, and can be read.
func (w *world) isHere(f posts.File, alt string) {
	w.t.Helper()
	name, isOurs := strings.CutPrefix(f.Address, ours+"/media/")
	if !isOurs || f.Alt != alt {
		w.t.Fatalf("the file is %+v", f)
	}
	_, file, _, err := w.Media.Open(w.t.Context(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	file.Close()
}

// stands expects the errands of a post, each as its state and reason.
func (w *world) stands(p *posts.Post, want ...string) {
	w.t.Helper()
	list, err := w.Of(w.t.Context(), w.read(p))
	if err != nil {
		w.t.Fatal(err)
	}
	var got []string
	for _, e := range list {
		got = append(got, strings.TrimSpace(string(e.State)+" "+e.Reason))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("the errands are %q, want %q", got, want)
	}
}

func snapshot(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 30, 20)), nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func properties(name string, values ...any) posts.Properties { return posts.Properties{name: values} }

func TestFilesElsewhereAreBroughtHere(t *testing.T) {
	w := newWorld(t)
	a, b := w.gives("/a.jpg", snapshot(t)), w.gives("/b.jpg", snapshot(t)+"tail")
	film, song := w.gives("/film", "\x00\x00\x00\x18ftypisom and so on"), w.gives("/song.mp3", "ID3\x04 gulls")
	p := w.save(&posts.Post{Content: "Frost.", Properties: posts.Properties{
		"photo": {
			a,
			map[string]any{"value": b, "alt": "A jar", "note": "kept"},
			map[string]any{"type": []any{"h-item"}, "properties": map[string]any{"url": []any{a}, "alt": []any{"The same"}}},
			"/media/here.jpg", ours + "/media/here.jpg",
		},
		"video": {film}, "audio": {song}, "mood": {a},
	}})
	photos := p.Photos()
	for n, alt := range []string{"", "A jar", "The same"} {
		w.isHere(photos[n], alt)
	}
	w.isHere(p.Videos()[0], "")
	w.isHere(p.Audios()[0], "")
	if len(photos) != 5 || photos[3].Address != "/media/here.jpg" || photos[4].Address != ours+"/media/here.jpg" || p.Properties["mood"][0] != a {
		t.Errorf("what was here already is %v", p.Properties)
	}
	if object, _ := p.Properties["photo"][1].(map[string]any); object["note"] != "kept" {
		t.Errorf("of what was said of the photo is left %v", object)
	}
	if len(w.asked) != 4 {
		t.Errorf("asked for %q", w.asked)
	}
	w.stands(p)
	list, err := w.Media.List(t.Context(), media.List{By: w.author})
	if err != nil || len(list) != 3 { // the pictures are the same once they are made anew
		t.Errorf("the author has %d files, %v", len(list), err)
	}
}

// Nobody has written anything, so nothing says that somebody has.
func TestBringingIsNoChangeOfThePost(t *testing.T) {
	w := newWorld(t)
	at := w.gives("/a.jpg", snapshot(t))
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "Frost.", Properties: properties("photo", at)}
	if err := w.Posts.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	w.at = w.at.Add(time.Hour)
	w.work()
	got := w.read(p)
	if got.Version != p.Version || !got.Updated.Equal(p.Updated) || got.Kind != posts.Photo {
		t.Errorf("it was %+v and is %+v", p, got)
	}
	w.isHere(got.Photos()[0], "")
	p.Content = "Frost, still." // by one who read it before
	if err := w.Posts.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	w.work()
	w.isHere(w.read(p).Photos()[0], "")
}

func TestWhatCannotBeBroughtStaysWithAReason(t *testing.T) {
	w := newWorld(t)
	w.files["/large.jpg"] = func(rw http.ResponseWriter, _ *http.Request) {
		io.WriteString(rw, "\xff\xd8\xff")
		rw.Write(make([]byte, fetch.MaxFile))
	}
	w.files["/mine.jpg"] = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) }
	for reason, address := range map[string]string{
		"Its host answers 404.":                                   w.other.URL + "/none.jpg",
		"Its host answers 403.":                                   w.other.URL + "/mine.jpg",
		"It is larger than 20 MiB. Upload it instead.":            w.other.URL + "/large.jpg",
		"It is no photo, but of the type audio/mpeg.":             w.gives("/song.jpg", "ID3\x04"),
		"HTML is not kept here":                                   w.gives("/page.jpg", "<!doctype html><script>1</script>"),
		"This picture cannot be read":                             w.gives("/broken.jpg", "\xff\xd8\xff\xe0 nothing"),
		"Its host is at an address that hark does not visit.":     "http://127.0.0.2:8080/a.jpg",
		"Its host is at an address that hark does not visit.\x00": "http://[::1]/a.jpg",
	} {
		p := w.save(&posts.Post{Content: "x", Properties: properties("photo", map[string]any{"value": address, "alt": "A"})})
		if got := p.Photos()[0]; got.Address != address || got.Alt != "A" {
			t.Errorf("%s: the photo is %+v", address, got)
		}
		list, err := w.Of(t.Context(), p)
		if err != nil || len(list) != 1 || list[0].State != Failed || !strings.HasPrefix(list[0].Reason, strings.TrimSuffix(reason, "\x00")) || list[0].Tried.IsZero() {
			t.Errorf("%s: %+v, %v, want %q", address, list, err, reason)
		}
	}
	if list, err := w.Media.List(t.Context(), media.List{}); err != nil || len(list) > 0 {
		t.Errorf("%d files are kept, %v", len(list), err)
	}
}

func TestAHostThatIsDownIsAskedAgain(t *testing.T) {
	w := newWorld(t)
	down := true
	picture := snapshot(t)
	w.files["/a.jpg"] = func(rw http.ResponseWriter, _ *http.Request) {
		if down {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		io.WriteString(rw, picture)
	}
	p := w.save(&posts.Post{Content: "x", Properties: properties("photo", w.other.URL+"/a.jpg")})
	w.stands(p, "waiting Its host answers 503.")
	down = false
	w.at = w.at.Add(2 * time.Minute)
	w.work()
	w.isHere(w.read(p).Photos()[0], "")
	w.stands(p)
}

func TestAHostThatStaysDownIsGivenUpAndASaveBeginsAnew(t *testing.T) {
	w := newWorld(t)
	w.files["/a.jpg"] = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) }
	p := w.save(&posts.Post{Content: "x", Properties: properties("photo", w.other.URL+"/a.jpg")})
	for range 20 {
		w.at = w.at.Add(73 * time.Hour)
		w.work()
	}
	w.stands(p, "failed Its host answers 502.")
	if len(w.asked) != tries {
		t.Errorf("asked %d times, want %d", len(w.asked), tries)
	}
	at := w.gives("/a.jpg", snapshot(t))
	p = w.save(p)
	if got := p.Photos()[0]; got.Address == at {
		t.Error("saving it again does not ask again")
	}
}

func TestAFileThatThePostNamesNoMoreIsNotAskedFor(t *testing.T) {
	w := newWorld(t)
	w.files["/a.jpg"] = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) }
	var saved []*posts.Post
	for range 2 {
		saved = append(saved, w.save(&posts.Post{Content: "x", Properties: properties("photo", w.other.URL+"/a.jpg")}))
	}
	saved[0].Properties = nil
	w.save(saved[0])
	if err := w.Posts.Delete(t.Context(), saved[1].ID); err != nil {
		t.Fatal(err)
	}
	before := len(w.asked)
	w.at = w.at.Add(2 * time.Minute)
	w.work()
	if len(w.asked) != before {
		t.Error("it is asked for all the same")
	}
	for _, p := range saved {
		w.stands(p)
	}
}

// The job may run twice, and the host may be hit in the middle of a write.
func TestBringingTwiceChangesNothing(t *testing.T) {
	w := newWorld(t)
	at := w.gives("/a.jpg", snapshot(t))
	p := w.save(&posts.Post{Content: "x", Properties: properties("photo", at)})
	first := p.Photos()[0].Address
	p.Properties = properties("photo", at, at)
	for _, photo := range w.save(p).Photos() {
		if photo.Address != first {
			t.Errorf("it is at %s, and was at %s", photo.Address, first)
		}
	}
}
