package bayes

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// memory is what an owner has decided.
type memory struct {
	words map[string]Counts
	total Counts
}

func (m *memory) learn(spam bool, by int, texts ...string) {
	if m.words == nil {
		m.words = make(map[string]Counts)
	}
	for _, word := range Words(texts...) {
		m.words[word] = m.words[word].plus(spam, by)
		if m.words[word] == (Counts{}) {
			delete(m.words, word)
		}
	}
	m.total = m.total.plus(spam, by)
}

func (c Counts) plus(spam bool, by int) Counts {
	if spam {
		c.Spam += by
	} else {
		c.Ham += by
	}
	return c
}

func (m *memory) judge(texts ...string) Verdict {
	return Judge(Words(texts...), func(word string) Counts { return m.words[word] }, m.total)
}

var (
	wanted = []string{
		"Thank you for the notes on reading circuit diagrams, I linked them from my garden of notes",
		"I read your post about the old synthesizer and disagree with the part on filters",
		"What a lovely walk along the river, the photographs of the heron are wonderful",
		"Your pattern for the wool socks worked, I changed the heel and wrote about it",
		"A reply to your thoughts on feed readers and why I still run my own",
	}
	unwanted = []string{
		"Best online casino bonus, free spins no deposit, play slots now",
		"Cheap replica watches, free shipping, best price online",
		"Play now at the best casino, exclusive bonus and jackpot slots",
		"Buy backlinks cheap, rank first online, best price guaranteed",
		"Online pharmacy, cheap pills without prescription, buy now",
	}
)

func taught() *memory {
	m := &memory{}
	for i := range wanted {
		m.learn(false, 1, wanted[i])
		m.learn(true, 1, unwanted[i])
	}
	return m
}

func TestAFewVerdictsTellNewMentionsApart(t *testing.T) {
	m := taught()
	for _, text := range []string{
		"Casino bonus: cheap slots, best jackpot online, buy now",
		"cheap online pills, best price, free shipping",
	} {
		if v := m.judge(text); v.Spam < 0.9 {
			t.Errorf("%q: %.3f, %v", text, v.Spam, v.Telling)
		}
	}
	for _, text := range []string{
		"I wrote a reply to your notes about the river and the heron photographs",
		"Lovely post about filters, I linked it and disagree with your thoughts on reading",
	} {
		if v := m.judge(text); v.Spam > 0.1 {
			t.Errorf("%q: %.3f, %v", text, v.Spam, v.Telling)
		}
	}
}

func TestAHostIsRemembered(t *testing.T) {
	m := &memory{}
	for i := range 5 {
		m.learn(true, 1, "host:spam.example", fmt.Sprint("nothing telling ", i))
		m.learn(false, 1, "host:friend.example", fmt.Sprint("nothing telling ", i))
	}
	if v := m.judge("host:spam.example", "hello"); v.Spam < 0.8 || v.Telling[0].Word != "host:spam.example" {
		t.Errorf("of a host that sends spam: %v", v)
	}
	if v := m.judge("host:friend.example", "hello"); v.Spam > 0.2 {
		t.Errorf("of a friend's host: %v", v)
	}
	if v := m.judge("spam.example spam"); v.Spam != 0.5 {
		t.Errorf("of the words alone: %v", v)
	}
}

func TestUnknownWordsSayNothing(t *testing.T) {
	if v := taught().judge("Ελληνικά κείμενα περί ανέμων"); v.Spam != 0.5 || len(v.Telling) != 0 {
		t.Errorf("got %v", v)
	}
}

func TestWordsOfBothSidesStayInTheMiddle(t *testing.T) {
	v := taught().judge(strings.Join(append(slices.Clone(wanted), unwanted...), " "))
	if v.Spam < 0.2 || v.Spam > 0.8 {
		t.Errorf("got %.3f", v.Spam)
	}
}

