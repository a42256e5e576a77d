package picture

import (
	"encoding/binary"
	"math"
)

// maxProfile bounds a profile, in bytes. Those of cameras and screens have a few
// thousand.
const maxProfile = 64 << 10

// matrix is nine numbers, row by row.
type matrix [9]float64

// toSRGB brings a colour from XYZ under the light of profiles (D50) to light of the
// three colours of sRGB (IEC 61966-2-1, adapted by Bradford's method).
var toSRGB = matrix{
	3.1338561, -1.6168667, -0.4906146,
	-0.9787684, 1.9161415, 0.0334540,
	0.0719453, -0.2289914, 1.4052427,
}

func (m matrix) times(n matrix) (out matrix) {
	for row := range 3 {
		for column := range 3 {
			for i := range 3 {
				out[row*3+column] += m[row*3+i] * n[i*3+column]
			}
		}
	}
	return out
}

// curve says how much light a value from 0 to 1 stands for.
type curve func(float64) float64

// profile is what a profile says of colours: three curves, and where the three
// colours lie. One of greys has the same curve thrice.
type profile struct {
	curves [3]curve
	matrix matrix // to light of sRGB
	grey   bool
}

// readProfile reads a profile of a screen or of greys (ICC.1:2010 §8.3, §8.4) that is
// made of curves and a matrix. Of any other, and of one that is broken, nothing is
// known.
func readProfile(body []byte) (*profile, bool) {
	const head, space, connection, signature = 128, 16, 20, 36
	if len(body) < head+4 || string(body[signature:signature+4]) != "acsp" || string(body[connection:connection+4]) != "XYZ " {
		return nil, false
	}
	switch string(body[space : space+4]) {
	case "GRAY":
		c, ok := readCurve(tag(body, "kTRC"))
		return &profile{[3]curve{c, c, c}, matrix{1, 0, 0, 0, 1, 0, 0, 0, 1}, true}, ok
	case "RGB ":
		p := &profile{}
		var places matrix
		for n, colour := range []string{"r", "g", "b"} {
			c, good := readCurve(tag(body, colour+"TRC"))
			xyz := tag(body, colour+"XYZ")
			if !good || len(xyz) < 20 || string(xyz[:4]) != "XYZ " {
				return nil, false
			}
			p.curves[n] = c
			for row := range 3 {
				places[row*3+n] = fixed(xyz[8+4*row:])
			}
		}
		p.matrix = toSRGB.times(places)
		return p, true
	}
	return nil, false
}

// tag is the data of a tag (ICC.1:2010 §7.3); nil where it is not there whole.
func tag(body []byte, name string) []byte {
	const table, each = 132, 12
	count := int64(binary.BigEndian.Uint32(body[table-4:]))
	for n := range min(count, 1000) {
		at := table + each*n
		if at+each > int64(len(body)) {
			return nil
		}
		entry := body[at : at+each]
		if string(entry[:4]) != name {
			continue
		}
		from := int64(binary.BigEndian.Uint32(entry[4:]))
		to := from + int64(binary.BigEndian.Uint32(entry[8:]))
		if to > int64(len(body)) {
			return nil
		}
		return body[from:to]
	}
	return nil
}

// fixed is a number of the type s15Fixed16 (ICC.1:2010 §4.6).
func fixed(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }

// readCurve reads a curve of one of the two types (ICC.1:2010 §10.5, §10.15).
func readCurve(data []byte) (curve, bool) {
	if len(data) < 12 {
		return nil, false
	}
	switch string(data[:4]) {
	case "curv":
		return sampled(int64(binary.BigEndian.Uint32(data[8:])), data[12:])
	case "para":
		return parametric(binary.BigEndian.Uint16(data[8:]), data[12:])
	}
	return nil, false
}

func sampled(count int64, data []byte) (curve, bool) {
	switch {
	case count > 4096 || int64(len(data)) < 2*count:
		return nil, false
	case count == 0:
		return func(x float64) float64 { return x }, true
	case count == 1:
		gamma := float64(binary.BigEndian.Uint16(data)) / 256
		return func(x float64) float64 { return math.Pow(x, gamma) }, true
	}
	points := make([]float64, count)
	for n := range points {
		points[n] = float64(binary.BigEndian.Uint16(data[2*n:])) / 65535
	}
	return func(x float64) float64 {
		at := x * float64(count-1)
		n := min(int(at), int(count)-2)
		return points[n] + (points[n+1]-points[n])*(at-float64(n))
	}, true
}

// parametric is Y = (aX+b)^g + c from d on, and below it eX + f; the shorter kinds
// leave some of them out.
func parametric(kind uint16, data []byte) (curve, bool) {
	counts := [...]int{1, 3, 4, 5, 7}
	if int(kind) >= len(counts) || len(data) < 4*counts[kind] {
		return nil, false
	}
	var v [7]float64
	for n := range counts[kind] {
		v[n] = fixed(data[4*n:])
	}
	g, a, b, c, d, e, f := v[0], v[1], v[2], 0.0, v[4], v[3], 0.0
	switch kind {
	case 0:
		a, b, d, e = 1, 0, math.Inf(-1), 0
	case 1, 2:
		c, e = v[3], 0
		f = c
		if a == 0 {
			return nil, false
		}
		d = -b / a
	case 4:
		c, f = v[5], v[6]
	}
	return func(x float64) float64 {
		if x >= d {
			return math.Pow(max(0, a*x+b), g) + c
		}
		return e*x + f
	}, true
}
