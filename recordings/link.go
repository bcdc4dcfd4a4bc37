package recordings

import (
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"flowtest/steps/davinci"
)

// loading turns what YAML has into a Flow and notes every mistake on its way.
type loading struct {
	fsys     fs.FS
	dir      string
	file     *fileYAML
	byName   map[string]*Hop
	bodies   map[string]*Body // those that were read, of which hops may share one
	used     map[string]bool  // the files that hops and their bodies name
	unread   map[*Hop]bool    // those with a body that could not be read, which was reported already
	mistakes []error
	made     map[string]bool // those mistakes, which are said once: hops may share a body
}

var hopName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// IsPolicy reports whether text can be the id or the name of a flow policy, as in "Sign
// On (new)".
func IsPolicy(text string) bool {
	const longest = 200
	odd := func(r rune) bool { return !unicode.IsPrint(r) || strings.ContainsRune("{}$*", r) }
	return text != "" && len(text) <= longest && text == strings.TrimSpace(text) && !strings.ContainsFunc(text, odd)
}

func (l *loading) flow() *Flow {
	f := &Flow{
		Dir: l.dir, Name: l.file.Flow, Description: l.file.Description, Source: l.file.Source,
		Policy: l.file.Policy, Client: l.file.Client,
	}
	l.head()
	f.Meta = l.meta()
	for i := range l.file.Hops {
		f.Hops = append(f.Hops, l.hop(i))
	}
	f.Logs = l.logs()
	l.link(f)
	l.reach(f)
	l.unused()
	return f
}

// head checks the keys above the hops.
func (l *loading) head() {
	if l.file.Flow == "" {
		l.mistake(1, `no flow, want its name, as in "flow: sign-on"`)
	}
	switch l.file.Source {
	case Recorded, documented, Synthetic:
	case "":
		l.mistake(1, "no source, want %s, %s or %s", Recorded, documented, Synthetic)
	default:
		l.mistake(1, "source %q is unknown, want %s, %s or %s", l.file.Source, Recorded, documented, Synthetic)
	}
	if l.file.Policy != "" && !IsPolicy(l.file.Policy) {
		l.mistake(1, "policy %q is not a flow policy, want its id or its name: "+
			"a line without any of {}$*", l.file.Policy)
	}
	if l.file.Recorded != nil && l.file.Source != Recorded {
		l.mistake(1, "source %q and recorded: only what was recorded says when, want source %s or no recorded",
			l.file.Source, Recorded)
	}
	if len(l.file.Hops) == 0 {
		l.mistake(1, "no hops, want at least the one that starts the flow")
	}
}

// hop reads the i-th hop without looking at the others.
func (l *loading) hop(i int) *Hop {
	y := l.file.Hops[i]
	h := &Hop{Name: y.Name, Line: y.line}
	switch {
	case !hopName.MatchString(y.Name):
		l.mistake(h.Line, "hop name %q, want letters, digits, dots and dashes", y.Name)
	case l.byName[y.Name] != nil:
		l.mistake(h.Line, "hop %q has the name of the hop in line %d: each needs its own",
			y.Name, l.byName[y.Name].Line)
	default:
		l.byName[y.Name] = h
	}
	l.request(h, y)
	switch {
	case y.To == "" && y.Response == nil:
		l.mistake(h.Line, "hop %q has neither response nor to: it needs one of them", y.Name)
	case y.To != "" && y.Response != nil:
		l.mistake(h.Line, "hop %q has both response and to: it needs one of them", y.Name)
		for _, name := range []string{y.Response.JSON, y.Response.Detailed, y.Response.HTML} {
			l.names(name)
		}
	case y.Response != nil:
		l.response(h, y.Response)
	}
	return h
}

func (l *loading) request(h *Hop, y hopYAML) {
	if y.Request == nil {
		l.mistake(h.Line, "hop %q has no request", y.Name)
		return
	}
	r := y.Request
	if len(y.From) == 0 {
		if !strings.HasSuffix(r.Path, "/authorize") {
			l.mistake(h.Line, "hop %q starts the flow with path %q, want /as/authorize; "+
				"a later hop says with from: which screen it leaves", y.Name, r.Path)
		}
		if r.Action != "" || r.FormData != nil || r.EventType != "" || r.ContinueToken != "" {
			l.mistake(h.Line, "hop %q starts the flow and has an action, eventType, formData or continueToken: "+
				"they need a screen, named by from:", y.Name)
		}
	} else if r.Query != nil || r.Session {
		l.mistake(h.Line,
			"hop %q leaves a screen and has a query or a session: only a hop that starts the flow has them", y.Name)
	}
	if r.ContinueToken != "" && (r.Action != "" || r.FormData != nil || r.EventType != "") {
		l.mistake(h.Line, "hop %q has a continueToken beside an action, eventType or formData: "+
			"a client that comes back from an identity provider sends only the token", y.Name)
	}
	if !slices.Contains([]string{"", "submit", "action", "polling"}, r.EventType) {
		l.mistake(h.Line, "hop %q has eventType %q, want submit, action or polling", y.Name, r.EventType)
	}
	request, err := newRequest(r)
	if err != nil {
		l.mistake(h.Line, "hop %q: %w", y.Name, err)
		return
	}
	h.Request = request
}

