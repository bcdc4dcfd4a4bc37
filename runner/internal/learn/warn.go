package learn

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// warn notes, once, where the recording differs from the exchanges.
func (l *learner) warn(format string, args ...any) {
	const instead = "the recording tells something otherwise than the exchanges did whose name holds a secret"
	l.note(&l.result.Warnings, instead, format, args...)
}

// note adds a sentence, once; if it holds a secret, another one in its place.
func (l *learner) note(to *[]string, instead, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if l.finder != nil && l.finder.in(text) {
		text = instead
	}
	*to = appendNew(*to, text)
}

// A loss is what requests that cannot be distinguished have in common, and the answers
// but the first are lost.
type loss struct {
	kept, answer string // where it was answered first, and how
	lost         string // how it was answered otherwise
	fields       string // the keys under which other values were typed
	order        bool   // the two are of one journey, so that their order distinguishes them
}

// collapsed warns of the remaining conflicts: requests that a recording cannot distinguish,
// though they had different values and different answers.
func (d finisher) collapsed() {
	var where grouped[loss]
	for _, c := range d.conflicts {
		if c.first == nil {
			continue
		}
		fields := typedOtherwise(c.first, c.s)
		if len(fields) == 0 {
			continue // the service answered one request in two ways, which is reported elsewhere
		}
		at := loss{c.first.where(), nameOf(c.first, nil), nameOf(c.s, nil), strings.Join(fields, ", "), c.order}
		where.add(at, c.s.where())
	}
	const (
		lost = "the recording cannot tell them apart: the first is kept, and the others are lost with all that followed"
		told = "only their order distinguishes them"
	)
	for _, at := range where.order {
		so := lost
		if at.order {
			so = told
		}
		d.l.warn("%s was answered with %s and %s with %s, and %s: what was typed into %s belongs to no known user: "+
			"give a user of the target attributes with the values that were typed there, "+
			"so that right and wrong values can be distinguished",
			at.kept, at.answer, listed(where.of[at]), at.lost, so, at.fields)
	}
}

// typedOtherwise returns the keys under which two requests posted different values.
func typedOtherwise(a, b *step) []string {
	x, y := a.FormData.Map(), b.FormData.Map()
	added := slices.DeleteFunc(sorted(y), func(key string) bool { return x[key].Exists() })
	keys := slices.DeleteFunc(sorted(x), func(key string) bool { return x[key].Raw == y[key].Raw })
	return append(keys, added...)
}

// strangers warns of values of unknown users that the flow accepted: the recording treats them
// as wrong values.
func (l *learner) strangers() {
	var where grouped[string]
	for _, s := range l.steps {
		if s.j.matches > 0 || s.x.Status >= 300 || s.starts || l.asked[s.x.Hop] != nil {
			continue
		}
		var keys []string
		form := s.request.FormData()
		for _, key := range sorted(form) {
			if _, wrong := recordings.Attribute(form[key]); wrong {
				keys = append(keys, key)
			}
		}
		if len(keys) == 0 {
			continue
		}
		where.add(strings.Join(keys, ", "), s.where())
	}
	for _, fields := range where.order {
		l.warn("what was typed into %s at %s belongs to no known user and was accepted, and the recording treats it "+
			"as wrong: give a user of the target attributes with these values", fields, listed(where.of[fields]))
	}
}

// grouped holds places by what they have in common, in the order in which they were added.
type grouped[K comparable] struct {
	order []K
	of    map[K][]string
	known map[member[K]]bool
}

type member[K comparable] struct {
	key   K
	where string
}

func (g *grouped[K]) add(key K, where string) {
	if g.of == nil {
		g.of, g.known = map[K][]string{}, map[member[K]]bool{}
	}
	if g.of[key] == nil {
		g.order = append(g.order, key)
	}
	if m := (member[K]{key, where}); !g.known[m] {
		g.known[m] = true
		g.of[key] = append(g.of[key], where)
	}
}

