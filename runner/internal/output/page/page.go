// Package page writes report.html: one file that shows a whole run, loads nothing
// and works without JavaScript. It knows no file system and no stream.
package page

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	_ "embed" // the parts of the page
	"encoding/base64"
	"html/template"
	"io"
	"strconv"
	"strings"
	"sync"

	"flowtest/runner/internal/output/digest"
	"flowtest/runner/report"
)

// What bounds the size of the page. Scenarios that did not pass are in it as
// they are, for a reader without JavaScript too, until they are mostInline
// bytes; what passed is packed. After mostFull scenarios, one that passed is only
// a line.
const (
	mostInline   = 3 << 20
	mostFull     = 5000
	packSize     = 512 << 10
	mostEarlier  = 1 << 20 // as mostInline, of attempts that others followed
	mostAttempts = 10      // that are shown of one scenario, besides the last
)

const suiteEnd = "\n</section>\n"

//go:embed page.html
var pageTemplate string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// policy allows the page its own script and styles, and nothing else. The frames of screens
// inherit it.
var policy = sync.OnceValue(func() string { return Policy(pageScript) })

// A Writer writes report.html: its body while scenarios finish, its head when the
// run has ended.
type Writer struct {
	// Coverage writes the section of the page on how much of a flow the run went through.
	// It is set before Assemble. Optional.
	Coverage func(io.Writer) error

	w     *bufio.Writer
	err   error // of a template
	tally *digest.Tally
	parts *template.Template
	text  markup // of a scenario

	index  int // of the next scenario
	suites int // that were begun
	opened int // scenarios that are open at once
	inline int // bytes of hops that are not packed
	tried  int // likewise, of attempts that others followed
	packs  int
	zip    *gzip.Writer // nil before the first
	packed markup       // texts with a zero byte between them, which none contains
	items  int          // how many
	hop    markup

	parted map[string]*part // what was rendered once, by its key
	key    []byte

	inlined bool // the hop that is rendered is in the page as it is
	kept    int  // templates in the page
}

// Style returns the style sheet of the page, for pages that look like it.
func Style() string { return pageStyle }

// Policy returns the content security policy of a page that runs one script, and is
// allowed nothing else.
func Policy(script string) string {
	sum := sha256.Sum256([]byte(script))
	return "default-src 'none'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
}

var pageParts = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(pageFuncs).Parse(pageTemplate))
})

// New returns a writer whose body goes to w. The tally has to know a scenario
// before the writer does. An error of w is that of its Flush.
func New(w *bufio.Writer, t *digest.Tally) *Writer {
	return &Writer{w: w, tally: t, parts: pageParts(), parted: map[string]*part{}}
}

func (p *Writer) execute(name string, data any) {
	_, _ = p.w.WriteString(p.render(name, data))
}

// render returns a part of the page.
func (p *Writer) render(name string, data any) string {
	var b strings.Builder
	p.err = cmp.Or(p.err, p.parts.ExecuteTemplate(&b, name, data))
	return Shown(b.String())
}

// A headView is what the head of the page shows.
type headView struct {
	*digest.Tally

	Headline string
	Caveats  []string
	Shard    string
	Covers   bool // the page says how much of a flow was covered
	Tiles    []tile
}

// A tile is a number of the head.
type tile struct {
	Name, Class string
	Count       int
}

// Assemble writes the page to out; body is what was written before.
func (p *Writer) Assemble(out *bufio.Writer, body io.Reader) error {
	p.w = out
	p.head()
	if _, err := io.Copy(out, body); err != nil {
		return err
	}
	if p.suites > 0 {
		_, _ = p.w.WriteString(suiteEnd)
	}
	p.pack()
	_, _ = p.w.WriteString("</section>\n")
	if p.Coverage != nil {
		p.err = cmp.Or(p.err, written(p.w, p.Coverage))
	}
	p.execute("conformance", newMatrixView(p.tally))
	_, _ = p.w.WriteString(closing())
	return p.err
}

func (p *Writer) head() {
	t := p.tally
	head := headView{
		Tally: t, Headline: digest.UpperFirst(digest.Headline(t.Run)), Caveats: digest.Caveats(t.Run),
		Shard: digest.Shard(t.Plan), Covers: p.Coverage != nil,
	}
	for _, s := range digest.Statuses() {
		if n := t.Run.Counts[s]; n > 0 || s == report.Passed || s == report.Failed {
			class := statusClass(s)
			if n == 0 {
				class = "none"
			}
			head.Tiles = append(head.Tiles, tile{s.String(), class, n})
		}
	}
	_, _ = p.w.WriteString(opening(digest.Headline(t.Run)))
	p.execute("head", &head)
}

