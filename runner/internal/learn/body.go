package learn

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// A leaf is one value of a JSON body: a string, a number, true, false, null, or
// a list of numbers, which is one value that was written byte by byte.
type leaf struct {
	path string
	raw  string // as it stands in the body
	text string // of a string: with marks in the place of what is known
	kind gjson.Type
}

// The marks around the name of a variable within a text. What a service sends
// never holds them: they are taken out.
const (
	markOpen  = "\x00{"
	markClose = "}\x00"
)

func mark(name string) string { return markOpen + name + markClose }

// walk visits the leaves of a JSON value in their order, with their paths: the
// keys as they stand, with dots between them, and # and a number for the
// entries of lists.
func walk(v gjson.Result, visit func(path string, v gjson.Result)) {
	walkAt("", v, visit)
}

func walkAt(path string, v gjson.Result, visit func(path string, v gjson.Result)) {
	if !v.IsObject() && (!v.IsArray() || numbers(v)) {
		if v.Exists() {
			visit(path, v)
		}
		return
	}
	list, i := v.IsArray(), 0
	v.ForEach(func(key, value gjson.Result) bool {
		name := strconv.Itoa(i)
		if !list {
			name = key.String()
		}
		i++
		if path != "" {
			name = path + "." + name
		}
		walkAt(name, value, visit)
		return true
	})
}

// numbers reports whether v is a list of numbers alone.
func numbers(v gjson.Result) bool {
	if !v.IsArray() {
		return false
	}
	some, all := false, true
	v.ForEach(func(_, value gjson.Result) bool {
		some, all = true, value.Type == gjson.Number
		return all
	})
	return some && all
}

// leavesOf reads the leaves of a response.
func (l *learner) leavesOf(s *step) []leaf {
	var out []leaf
	if s.page || !s.top.Exists() {
		if len(s.x.Response) > 0 {
			text := string(s.x.Response)
			out = append(out, leaf{raw: text, kind: gjson.String, text: s.j.replace(unmarked(text), "")})
		}
		return out
	}
	walk(s.top, func(path string, v gjson.Result) {
		f := leaf{path: path, raw: v.Raw, kind: v.Type}
		if v.Type == gjson.String {
			f.text = l.replaced(s, path, v.Str)
		}
		out = append(out, f)
	})
	return out
}

// unmarked takes out what would be read as a mark.
func unmarked(text string) string {
	if !strings.ContainsAny(text, "\x00\x01") {
		return text
	}
	return strings.NewReplacer("\x00", "", "\x01", "").Replace(text)
}

// replaced is a string of a response with marks in the place of what is known.
func (l *learner) replaced(s *step, path, text string) string {
	text = unmarked(text)
	if role := l.roles[path]; role != "" && !s.j.knows(text) && minted(text) {
		return mark(role)
	}
	if strings.HasPrefix(path, "_links.") || strings.HasSuffix(path, ".href") {
		return l.link(s, s.j.replace(text, path))
	}
	return s.j.replace(text, path)
}

func (j *journey) knows(text string) bool { return j.names[text] != "" }

// link puts the variables into a link that has the form of the protocol's.
//
// Source: the links of the official pages.
func (l *learner) link(s *step, text string) string {
	rest, ok := strings.CutPrefix(text, mark("authPath"))
	if !ok {
		return text
	}
	if env := "/" + mark("envID"); strings.HasPrefix(rest, env) {
		rest = strings.TrimPrefix(rest, env)
	}
	query := ""
	if at := strings.IndexByte(rest, '?'); at >= 0 {
		rest, query = rest[:at], rest[at:]
	}
	part := strings.Split(rest, "/")
	if len(part) < 3 || part[1] != "davinci" && part[1] != "as" {
		return text
	}
	if part[1] == "davinci" && part[2] == "connections" && len(part) > 3 {
		if part[3] == s.top.Get("connectionId").String() {
			part[3] = mark("connectionInstanceID")
		}
		if len(part) > 5 && part[4] == "capabilities" && part[5] == s.top.Get("capabilityName").String() {
			part[5] = mark("capabilityName")
		}
	}
	if part[1] == "davinci" && part[2] == "policy" && len(part) == 5 && part[4] == "start" {
		if !strings.HasPrefix(part[3], markOpen) {
			l.notePolicy(part[3])
			part[3] = mark("davinciFlowPolicyID")
		}
	}
	return mark("authPath") + "/" + mark("envID") + strings.Join(part, "/") + query
}