func (l *loading) response(h *Hop, y *responseYAML) {
	r := &h.Response
	r.Status, r.Headers = y.Status, y.Headers
	for _, text := range y.Cookies {
		cookie, err := newCookie(text)
		if err != nil {
			l.mistake(h.Line, "hop %q: %w", h.Name, err)
		}
		r.Cookies = append(r.Cookies, cookie)
	}
	if y.Status < 200 || y.Status > 599 {
		l.mistake(h.Line, "hop %q has status %d, want one from 200 to 599", h.Name, y.Status)
	}
	l.body(h, y.JSON, true, &r.JSON)
	l.body(h, y.Detailed, true, &r.Detailed)
	l.body(h, y.HTML, false, &r.HTML)
	redirects := y.Status >= 300 && y.Status < 400
	if y.JSON+y.Detailed+y.HTML == "" && !redirects && y.Status != http.StatusNoContent {
		l.mistake(h.Line, "hop %q has no body, want json, detailed or html", h.Name)
	}
	if redirects && y.Headers["Location"] == "" {
		l.mistake(h.Line, "hop %q has status %d and no Location among its headers", h.Name, y.Status)
	}
}

func (l *loading) body(h *Hop, name string, isJSON bool, into **Body) {
	if name == "" {
		return
	}
	if b := l.bodies[name]; b != nil && (b.outcome != 0) == isJSON {
		*into = b
		return
	}
	b, err := readBody(l.fsys, l.dir, name, isJSON)
	if err != nil {
		l.names(name)
		l.unread[h] = true
		if strings.HasPrefix(err.Error(), path.Join(l.dir, name)+":") {
			l.add(err) // the body's own file and line
		} else {
			l.mistake(h.Line, "hop %q: %w", h.Name, err)
		}
		return
	}
	l.used[name] = true
	for _, p := range b.pages {
		l.used[p.file] = true
	}
	l.bodies[name], *into = b, b
}

// names notes that a body which is not read is named, and the pages that it names.
func (l *loading) names(name string) {
	l.used[name] = true
	if text, err := read(l.fsys, path.Join(l.dir, name), MaxBody); err == nil {
		for v := range variablesOf(text) {
			if file, ok := strings.CutPrefix(v.name, htmlPrefix); ok {
				l.used[strings.TrimSpace(file)] = true
			}
		}
	}
}

// link turns names into hops.
func (l *loading) link(f *Flow) {
	for i, h := range f.Hops {
		y := l.file.Hops[i]
		if y.To != "" {
			h.To = l.screen(h, "goes to", y.To)
		}
		for _, from := range y.From {
			s := l.screen(h, "leaves", from)
			if s == nil {
				continue
			}
			h.From = append(h.From, s)
			if h.Request.ContinueToken != "" && h.Request.Native == "" && s.Response.resume() == "" {
				l.mistake(h.Line, "hop %q leaves %q by a continue token, and the body of %q has no "+
					"_links.continue.href", h.Name, from, from)
			}
		}
	}
}

// screen finds the screen that h names.
func (l *loading) screen(h *Hop, verb, name string) *Hop {
	s := l.byName[name]
	switch {
	case s == nil:
		l.mistake(h.Line, "hop %q %s %q, and no hop has that name", h.Name, verb, name)
	case s.Response.empty() && s.Response.Status == 0:
		l.mistake(h.Line, "hop %q %s %q, which has no response of its own", h.Name, verb, name)
	case !s.Response.is(davinci.Paused) && !l.unread[s]:
		l.mistake(h.Line, "hop %q %s %q, which is not a screen: %s",
			h.Name, verb, name, s.Response.noScreen())
	default:
		return s
	}
	return nil
}

// reach finds the hops to which no way leads from the start.
func (l *loading) reach(f *Flow) {
	if len(l.mistakes) > 0 {
		return // what cannot be reached now may be reached once they are fixed
	}
	reached, leaving := map[*Hop]bool{}, map[*Hop][]*Hop{}
	var next []*Hop
	for _, h := range f.Hops {
		if h.Starts() {
			next = append(next, h)
		}
		for _, screen := range h.From {
			leaving[screen] = append(leaving[screen], h)
		}
	}
	for len(next) > 0 {
		h := next[len(next)-1]
		next = next[:len(next)-1]
		if !reached[h] {
			reached[h] = true
			next = append(next, leaving[h]...)
		}
	}
	for _, h := range f.Hops {
		if !reached[h] {
			l.mistake(h.Line, "hop %q cannot be reached: no path leads from a start hop to %q", h.Name, h.From[0].Name)
		}
	}
}

// unused finds body files that nothing names: most often a misspelt name.
func (l *loading) unused() {
	entries, err := fs.ReadDir(l.fsys, l.dir)
	if err != nil {
		l.add(fmt.Errorf("recordings: %w", err))
	}
	for _, e := range entries {
		ext := path.Ext(e.Name())
		if !e.IsDir() && (ext == ".json" || ext == ".html") && !l.used[e.Name()] {
			l.add(fmt.Errorf("%s: no hop names this body: name it in a hop or delete it", path.Join(l.dir, e.Name())))
		}
	}
}

func (l *loading) mistake(line int, format string, args ...any) {
	l.add(fmt.Errorf("%s:%d: %w", path.Join(l.dir, FileName), line, fmt.Errorf(format, args...)))
}

// add notes a mistake, once.
func (l *loading) add(err error) {
	if text := err.Error(); !l.made[text] {
		l.made[text] = true
		l.mistakes = append(l.mistakes, err)
	}
}
