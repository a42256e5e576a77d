// Package metrics writes figures in the text format that Prometheus reads
// (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4).
package metrics

import (
	"bytes"
	"strconv"
	"strings"
)

// ContentType is what the format calls itself.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Page collects figures. Its zero value is an empty one.
type Page struct{ out bytes.Buffer }

// Family is all figures of one name, which differ by their labels.
type Family struct {
	page   *Page
	name   string
	labels []string
}

// Counter begins a family of figures that only grow while the program runs; by
// custom its name ends in _total. The names of its labels follow.
func (p *Page) Counter(name, help string, labels ...string) Family {
	return p.begin("counter", name, help, labels)
}

// Gauge begins a family of figures that go up and down.
func (p *Page) Gauge(name, help string, labels ...string) Family {
	return p.begin("gauge", name, help, labels)
}

var (
	helpEscapes  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	labelEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

func (p *Page) begin(kind, name, help string, labels []string) Family {
	p.out.WriteString("# HELP " + name + " " + helpEscapes.Replace(help) + "\n# TYPE " + name + " " + kind + "\n")
	return Family{p, name, labels}
}

// Is adds a figure with a value for each label. No two of a family have the same.
func (f Family) Is(figure float64, values ...string) {
	if len(values) != len(f.labels) {
		panic("metrics: " + f.name + " wants a value for each of its labels")
	}
	out := &f.page.out
	out.WriteString(f.name)
	for i, value := range values {
		between := byte(',')
		if i == 0 {
			between = '{'
		}
		out.WriteByte(between)
		out.WriteString(f.labels[i] + `="` + labelEscapes.Replace(strings.ToValidUTF8(value, "�")) + `"`)
	}
	if len(values) > 0 {
		out.WriteByte('}')
	}
	out.WriteByte(' ')
	out.WriteString(strconv.FormatFloat(figure, 'g', -1, 64)) // NaN, +Inf and -Inf as the format has them
	out.WriteByte('\n')
}

// Bytes is the page.
func (p *Page) Bytes() []byte { return p.out.Bytes() }
