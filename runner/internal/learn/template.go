package learn

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// A templater puts variables into bodies, links and headers.
type templater struct{ *learner }

// template writes the body of every step with variables in the place of what
// is known and of what differs from journey to journey.
func (l templater) template() {
	for _, s := range l.steps {
		t := &templating{templater: l, s: s, values: map[string]string{}, names: map[string]string{}}
		t.reserve()
		var b strings.Builder
		if s.page || !s.top.Exists() {
			for i := range s.leaves {
				b.WriteString(render(t.leaf(&s.leaves[i]), false))
			}
			s.text = []byte(b.String())
			continue
		}
		t.write(&b, s.top)
		s.text = t.spare(b.String())
	}
}

// templating is the state of one body on its way.
type templating struct {
	templater

	s      *step
	at     int               // the next leaf
	values map[string]string // the variable of each minted value
	names  map[string]string // and back
}

// reserve gives the values that stand under the name of a variable that one.
func (t *templating) reserve() {
	for i := range t.s.leaves {
		f := &t.s.leaves[i]
		name := property(f.path)
		if f.kind == gjson.String && t.named(name) && t.varies(f) && minted(f.text) && t.names[name] == "" {
			t.values[f.text], t.names[name] = name, f.text
		}
	}
}

// named reports whether a property has the name of a variable for minted values.
func (t *templating) named(name string) bool {
	switch name {
	case "authPath", "envID", "connectionInstanceID", "capabilityName", "davinciFlowPolicyID", "state", "code":
		return false
	}
	return recordings.IsVariable(name) && !strings.Contains(name, ".")
}

// property is the name under which a leaf stands: the last step of its path
// that is no number.
func property(path string) string {
	for rest := path; rest != ""; {
		at := strings.LastIndexByte(rest, '.')
		if part := rest[at+1:]; !digits.MatchString(part) {
			return part
		}
		rest = rest[:max(at, 0)]
	}
	return path
}

// varies reports whether a leaf differs from journey to journey. Where no other
// journey went the same way, what looks minted under a variable's name is.
func (t *templating) varies(f *leaf) bool {
	at := place{t.s.node, t.s.detailed, f.path}
	return t.places[at] != nil || !t.repeated[at] && t.named(property(f.path)) && minted(f.text)
}

// write writes a JSON value. It visits the leaves in the order of walk.
func (t *templating) write(b *strings.Builder, v gjson.Result) {
	if !v.IsObject() && (!v.IsArray() || numbers(v)) {
		f := &t.s.leaves[t.at]
		t.at++
		if f.kind == gjson.String {
			b.WriteString(`"` + render(t.leaf(f), true) + `"`)
		} else {
			b.WriteString(t.other(f))
		}
		return
	}
	list, i := v.IsArray(), 0
	b.WriteByte("{["[number(list)])
	v.ForEach(func(key, value gjson.Result) bool {
		if i > 0 {
			b.WriteByte(',')
		}
		i++
		if !list {
			b.WriteString(`"` + render(t.s.j.replace(unmarked(key.String()), ".options."), true) + `":`)
		}
		t.write(b, value)
		return true
	})
	b.WriteByte("}]"[number(list)])
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// leaf is the text of a leaf with marks in it.
func (t *templating) leaf(f *leaf) string { return t.encoded(t.minted(f), f.path) }

// encoded puts variables into the place of tokens that hold a secret in an
// encoding: what they say changes with the user.
func (t *templating) encoded(text, path string) string {
	return encodedText.ReplaceAllStringFunc(text, func(token string) string {
		if strings.HasPrefix(token, markOpen) || !t.finder.in(token) {
			return token
		}
		return mark(t.name(token, path))
	})
}

// encodedText finds marks, which are passed over, tokens and Base64.
var encodedText = regexp.MustCompile(
	`\x00\{[^\x00]*\}\x00|eyJ[\w-]+\.[\w-]+\.[\w-]*|[A-Za-z0-9+/_-]{12,}={0,2}`)

// minted is the text of a leaf with variables in the place of what differs.
func (t *templating) minted(f *leaf) string {
	at := place{t.s.node, t.s.detailed, f.path}
	v := t.places[at]
	if v == nil {
		if t.varies(f) {
			return mark(t.name(f.text, f.path))
		}
		if name := (comparison{t.learner}).variableBefore(at); name != "" && !t.repeated[at] && minted(f.text) {
			return mark(name)
		}
		if !t.repeated[at] && uuidForm.MatchString(f.text) {
			t.unsure("%s: %s is an id that may be generated: no second journey took the same path, so it is kept",
				t.s.where(), f.path)
		}
		return f.text
	}
	switch {
	case picture.FindString(f.text) == f.text && f.text != "":
		return mark(t.name(f.text, f.path))
	case v.whole && timestamp.MatchString(f.text):
		return timeLike(f.text)
	case v.whole && v.prose, v.whole && strings.Contains(f.text, markOpen):
		t.unsure("%s: %s differs from journey to journey and is neither id, token, number nor time: "+
			"the first is kept", t.s.where(), f.path)
		return t.firstAt(at, f.text)
	case v.whole:
		return mark(t.name(f.text, f.path))
	case v.prose && len(v.words) == 0:
		return f.text
	}
	return t.words(f, v)
}

// words puts variables into the place of the words that differ.
func (t *templating) words(f *leaf, v *variation) string {
	i := -1
	return word.ReplaceAllStringFunc(f.text, func(w string) string {
		i++
		switch {
		case !slices.Contains(v.words, i):
			return w
		case digits.MatchString(w):
			return "0"
		case minted(w):
			return mark(t.name(w, f.path))
		default:
			t.unsure("%s: a word of %s differs from journey to journey: the first is kept", t.s.where(), f.path)
			return w
		}
	})
}

// other is a leaf that is no text: a number that differs becomes 1.
func (t *templating) other(f *leaf) string {
	if f.kind == gjson.Number && t.s.j.knows(f.raw) && len(f.raw) >= shortest {
		return "1"
	}
	v := t.places[place{t.s.node, t.s.detailed, f.path}]
	switch {
	case v == nil || v.prose:
		return f.raw
	case f.kind == gjson.Number:
		return "1"
	case f.kind == gjson.JSON:
		return anyNumber.ReplaceAllString(f.raw, "1")
	default:
		t.unsure("%s: %s differs from journey to journey: the first is kept", t.s.where(), f.path)
		return t.firstAt(place{t.s.node, t.s.detailed, f.path}, f.raw)
	}
}

var anyNumber = regexp.MustCompile(`-?[0-9][0-9.eE+\-]*`)

// timeLike is a time of the same form, the same whenever it was.
func timeLike(text string) string {
	const fixed = "2000-01-01T00:00:00"
	rest := text[min(len(text), len(fixed)):]
	return fixed[:min(len(text), len(fixed))] + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	}, rest)
}

