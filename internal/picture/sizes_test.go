package picture

import (
	"bytes"
	"errors"
	"image"
	"io"
	"testing"
)

func TestSmallerSizesShowTheSame(t *testing.T) {
	for name, body := range map[string][]byte{
		"colour": asJPEG(t, quarters(image.NewRGBA(image.Rect(0, 0, 301, 203)), "RGBY")),
		"grey":   asJPEG(t, quarters(image.NewGray(image.Rect(0, 0, 301, 203)), "KWWK")),
	} {
		want := map[string]string{"colour": "RGBY", "grey": "KWWK"}[name]
		var made []int
		err := New().Sizes(t.Context(), bytes.NewReader(body), int64(len(body)), []int{301, 120, 40}, func(width int, write func(io.Writer) error) error {
			made = append(made, width)
			var out bytes.Buffer
			if err := write(&out); err != nil {
				return err
			}
			p := &Picture{Type: "image/jpeg", Bytes: out.Bytes(), Width: width, Height: (203*width + 150) / 301}
			if got := look(t, p); got != want {
				t.Errorf("%s, %d wide, shows %s, want %s", name, width, got, want)
			}
			return nil
		})
		if err != nil || len(made) != 3 {
			t.Errorf("%s: %v are made (%v)", name, made, err)
		}
	}
}

func TestSizesEndWithTheFirstThatFails(t *testing.T) {
	body := asJPEG(t, image.NewGray(image.Rect(0, 0, 30, 20)))
	full := errors.New("full")
	for _, widths := range [][]int{{10, 5}, {31}, {0}} {
		tries := 0
		err := New().Sizes(t.Context(), bytes.NewReader(body), int64(len(body)), widths, func(int, func(io.Writer) error) error { tries++; return full })
		if err == nil || tries > 1 || widths[0] == 10 && !errors.Is(err, full) {
			t.Errorf("%v: %v after %d", widths, err, tries)
		}
	}
}

// Each part of a row goes somewhere, and all of it.
func TestSpansCoverARow(t *testing.T) {
	for from := 1; from < 60; from++ {
		for to := 1; to <= from; to++ {
			next := 0
			for n, s := range spans(from, to) {
				sum := uint32(0)
				for _, part := range s.parts {
					sum += part
				}
				if sum != allParts || s.from > next || s.from+len(s.parts) < next {
					t.Fatalf("of %d to %d, the part %d begins at %d and has %v", from, to, n, s.from, s.parts)
				}
				next = s.from + len(s.parts)
			}
			if next != from {
				t.Fatalf("of %d to %d, %d are covered", from, to, next)
			}
		}
	}
}
