package source

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestPageThatExplodesInTheParserIsRefused(t *testing.T) {
	var fonts strings.Builder
	for i := range 400 {
		fmt.Fprintf(&fonts, "<font size=%d>", i)
	}
	for name, body := range map[string]string{
		"fonts":      "<p>" + fonts.String() + "</p>" + strings.Repeat("<p>x", 50_000),
		"plain ones": "<p>" + strings.Repeat("<b><i><u><s><em><tt>", 3) + "</p>" + strings.Repeat("<p>x", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Read(fetched(linkSource, "text/html", []byte(body))); !errors.Is(err, ErrTooDeep) {
				t.Errorf("error is %v, want %v", err, ErrTooDeep)
			}
		})
	}
}

func TestLongOrdinaryPageDoesNotExplode(t *testing.T) {
	paragraph := `<p>Some <b>words</b> with <a href="/x"><em>a link</em></a> and <font color="red">an old <font size=2>colour</font></font>.</p>`
	body := `<font face="serif">` + strings.Repeat(paragraph, (1<<20)/len(paragraph)) + `<a href="TARGET">x</a>`
	if _, ok := sourceOf(t, body).Link(sameTarget); !ok {
		t.Error("the link is not found")
	}
}
