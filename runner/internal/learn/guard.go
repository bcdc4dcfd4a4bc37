package learn

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	made "flowtest/steps/generated" // generated is a function here
)

// A secretKeeper knows the secrets of the journeys and refuses a recording that has one.
type secretKeeper struct{ *learner }

// secretValues returns all values that must not be in the recording.
func (l secretKeeper) secretValues() []string {
	var out []string
	add := func(values ...string) {
		for _, v := range values {
			if len(v) >= shortest {
				out = append(out, v)
			}
		}
	}
	add(l.o.Secrets...)
	for _, user := range l.o.Users {
		for attr, value := range user {
			if l.secretive(attr, value) {
				add(value)
			}
			if key, err := made.ParseKey(value); err == nil && attr == made.TOTP {
				add(key.Secret())
			}
		}
	}
	add(l.typedSecrets...)
	add(l.held...)
	add(l.generatedSecrets()...)
	slices.Sort(out)
	return slices.Compact(out)
}

// generatedSecrets returns the values of the journeys that must stay secret.
func (l secretKeeper) generatedSecrets() []string {
	var out []string
	for _, v := range slices.Concat(l.cookies, l.tokens) {
		if len(v) >= longSecret && looksGenerated(v) {
			out = append(out, v)
		}
	}
	for _, j := range l.journeys {
		for i := range j.known {
			if slices.Contains(handedOut, j.known[i].name) {
				out = append(out, j.known[i].value)
			}
		}
	}
	return out
}

// handedOut are the variables whose values let anyone who has them continue the journey.
var handedOut = []string{handleID, handleToken, "challenge", "code"}

// longSecret is the least length of a cookie's value that is not a setting.
const longSecret = 16

// Check returns what [Learn] would refuse for any journeys: a flow policy that a recording
// cannot have, and a secret of a user within the flow's name or policy. The error never shows
// a secret.
func Check(o Options) error {
	if o.Policy != "" && !recordings.IsPolicy(o.Policy) {
		return fmt.Errorf("flow %q: %q is not a flow policy, want its id or its name: a line without any of {}$*",
			o.Name, o.Policy)
	}
	l := &learner{o: o}
	for _, name := range sorted(o.Users) {
		for _, attr := range sorted(o.Users[name]) {
			value := o.Users[name][attr]
			if !(secretKeeper{l}).secretive(attr, value) {
				continue
			}
			f := newFinder([]string{value})
			for _, place := range []struct{ name, text string }{
				{"the name of the flow", "flow: " + o.Name},
				{"its flow policy", "policy: " + o.Policy},
			} {
				if f.in(place.text) {
					return fmt.Errorf("flow %q: the %s of the user %q is within %s, and no recording may hold it: "+
						"change one of them", o.Name, attr, name, place.name)
				}
			}
		}
	}
	return nil
}

// guard searches everything that would be written, and refuses what is a secret or looks like
// one.
func (l secretKeeper) guard() error {
	files, err := l.result.Flow.Files()
	if err != nil {
		return err
	}
	pages := map[string]bool{}
	for _, h := range l.result.Flow.Hops {
		if b := h.Response.HTML; b != nil {
			pages[b.File] = true
		}
	}
	plain := l.plain()
	l.finder = newFinder(slices.DeleteFunc(l.secretValues(), func(s string) bool { return plain[s] || isWord(s) }))
	g := &guarding{l: l.learner, atRest: l.askedLines()}
	for _, g.file = range sorted(files) {
		text := string(files[g.file])
		g.text = text
		switch {
		case strings.HasSuffix(g.file, ".json"):
			g.json(text)
		case strings.HasSuffix(g.file, ".html") && !pages[g.file]:
			g.lines(text, customHTML)
		default:
			g.lines(text, "")
		}
	}
	if len(g.candidates) > 0 {
		return &SecretError{g.candidates}
	}
	return nil
}

// customHTML is the JSON path of the HTML that is in a file of its own.
const customHTML = "screen.properties.customHTML.value"

// guarding searches one file after the other.
type guarding struct {
	l          *learner
	file       string
	text       string // of the file
	line       int    // of recording.yaml, from 1
	candidates []Candidate
	atRest     map[string]bool // lines of recording.yaml that a person left there
}

// askedLines are the lines of the recording whose requests were sent again:
// what they hold was not learned.
func (l secretKeeper) askedLines() map[string]bool {
	lines := map[string]bool{}
	if l.o.Asked == nil {
		return lines
	}
	files, err := l.o.Asked.Files()
	if err != nil {
		return lines // a line may then be refused once more
	}
	for line := range strings.SplitSeq(string(files[recordings.FileName]), "\n") {
		lines[line] = true
	}
	return lines
}

// encodedSecret is the kind of a known secret.
const encodedSecret = "a secret in another encoding"

func (g *guarding) note(at, kind, value string) {
	if g.l.finder.in(at) {
		at = "…" // a key that is a secret
	}
	s := Candidate{Where: g.file, Path: at, Kind: kind, Length: len(value)}
	s.steps = journeyCutter{g.l}.brought(g.file, g.text, g.line)
	for _, from := range s.steps {
		s.From = append(s.From, from.where())
	}
	g.candidates = append(g.candidates, s)
}

