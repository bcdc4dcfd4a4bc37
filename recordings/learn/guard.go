package learn

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// secretValues are all values that must not be in the recording.
func (l *learner) secretValues() []string {
	var out []string
	add := func(values ...string) {
		for _, v := range values {
			if len(v) >= shortest {
				out = append(out, v)
			}
		}
	}
	add(l.o.Secrets...)
	for _, name := range slices.Sorted(keysOf(l.o.Users)) {
		user := l.o.Users[name]
		for _, attr := range slices.Sorted(keysOf(user)) {
			if l.secretive(attr, user[attr]) {
				add(user[attr])
			}
		}
	}
	add(l.typedSecrets...)
	for _, v := range slices.Concat(l.cookies, l.tokens) {
		if len(v) >= longSecret && minted(v) {
			add(v)
		}
	}
	for _, j := range l.journeys {
		for i := range j.known {
			if k := &j.known[i]; k.name == handleToken || k.name == "challenge" || k.name == "code" || k.name == handleID {
				add(k.value)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// longSecret is how long the value of a cookie is at least that is no setting.
const longSecret = 16

// guard looks through everything that would be written and refuses what is a
// secret or looks like one.
func (l *learner) guard() error {
	files, err := recordings.Files(l.result.Flow)
	if err != nil {
		return err
	}
	pages := map[string]bool{}
	for _, h := range l.result.Flow.Hops {
		if b := h.Response.HTML; b != nil {
			pages[b.File] = true
		}
	}
	g := &guarding{l: l}
	for _, g.file = range slices.Sorted(keysOf(files)) {
		text := string(files[g.file])
		switch {
		case strings.HasSuffix(g.file, ".json"):
			g.json(text)
		case strings.HasSuffix(g.file, ".html") && !pages[g.file]:
			g.lines(text, customHTML)
		default:
			g.lines(text, "")
		}
	}
	if len(g.suspects) > 0 {
		return &SecretError{g.suspects}
	}
	return nil
}

// customHTML is the JSON path of the HTML that lies in a file of its own.
const customHTML = "screen.properties.customHTML.value"

// guarding looks through one file after the other.
type guarding struct {
	l        *learner
	file     string
	suspects []Suspect
}

// encodedSecret is the kind of what is known to be a secret.
const encodedSecret = "a secret in another encoding"

func (g *guarding) note(path, kind, value string) {
	if g.l.finder.in(path) {
		path = "…" // a key that is a secret
	}
	g.suspects = append(g.suspects, Suspect{Where: g.file, Path: path, Kind: kind, Length: len(value)})
}

func (g *guarding) check(path, value string) {
	if g.l.finder.in(value) {
		g.note(path, encodedSecret, value)
	} else if kind := suspect(value); kind != "" && !g.l.allowed(path, value) {
		g.note(path, kind, value)
	}
}

// json looks through the values of a body, and its lines for the keys.
func (g *guarding) json(text string) {
	before := len(g.suspects)
	walk(gjson.Parse(text), func(path string, v gjson.Result) {
		if v.Type == gjson.String || v.Type == gjson.JSON {
			g.check(path, v.String())
		}
	})
	if len(g.suspects) > before {
		return
	}
	for i, line := range strings.Split(text, "\n") {
		if g.l.finder.in(line) {
			g.note(fmt.Sprintf("line %d", i+1), encodedSecret, line)
		}
	}
}

// lines looks through a file line by line. All lines of a page stand at the
// path of the page.
func (g *guarding) lines(text, path string) {
	for i, line := range strings.Split(text, "\n") {
		at := path
		if at == "" {
			at = fmt.Sprintf("line %d", i+1)
		}
		g.check(at, line)
	}
}

var (
	tokenText = regexp.MustCompile(`[A-Za-z0-9+/_=-]{20,}`)
	jwt       = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}`)
	picture   = regexp.MustCompile(`data:image/[a-z+.-]+;base64,[A-Za-z0-9+/=]*`) // as a QR_CODE has it
	knownID   = regexp.MustCompile(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)
)

// suspect says what a text looks like that may be a secret, or "".
func suspect(text string) string {
	text = recordings.Variable.ReplaceAllString(text, " ")
	text = knownID.ReplaceAllString(text, " ") // the service's resources have such ids
	text = picture.ReplaceAllString(text, " ")
	if jwt.MatchString(text) {
		return "a token"
	}
	if slices.ContainsFunc(email.FindAllString(text, -1), func(a string) bool { return !reserved(a) }) {
		return "an email address"
	}
	if phone.MatchString(text) {
		return "a phone number"
	}
	for _, token := range tokenText.FindAllString(text, -1) {
		if slices.ContainsFunc(strings.Split(token, "/"), random) {
			return "a string of high entropy"
		}
	}
	return ""
}

// random reports whether a text is one that nobody thought of: letters and
// digits mixed, no few of them, and evenly spread.
func random(text string) bool {
	// Flows, connectors and policies have ids of 32 hexadecimal digits.
	const long, digitsLeast, bits = 20, 3, 3.2
	text = strings.TrimRight(text, "=")
	if len(text) < long || hex32.MatchString(text) {
		return false
	}
	d, letters := 0, 0
	var count [256]int
	for i := range len(text) {
		c := text[i]
		count[c]++
		switch {
		case c >= '0' && c <= '9':
			d++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			letters++
		}
	}
	if d < digitsLeast || letters < digitsLeast {
		return false
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

// allowed reports whether a rule lets a string be recorded.
func (l *learner) allowed(path, value string) bool {
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

// harvest notes the secrets that a request and its response carry where the
// protocol puts them, whatever they are for: cookies, and what authorizes.
func (l *learner) harvest(x *recordings.Exchange) {
	for _, c := range setCookies(x) {
		l.cookies = append(l.cookies, c.Value)
	}
	for _, line := range x.Header.Values("Cookie") {
		for pair := range strings.SplitSeq(line, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			if name != handleID {
				l.cookies = append(l.cookies, value)
			}
		}
	}
	kind, value, _ := strings.Cut(x.Header.Get("Authorization"), " ")
	if value != "" {
		l.tokens = append(l.tokens, value)
	}
	if plain, err := base64.StdEncoding.DecodeString(value); err == nil && strings.EqualFold(kind, "Basic") {
		if _, password, ok := strings.Cut(string(plain), ":"); ok {
			l.tokens = append(l.tokens, password)
		}
	}
	if path.Base(x.URL.Path) == "token" && bytes.HasPrefix(bytes.TrimSpace(x.Response), []byte("{")) {
		for _, name := range []string{"access_token", "id_token", "refresh_token"} {
			l.tokens = append(l.tokens, gjson.GetBytes(x.Response, name).String())
		}
	}
}

// Verify reads the files of a written recording again and looks for secrets in
// all their encodings. Its error is a *[LeftError] with every place, and never
// a value: the files must not be kept then.
func Verify(fsys fs.FS, secrets []string) error {
	f := newFinder(secrets)
	var found []Left
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if f.in(name) {
			found = append(found, Left{File: path.Dir(name) + "/…"})
		}
		before := len(found)
		for i, line := range strings.Split(string(text), "\n") {
			if f.in(line) {
				found = append(found, Left{name, i + 1})
			}
		}
		if len(found) == before && f.in(string(text)) {
			found = append(found, Left{name, 1}) // it goes over several lines
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("learn: verify: %w", err)
	}
	if len(found) > 0 {
		return &LeftError{found}
	}
	return nil
}
