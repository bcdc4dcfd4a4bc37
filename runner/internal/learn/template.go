package learn

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// A templater puts variables into bodies, links and headers.
type templater struct{ *learner }

// template writes the body of every step with variables in place of what is known and of what
// differs from journey to journey.
func (l templater) template() {
	for _, s := range l.steps {
		t := &templating{templater: l, s: s, values: map[string]string{}, names: map[string]string{}}
		t.reserve()
		var b strings.Builder
		if s.page || !s.object {
			for i := range s.leaves.count() {
				b.WriteString(render(t.leaf(s.leaves.at(i)), false))
			}
			s.text, s.leaves = l.shared([]byte(b.String())), leaves{}
			continue
		}
		t.write(&b, s.top())
		s.text, s.leaves = l.shared(t.spare(b.String())), leaves{}
	}
}

// templating is the state of one body.
type templating struct {
	templater

	s      *step
	at     int               // the next leaf
	values map[string]string // the variable of each generated value
	names  map[string]string // and back
}

// reserve gives each value whose property has the name of a variable that variable.
func (t *templating) reserve() {
	for i := range t.s.leaves.count() {
		f := t.s.leaves.at(i)
		name := property(f.path)
		token := f.kind == gjson.String && (looksGenerated(f.text) || handle(f))
		if token && t.named(name) && t.varies(f) && t.names[name] == "" {
			t.values[f.text], t.names[name] = name, f.text
		}
	}
}

// named reports whether a property has the name of a variable for generated values.
func (t *templating) named(name string) bool {
	switch name {
	case "authPath", "envID", "connectionInstanceID", "capabilityName", "davinciFlowPolicyID", "state", "code":
		return false
	}
	return recordings.IsVariable(name) && !strings.Contains(name, ".")
}

// property returns the name of a leaf's property: the last step of its path that is not a number,
// and for a setting of a detailed screen the name of the setting.
func property(path string) string {
	if setting, ok := strings.CutPrefix(path, "screen.properties."); ok {
		path = strings.TrimSuffix(setting, ".value")
	}
	for rest := path; rest != ""; {
		at := strings.LastIndexByte(rest, '.')
		if part := rest[at+1:]; !onlyDigits(part) {
			return part
		}
		rest = rest[:max(at, 0)]
	}
	return path
}

// varies reports whether a leaf differs from journey to journey. If no other journey went the
// same way, what looks generated under a variable's name is.
func (t *templating) varies(f *leaf) bool {
	at := place{t.s.node, t.s.detailed, f.path}
	return handle(f) || t.places[at] != nil || !t.repeated[at] && t.named(property(f.path)) && looksGenerated(f.text)
}

// write writes a JSON value. It visits the leaves in the order of walk.
func (t *templating) write(b *strings.Builder, v gjson.Result) {
	if !v.IsObject() && (!v.IsArray() || numbers(v)) {
		f := t.s.leaves.at(t.at)
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
			name := unmarked(key.String())
			if !aWord(name) { // what a flow calls a property is not a value
				name = t.s.j.replace(name, ".options.")
			}
			b.WriteString(`"` + render(name, true) + `":`)
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

// leaf returns the text of a leaf with marks in it.
func (t *templating) leaf(f *leaf) string { return t.encoded(t.withVariables(f), f.path) }

// encoded replaces tokens that hold an encoded secret by variables: they change with the user.
func (t *templating) encoded(text, path string) string {
	if !mayEncode(text) || structural(path) && aWord(text) {
		return text
	}
	return encodedText().ReplaceAllStringFunc(text, func(token string) string {
		if strings.HasPrefix(token, markOpen) || !t.finder.in(token) {
			return token
		}
		return mark(t.name(token, path, lookAt(token, momentOf(t.s))))
	})
}

// encodedText finds marks, which are passed over, tokens and Base64.
var encodedText = compiled(
	`\x00\{[^\x00]*\}\x00|eyJ[\w-]+\.[\w-]+\.[\w-]*|[A-Za-z0-9+/_-]{12,}={0,2}`)

// mayEncode reports whether a text has a run of characters that is long enough for
// [encodedText], a mark of its own among them.
func mayEncode(text string) bool {
	const least = 12
	run := 0
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9', c == '+', c == '/', c == '_', c == '-', c == '.':
			if run++; run >= least {
				return true
			}
		default:
			run = 0
		}
	}
	return strings.Contains(text, "eyJ")
}

// withVariables returns the text of a leaf with variables in place of what differs.
func (t *templating) withVariables(f *leaf) string {
	at := place{t.s.node, t.s.detailed, f.path}
	v := t.places[at]
	if v == nil {
		return t.constant(f, at)
	}
	switch {
	case v.whole && v.prose, v.whole && strings.Contains(f.text, markOpen):
		t.unsure(t.s.where(), "%s differs from journey to journey and is neither id, token, number nor time: "+
			"the first is kept", f.path)
		return t.firstAt(at, f.text)
	case v.whole:
		return mark(t.name(f.text, f.path, v.looks))
	case v.prose && len(v.words) == 0:
		return f.text
	}
	return t.words(f, v)
}

// constant returns the text of a leaf that is the same in all journeys, or that only one has.
func (t *templating) constant(f *leaf, at place) string {
	if t.varies(f) {
		return mark(t.name(f.text, f.path, lookAt(f.text, momentOf(t.s))))
	}
	if !t.repeated[at] {
		looks := lookAt(f.text, momentOf(t.s))
		if name := (comparison{t.learner}).variableBefore(at); name != "" && generated(f.text, looks) {
			return mark(name)
		}
		if uuidForm().MatchString(f.text) {
			t.unsure(t.s.where(),
				"%s is an id that may be generated: no second journey took the same path, so it is kept", f.path)
		}
	}
	return t.times(f)
}

