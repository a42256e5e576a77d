package pingback

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"strconv"
	"time"
)

const (
	answerStart = `<?xml version="1.0" encoding="UTF-8"?>` + "\n<methodResponse>"
	answerEnd   = "</methodResponse>\n"
)

// success is the answer that holds one string.
func success(text string) []byte {
	var b bytes.Buffer
	b.WriteString(answerStart + "<params><param>")
	writeString(&b, text)
	b.WriteString("</param></params>" + answerEnd)
	return b.Bytes()
}

// list is the answer that holds an array of strings.
func list(texts []string) []byte {
	var b bytes.Buffer
	b.WriteString(answerStart + "<params><param><value><array><data>")
	for _, text := range texts {
		writeString(&b, text)
	}
	b.WriteString("</data></array></value></param></params>" + answerEnd)
	return b.Bytes()
}

// fault is the answer that holds a fault.
func fault(code int, text string) []byte {
	var b bytes.Buffer
	b.WriteString(answerStart + "<fault><value><struct>")
	b.WriteString("<member><name>faultCode</name><value><int>" + strconv.Itoa(code) + "</int></value></member>")
	b.WriteString("<member><name>faultString</name>")
	writeString(&b, text)
	b.WriteString("</member></struct></value></fault>" + answerEnd)
	return b.Bytes()
}

// writeString writes a value. The escaping also replaces what XML cannot hold:
// control characters and bytes that are no UTF-8.
func writeString(b *bytes.Buffer, text string) {
	b.WriteString("<value><string>")
	xml.EscapeText(b, []byte(text)) // a bytes.Buffer does not fail
	b.WriteString("</string></value>")
}

// writeXML sends an XML-RPC answer.
func writeXML(w http.ResponseWriter, status int, body []byte) {
	header := w.Header()
	header["Content-Type"] = []string{"text/xml; charset=utf-8"}
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	w.Write(body) // the caller may be gone; nothing is left to do then
}

// writeFault sends a fault that came from the site.
func writeFault(w http.ResponseWriter, f *Fault) {
	if f.RetryAfter > 0 {
		seconds := int64((f.RetryAfter + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	status := f.Status
	if status == 0 {
		status = http.StatusOK
	}
	writeXML(w, status, fault(f.Code, f.Text))
}

// prepared is a whole answer made once, for requests that deserve no work.
type prepared struct {
	status int
	header http.Header
	body   []byte
}

// prepare makes a short answer in plain text. The header is a list of names
// and values.
func prepare(status int, text string, header ...string) prepared {
	body := []byte(text + "\n")
	p := prepared{status: status, header: http.Header{}, body: body}
	p.header.Set("Content-Type", "text/plain; charset=utf-8")
	p.header.Set("Content-Length", strconv.Itoa(len(body)))
	for i := 0; i+1 < len(header); i += 2 {
		p.header.Set(header[i], header[i+1])
	}
	return p
}

// write sends the answer.
func (p prepared) write(w http.ResponseWriter) {
	header := w.Header()
	for name, values := range p.header {
		header[name] = values
	}
	w.WriteHeader(p.status)
	w.Write(p.body) // the caller may be gone; nothing is left to do then
}
