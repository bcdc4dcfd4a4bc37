package recordings

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"flowtest/recordings/strictyaml"
)

// The file as YAML has it.
type (
	fileYAML struct {
		Format      int
		Source      Source
		Flow        string
		Description string
		Policy      string
		Client      string
		Recorded    *metaYAML
		Hops        []hopYAML
	}
	metaYAML struct {
		Date   string
		Flow   string
		Region string
		Shape  string
		Tool   string
	}
	hopYAML struct {
		Name     string
		From     []string
		To       string
		Request  *requestYAML
		Response *responseYAML

		line int
	}
	requestYAML struct {
		Method    string
		Path      string
		Query     map[string]string
		EventType string
		Action    string
		FormData  map[string]any

		ContinueToken string
		Native        string
		Platform      string
		Language      string
		Session       bool
	}
	responseYAML struct {
		Status   int
		JSON     string
		Detailed string
		HTML     string
		Headers  map[string]string
		Cookies  []string
	}
)

// The keys of each mapping, as an error lists them.
var (
	fileKeys    = []string{"format", "source", "flow", "description", "policy", "client", "recorded", "hops"}
	metaKeys    = []string{"date", "flow", "region", "shape", "tool"}
	hopKeys     = []string{"name", "from", "to", "request", "response"}
	requestKeys = []string{
		"method", "path", "query", "eventType", "action", "formData", "continueToken", "idToken", "accessToken",
		"platform", "language", "session",
	}
	responseKeys = []string{"status", "json", "detailed", "html", "headers", "cookies"}
)

// maxDepth is how many brackets of a recording.yaml may be open at once: it is nearly flat.
const maxDepth = 64

// decode reads the YAML of the file with that name. The error joins a line
// "FILE:LINE:COLUMN: …" for every mistake.
func decode(name string, text []byte) (*fileYAML, error) {
	d := decoder{&strictyaml.Reader{File: name}}
	f := &fileYAML{}
	root := d.Parse(text, strictyaml.Limits{Bytes: maxFile, Brackets: maxDepth})
	switch format, problem := formatOf(root); {
	case d.Len() > 0:
	case problem != "":
		d.Add(strictyaml.Position{Line: 1, Column: 1}, "%s", problem)
	default:
		f.Format = format
		d.file(f, root)
	}
	if list := d.Mistakes(); len(list) > 0 {
		return nil, errors.New(strings.Join(list, "\n"))
	}
	return f, nil
}

// formatOf reads the format of the file first: what a later one has in it is unknown here.
func formatOf(root ast.Node) (format int, problem string) {
	var pairs []*ast.MappingValueNode
	if mapping, ok := root.(*ast.MappingNode); ok {
		pairs = mapping.Values
	} else if root != nil {
		return 0, "" // which the decoder reports
	}
	written := ""
	for _, pair := range pairs {
		if pair.Key.GetToken().Value == "format" {
			written = pair.Value.GetToken().Value
		}
	}
	format, err := strconv.Atoi(written)
	switch {
	case written == "":
		return 0, fmt.Sprintf("no format, want format: %d in the first line", Format)
	case err != nil:
		return 0, fmt.Sprintf("format %s is not a number, want %d", written, Format)
	case format > Format:
		return 0, fmt.Sprintf("format %d is later than this flowtest reads, which is %d: update flowtest",
			format, Format)
	case format < 1:
		return 0, fmt.Sprintf("format %d does not exist, want %d", format, Format)
	}
	return format, ""
}

// A decoder reads the nodes of a recording.yaml. A key without a value counts as missing.
type decoder struct{ *strictyaml.Reader }

// each calls read for every key of a mapping that has a value, and notes the keys for which
// it returns false.
func (d decoder) each(path string, n ast.Node, keys []string, read func(key, path string, n ast.Node) bool) {
	entries, _ := d.Entries(path, n)
	for _, e := range entries {
		if !read(e.Key, strictyaml.Join(path, e.Key), e.Value) {
			d.Unknown(path, e, keys)
		}
	}
}

func (d decoder) file(f *fileYAML, root ast.Node) {
	d.each("", root, fileKeys, func(key, path string, n ast.Node) bool {
		switch key {
		case "format":
		case "source":
			f.Source = Source(d.text(path, n))
		case "flow":
			f.Flow = d.text(path, n)
		case "description":
			f.Description = d.text(path, n)
		case "policy":
			f.Policy = d.text(path, n)
		case "client":
			f.Client = d.text(path, n)
		case "recorded":
			f.Recorded = d.meta(path, n)
		case "hops":
			for i, one := range d.list(path, n) {
				f.Hops = append(f.Hops, d.hop(fmt.Sprintf("%s[%d]", path, i), one))
			}
		default:
			return false
		}
		return true
	})
}

