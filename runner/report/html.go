package report

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed" // the parts of the page
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"sync"
)

// What bounds the size of the page. Scenarios that did not pass stand in it as
// they are, for a reader without JavaScript too, until they are mostInline
// bytes; what passed is packed. Behind mostFull scenarios one that passed is a
// line.
const (
	mostInline = 3 << 20
	mostFull   = 5000
	packSize   = 512 << 10
)

const suiteEnd = "\n</section>\n"

//go:embed page.html
var pageTemplate string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// policy lets the page do nothing but run its own script and be styled. The
// frames of screens inherit it.
var policy = sync.OnceValue(func() string {
	sum := sha256.Sum256([]byte(pageScript))
	return "default-src 'none'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
})

// A page writes report.html: one file that loads nothing.
type page struct {
	w     io.Writer
	err   error
	tally *tally
	parts *template.Template
	buf   bytes.Buffer
	text  htmlText // of a scenario

	index  int // of the next scenario
	suites int // that were begun
	opened int // scenarios that are open at once
	inline int // bytes of hops that are not packed
	packs  int
	packed htmlText // texts with a zero byte between them, which stands in none
	items  int      // how many
	hop    htmlText

	parted map[string]*part // what was rendered once, by its key
	key    []byte

	inlined bool // the hop that is rendered stands in the page as it is
	kept    int  // templates in the page
}

var pageParts = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(pageFuncs).Parse(pageTemplate))
})

func newHTML(w io.Writer, t *tally) derived {
	return &page{w: w, tally: t, parts: pageParts(), parted: map[string]*part{}}
}

// Err returns the first error of the writer or of a template.
func (p *page) Err() error { return p.err }

func (p *page) flush() {
	if p.err == nil {
		_, p.err = p.w.Write(p.buf.Bytes())
	}
	p.buf.Reset()
}

func (p *page) execute(name string, data any) {
	if err := p.parts.ExecuteTemplate(&p.buf, name, data); err != nil && p.err == nil {
		p.err = err
	}
}

// A headView is what the head of the page shows.
type headView struct {
	*tally

	Headline string
	Caveats  []string
	Shard    string
	Tiles    []tile
	Plan     Plan
	Run      *Run
	Bad      []bad
	More     int
	Flows    []string
	Tags     []string
}

// A tile is a number of the head.
type tile struct {
	Name, Class string
	Count       int
}

// Assemble implements [derived].
func (p *page) Assemble(out io.Writer, body io.Reader) error {
	p.w = out
	p.head()
	if p.err == nil {
		_, p.err = io.Copy(out, body)
	}
	if p.suites > 0 {
		p.buf.WriteString(suiteEnd)
	}
	p.pack()
	p.buf.WriteString("</section>\n")
	p.execute("conformance", newMatrixView(p.tally))
	p.buf.WriteString("\n<script>" + pageScript + "</script>\n</body>\n</html>\n")
	p.flush()
	return p.err
}

func (p *page) head() {
	t := p.tally
	head := headView{
		Headline: upperFirst(headline(t.run)), Caveats: caveats(t.run), Shard: shardOf(t.plan),
		Plan: t.plan, Run: t.run,
		Bad: t.bad, More: t.more, Flows: t.flows.names(), Tags: t.tags.names(),
	}
	for _, s := range statuses() {
		if n := t.run.Counts[s]; n > 0 || s == Passed || s == Failed {
			class := statusClass(s)
			if n == 0 {
				class = "none"
			}
			head.Tiles = append(head.Tiles, tile{s.String(), class, n})
		}
	}
	p.buf.WriteString("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
		"<meta name=\"color-scheme\" content=\"light dark\">\n" +
		"<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy() + "\">\n" +
		"<title>flowtest: " + template.HTMLEscapeString(headline(t.run)) + "</title>\n" +
		"<style>\n" + pageStyle + "</style>\n</head>\n")
	p.execute("head", &head)
	p.flush()
}

