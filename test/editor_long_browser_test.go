package test

import "testing"

// TestALongTextIsWrittenAsAShortOne puts a tool to hundreds of lines at once, which is one change and
// taken back as one, and writes more than a post can hold.
func TestALongTextIsWrittenAsAShortOne(t *testing.T) {
	t.Parallel()
	s, b := atDesk(t)
	b.visit(s.url + "/desk/write")
	b.measure(`changes = 0, before = text.value = "Rain & <wind>,  and\u00a0more.\n".repeat(300).trim(), text.select(), text.addEventListener("input", () => changes++), 1`)
	b.tool("> ")
	if b.measure(`text.value === before.replace(/^/gm, "> ") ? 1 : 0`) != 1 {
		t.Errorf("three hundred lines are quoted as %.200q", b.says("text.value"))
	}
	if n := b.measure("changes"); n != 1 {
		t.Errorf("the page is told of %v changes, want 1: a browser works long on many", n)
	}
	b.chord("z")
	if b.measure("text.value === before ? 1 : 0") != 1 {
		t.Errorf("taken back they are %.200q", b.says("text.value"))
	}

	b.measure(`enter(text, ("The jar was never meant to last. ".repeat(10) + "\n").repeat(3500)), 1`)
	b.becomes("#status", "more than a post can hold")
	if b.measure("Object.values(localStorage).join().length > 1e6 ? 1 : 0") != 1 {
		t.Error("the browser does not keep them")
	}
}