// firstAt returns what stood at a place when it was first templated.
func (l templater) firstAt(at place, text string) string {
	if l.firsts == nil {
		l.firsts = map[place]string{}
	}
	if first, ok := l.firsts[at]; ok {
		return first
	}
	l.firsts[at] = text
	return text
}

// name is the variable for a minted value: equal values of a body have the same.
func (t *templating) name(value, path string) string {
	if name := t.values[value]; name != "" {
		return name
	}
	name := "correlationId"
	if !uuidForm.MatchString(value) || t.names[name] != "" {
		base, form := "minted."+letters.ReplaceAllString(property(path), ""), formOf(value)
		name = base + form
		for n := 2; t.names[name] != ""; n++ {
			name = base + strconv.Itoa(n) + form
		}
	}
	t.values[value], t.names[name] = name, value
	return name
}

// formOf is the form of a minted value behind the name of its variable, "" where
// any unique text fits.
func formOf(value string) string {
	switch {
	case wholeToken.MatchString(value):
		return ":jwt"
	case picture.FindString(value) == value && value != "":
		return ":png"
	case wholeHex.MatchString(value):
		return ":hex" + strconv.Itoa(len(value))
	default:
		return ""
	}
}

var (
	wholeToken = regexp.MustCompile(`^eyJ[\w-]+\.[\w-]+\.[\w-]*$`)
	wholeHex   = regexp.MustCompile(`^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128}|[0-9a-f]{256})$`)
)

var letters = regexp.MustCompile(`[^A-Za-z0-9_]`)

// render writes a text with marks as variables, inside of a JSON string or as
// it is. Braces that the service wrote itself stay apart from ours.
func render(text string, isJSON bool) string {
	var b strings.Builder
	for text != "" {
		before, rest, found := strings.Cut(text, markOpen)
		foreign := recordings.Braces
		if isJSON {
			before, foreign = inside(before), foreignBraces
		}
		b.WriteString(strings.ReplaceAll(before, "{{", foreign))
		if !found {
			break
		}
		name, after, _ := strings.Cut(rest, markClose)
		b.WriteString("{{" + name + "}}")
		text = after
	}
	return b.String()
}

// foreignBraces stand in JSON for two braces that the service wrote, until it is
// known whether they would be read as a variable.
const foreignBraces = "\x01\x01"

// spare writes the service's own braces as they are where they cannot be mistaken for
// a variable, else as [recordings.Braces].
func (t *templating) spare(text string) []byte {
	asIs := strings.ReplaceAll(text, foreignBraces, "{{")
	if asIs == text {
		return []byte(text)
	}
	if _, err := recordings.NewBody("x.json", []byte(asIs)); err == nil && !ours(text) {
		return []byte(asIs)
	}
	return []byte(strings.ReplaceAll(text, foreignBraces, recordings.Braces))
}

// ours reports whether braces of the service have the name of a variable in them.
func ours(text string) bool {
	for part := range strings.SplitSeq(text, foreignBraces) {
		name, _, ok := strings.Cut(strings.TrimLeft(part, "{"), "}}")
		if ok && (recordings.IsVariable(name) || "{{"+name+"}}" == recordings.Braces) {
			return true
		}
	}
	return false
}

// replaced is a string of a response with marks in the place of what is known.
func (l templater) replaced(s *step, path, text string) string {
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
func (l templater) link(s *step, text string) string {
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
			follower(l).notePolicy(part[3])
			part[3] = mark("davinciFlowPolicyID")
		}
	}
	return mark("authPath") + "/" + mark("envID") + strings.Join(part, "/") + query
}