// times replaces by variables the present and times that are due soon. No second journey shows
// that these are generated, if it was answered within the unit in which they are written, such
// as a minute.
func (t *templating) times(f *leaf) string {
	const least = 3 // digits, as in 9:04
	if momentOf(t.s).IsZero() || !strings.ContainsAny(f.text, ":/.-,") && !strings.Contains(f.text, " 20") {
		return f.text
	}
	if d, _ := digitsAndLetters(f.text); d < least {
		return f.text
	}
	return token().ReplaceAllStringFunc(f.text, func(w string) string {
		if looks, ok := t.soon(times(w)); ok {
			return mark(t.name(w, f.path, looks))
		}
		return w
	})
}

// words replaces the words that differ by variables.
func (t *templating) words(f *leaf, v *variation) string {
	i := -1
	return token().ReplaceAllStringFunc(f.text, func(w string) string {
		i++
		looks, differs := v.words[i]
		switch {
		case !differs, strings.HasPrefix(w, markOpen):
			return w
		case generated(w, looks) && (looks.is != 0 || looksGenerated(w)):
			return mark(t.name(w, f.path, looks))
		default:
			t.unsure(t.s.where(), "a word of %s differs from journey to journey: the first is kept", f.path)
			return w
		}
	})
}

// other returns a leaf that is not text. A number that differs becomes a variable of its form.
func (t *templating) other(f *leaf) string {
	if f.kind == gjson.Number && t.s.j.knows(f.raw) && len(f.raw) >= shortest && !structural(f.path) {
		return "1"
	}
	at := place{t.s.node, t.s.detailed, f.path}
	v := t.places[at]
	variable := func(looks look) string {
		return `"{{` + t.unique("minted."+letters().ReplaceAllString(property(f.path), ""), looks.number()) + `}}"`
	}
	switch {
	case v == nil && f.kind == gjson.Number:
		name := ""
		if !t.repeated[at] {
			name = comparison{t.learner}.variableBefore(at)
		}
		if strings.Contains(name, ":number") {
			return `"{{` + name + `}}"`
		}
		if looks, ok := t.soon(epochs(f.raw, momentOf(t.s))); ok {
			return variable(looks)
		}
		return f.raw
	case v == nil || v.prose:
		return f.raw
	case f.kind == gjson.Number:
		return variable(v.looks)
	case f.kind == gjson.JSON:
		return anyNumber().ReplaceAllString(f.raw, "1")
	default:
		t.unsure(t.s.where(), "%s differs from journey to journey: the first is kept", f.path)
		return t.firstAt(at, f.raw)
	}
}

var anyNumber = compiled(`-?[0-9][0-9.eE+\-]*`)

// firstAt returns what was at a place when it was first templated.
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

// name returns the variable for a generated value: equal ids of a body have the same one.
func (t *templating) name(value, path string, looks look) string {
	counts := looks.is&(isTime|isDigits) != 0 // two of them may be equal by chance
	if name := t.values[value]; name != "" && !counts {
		return name
	}
	form, _ := looks.form()
	name := "correlationId"
	if !uuidForm().MatchString(value) || t.names[name] != "" {
		if isQR(path) && form.Kind == "png" {
			form.Kind = "qr"
		}
		name = t.unique("minted."+letters().ReplaceAllString(property(path), ""), form)
	}
	if !counts {
		t.values[value] = name
	}
	t.names[name] = value
	return name
}

// unique returns the name of a variable of that form that the body does not have yet.
func (t *templating) unique(base string, form recordings.Form) string {
	suffix := ""
	if form != (recordings.Form{}) {
		suffix = ":" + form.String()
	}
	name := base
	for n := 2; t.names[name] != ""; n++ {
		name = base + strconv.Itoa(n)
	}
	t.names[name] = " " // whatever its form is
	return name + suffix
}

// isQR reports whether a picture is a QR code, as the property says that holds it.
//
// Source: the field QR_CODE has its picture in content.
func isQR(path string) bool {
	name := strings.ToLower(property(path))
	return name == "content" || strings.Contains(name, "qr")
}

var letters = compiled(`[^A-Za-z0-9_]`)

// replaced returns a string of a response with marks in place of known values.
func (l templater) replaced(s *step, path, text string) string {
	text = unmarked(text)
	if structural(path) && aWord(text) && s.j.index().whole(text).ofPerson() {
		return text
	}
	if role := l.roles[path]; role != "" && !s.j.knows(text) && looksGenerated(text) {
		return mark(role)
	}
	if strings.HasPrefix(path, "_links.") || strings.HasSuffix(path, ".href") {
		return l.link(s, s.j.replace(text, path))
	}
	return s.j.replace(text, path)
}

// names reports whether a part of a link is a property of the body, or the variable that
// replaced it.
func names(s *step, part, name string) bool {
	value := s.top().Get(name).String()
	k := s.j.index().whole(value)
	return part == value || k != nil && part == k.mark()
}

func (j *journey) knows(text string) bool { return j.index().whole(text) != nil }

// link puts variables into a link that has the form of the protocol.
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
		if names(s, part[3], "connectionId") {
			part[3] = mark("connectionInstanceID")
		}
		if len(part) > 5 && part[4] == "capabilities" && names(s, part[5], "capabilityName") {
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
