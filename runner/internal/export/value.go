package export

import (
	"encoding/json"
	"iter"
	"strings"

	"github.com/tidwall/gjson"
)

// Value returns a property of the node, which exports write as {"value": …} or bare.
// It need not exist.
func (n *Node) Value(property string) gjson.Result {
	return unwrap(n.props.Get(gjson.Escape(property)))
}

// unwrap returns the value of a property.
func unwrap(v gjson.Result) gjson.Result {
	if v.IsObject() {
		if in := v.Get("value"); in.Exists() {
			return in
		}
	}
	return v
}

// Text returns a property as the text that the author typed, with links as the references that
// they mean. For a property that is not text it returns "".
func (n *Node) Text(property string) string { return textOf(n.Value(property)) }

func textOf(v gjson.Result) string {
	if v.Type == gjson.Number || v.IsBool() {
		return v.String()
	}
	return plain(v)
}

// Plain decodes a text, which may be "slate".
func Plain(v gjson.Result) string { return plain(v) }

// plain decodes a text, which may be "slate": a JSON array in a string.
func plain(v gjson.Result) string { return slate(v, false) }

// shown returns the text of a label as a person reads it, with the default translations and the
// texts of links.
func shown(v gjson.Result) string { return slate(v, true) }

func slate(v gjson.Result, translated bool) string {
	if v.Type != gjson.String {
		return ""
	}
	text := v.String()
	if !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "[") || !json.Valid([]byte(text)) {
		return text
	}
	list := gjson.Parse(text)
	if first := list.Get("0"); first.Exists() && !first.IsObject() {
		return text // a list that the author typed
	}
	var b strings.Builder
	for i, element := range list.Array() {
		if i > 0 {
			b.WriteByte('\n')
		}
		leaves(&b, element, translated)
	}
	return b.String()
}

func leaves(b *strings.Builder, v gjson.Result, translated bool) {
	switch v.Get("type").String() {
	case "link":
		if to := v.Get("data"); to.Exists() || !translated {
			b.WriteString(to.String())
			return
		}
	case "i18n":
		if translated {
			b.WriteString(v.Get("defaultTranslation").String())
			return
		}
	}
	if text := v.Get("text"); text.Exists() {
		b.WriteString(text.String())
		return
	}
	for _, child := range v.Get("children").Array() {
		leaves(b, child, translated)
	}
}

// A Reference is one {{local.NODE.payload.output.PATH}}: a value from another node.
type Reference struct {
	Node     string // the id
	Path     string // after payload, as in output.buttonValue
	Property string // of the node that reads it, if known
}

// References returns the values of other nodes that the properties of a node read.
func (n *Node) References() (found []Reference) {
	known := map[Reference]bool{}
	n.props.ForEach(func(property, v gjson.Result) bool {
		for _, r := range references(v.Raw) {
			r.Property = property.String()
			if !known[r] { // slate has it twice
				known[r], found = true, append(found, r)
			}
		}
		return true
	})
	return found
}

// references finds the references in a text or in raw JSON, in their order.
func references(text string) (found []Reference) {
	for {
		_, rest, ok := strings.Cut(text, "{{local.")
		if !ok {
			return found
		}
		text = rest
		inside, _, ok := strings.Cut(rest, "}}")
		if !ok {
			return found
		}
		if len(inside) > 300 || strings.Contains(inside, "{{") {
			continue
		}
		node, path, _ := strings.Cut(inside, ".")
		path = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(path), "payload"), ".")
		found = append(found, Reference{Node: node, Path: path})
	}
}

// exactly returns the reference that makes up the whole text, if it is one.
func exactly(text string) (Reference, bool) {
	text = strings.TrimSpace(text)
	refs := references(text)
	if len(refs) != 1 || !strings.HasPrefix(text, "{{") || strings.Index(text, "}}") != len(text)-2 {
		return Reference{}, false
	}
	return refs[0], true
}

// Paths is a set of dotted paths: the fields of a screen, or those that are read.
type Paths struct {
	whole map[string]bool
	parts map[string]bool // beginnings of the paths
}

// Add adds a path, "" for all fields.
func (p *Paths) Add(path string) {
	if p.whole == nil {
		p.whole, p.parts = map[string]bool{}, map[string]bool{}
	}
	p.whole[path] = true
	for begin := range beginnings(path) {
		p.parts[begin] = true
	}
}

// Has reports whether a path is in the set, is inside a path of the set, or contains
// one.
func (p *Paths) Has(path string) bool {
	if p == nil || len(p.whole) == 0 {
		return false
	}
	if path == "" || p.whole[""] || p.parts[path] {
		return true
	}
	for begin := range beginnings(path) {
		if p.whole[begin] {
			return true
		}
	}
	return false
}

// beginnings yields a path up to each of its dots, and the path itself.
func beginnings(path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range len(path) {
			if path[i] == '.' && !yield(path[:i]) {
				return
			}
		}
		yield(path)
	}
}

// Keys are the keys of the fields of a screen, as references name them.
func (s *Screen) Keys() *Paths {
	p := &Paths{}
	for _, f := range s.Fields {
		if f.Key != "" {
			p.Add(Dotted(f.Key))
		}
	}
	return p
}

// Field returns the dotted path of the screen's field that a reference reads, "" for all
// fields.
func (r Reference) Field() (path string, ok bool) {
	path, ok = strings.CutPrefix(Dotted(r.Path), "output")
	path = strings.TrimPrefix(path, ".")
	if inside, in := strings.CutPrefix(path+".", "formData."); in {
		path = strings.TrimSuffix(strings.TrimPrefix(inside, "value."), ".")
	}
	return path, ok
}

// Dotted returns a path without brackets and quotes around keys that contain dots.
func Dotted(path string) string {
	return strings.Trim(dotted.Replace(path), ".")
}

var dotted = strings.NewReplacer(`['`, ".", `[\"`, ".", `["`, ".", `']`, "", `\"]`, "", `"]`, "", "..", ".")

// Pressed reports whether a reference reads the pressed button of a screen.
func (r Reference) Pressed() bool {
	return r.Path == "output.buttonValue" || r.Path == "output.event.buttonValue" || r.Path == "event.buttonValue"
}

// Compares reports whether a node compares values. Such a node is false instead of
// failing.
func (n *Node) Compares() bool {
	return strings.Contains(n.Connector, "functions") && n.Capability != "customFunction"
}

// A Message is the author's text for an error of the backend.
type Message struct{ Code, Text string }

// Messages returns the texts of a node for errors of the backend in its first language, without
// empty ones.
func (n *Node) Messages() (list []Message) {
	n.props.Get(gjson.Escape(n.Capability+"_localizedErrors") + ".properties").ForEach(func(_, v gjson.Result) bool {
		for _, m := range unwrap(v).Array() {
			if text := fold(plain(m.Get("value"))); text != "" {
				list = append(list, Message{m.Get("key").String(), text})
			}
		}
		return list == nil
	})
	return list
}