func TestNothingIsSaidBeforeThreeVerdictsOfEachSide(t *testing.T) {
	m := &memory{}
	for i := range 3 {
		if v := m.judge(unwanted[0]); v.Spam != 0.5 || v.Telling != nil {
			t.Errorf("after %d of each: %v", i, v)
		}
		m.learn(true, 1, unwanted[i])
		if v := m.judge(unwanted[0]); v.Spam != 0.5 || v.Telling != nil {
			t.Errorf("after %d and one spam more: %v", i, v)
		}
		m.learn(false, 1, wanted[i])
	}
	if v := m.judge(unwanted[0]); v.Spam < 0.7 {
		t.Errorf("after three of each: %v", v)
	}
}

func TestTheOrderOfWordsDoesNotMatter(t *testing.T) {
	m := taught()
	words := Words(strings.Join(unwanted, " "), wanted[0])
	of := func(word string) Counts { return m.words[word] }
	want := Judge(words, of, m.total)
	for range 20 {
		rand.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		if got := Judge(append(words, words...), of, m.total); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v\nwant %v", got, want)
		}
	}
}

func TestTheMostTellingWordsAreNamedFirst(t *testing.T) {
	v := taught().judge(strings.Join(unwanted, " "))
	if len(v.Telling) != maxNamed {
		t.Errorf("%d words are named, want %d", len(v.Telling), maxNamed)
	}
	if v.Telling[0].Word != "best" && v.Telling[0].Word != "online" {
		t.Errorf("the first is %q", v.Telling[0].Word)
	}
	if !slices.IsSortedFunc(v.Telling, func(a, b Word) int { return int(math.Copysign(1, b.strength()-a.strength())) }) {
		t.Errorf("out of order: %v", v.Telling)
	}
}

func TestUnlearningIsAsIfItHadNeverBeen(t *testing.T) {
	m, want := taught(), taught()
	m.learn(true, 1, "heron river casino")
	if reflect.DeepEqual(m.judge("heron river"), want.judge("heron river")) {
		t.Error("nothing was learned")
	}
	m.learn(true, -1, "heron river casino")
	if !maps.Equal(m.words, want.words) || m.total != want.total {
		t.Error("something is left")
	}
}

func TestManyMoreOfOneSideDoNotDecideAlone(t *testing.T) {
	total := Counts{Ham: 10, Spam: 10_000}
	v := Judge([]string{"photograph"}, func(string) Counts { return Counts{Ham: 1, Spam: 1000} }, total)
	if v.Spam != 0.5 {
		t.Errorf("a word in a tenth of each says %v", v)
	}
}

func TestCountsThatCannotBeAreNoHarm(t *testing.T) {
	for _, c := range []Counts{{-5, 3}, {3, -5}, {-1, -1}, {math.MaxInt, 0}, {0, math.MaxInt}, {math.MinInt, math.MaxInt}} {
		v := Judge([]string{"word"}, func(string) Counts { return c }, Counts{Ham: 5, Spam: 5})
		if math.IsNaN(v.Spam) || v.Spam < 0 || v.Spam > 1 {
			t.Errorf("%v: %v", c, v.Spam)
		}
	}
}