func (d decoder) meta(path string, n ast.Node) *metaYAML {
	if isNothing(n) {
		return nil
	}
	m := &metaYAML{}
	d.each(path, n, metaKeys, func(key, path string, n ast.Node) bool {
		switch key {
		case "date":
			m.Date = d.text(path, n)
		case "flow":
			m.Flow = d.text(path, n)
		case "region":
			m.Region = d.text(path, n)
		case "shape":
			m.Shape = d.text(path, n)
		case "tool":
			m.Tool = d.text(path, n)
		default:
			return false
		}
		return true
	})
	return m
}

func (d decoder) hop(path string, n ast.Node) hopYAML {
	h := hopYAML{line: strictyaml.PlaceOf(n).Line}
	if isNothing(n) {
		return h
	}
	d.each(path, n, hopKeys, func(key, path string, n ast.Node) bool {
		switch key {
		case "name":
			h.Name = d.text(path, n)
		case "from":
			if n.Type() == ast.SequenceType {
				h.From = d.texts(path, n)
			} else if !isNothing(n) {
				h.From = []string{d.text(path, n)}
			}
		case "to":
			h.To = d.text(path, n)
		case "request":
			h.Request = d.request(path, n)
		case "response":
			h.Response = d.response(path, n)
		default:
			return false
		}
		return true
	})
	return h
}

func (d decoder) request(path string, n ast.Node) *requestYAML {
	if isNothing(n) {
		return nil
	}
	r := &requestYAML{}
	d.each(path, n, requestKeys, func(key, path string, n ast.Node) bool {
		switch key {
		case "method":
			r.Method = d.text(path, n)
		case "path":
			r.Path = d.text(path, n)
		case "query":
			r.Query = d.mapping(path, n)
		case "eventType":
			r.EventType = d.text(path, n)
		case "action":
			r.Action = d.text(path, n)
		case "formData":
			r.FormData = d.form(path, n)
		case "continueToken":
			r.ContinueToken = d.text(path, n)
		case "idToken", "accessToken":
			r.ContinueToken, r.Native = d.text(path, n), key
		case "platform":
			r.Platform = d.text(path, n)
		case "language":
			r.Language = d.text(path, n)
		case "session":
			r.Session = !isNothing(n) && d.Flag(path, n)
		default:
			return false
		}
		return true
	})
	return r
}

func (d decoder) response(path string, n ast.Node) *responseYAML {
	if isNothing(n) {
		return nil
	}
	r := &responseYAML{}
	d.each(path, n, responseKeys, func(key, path string, n ast.Node) bool {
		switch key {
		case "status":
			text := d.text(path, n)
			var err error
			if r.Status, err = strconv.Atoi(text); err != nil && text != "" {
				d.Add(strictyaml.PlaceOf(n), "%s is %q, want a number from 200 to 599", path, text)
			}
		case "json":
			r.JSON = d.text(path, n)
		case "detailed":
			r.Detailed = d.text(path, n)
		case "html":
			r.HTML = d.text(path, n)
		case "headers":
			r.Headers = d.mapping(path, n)
		case "cookies":
			r.Cookies = d.texts(path, n)
		default:
			return false
		}
		return true
	})
	return r
}

// form reads the values of a form, which can be of any kind.
func (d decoder) form(path string, n ast.Node) map[string]any {
	if isNothing(n) {
		return nil
	}
	if n.Type() != ast.MappingType {
		d.Entries(path, n) // notes what it is instead
	}
	values, _ := d.Any(path, n).(map[string]any)
	return values
}

// mapping reads a mapping of texts.
func (d decoder) mapping(path string, n ast.Node) map[string]string {
	if isNothing(n) {
		return nil
	}
	entries, _ := d.Entries(path, n)
	values := make(map[string]string, len(entries))
	for _, e := range entries {
		values[e.Key] = d.text(strictyaml.Join(path, e.Key), e.Value)
	}
	return values
}

func (d decoder) list(path string, n ast.Node) []ast.Node {
	if isNothing(n) {
		return nil
	}
	return d.List(path, n)
}

func (d decoder) texts(path string, n ast.Node) []string {
	var texts []string
	for i, one := range d.list(path, n) {
		texts = append(texts, d.text(fmt.Sprintf("%s[%d]", path, i), one))
	}
	return texts
}

func (d decoder) text(path string, n ast.Node) string {
	if isNothing(n) {
		return ""
	}
	text, _ := d.Scalar(path, n)
	return text
}

func isNothing(n ast.Node) bool { return n.Type() == ast.NullType }
