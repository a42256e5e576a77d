package words_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hark/internal/words"
	"hark/web"
)

// languages are those that hark comes with.
func languages(t *testing.T) []*words.Book {
	t.Helper()
	library, err := words.Open(web.Words)
	if err != nil {
		t.Fatal(err)
	}
	if len(library.Books()) == 0 {
		t.Fatal("there is no language but English")
	}
	return library.Books()
}

// TestEachLanguageSaysWhatThePagesSay: a phrase that is added to a template, or
// said by the code, is added to each language.
func TestEachLanguageSaysWhatThePagesSay(t *testing.T) {
	for _, book := range languages(t) {
		for _, english := range slices.Concat(inTemplates(t), said(t)) {
			if !book.Has(english) {
				t.Errorf("%s has nothing for %q", book.Name(), english)
			}
		}
	}
}

// inTemplates are the phrases of all pages.
func inTemplates(t *testing.T) (all []string) {
	t.Helper()
	err := fs.WalkDir(web.Templates, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(web.Templates, path)
		all = append(all, words.Phrases(string(text))...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// said are the phrases that the code says itself.
func said(t *testing.T) (all []string) {
	t.Helper()
	inCode(t, func(_ string, n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return
		}
		var texts []string
		for _, arg := range call.Args {
			if text, ok := literal(arg); ok {
				texts = append(texts, text)
			}
		}
		switch name := method.Sel.Name; {
		case name == "Say" && len(texts) > 0:
			all = append(all, texts[0])
		case (name == "Count" || name == "Form") && len(texts) == 2:
			all = append(all, texts[0]+"|"+texts[1])
		case name == "Date" && len(texts) == 1:
			all = append(all, texts[0])
		case name == "add" && len(call.Args) > 2 && len(texts) == 2: // the name and the words of a sign; a ledger tells the name
			all = append(all, texts[0])
		}
	})
	if len(all) < 20 {
		t.Fatalf("the code says %q alone", all)
	}
	return all
}

// inCode looks at all code of the program that is no test.
func inCode(t *testing.T, look func(path string, n ast.Node)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool { look(path, n); return true })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// TestEachLanguageHasTheSentencesOfTheCode: whole sentences of the rooms whose words
// people read are said where they are drawn, so a language has them.
func TestEachLanguageHasTheSentencesOfTheCode(t *testing.T) {
	rooms := []string{"auth", "courier", "desk", "mail", "media", "mentions", "posts", "settings", "webmention"}
	toPrograms := []string{"The user said no."}
	verb, books, found := regexp.MustCompile(`%[a-z]`), languages(t), 0
	inCode(t, func(path string, n ast.Node) {
		e, ok := n.(ast.Expr)
		if !ok || !slices.Contains(rooms, filepath.Base(filepath.Dir(path))) {
			return
		}
		text, _ := literal(e)
		if !sentence.MatchString(text) || slices.Contains(toPrograms, text) {
			return
		}
		found++
		filled := verb.ReplaceAllString(text, "7")
		for _, book := range books {
			if book.Sentence(filled) == filled {
				t.Errorf("%s has nothing for %q", book.Name(), text)
			}
		}
	})
	if found < 200 {
		t.Errorf("the code has %d sentences", found)
	}
}

// TestAReasonIsSaidWithinASentence: what could not be read, and why.
func TestAReasonIsSaidWithinASentence(t *testing.T) {
	for _, start := range []string{"The page could not be read", "The source could not be read", "It could not be read"} {
		for _, reason := range []string{"its host name could not be found", "its certificate is not valid", "it took too long to answer"} {
			for _, book := range languages(t) {
				if said := book.Sentence(start + ": " + reason + "."); strings.Contains(said, reason) || !strings.HasSuffix(said, ".") {
					t.Errorf("%s says %q", book.Name(), said)
				}
			}
		}
	}
}

var sentence = regexp.MustCompile(`^\p{Lu}[^\n]* [^\n]*\.$`)
