package site

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hark/internal/auth"
	"hark/internal/auth/authtest"
)

// upload is a form with a file, after the fields of it.
func upload(t *testing.T, name string, file []byte, fields ...string) (contentType, body string) {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for n := 0; n+1 < len(fields); n += 2 {
		if err := w.WriteField(fields[n], fields[n+1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), form.String()
}

func snapshot(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, 30, 20)), nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Micropub, section 3.6, and the server cases 700 to 702 of micropub.rocks.
func TestAnAppUploadsAPhotoAndPostsIt(t *testing.T) {
	b := newBlog(t)
	token := b.token("create media")
	if r := b.ask(http.MethodGet, "/micropub?q=config", token); !strings.Contains(r.body, `"media-endpoint":"`+public+`/media"`) {
		t.Errorf("the endpoint is not announced: %s", r.body)
	}
	kind, body := upload(t, "../../sea wall.jpg", append(snapshot(t), "<script>"...))
	r := b.send("/media", kind, body, token)
	address := r.Header.Get("Location")
	if r.StatusCode != http.StatusCreated || !strings.HasPrefix(address, public+"/media/") || !strings.HasSuffix(address, ".jpg") {
		t.Fatalf("an upload is answered %d, Location %q: %s", r.StatusCode, address, r.body)
	}
	path := strings.TrimPrefix(address, public)
	file := b.ask(http.MethodGet, path)
	for name, want := range map[string]string{
		"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Content-Disposition": "inline",
		"Cache-Control": "public, max-age=31536000, immutable",
	} {
		if got := file.Header.Get(name); got != want {
			t.Errorf("the file has %s %q, want %q", name, got, want)
		}
	}
	if strings.Contains(file.body, "script") || !strings.HasPrefix(file.body, "\xff\xd8") {
		t.Error("the file is not the picture alone")
	}
	if r := b.ask(http.MethodGet, path, "Range: bytes=0-1"); r.StatusCode != http.StatusPartialContent || r.body != "\xff\xd8" {
		t.Errorf("a part of it is answered %d", r.StatusCode)
	}
	if r := b.ask(http.MethodGet, path, "If-None-Match: "+file.Header.Get("ETag")); r.StatusCode != http.StatusNotModified {
		t.Errorf("who has it is answered %d", r.StatusCode)
	}
	r = b.send("/micropub", jsonType, `{"type":["h-entry"],"properties":{"content":["Frost."],"photo":[{"value":"`+address+`","alt":"A jar"}]}}`, token)
	if r.StatusCode != http.StatusCreated {
		t.Fatalf("the post is answered %d: %s", r.StatusCode, r.body)
	}
	page := b.get(strings.TrimPrefix(r.Header.Get("Location"), public))
	if len(page.all(`img.u-photo[src="`+address+`"][alt="A jar"]`)) != 1 {
		t.Errorf("the photo is not on the page: %s", page.body)
	}
}

// parts is a form of fields, each a name and a value, and of files, whose names begin
// with @.
func parts(t *testing.T, fields ...string) (contentType, body string) {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for n := 0; n+1 < len(fields); n += 2 {
		make := w.CreateFormField
		name, isFile := strings.CutPrefix(fields[n], "@")
		if isFile {
			make = func(name string) (io.Writer, error) { return w.CreateFormFile(name, "a.jpg") }
		}
		part, err := make(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(part, fields[n+1])
	}
	w.Close()
	return w.FormDataContentType(), form.String()
}

func TestRocks300And301APostBringsItsPhotos(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update")
	picture := string(snapshot(t))
	one := a.makes(parts(t, "h", "entry", "content", "Frost.", "@photo", picture, "mp-photo-alt", "A jar"))
	page := b.get(strings.TrimPrefix(one, public))
	if src := attribute(page.one(t, `img.u-photo[alt="A jar"]`), "src"); !strings.HasPrefix(src, public+"/media/") || !strings.HasPrefix(b.get(strings.TrimPrefix(src, public)).body, "\xff\xd8") {
		t.Errorf("the photo is at %q", src)
	}
	several := a.makes(parts(t, "@photo[]", picture, "@photo[]", picture+"tail", "photo[]", "https://pictures.example/a.jpg",
		"mp-photo-alt[]", "One", "mp-photo-alt[]", "Two", "mp-photo-alt[]", "Three", "@audio", "ID3\x04 gulls"))
	page = b.get(strings.TrimPrefix(several, public))
	if len(page.all(`img.u-photo[alt="One"]`)) != 1 || len(page.all(`img.u-photo[alt="Two"]`)) != 1 || len(page.all(`a.u-photo[href="https://pictures.example/a.jpg"]`)) != 1 || len(page.all(`audio.u-audio`)) != 1 {
		t.Errorf("the page shows not all of it: %s", page.body)
	}
}

func TestAPostThatIsRefusedKeepsNoFiles(t *testing.T) {
	b := newBlog(t)
	token := b.token("create media")
	picture := string(snapshot(t))
	for words, fields := range map[string][]string{
		"visibility: ":                  {"@photo", picture, "content", "x", "visibility", "friends"},
		"post-status: ":                 {"@photo", picture, "post-status", "maybe"},
		"start: ":                       {"@photo", picture, "h", "event"},
		"in-reply-to: ":                 {"@photo", picture, "in-reply-to", "you"},
		"photo: this file is of":        {"@photo", "%PDF-1.7 and so on"},
		"video: this file is of":        {"@video", picture},
		"photo: SVG is not kept here":   {"@photo", "<svg xmlns='http://www.w3.org/2000/svg'/>"},
		"photo: This picture":           {"@photo", picture, "@photo", "\xff\xd8\xff\xe0 nothing"},
		"cannot be a file":              {"@content", picture},
		"not both":                      {"@photo", picture, "access_token", "x"},
		"mp-syndicate-to: this site co": {"@photo", picture, "mp-syndicate-to", "https://social.example/"},
	} {
		kind, body := parts(t, fields...)
		if r := b.send("/micropub", kind, body, token); r.StatusCode != 400 || !strings.Contains(r.body, words) {
			t.Errorf("%q is answered %d: %s", fields[0], r.StatusCode, r.body)
		}
	}
	if r := b.ask(http.MethodGet, "/media?q=source", token); strings.TrimSpace(r.body) != `{"items":[]}` {
		t.Errorf("of posts that were refused there are %s", r.body)
	}
	kind, body := parts(t, "@photo", picture)
	if r := b.send("/micropub", kind, body, b.token("update")); r.StatusCode != http.StatusForbidden {
		t.Errorf("who may not create brings a photo: %d %s", r.StatusCode, r.body)
	}
}

func TestOneWhoMayNotUploadLeavesOneLine(t *testing.T) {
	b := newBlog(t)
	kind, body := upload(t, "a.jpg", snapshot(t))
	for name, c := range map[string]struct {
		header, field string
		status        int
		line          string
	}{
		"no token":              {"", "", 401, ""},
		"a token nobody has":    {"Authorization: Bearer made up", "", 401, "Authentication failure for API User from 127.0.0.1"},
		"the same in the form":  {"", "made up", 401, "Authentication failure for API User from 127.0.0.1"},
		"one for other things":  {b.token("delete"), "", 403, "Authentication failure for wren (token) from 127.0.0.1"},
		"both header and form":  {b.token("media"), "made up", 400, ""},
		"one for media":         {b.token("media"), "", 201, ""},
		"one that may post":     {b.token("create"), "", 201, ""},
		"one in the form alone": {"", strings.TrimPrefix(b.token("media"), "Authorization: Bearer "), 201, ""},
	} {
		kind, body := kind, body
		if c.field != "" {
			kind, body = upload(t, "a.jpg", snapshot(t), "access_token", c.field)
		}
		var headers []string
		if c.header != "" {
			headers = []string{c.header}
		}
		before := len(b.failures())
		if r := b.send("/media", kind, body, headers...); r.StatusCode != c.status || r.StatusCode >= 400 && !strings.Contains(r.body, "error_description") {
			t.Errorf("%s: answered %d, want %d: %s", name, r.StatusCode, c.status, r.body)
		}
		got := b.failures()[before:]
		if want := []string{c.line}; c.line == "" && len(got) > 0 || c.line != "" && !slices.Equal(got, want) {
			t.Errorf("%s: the auth log has %q, want %q", name, got, c.line)
		}
	}
}

// failures are the lines of the auth log that tell of one, or of what was refused
// after too many.
func (b *blog) failures() (lines []string) {
	b.t.Helper()
	if err := b.alog.Reopen(); err != nil { // waits for the lines before it
		b.t.Fatal(err)
	}
	text, err := os.ReadFile(b.authLog)
	if err != nil {
		b.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if _, said, ok := strings.Cut(strings.TrimSpace(line), "]: "); ok && (strings.HasPrefix(said, "Authentication failure") || strings.HasPrefix(said, "Too many")) {
			lines = append(lines, said)
		}
	}
	return lines
}

func TestWhatIsNoFileForHereIsRefusedWithASentence(t *testing.T) {
	b := newBlog(t)
	token := b.token("media")
	for name, c := range map[string]struct {
		file   string
		status int
		says   string
	}{
		"SVG":    {"<svg xmlns='http://www.w3.org/2000/svg'/>", 400, "not kept here"},
		"HTML":   {"<!doctype html><script>1</script>", 400, "not kept here"},
		"broken": {"\xff\xd8\xff\xe0 nothing", 400, "cannot be read"},
		"empty":  {"", 400, "not kept here"},
		"PDF":    {"%PDF-1.7 and so on", 201, ""},
	} {
		kind, body := upload(t, "a.jpg", []byte(c.file))
		r := b.send("/media", kind, body, token)
		if r.StatusCode != c.status || !strings.Contains(r.body, c.says) {
			t.Errorf("%s: answered %d: %s", name, r.StatusCode, r.body)
		}
		if c.status == 201 {
			if got := b.ask(http.MethodGet, strings.TrimPrefix(r.Header.Get("Location"), public)).Header.Get("Content-Disposition"); got != "attachment" {
				t.Errorf("%s: shown as %q", name, got)
			}
		}
	}
	kind, body := upload(t, "a.jpg", snapshot(t))
	if r := b.send("/media", kind, body[:len(body)-200], token); r.StatusCode != 400 || !strings.Contains(r.body, "broke off") {
		t.Errorf("what breaks off is answered %d: %s", r.StatusCode, r.body)
	}
	if r := b.send("/media", "application/json", "{}", token); r.StatusCode != 400 || !strings.Contains(r.body, "multipart") {
		t.Errorf("JSON is answered %d: %s", r.StatusCode, r.body)
	}
	if r := b.send("/media", kind, strings.Repeat("x", 51<<20), token); r.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("51 MiB are answered %d", r.StatusCode)
	}
	for _, path := range []string{"/media/", "/media/..%2fhark.db", "/media/0123456789abcdef0123456789abcdef.jpg"} {
		if r := b.ask(http.MethodGet, path); r.StatusCode != http.StatusNotFound && r.StatusCode != http.StatusMovedPermanently {
			t.Errorf("%s is answered %d", path, r.StatusCode)
		}
	}
}

func TestAnAppSeesWhatItsUserHasUploaded(t *testing.T) {
	b := newBlog(t)
	token := b.token("media create")
	if r := b.ask(http.MethodGet, "/media?q=last", token); strings.TrimSpace(r.body) != "{}" {
		t.Errorf("before anything was uploaded: %s", r.body)
	}
	kind, body := upload(t, "a.pdf", []byte("%PDF-1.7 theirs"))
	authtest.Add(t, b.db, "reed", "Reed", "four plain words suffice", auth.Author, b.at)
	other, err := b.Gate.NewToken(t.Context(), "reed", "media", "test")
	if err != nil {
		t.Fatal(err)
	}
	b.send("/media", kind, body, "Authorization: Bearer "+other)
	kind, body = upload(t, "a.pdf", []byte("%PDF-1.7 mine"))
	address := b.send("/media", kind, body, token).Header.Get("Location")
	var last struct {
		URL string `json:"url"`
	}
	r := b.ask(http.MethodGet, "/media?q=last", token)
	if err := json.Unmarshal([]byte(r.body), &last); err != nil || last.URL != address || r.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("the last is %s, want %s", r.body, address)
	}
	if r := b.ask(http.MethodGet, "/media?q=source&limit=5", token); strings.Count(r.body, `"url"`) != 1 || !strings.Contains(r.body, address) {
		t.Errorf("the list is %s", r.body)
	}
	kind, body = upload(t, "a.pdf", []byte("%PDF-1.7 theirs"))
	if again := b.send("/media", kind, body, token); again.StatusCode != 201 {
		t.Errorf("what another has uploaded is answered %d", again.StatusCode)
	}
	if r := b.ask(http.MethodGet, "/media?q=source", token); strings.Count(r.body, `"url"`) != 2 {
		t.Errorf("what another has uploaded before is not in the list: %s", r.body)
	}
	for _, bad := range []string{"?q=what", "?q=source&limit=0", "?q=source&offset=-1", ""} {
		if r := b.ask(http.MethodGet, "/media"+bad, token); r.StatusCode != 400 {
			t.Errorf("%s is answered %d", bad, r.StatusCode)
		}
	}
}

