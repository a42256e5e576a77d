package fail2ban

import (
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"hark/contrib"
)

// newFolder is a folder as fail2ban leaves it when it is installed.
func newFolder(t *testing.T) Folder {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, common), "[DEFAULT]\n")
	put(t, filepath.Join(dir, "jail.d", "defaults-debian.conf"), "[sshd]\nenabled = true\n")
	return Folder{Dir: dir, Shipped: contrib.Fail2ban()}
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (f Folder) text(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(f.Dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// all are the files in the folder, with their texts.
func (f Folder) all(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(f.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(f.Dir, path)
		found[name] = f.text(t, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func install(t *testing.T, f Folder) []Change {
	t.Helper()
	done, err := f.Install(false)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestWhatWasInstalledIsTakenAwayAndNothingElse(t *testing.T) {
	f := newFolder(t)
	before := f.all(t)
	for _, want := range []string{"written", "unchanged"} {
		done := install(t, f)
		if len(done) < 3 || slices.ContainsFunc(done, func(c Change) bool { return c.Did != want }) {
			t.Errorf("got %v, want all %s", done, want)
		}
		if last := done[len(done)-1].File; last != "jail.d/hark.conf" {
			t.Errorf("%s came last, want the jail after what it needs", last)
		}
	}
	if got := len(f.all(t)); got <= len(before) {
		t.Errorf("%d files after the installation of %d", got, len(before))
	}
	done, err := f.Uninstall(false)
	if err != nil || done[0].File != "jail.d/hark.conf" {
		t.Errorf("removed %v, %v, want the jail first", done, err)
	}
	after := f.all(t)
	for name, text := range after {
		if before[name] != text {
			t.Errorf("%s is %q, was %q", name, text, before[name])
		}
	}
	if len(after) != len(before) {
		t.Errorf("left are %d files of %d", len(after), len(before))
	}
	if done, err := f.Uninstall(false); err != nil || len(done) != 0 {
		t.Errorf("removed again: %v, %v", done, err)
	}
}

func TestAFileThatWasChangedByHandStops(t *testing.T) {
	f := newFolder(t)
	install(t, f)
	jail := filepath.Join(f.Dir, "jail.d", "hark.conf")
	put(t, jail, strings.Replace(f.text(t, "jail.d/hark.conf"), "maxretry = 5", "maxretry = 50", 1))
	before := f.all(t)
	f.Values.Ident = "idno(blog.example)"
	if done, err := f.Install(false); err == nil || len(done) > 0 || !strings.Contains(err.Error(), jail) || !strings.Contains(err.Error(), "--force") {
		t.Errorf("install: %v, %v", done, err)
	}
	if done, err := f.Uninstall(false); err == nil || len(done) > 0 || !strings.Contains(err.Error(), jail) {
		t.Errorf("uninstall: %v, %v", done, err)
	}
	for name, text := range f.all(t) {
		if before[name] != text {
			t.Errorf("%s was changed all the same", name)
		}
	}
	if _, err := f.Install(true); err != nil {
		t.Fatal(err)
	}
	if got := f.text(t, "jail.d/hark.conf"); strings.Contains(got, "maxretry = 50") {
		t.Error("forced, the jail is still as it was")
	}
}

func TestAPlainCopyOfWhatIsShippedIsTakenOver(t *testing.T) {
	f := newFolder(t)
	text, err := fs.ReadFile(f.Shipped, "jail.d/hark.conf")
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(f.Dir, "jail.d", "hark.conf"), string(text))
	install(t, f)
	if got := f.text(t, "jail.d/hark.conf"); got != seal(string(text))+string(text) {
		t.Errorf("the jail is %q", got)
	}
}

func TestAFolderThatIsNotOfFail2banIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []Folder{{Dir: dir, Shipped: contrib.Fail2ban()}, {Dir: filepath.Join(dir, "missing"), Shipped: contrib.Fail2ban()}} {
		if _, err := f.Install(true); err == nil || !strings.Contains(err.Error(), "--dir") {
			t.Errorf("%s: %v", f.Dir, err)
		}
	}
}

func TestValuesStandInTheFilesAndAreReadBack(t *testing.T) {
	f := newFolder(t)
	f.Shipped = with(f.Shipped, "action.d/hark-deny.conf", "[Init]\nhark = /usr/bin/hark\ndata = /var/lib/hark\nwhere = --data=<data>\n")
	f.Values = Values{Ident: "idno(blog.example)", AuthLog: "/var/log/auth.log", PingLog: "/srv/50%/ping.log", Program: "/opt/hark", DataPath: "/srv/blog"}
	install(t, f)
	for file, rows := range map[string][]string{
		"filter.d/hark-auth.conf":    {`_daemon = idno\(blog\.example\)`},
		"filter.d/hark-mention.conf": {`_daemon = idno\(blog\.example\)`},
		"action.d/hark-deny.conf":    {"hark = /opt/hark", "data = /srv/blog", "where = --data=<data>"},
		"jail.d/hark.conf":           {"backend  = auto", "logpath  = /var/log/auth.log", "logpath  = /srv/50%%/ping.log"},
	} {
		got := strings.Split(f.text(t, file), "\n")
		for _, row := range rows {
			if !slices.Contains(got, row) {
				t.Errorf("%s has no row %q:\n%s", file, row, strings.Join(got, "\n"))
			}
		}
	}
	if got := f.text(t, "jail.d/hark.conf"); strings.Count(got, "logpath  =") != 2 || strings.Contains(got, "backend  = systemd") {
		t.Errorf("the jails are %s", got)
	}

	r := &Report{}
	f.Values = Values{Ident: "idno(blog.example)"}
	if whole, err := f.checkFiles(r); !whole || err != nil || len(r.Wrong)+len(r.Notes) > 0 {
		t.Errorf("checked: %v, %v, %+v", whole, err, r)
	}
	f.Shipped = with(f.Shipped, "action.d/hark-deny.conf", "[Init]\nhark = /usr/bin/hark\n")
	f.Values.Ident = "hark"
	if whole, err := f.checkFiles(r); !whole || err != nil || len(r.Wrong) != 3 {
		t.Errorf("an old action and filters for another ident: %v, %v, %q", whole, err, r.Wrong)
	}
}

// with is what is shipped, and a file beside it.
func with(shipped fs.FS, file, text string) fs.FS {
	files := fstest.MapFS{file: {Data: []byte(text)}}
	err := fs.WalkDir(shipped, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path != file {
			data, err := fs.ReadFile(shipped, path)
			files[path] = &fstest.MapFile{Data: data}
			return err
		}
		return err
	})
	if err != nil {
		panic(err)
	}
	return files
}

func TestWhatFail2banWouldStartIsRead(t *testing.T) {
	got := readJails(`['set', 'loglevel', 'INFO']
['add', 'hark-auth', 'auto']
['set', 'hark-auth', 'addlogpath', '/var/log/auth.log', 'head']
['add', 'hark-mention', 'systemd']
['start', 'hark-auth']
`)
	auth, mention := got["hark-auth"], got["hark-mention"]
	if auth == nil || auth.backend != "auto" || !slices.Equal(auth.logs, []string{"/var/log/auth.log"}) || !auth.started {
		t.Errorf("hark-auth is %+v", auth)
	}
	if mention == nil || mention.backend != "systemd" || mention.started {
		t.Errorf("hark-mention is %+v", mention)
	}
}

func TestAJailHasToLookWhereHarkWrites(t *testing.T) {
	for _, c := range []struct {
		jail         jail
		destination  string
		wrong, noted int
	}{
		{jail{backend: "systemd"}, "auto", 0, 0},
		{jail{backend: "systemd"}, "file:/var/log/hark.log", 1, 0},
		{jail{backend: "auto", logs: []string{"/var/log/hark.log"}}, "file:/var/log/hark.log", 0, 0},
		{jail{backend: "auto", logs: []string{"/var/log/auth.log"}}, "file:/var/log/hark.log", 1, 0},
		{jail{backend: "auto", logs: []string{"/var/log/auth.log"}}, "auto", 0, 1},
	} {
		r := &Report{}
		checkPlace(r, "hark-auth", &c.jail, c.destination)
		if len(r.Wrong) != c.wrong || len(r.Notes) != c.noted {
			t.Errorf("%+v for %s: %+v", c.jail, c.destination, r)
		}
	}
}

func TestAKindIsWrongAsSoonAsOneOfItsLinesIs(t *testing.T) {
	all := kinds()
	counted := func(but int) map[bool]map[netip.Addr]bool {
		found := map[bool]map[netip.Addr]bool{false: {}, true: {}}
		for i, kind := range all {
			v4, v6 := addresses(i)
			found[kind.Ping][v4] = kind.Counted
			found[kind.Ping][v6] = kind.Counted && i != but
		}
		return found
	}
	wrong := func(list []Verdict) (kinds []string) {
		for _, v := range list {
			if v.Counted != v.Want {
				kinds = append(kinds, v.Kind)
			}
		}
		return kinds
	}
	if got := wrong(verdicts(all, counted(-1))); len(got) > 0 {
		t.Errorf("as it should be, yet wrong are %q", got)
	}
	if got := wrong(verdicts(all, counted(0))); !slices.Equal(got, []string{all[0].Name}) {
		t.Errorf("got %q, want the first kind", got)
	}
	if got := wrong(verdicts(all, counted(len(all)-1))); !slices.Equal(got, []string{hostile}) {
		t.Errorf("got %q, want the hostile names", got)
	}
	forged := counted(-1)
	forged[false][victim] = true
	if got := wrong(verdicts(all, forged)); !slices.Equal(got, []string{hostile}) {
		t.Errorf("with a victim counted: %q", got)
	}
}