func (g *guarding) check(at, value string) {
	if g.l.finder.in(value) {
		g.note(at, encodedSecret, value)
	} else if kind := SecretKind(g.given(value)); kind != "" && !(secretKeeper{g.l}).allowed(at, value) {
		g.note(at, kind, value)
	}
}

// given is a value without the names that a person gave, and without the program's own name and
// version: they are not secrets, however much they look like one, as registration_v2_2026-11-22
// and v0.0.0-20261130093145-0e1d2e669c92 do.
func (g *guarding) given(value string) string {
	for _, name := range []string{g.l.o.Name, g.l.o.Policy, g.l.o.Meta.Tool} {
		if random(name) {
			value = strings.ReplaceAll(value, name, " ")
		}
	}
	return value
}

// json searches the values of a body, and its lines for the keys.
func (g *guarding) json(text string) {
	before := len(g.candidates)
	walk(gjson.Parse(text), func(path string, v gjson.Result) {
		if v.Type == gjson.String || v.Type == gjson.JSON {
			g.check(path, v.String())
		}
	})
	if len(g.candidates) > before {
		return
	}
	for i, line := range strings.Split(text, "\n") {
		if g.l.finder.in(line) {
			g.note(fmt.Sprintf("line %d", i+1), encodedSecret, line)
		}
	}
}

// lines searches a file line by line. All lines of a page have
// the path of the page.
func (g *guarding) lines(text, page string) {
	for i, line := range strings.Split(text, "\n") {
		if g.file == recordings.FileName && g.atRest[line] {
			continue
		}
		g.line = i + 1
		g.check(cmp.Or(page, fmt.Sprintf("line %d", i+1)), line)
	}
}

// allowed reports whether a rule lets a string be recorded.
func (l secretKeeper) allowed(path, value string) bool {
	return slices.ContainsFunc(l.o.Allow, func(r Rule) bool {
		return fitsPath(strings.Split(r.Path, "."), strings.Split(path, ".")) &&
			(r.Match == nil || r.Match.MatchString(value))
	})
}

// fitsPath reports whether a path is one that a pattern means.
func fitsPath(pattern, path []string) bool {
	switch {
	case len(pattern) == 0:
		return len(path) == 0
	case pattern[0] == "**":
		for i := range len(path) + 1 {
			if fitsPath(pattern[1:], path[i:]) {
				return true
			}
		}
		return false
	case len(path) == 0:
		return false
	default:
		return (pattern[0] == "*" || pattern[0] == path[0]) && fitsPath(pattern[1:], path[1:])
	}
}

var (
	tokenText = compiled(`[A-Za-z0-9+/_=-]{20,}`)
	jwt       = compiled(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}`)
	picture   = compiled(`data:image/[a-z+.-]+;base64,[A-Za-z0-9+/=]*`) // as a QR_CODE has it
)

// SecretKind returns what a text that may be a secret looks like, or "".
func SecretKind(text string) string {
	text = recordings.Variable.ReplaceAllString(text, " ")
	text = anyUUID().ReplaceAllString(text, " ") // the service's resources have such ids
	text = picture().ReplaceAllString(text, " ")
	if jwt().MatchString(text) {
		return "a token"
	}
	private := func(address string) bool { return !reserved(address) }
	if strings.Contains(text, "@") && slices.ContainsFunc(email().FindAllString(text, -1), private) {
		return "an email address"
	}
	if phone().MatchString(text) {
		return "a phone number"
	}
	for _, token := range tokenText().FindAllString(text, -1) {
		if plain, ok := readable(token); ok && plain != text {
			if kind := SecretKind(plain); kind != "" {
				return kind
			}
			continue // text in Base64, as the components of a custom HTML screen are
		}
		if slices.ContainsFunc(strings.Split(token, "/"), random) {
			return "a string of high entropy"
		}
	}
	return ""
}

// readable returns the text of which a token is the Base64. Random bytes are not a text.
func readable(token string) (string, bool) {
	plain := unbase64(token)
	printable := func(r rune) bool { return r != utf8.RuneError && (unicode.IsPrint(r) || unicode.IsSpace(r)) }
	notPrintable := func(r rune) bool { return !printable(r) }
	return string(plain), len(plain) > 0 && !strings.ContainsFunc(string(plain), notPrintable)
}

// random reports whether a text looks random: letters and digits mixed, many of them, and
// evenly spread.
func random(text string) bool {
	// Flows, connectors and policies have ids of 32 hexadecimal digits.
	const long, digitsLeast, bits = 20, 3, 3.2
	text = strings.TrimRight(text, "=")
	if len(text) < long || hex32().MatchString(text) {
		return false
	}
	if d, letters := digitsAndLetters(text); d < digitsLeast || letters < digitsLeast {
		return false
	}
	var count [256]int
	for i := range len(text) {
		count[text[i]]++
	}
	entropy := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(text))
			entropy -= p * math.Log2(p)
		}
	}
	return entropy >= bits
}

// unbase64 decodes either alphabet, with or without padding, or returns nil.
func unbase64(token string) []byte {
	token = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(token, "="))
	if len(token)%4 == 1 {
		token = token[:len(token)-1]
	}
	plain, err := base64.RawStdEncoding.DecodeString(token)
	if err != nil {
		return nil
	}
	return bytes.TrimRight(plain, "\x00")
}
