package picture

import (
	"context"
	"fmt"
	"image/jpeg"
	"io"
)

// Sizes makes smaller ones of a picture that Whole has made a JPEG of: one for each
// width in pixels, as high as belongs to it, written to what to gives for it. The
// picture is read once. Its errors are those of Whole, and of to.
func (m *Maker) Sizes(ctx context.Context, body io.ReaderAt, size int64, widths []int, to func(width int, write func(io.Writer) error) error) error {
	release, err := m.alone(ctx)
	if err != nil {
		return err
	}
	defer release()
	f, err := open(io.NewSectionReader(body, 0, size))
	if err != nil {
		return err
	}
	img, err := f.read(ctx, m.most)
	if err != nil {
		return err
	}
	whole := planesOf(img)
	for _, width := range widths {
		if width < 1 || width > whole.w {
			return fmt.Errorf("%d pixels of %d", width, whole.w)
		}
		small := whole.scaled(width, max(1, (whole.h*width+whole.w/2)/whole.w))
		err := to(width, func(out io.Writer) error { return jpeg.Encode(out, small.image(), &jpeg.Options{Quality: quality}) })
		if err != nil {
			return err
		}
	}
	return nil
}

// scaled is the picture in another size, each pixel the mean of those that it covers.
func (p planes) scaled(w, h int) planes {
	out := planes{w: w, h: h, grey: p.grey, bright: p.bright.scaled(w, h)}
	if !p.grey {
		out.colour = [2]plane{p.colour[0].scaled((w+1)/2, (h+1)/2), p.colour[1].scaled((w+1)/2, (h+1)/2)}
	}
	return out
}

// span is which pixels become one, and how much of each, in parts of 4,096.
type span struct {
	from  int
	parts []uint32
}

const allParts = 1 << 12

// spans divide a row of from pixels among to, which are no more.
func spans(from, to int) []span {
	all := make([]span, to)
	for n := range all {
		// In units of which a pixel of before has to, and one of after has from.
		begin, end := n*from, (n+1)*from
		first, last := begin/to, (end-1)/to
		s := span{first, make([]uint32, last-first+1)}
		left, largest := uint32(allParts), 0
		for i := range s.parts {
			covered := min(end, (first+i+1)*to) - max(begin, (first+i)*to)
			s.parts[i] = uint32(covered * allParts / from)
			left -= s.parts[i]
			if s.parts[i] > s.parts[largest] {
				largest = i
			}
		}
		s.parts[largest] += left // what was lost by rounding
		all[n] = s
	}
	return all
}

func (p plane) scaled(w, h int) plane {
	w, h = min(w, p.w), min(h, p.h)
	out := newPlane(w, h)
	across, sums := spans(p.w, w), make([]uint32, p.w)
	for y, down := range spans(p.h, h) {
		clear(sums)
		for i, part := range down.parts {
			row := p.pix[(down.from+i)*p.stride:][:p.w]
			for x, v := range row {
				sums[x] += part * uint32(v)
			}
		}
		line := out.pix[y*w:][:w]
		for x, s := range across {
			sum := uint64(1 << 23)
			for i, part := range s.parts {
				sum += uint64(part) * uint64(sums[s.from+i])
			}
			line[x] = uint8(sum >> 24)
		}
	}
	return out
}
