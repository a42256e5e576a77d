package media

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/internal/database"
)

const other = "another"

// two is a shelf with a second writer.
func two(t *testing.T) *shelf {
	t.Helper()
	s := newShelf(t)
	s.exec("INSERT INTO users (id, name, display_name, role, password, created_at) VALUES ($1, 'reed', 'Reed', 'author', '', 0)", other)
	return s
}

func (s *shelf) saveAs(account, body, name string) *File {
	s.t.Helper()
	s.at = s.at.Add(time.Second)
	f, err := s.Save(s.t.Context(), strings.NewReader(body), name, account)
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

// names lists uploads by their names.
func (s *shelf) names(l List) (names []string) {
	s.t.Helper()
	list, err := s.List(s.t.Context(), l)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range list {
		names = append(names, f.Name)
	}
	return names
}

// post writes a post that names what stands in it.
func (s *shelf) post(id, text string) {
	s.t.Helper()
	s.exec(`INSERT INTO posts (id, author_id, status, kind, path, slug, title, content, properties, html, summary, words, version, created_at, published_at, updated_at, deleted_at)
		VALUES ($1, $2, 'draft', 'note', '', '', '', $3, '{}', '', '', 0, 1, 0, 0, 0, 0)`, id, writer, text)
	err := s.db.InTx(s.t.Context(), func(tx *database.Tx) error { return Use(tx, id, text) })
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestUploadsAreListedNewestFirstAndNarrowed(t *testing.T) {
	s := two(t)
	used := s.saveAs(writer, "%PDF-1", "first.pdf")
	s.saveAs(other, "%PDF-2", "theirs.pdf")
	s.saveAs(writer, "ID3\x04", "song.mp3")
	s.saveAs(writer, drawing(t), "drawing.png")
	s.post("a-post", "[read](/media/"+used.Key+".pdf)")
	for _, c := range []struct {
		list List
		want []string
	}{
		{List{}, []string{"drawing.png", "song.mp3", "theirs.pdf", "first.pdf"}},
		{List{By: other}, []string{"theirs.pdf"}},
		{List{By: writer, Skip: 1, Limit: 1}, []string{"song.mp3"}},
		{List{Kind: "image"}, []string{"drawing.png"}},
		{List{Kind: "application", By: writer}, []string{"first.pdf"}},
		{List{Unused: true}, []string{"drawing.png", "song.mp3", "theirs.pdf"}},
		{List{By: "nobody"}, nil},
	} {
		if got := s.names(c.list); !slices.Equal(got, c.want) {
			t.Errorf("%+v lists %q, want %q", c.list, got, c.want)
		}
		counted := c.list
		counted.Skip, counted.Limit = 0, 0
		n, err := s.Count(t.Context(), counted)
		if want := len(s.names(counted)); err != nil || n != want {
			t.Errorf("%+v counts %d (%v), want %d", counted, n, err, want)
		}
	}
}

func TestWhoUploadsWhatIsThereHasUploadedItToo(t *testing.T) {
	s := two(t)
	first := s.saveAs(writer, "%PDF-1", "mine.pdf")
	again := s.saveAs(other, "%PDF-1", "theirs.pdf")
	if again.Key != first.Key || again.Name != "theirs.pdf" || again.AuthorID != other || !again.Created.After(first.Created) {
		t.Errorf("the second has %+v, the first %+v", again, first)
	}
	if got := s.names(List{By: other}); !slices.Equal(got, []string{"theirs.pdf"}) {
		t.Errorf("theirs are %q", got)
	}
	s.saveAs(writer, "%PDF-2", "later.pdf")
	s.saveAs(writer, "%PDF-1", "again.pdf")
	if got := s.names(List{By: writer}); !slices.Equal(got, []string{"mine.pdf", "later.pdf"}) {
		t.Errorf("after it came again there are %q", got)
	}
}

func TestEachSaysForThemselvesWhatAFileShows(t *testing.T) {
	s := two(t)
	f := s.saveAs(writer, drawing(t), "a.png")
	s.saveAs(other, drawing(t), "b.png")
	if err := s.SetAlt(t.Context(), f.Key, writer, " A jar\r\n\u202e in <the> sun "); err != nil {
		t.Fatal(err)
	}
	s.saveAs(writer, drawing(t), "again.png")
	for account, want := range map[string]string{writer: "A jar in <the> sun", other: ""} {
		if got, err := s.Upload(t.Context(), f.Key, account); err != nil || got.Alt != want {
			t.Errorf("for %s it is %+v (%v), want %q", account, got, err, want)
		}
	}
	if err := s.SetAlt(t.Context(), f.Key, "nobody", "x"); !errors.Is(err, ErrNotFound) {
		t.Errorf("who has not uploaded it: %v", err)
	}
	refused := (*Invalid)(nil)
	if err := s.SetAlt(t.Context(), f.Key, writer, strings.Repeat("é", longestAlt+1)); !errors.As(err, &refused) {
		t.Errorf("one that is too long: %v", err)
	}
}

func TestAFileInUseStaysUnlessForced(t *testing.T) {
	s := two(t)
	f := s.saveAs(writer, "%PDF-1", "a.pdf")
	s.post("a-post", "https://blog.example/media/"+f.Key+".pdf")
	if err := s.Delete(t.Context(), f.Key, writer, NoUse); !errors.Is(err, ErrInUse) {
		t.Fatalf("one in use: %v", err)
	}
	if got := s.names(List{By: writer}); len(got) != 1 {
		t.Errorf("it is forgotten all the same: %q", got)
	}
	if err := s.Delete(t.Context(), f.Key, writer, AnyUse); err != nil {
		t.Fatal(err)
	}
	if got := s.lying(); len(got) != 0 {
		t.Errorf("there lie %q", got)
	}
	if _, _, _, err := s.Open(t.Context(), f.Stored()); !errors.Is(err, ErrNotFound) {
		t.Errorf("it is read: %v", err)
	}
	if err := s.Delete(t.Context(), f.Key, "", AnyUse); !errors.Is(err, ErrNotFound) {
		t.Errorf("again: %v", err)
	}
}

func TestAFileOfTwoStaysForTheOther(t *testing.T) {
	s := two(t)
	f := s.saveAs(writer, "%PDF-1", "a.pdf")
	if err := s.Delete(t.Context(), f.Key, other, AnyUse); !errors.Is(err, ErrNotFound) {
		t.Errorf("who has not uploaded it takes it away: %v", err)
	}
	s.saveAs(other, "%PDF-1", "a.pdf")
	s.post("a-post", "/media/"+f.Key)
	if err := s.Delete(t.Context(), f.Key, writer, NoUse); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.dir + "/" + f.Stored()); err != nil || len(s.names(List{})) != 1 {
		t.Errorf("it is gone for both (%v)", err)
	}
	if err := s.Delete(t.Context(), f.Key, other, NoUse); !errors.Is(err, ErrInUse) {
		t.Errorf("for the last it is in use: %v", err)
	}
	s.saveAs(writer, "%PDF-1", "a.pdf")
	if err := s.Delete(t.Context(), f.Key, "", AnyUse); err != nil || len(s.names(List{})) != 0 || len(s.lying()) != 0 {
		t.Errorf("for all: %v, left %q", err, s.lying())
	}
}

func TestTextsNameFilesByTheirAddresses(t *testing.T) {
	a, b := strings.Repeat("a", 32), strings.Repeat("b", 32)
	for text, want := range map[string][]string{
		"![](/media/" + b + ".jpg) https://blog.example/media/" + a + "-480.jpg /media/" + b + ".jpg": {a, b},
		"text=%21%5B%5D%28%2Fmedia%2F" + a + ".jpg%29":                                                {a},
		"/media/short.jpg /medium/" + a + " media/" + a:                                               nil,
		"%2Fmedia/" + a + "/media%2F" + b + "/media/" + a[:31]:                                        {a, b},
		"/media/" + strings.Repeat("A", 32) + " /mediamedia/" + a + " /media//" + a:                   nil,
		"/media/media/" + a: {a},
	} {
		if got := keysIn([]string{text}); !slices.Equal(got, want) {
			t.Errorf("%s names %q, want %q", text, got, want)
		}
	}
}

// A post that names very many files is kept as any other.
func TestManyFilesInOneText(t *testing.T) {
	s := newShelf(t)
	var text strings.Builder
	for n := range mostNamed + 10 {
		text.WriteString("/media/" + strings.Repeat("0", 24) + string(hex8(n)) + " ")
	}
	s.post("a-post", text.String())
	uses, err := s.Uses(t.Context(), strings.Repeat("0", 24)+string(hex8(7)), "none")
	if err != nil || len(uses) != 1 || !uses[strings.Repeat("0", 24)+string(hex8(7))].Any() {
		t.Errorf("its uses are %v (%v)", uses, err)
	}
}

func hex8(n int) []byte {
	out := make([]byte, 8)
	for i := range out {
		out[i] = "0123456789abcdef"[n>>(28-4*i)&15]
	}
	return out
}

// waits tells whether somebody waits for a transaction of another.
func (s *shelf) waits() bool {
	s.t.Helper()
	n := 0
	if err := s.db.QueryRow(s.t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n > 0
}

func TestAFileThatIsBeingNamedIsNotDeletedMeanwhile(t *testing.T) {
	s := two(t)
	f := s.saveAs(writer, "%PDF-1", "a.pdf")
	s.post("a-post", "Nothing.")
	deleted := make(chan error, 1)
	err := s.db.InTx(t.Context(), func(tx *database.Tx) error {
		if err := Use(tx, "a-post", f.Path()); err != nil {
			return err
		}
		go func() { deleted <- s.Delete(context.WithoutCancel(t.Context()), f.Key, writer, NoUse) }()
		for s.db.Postgres() && len(deleted) == 0 && !s.waits() { // SQLite makes one change after the other
			runtime.Gosched()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-deleted; !errors.Is(err, ErrInUse) {
		t.Errorf("deleting it gave %v", err)
	}
	if _, err := s.File(t.Context(), f.Key); err != nil {
		t.Errorf("it is %v", err)
	}
}