// listed lists places for a sentence, and counts those that are too many for one.
func listed(places []string) string {
	const most = 6
	if more := len(places) - most; more > 0 {
		return strings.Join(places[:most], "; ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(places, "; ")
}

// brokenOff returns where journeys broke off, and each reason once.
func (l *learner) brokenOff() string {
	var where grouped[string]
	for _, b := range l.broken {
		where.add(b.why, b.where)
	}
	lines := make([]string, 0, len(where.order))
	for _, why := range where.order {
		lines = append(lines, listed(where.of[why])+": "+why)
	}
	return strings.Join(lines, "\n")
}

// A breach is where a journey broke off, and why.
type breach struct{ where, why string }

// breaks notes that a journey broke off at a step.
func (l *learner) breaks(s *step, err error) {
	reader{l}.cut(s.transcript, s.x.Status == 0 || s.doubt)
	b := breach{s.place(), err.Error()}
	if !slices.Contains(l.broken, b) {
		l.broken = append(l.broken, b)
	}
	l.result.Broken = appendNew(l.result.Broken, b.where+": "+b.why)
}

// A Candidate is a string that looks like a secret of which nothing is known.
type Candidate struct {
	Where  string // the journey and hop, or the file and line
	Path   string // the JSON path, which an allowing [Rule] names
	Kind   string // what it looks like
	Length int

	// From are the exchanges that brought it, as a person finds them. It is empty if the
	// recording held it before.
	From []string

	steps []*step
}

// looks returns where a candidate is and what it looks like.
func (s *Candidate) looks() string {
	return fmt.Sprintf("%s: %s: %s of %d characters", s.Where, s.Path, s.Kind, s.Length)
}

// A SecretError reports strings that look like secrets. It never holds one.
type SecretError struct{ Candidates []Candidate }

func (e *SecretError) Error() string {
	var b strings.Builder
	b.WriteString("nothing is recorded, since there may be secrets in it")
	for _, s := range e.Candidates {
		b.WriteString("\n  " + s.looks())
		if len(s.From) > 0 {
			b.WriteString(", from " + listed(s.From))
		}
	}
	b.WriteString("\n  name the value as a secret or as an attribute of a user, or allow its path where it is none")
	return b.String()
}

// An AmbiguousError reports requests that a recording cannot distinguish and that were
// answered differently.
type AmbiguousError struct {
	Screen  string   // where they were sent
	Action  string   // the button, "" if none was pressed
	Fields  []string // the keys whose values differ
	Answers []string // how they were answered
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("screen %s answers action %q with %s, and only what was typed into %s makes the "+
		"difference: give the user an attribute with the value that is right",
		e.Screen, e.Action, strings.Join(e.Answers, " and with "), strings.Join(e.Fields, ", "))
}

// A FailedError reports answers of an environment that failed, to requests for which only the
// existing recording has an answer of the flow.
type FailedError struct{ lost []string } // a line each

func (e *FailedError) Error() string {
	return "the environment failed, and what is recorded already stays\n  " + strings.Join(e.lost, "\n  ")
}

// A secret may be a word of the protocol, of the flow or of recordings: a password that
// is a key, a status or the name of a screen. There it does not reveal anything, and
// without it the recording cannot be read; so it is kept there, and is replaced only in values.

// aWord reports whether a text may be a key, a status or a name: it has up to 40 letters,
// digits, underscores, and after the first dots, spaces and dashes.
func aWord(text string) bool {
	const longest = 40
	n := 0
	for _, c := range text {
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9', c == '_':
		case n > 0 && (c == '.' || c == ' ' || c == '-'):
		case c < utf8.RuneSelf || !unicode.IsLetter(c):
			return false
		}
		n++
	}
	return 0 < n && n <= longest
}

// structures are the properties whose values are words of the flow, not of a person.
var structures = []string{
	"capabilityName", "category", "code", "connectorId", "eventName", "httpResponseCode", "inputType", "key",
	"propertyName", "status", "statusCode", "type",
}

// structural reports whether the value at a path is a word of the flow.
func structural(at string) bool {
	switch at {
	case "id", "form.name", "nodeTitle", "screen.properties.nodeTitle.value":
		return true
	default:
		return slices.Contains(structures, property(at)) && completion[at] == ""
	}
}

// vocabulary are the words of every recording.
//
// Source: the keys of recording.yaml, and the values that it has for them.
const vocabulary = "format source recorded hops name from to request response method path query action eventType " +
	"formData continueToken platform language session true " +
	"status json detailed html headers cookies flow policy client " +
	"description date region shape tool both submit polling GET POST user ST flowtest as authorize"

// plain returns the secrets that are words of the recording too, and warns of each.
func (l secretKeeper) plain() map[string]bool {
	secrets := slices.DeleteFunc(l.secretValues(), func(s string) bool { return !aWord(s) })
	places := make(map[string][]string, len(secrets)) // files by words
	for _, s := range secrets {
		places[s] = nil
	}
	type in struct{ file, word string }
	noted := map[in]bool{}
	note := func(file string, words ...string) {
		for _, w := range words {
			if files, ok := places[w]; ok && !noted[in{file, w}] {
				noted[in{file, w}] = true
				places[w] = append(files, file)
			}
		}
	}
	note(recordings.FileName, strings.Fields(vocabulary)...)
	for _, h := range l.result.Flow.Hops {
		note(recordings.FileName, h.Name, h.Request.Action, strconv.Itoa(h.Response.Status))
		note(recordings.FileName, sorted(h.Request.FormData())...)
		for _, b := range bodies(h) {
			stem, _, _ := strings.Cut(b.File, ".")
			note(recordings.FileName, b.File, stem)
			if path.Ext(b.File) == ".json" {
				wordsOf(gjson.ParseBytes(b.Text), "", func(w string) { note(b.File, w) })
			}
		}
	}
	l.words = map[string]bool{}
	for _, s := range secrets {
		if files := places[s]; len(files) > 0 {
			l.words[s] = true
			l.result.Warnings = appendNew(l.result.Warnings, l.owner(s)+" is also a key, a status or a name in "+
				listed(files)+": it stays there, and only values are replaced")
		}
	}
	return l.words
}

// wordsOf visits the keys of a JSON value and the values that are words of the flow.
func wordsOf(v gjson.Result, at string, visit func(word string)) {
	if !v.IsObject() && !v.IsArray() {
		if structural(at) {
			visit(v.String())
		}
		return
	}
	object := v.IsObject()
	v.ForEach(func(key, value gjson.Result) bool {
		below := at
		if object {
			visit(key.String())
			below = strings.TrimPrefix(at+"."+key.String(), ".")
		}
		wordsOf(value, below, visit)
		return true
	})
}

// owner returns whose secret it is.
func (l secretKeeper) owner(s string) string {
	for _, name := range sorted(l.o.Users) {
		for _, attr := range sorted(l.o.Users[name]) {
			if l.o.Users[name][attr] == s {
				return "the " + attr + " of the user " + strconv.Quote(name)
			}
		}
	}
	return "a secret"
}