// A scenarioView is a scenario as the page shows it.
type scenarioView struct {
	S         *Scenario
	Index     int
	Bad, Open bool
	Brief     bool   // a line alone
	Say       bool   // the status in words: it is neither passed nor failed
	Step, Why string // what went wrong
	Notes     []Note // that are not in Why
	Repeat    string
	Warned    int // findings that were not simply met
	Left      int // hops that the report was not given
	Hops      []hopView
	Steps     []stepView
}

// Scenario implements [derived].
func (p *page) Scenario(s *Scenario) {
	if n := len(p.tally.suites); n > p.suites {
		if p.suites > 0 {
			p.buf.WriteString(suiteEnd)
		}
		p.suites = n
		p.execute("suite", struct{ Feature, File string }{s.Feature, s.File})
	}
	v := &scenarioView{
		S: s, Index: p.index, Bad: s.Status.Bad(), Repeat: repeat(p.tally.plan, s), Left: s.HopCount - len(s.Hops),
	}
	v.Say = s.Status != Passed && s.Status != Failed
	v.Step, v.Why = s.trouble()
	if !v.Bad {
		v.Notes = s.Notes
		if s.Status == Known || s.Status == Flaky {
			v.Notes = nil
		}
	}
	if v.Open = v.Bad && p.opened < mostTroubles; v.Open { // those that the list at the head names
		p.opened++
	}
	v.Brief = !v.Bad && p.index >= mostFull
	if !v.Brief {
		for i := range s.Steps {
			v.Steps = append(v.Steps, newStepView(&s.Steps[i]))
		}
		p.hops(v)
	}
	p.index++
	p.text = p.text[:0]
	p.scenario(&p.text, v)
	p.buf.Write(p.text)
	if len(p.packed) >= packSize {
		p.pack()
	}
	p.flush()
}

// hops renders the hops, into the page or into the pack.
func (p *page) hops(v *scenarioView) {
	failing := failingHop(v.S)
	for i := range v.S.Hops {
		h := p.hopView(v.S, i, v.Index, v.Bad)
		h.Bad = i == failing
		h.Open = h.Bad
		v.Warned += len(h.Findings)
		p.hop = p.hop[:0]
		p.hop.hop(&h)
		if v.Bad && p.inline+len(p.hop) <= mostInline {
			p.inline += len(p.hop)
			h.Inside = string(p.hop)
		} else {
			h.Pack, h.Item = "pack"+itoa(p.packs), p.items
			if p.items > 0 {
				p.packed = append(p.packed, 0)
			}
			p.packed = append(p.packed, p.hop...)
			p.items++
		}
		v.Hops = append(v.Hops, h)
	}
}

// failingHop returns the index of the hop at which a scenario failed: the last
// that the failing step looked at or sent, else the last; -1 where it passed.
func failingHop(s *Scenario) int {
	if !s.Status.Bad() || len(s.Hops) == 0 {
		return -1
	}
	st := s.FailedStep()
	for i := len(s.Hops) - 1; i >= 0 && st != nil; i-- {
		h := &s.Hops[i]
		for _, step := range append([]int{h.Step}, h.Asserted...) {
			if step >= 0 && step < len(s.Steps) && &s.Steps[step] == st {
				return i
			}
		}
	}
	return len(s.Hops) - 1
}

// pack puts the hops that were kept aside into the page, packed.
func (p *page) pack() {
	if p.items == 0 {
		return
	}
	p.buf.WriteString(`<script type="text/plain" id="pack` + itoa(p.packs) + `">`)
	encoder := base64.NewEncoder(base64.StdEncoding, &p.buf)
	zip, err := gzip.NewWriterLevel(encoder, gzip.BestSpeed)
	if err != nil {
		p.err = err
		return
	}
	_, err = zip.Write(p.packed)
	if err = errors.Join(err, zip.Close(), encoder.Close()); err != nil && p.err == nil {
		p.err = err
	}
	p.buf.WriteString("</script>\n")
	p.packs++
	p.packed, p.items = p.packed[:0], 0
}