// wide is a photograph that has smaller sizes.
func wide(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, 1000, 500)), nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestPicturesSayHowLargeTheyAreAndWhereSmallerOnesAre(t *testing.T) {
	b := newBlog(t)
	token := b.token("create media")
	kind, body := upload(t, "a.jpg", wide(t))
	address := b.send("/media", kind, body, token).Header.Get("Location")
	path := strings.TrimPrefix(address, public)
	small := strings.Replace(path, ".jpg", "-480.jpg", 1)
	r := b.send("/micropub", jsonType, `{"type":["h-entry"],"properties":{"content":["Look ![a wall](`+path+`)"],"photo":[{"value":"`+address+`","alt":"A jar"}]}}`, token)
	for _, at := range []string{strings.TrimPrefix(r.Header.Get("Location"), public), "/"} {
		page := b.get(at)
		for _, img := range []string{`.pictures img.u-photo[alt="A jar"]`, `.e-content img[alt="a wall"]`} {
			if got := page.one(t, img+`[width="1000"][height="500"]`); !strings.Contains(attribute(got, "srcset"), small+" 480w, ") || attribute(got, "sizes") == "" {
				t.Errorf("%s: %s has the sizes %q", at, img, attribute(got, "srcset"))
			}
		}
	}
	if feed := b.get("/feed.atom").body; strings.Contains(feed, "srcset") || !strings.Contains(feed, path) {
		t.Errorf("in the feed stands\n%s", feed)
	}
	r = b.ask(http.MethodGet, small)
	if r.StatusCode != 200 || r.Header.Get("Cache-Control") != "no-cache" || r.Header.Get("ETag") == `"`+strings.TrimPrefix(small, "/media/")+`"` {
		t.Errorf("a size that is not made yet is answered %d, to be kept %q", r.StatusCode, r.Header.Get("Cache-Control"))
	}
}