func TestChanceIsThatOfChiSquare(t *testing.T) {
	for _, c := range []struct {
		x    float64
		n    int
		want float64
	}{{5.991, 1, 0.05}, {9.488, 2, 0.05}, {23.209, 5, 0.01}, {43.773, 15, 0.05}, {0, 7, 1}} { // from printed tables
		if got := chance(c.x, c.n); math.Abs(got-c.want) > 1e-4 {
			t.Errorf("of %v with %d degrees: %v, want %v", c.x, 2*c.n, got, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"each once, in order", "Casino, casino! The BEST casino.", "casino the best"},
		{"one letter is none", "a I x2 7", "x2"},
		{"digits", "2026 covid19", "2026 covid19"},
		{"accents", "Čeština naïve Ελλάδα", "čeština naïve ελλάδα"},
		{"accents apart or not", "cafe\u0301", "café"},
		{"vowel signs", "हिन्दी", "हिन्दी"},
		{"Korean", "한국어 블로그", "한국어 블로그"},
		{"Japanese", "無人島です", "無人 人島 島で です"},
		{"Chinese beside Latin", "买viagra吧啊", "买 viagra 吧啊"},
		{"Thai", "กขค", "กข ขค"},
		{"Thai with tone marks", "ที่นี่", "ที่นี่"},
		{"wide letters", "Ｖｉａｇｒａ", "viagra"},
		{"mathematical letters", "𝓿𝓲𝓪𝓰𝓻𝓪 𝗰𝗮𝘀𝗶𝗻𝗼", "viagra casino"},
		{"invisible between", "vi\u200bag\u00adra cas\ufe0fino", "viagra casino"},
		{"what is too long", strings.Repeat("x", 41) + " " + strings.Repeat("y", 40), strings.Repeat("y", 40)},
		{"broken UTF-8", "caf\xffe ok", "caf ok"},
		{"a host", "host:Blog.Example:8080", "host:blog.example:8080"},
		{"a host of another script", "host:bücher.example", "host:bücher.example"},
		{"more than a host", "host:friend.example buy cheap", "host friend example buy cheap"},
		{"a host within", "see host:friend.example", "see host friend example"},
		{"no host", "host:", "host"},
		{"nothing", " \n—!", ""},
	} {
		if got := strings.Join(Words(c.text), " "); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWordsAreCountedAcrossTexts(t *testing.T) {
	got := Words("host:a.example", "Alice", "hello Alice")
	if want := []string{"host:a.example", "alice", "hello"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestThereAreAtMost500Words(t *testing.T) {
	var text strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&text, "w%d ", i)
	}
	if got := Words(text.String(), "host:late.example"); len(got) != maxWords {
		t.Errorf("got %d", len(got))
	}
}

func FuzzWords(f *testing.F) {
	for _, text := range append(slices.Clone(wanted), unwanted...) {
		f.Add(text, "host:a.example")
	}
	f.Add("無人島です ที่นี่ 𝓿\u200b𝓲\xff", "host:\x00")
	f.Fuzz(func(t *testing.T, a, b string) {
		words := Words(a, b)
		if len(words) > maxWords {
			t.Errorf("%d words", len(words))
		}
		seen := map[string]bool{}
		for _, word := range words {
			if seen[word] || word == "" || len(word) > maxHost+len(hostMark) && !strings.HasPrefix(word, hostMark) || strings.ContainsAny(word, " \n\x00") {
				t.Errorf("the word %q", word)
			}
			seen[word] = true
		}
	})
}

func FuzzJudge(f *testing.F) {
	f.Add("casino bonus heron", 3, 5, 5, 5)
	f.Add("a b c d", 0, 0, 0, 0)
	f.Add("x", -1, math.MaxInt, math.MaxInt, 3)
	f.Fuzz(func(t *testing.T, text string, ham, spam, allHam, allSpam int) {
		words := strings.Fields(text)
		of := func(word string) Counts { return Counts{Ham: ham - len(word), Spam: spam ^ len(word)} }
		v := Judge(words, of, Counts{Ham: allHam, Spam: allSpam})
		if !(v.Spam >= 0 && v.Spam <= 1) || len(v.Telling) > maxNamed {
			t.Fatalf("got %v", v)
		}
		for _, w := range v.Telling {
			if !(w.Spam > 0 && w.Spam < 1) || !slices.Contains(words, w.Word) {
				t.Errorf("the word %v", w)
			}
		}
		slices.Reverse(words)
		if again := Judge(words, of, Counts{Ham: allHam, Spam: allSpam}); !reflect.DeepEqual(again, v) {
			t.Errorf("the other way round it is %v, not %v", again, v)
		}
	})
}

func BenchmarkWords(b *testing.B) {
	text := strings.Repeat(strings.Join(append(slices.Clone(wanted), unwanted...), " "), 10)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Words(text)
	}
}

func BenchmarkJudge(b *testing.B) {
	m := taught()
	words := Words(strings.Join(append(slices.Clone(wanted), unwanted...), " "))
	for b.Loop() {
		Judge(words, func(word string) Counts { return m.words[word] }, m.total)
	}
}
