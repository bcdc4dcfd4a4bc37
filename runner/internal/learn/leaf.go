package learn

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/secret"
)

// A leaf is one value of a JSON body: a string, a number, true, false, null, or a list of
// numbers, which is a value written byte by byte.
type leaf struct {
	path string
	raw  string // as it is in the body
	text string // of a string: with marks in place of known values
	kind gjson.Type
}

// handle reports whether a leaf is a token by its place, whatever it looks like and
// though a service may hand out the same to every journey. A word is none: a service
// answers with "deprecated" there.
func handle(f *leaf) bool {
	return f.kind == gjson.String && (f.path == handleToken || f.path == "sessionToken") && len(f.text) >= minLength &&
		strings.ContainsFunc(f.text, func(r rune) bool { return !unicode.IsLetter(r) })
}

// The marks around the name of a variable within a text. What a service sends
// never holds them: they are taken out.
const (
	markOpen  = "\x00{"
	markClose = "}\x00"
)

func mark(name string) string { return markOpen + name + markClose }

// walk visits the leaves of a JSON value in their order, with their paths: the
// keys as they are, with dots between them, and # and a number for the
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

// numbers reports whether v is a list of only numbers.
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
func (l templater) leavesOf(s *step) leaves {
	var out []leaf
	if s.page || !s.object {
		if len(s.x.Response) > 0 {
			text := string(s.x.Response)
			out = append(out, leaf{raw: text, kind: gjson.String, text: s.j.replace(unmarked(text), "")})
		}
		return l.like(s, out)
	}
	walk(s.top(), func(path string, v gjson.Result) {
		f := leaf{path: path, raw: v.Raw, kind: v.Type}
		if v.Type == gjson.String {
			f.text = l.replaced(s, path, v.Str)
		}
		out = append(out, f)
	})
	return l.like(s, out)
}

// leaves are those of one body. Nearly all bodies have most of theirs in common with another,
// and hold only the others.
type leaves struct {
	all    []leaf // of the first body of its kind
	own    []leaf // what is here in place of those at the places
	places []int
}

func (l *leaves) count() int { return len(l.all) }

func (l *leaves) at(i int) *leaf {
	if n, own := slices.BinarySearch(l.places, i); own {
		return &l.own[n]
	}
	return &l.all[i]
}

// like keeps of the leaves of a step those in which it differs from the first of its kind.
func (l templater) like(s *step, all []leaf) leaves {
	kind := s.screen + " " + strconv.Itoa(s.x.Status) + " " + strconv.Itoa(len(all))
	first, ok := l.shapes[kind]
	if !ok {
		if l.shapes == nil {
			l.shapes = map[string][]leaf{}
		}
		l.shapes[kind] = all
		return leaves{all: all}
	}
	out := leaves{all: first}
	for i, f := range all {
		if f == first[i] {
			continue
		}
		if f.path == first[i].path {
			f.path = first[i].path
		} else {
			f.path = strings.Clone(f.path)
		}
		same := f.text == f.raw                 // as of a page
		if f.raw = strings.Clone(f.raw); same { // the body is there already
			f.text = f.raw
		} else {
			f.text = strings.Clone(f.text)
		}
		out.own, out.places = append(out.own, f), append(out.places, i)
	}
	out.own, out.places = slices.Clip(out.own), slices.Clip(out.places)
	return out
}

// shared returns the text that is equal to text, once for all steps.
func (l templater) shared(text []byte) []byte {
	if one, ok := l.texts[string(text)]; ok {
		return one
	}
	if l.texts == nil {
		l.texts = map[string][]byte{}
	}
	l.texts[string(text)] = text
	return text
}

// unmarked removes what would be read as a mark.
func unmarked(text string) string {
	if !strings.ContainsAny(text, "\x00\x01") {
		return text
	}
	return strings.NewReplacer("\x00", "", "\x01", "").Replace(text)
}

// render writes a text with marks as variables, inside of a JSON string or as
// it is. Braces that the service wrote are kept distinct from ours.
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

// foreignBraces replace in JSON two braces that the service wrote, until it is
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

// A finder finds secrets in text, in every encoding that the redactor decodes, and as a
// service normalizes them.
type finder struct{ known secret.Redactor }

// newFinder makes a finder. Values shorter than three characters cannot be
// distinguished from other text and are left out.
func newFinder(secrets []string) *finder {
	f := &finder{}
	for _, s := range secrets {
		if len(s) >= shortest {
			f.known.Add(alike(s)...)
		}
	}
	return f
}

// in reports whether a secret is in text.
func (f *finder) in(text string) bool { return len(f.known.Find(text)) > 0 }

// replace puts marks into a text in place of every known value, in each of its spellings.
func (j *journey) replace(text, path string) string {
	x := j.index()
	if k := x.whole(text); k != nil && (k.exact || !k.word) && !choice(path) && !j.structure[text] {
		return k.mark()
	}
	var b strings.Builder
	done := 0
	for _, f := range x.finder.Find(text) {
		k := x.written(f.Secret)
		if k == nil || f.From < done || f.Inside || k.word && !j.speaksOf(k, text, path) {
			continue
		}
		b.WriteString(text[done:f.From])
		b.WriteString(k.mark())
		done = f.To
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

// speaksOf reports whether a plain word in a text means the user's value: a word that the screen
// offers or that is part of its structure does not.
func (j *journey) speaksOf(k *known, text, path string) bool {
	return !choice(path) && !j.structure[text] && (text == k.value || strings.Contains(text, " "))
}

// ofPerson reports whether a value belongs to a user, or is a secret that was configured or
// typed.
func (k *known) ofPerson() bool {
	return k != nil && (k.name == "" || strings.HasPrefix(k.name, "user."))
}

func (k *known) mark() string {
	if k.name == "" {
		return k.text
	}
	return mark(k.name)
}

// choice reports whether a path leads to an option of a field.
func choice(path string) bool { return strings.Contains(path, ".options.") }

// sensitive reports whether a value is more than a plain word, such as a language.
func sensitive(value string) bool {
	const longWord = 12
	return len(value) > longWord || !strings.ContainsFunc(value, unicode.IsLetter) ||
		strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsLetter(r) && r != '-' && r != '_' })
}

// secretName is the name of an attribute that is a secret whatever its value.
var secretName = compiled(`(?i)pass|secret|otp|code|token|pin`)

// secretive reports whether no value of an attribute may remain anywhere. A plain word that is
// not typed as a secret, such as a language or a first name, cannot be distinguished from the
// same word elsewhere: it is replaced only in sentences.
func (l secretKeeper) secretive(attr, value string) bool {
	return sensitive(value) || secretName().MatchString(attr) || l.hidden[value]
}

// alike returns how a service normalizes a value: an email address in small letters, a phone
// number without punctuation.
func alike(value string) []string {
	out := []string{value}
	if lower := strings.ToLower(value); strings.Contains(value, "@") && lower != value {
		out = append(out, lower)
	}
	if phone().FindString(value) == value {
		number := digitsOnly.Replace(value)
		out = append(out, number, number[min(1, len(number)):])
	}
	return out
}

var digitsOnly = strings.NewReplacer(" ", "", "(", "", ")", "", "-", "", ".", "")

// inside writes s as it is in a JSON string whose writer does not escape HTML.
func inside(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return s
	}
	text := strings.TrimSuffix(b.String(), "\n")
	return text[1 : len(text)-1]
}