// Players ask for parts of a film, and do not play what is called by a wrong name.
func TestFilmsAndRecordingsAreServedInParts(t *testing.T) {
	b := newBlog(t)
	token := b.token("media")
	for mediaType, file := range map[string]string{
		"video/mp4": "\x00\x00\x00\x18ftypisom and a film", "video/webm": "\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm and a film", "audio/mpeg": "ID3\x03 and a song",
		"audio/ogg": "OggS\x00\x02 OpusHead and a song", "audio/mp4": "\x00\x00\x00\x18ftypM4A and a song",
	} {
		kind, body := upload(t, "a", []byte(file))
		path := strings.TrimPrefix(b.send("/media", kind, body, token).Header.Get("Location"), public)
		r := b.ask(http.MethodGet, path, "Range: bytes=4-7")
		if r.StatusCode != http.StatusPartialContent || r.body != file[4:8] || r.Header.Get("Content-Type") != mediaType ||
			r.Header.Get("Accept-Ranges") != "bytes" || !strings.HasSuffix(r.Header.Get("Content-Range"), "/"+strconv.Itoa(len(file))) {
			t.Errorf("%s: a part is answered %d, %q as %s, %s", mediaType, r.StatusCode, r.body, r.Header.Get("Content-Type"), r.Header.Get("Content-Range"))
		}
		if r := b.ask(http.MethodGet, path, "Range: bytes=999-"); r.StatusCode != http.StatusRequestedRangeNotSatisfiable {
			t.Errorf("%s: what is behind its end is answered %d", mediaType, r.StatusCode)
		}
	}
}