// A scenarioView is a scenario as the page shows it.
type scenarioView struct {
	S         *report.Scenario
	Index     int
	Bad, Open bool
	Brief     bool          // only a line
	Step, Why string        // what went wrong
	Notes     []report.Note // that are not in Why
	Repeat    string
	Attempts  []attemptView // those before the last

	journeyView
}

// A journeyView is one attempt of a scenario, step by step and hop by hop.
type journeyView struct {
	A       *report.Attempt
	Attempt int // which one it is, from 1; 0 if it is the only one
	Warned  int // findings that were not simply met
	Hops    []hopView
}

// Scenario adds a scenario.
func (p *Writer) Scenario(s *report.Scenario) {
	if n := len(p.tally.Suites); n > p.suites {
		if p.suites > 0 {
			_, _ = p.w.WriteString(suiteEnd)
		}
		p.suites = n
		p.execute("suite", struct{ Feature, File string }{s.Feature, s.File})
	}
	v := &scenarioView{S: s, Index: p.index, Bad: s.Status.Bad(), Repeat: digest.Repeat(p.tally.Plan, s)}
	own := *s
	own.Notes = digest.OwnNotes(s)
	v.Step, v.Why = digest.Trouble(&own)
	if !v.Bad {
		v.Notes = s.Notes
		if s.Status == report.Known || s.Status == report.Flaky {
			v.Notes = nil
		}
	}
	if v.Open = v.Bad && p.opened < digest.MostTroubles; v.Open { // those that the list at the head names
		p.opened++
	}
	v.Brief = !v.Bad && p.index >= mostFull
	if !v.Brief {
		within := "s" + strconv.Itoa(v.Index)
		p.attempts(v, within)
		failing := -1
		var room *int
		if v.Bad {
			failing, room = failingHop(&s.Attempt), &p.inline
		}
		v.journeyView = p.journey(&s.Attempt, within, failing, room, mostInline)
		if len(s.Earlier) > 0 {
			v.Attempt = len(s.Earlier) + 1
		}
	}
	p.index++
	p.text = p.text[:0]
	writeScenario(&p.text, v)
	_, _ = p.w.Write(p.text)
	if len(p.packed) >= packSize {
		p.pack()
	}
}

// journey renders an attempt. Its hops are in the page as they are as long as
// they fit into most bytes, of which used are taken, and else in the pack; with
// nothing used they are packed.
func (p *Writer) journey(a *report.Attempt, within string, failing int, used *int, most int) journeyView {
	v := journeyView{A: a}
	for i := range a.Hops {
		h := p.hopView(&a.Hops[i], within, used != nil)
		h.Bad = i == failing
		v.Warned += len(h.Findings)
		p.hop = p.hop[:0]
		writeHop(&p.hop, &h, a.Steps)
		if used != nil && *used+len(p.hop) <= most {
			*used += len(p.hop)
			h.Inside = string(p.hop)
		} else {
			h.Pack, h.Item = "pack"+strconv.Itoa(p.packs), p.items
			if p.items > 0 {
				p.packed = append(p.packed, 0)
			}
			p.packed = append(p.packed, p.hop...)
			p.items++
		}
		v.Hops = append(v.Hops, h)
	}
	return v
}

// failingHop returns the index of the hop at which an attempt that went wrong failed: the last
// that the failing step looked at or sent, else the last; -1 if there is none.
func failingHop(a *report.Attempt) int {
	st := a.FailedStep()
	for i := len(a.Hops) - 1; i >= 0 && st != nil; i-- {
		h := &a.Hops[i]
		for _, step := range append([]int{h.Step}, h.Asserted...) {
			if step >= 0 && step < len(a.Steps) && &a.Steps[step] == st {
				return i
			}
		}
	}
	return len(a.Hops) - 1
}

// pack puts the hops that were kept aside into the page, packed.
func (p *Writer) pack() {
	if p.items == 0 {
		return
	}
	_, _ = p.w.WriteString(`<script type="text/plain" id="pack` + strconv.Itoa(p.packs) + `">`)
	encoder := base64.NewEncoder(base64.StdEncoding, p.w)
	if p.zip == nil {
		p.zip, _ = gzip.NewWriterLevel(encoder, gzip.BestSpeed) // a level that there is
	} else {
		p.zip.Reset(encoder) // a new one takes a megabyte
	}
	_, _ = p.zip.Write(p.packed)
	_, _ = p.zip.Close(), encoder.Close()
	_, _ = p.w.WriteString("</script>\n")
	p.packs++
	p.packed, p.items = p.packed[:0], 0
}
