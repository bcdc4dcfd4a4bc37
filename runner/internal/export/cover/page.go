package cover

import (
	_ "embed" // what report.html shows
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"flowtest/runner/internal/export"
	"flowtest/steps/words"
)

//go:embed page.html
var pageText string

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("coverage").Parse(pageText))
})

// mostLinks limits the scenarios that are listed for one part.
const mostLinks = 25

// A view is the data of the page.
type view struct {
	Of, Matched, By string
	Totals          []totalView
	Charts          []chartView
	Missing, Parts  []partView
}

type totalView struct {
	Kind    string
	Percent string
	Total
}

type partView struct {
	ID, Flow, Kind, Name string
	State                State
	Links                []linkView
	More                 int
}

type linkView struct {
	At          int
	Linked      bool
	Name, Place string
}

// A chartView is a map, as SVG.
type chartView struct {
	Flow, Large   string
	Width, Height int
	Edges         []edgeView
	Boxes         []boxView
}

type edgeView struct {
	Path, Title, Link string
	Back              bool
	State             State
}

type boxView struct {
	Kind, Label, Title, Link string
	State                    State
	X, Y, Width, Height      int
	Rows                     []boxView
}

// HTML writes the coverage as a section of a page: totals, a map of each flow, the
// parts that no journey passed, and the scenarios that passed each part.
func (c *Coverage) HTML(w io.Writer) error {
	c.Finish()
	v := view{Of: c.of.called(), Matched: c.matched(), By: words.Count(c.Journeys, "journey")}
	totals := c.Totals()
	for _, kind := range c.kinds {
		v.Totals = append(v.Totals, totalView{kind, fmt.Sprintf("%.1f %%", totals[kind].Percent()), totals[kind]})
	}
	for i := range c.Parts {
		p := &c.Parts[i]
		if p.Kind == "nodes" || p.Kind == "hops" {
			continue
		}
		one := partView{
			ID: partID(i), Flow: p.Flow, Kind: strings.TrimSuffix(p.Kind, "s"), Name: p.Name,
			State: p.State,
			Links: c.links(p.By), More: max(0, p.By.Len()-mostLinks),
		}
		v.Parts = append(v.Parts, one)
		if p.State == Never && p.Kind != "screens" {
			v.Missing = append(v.Missing, one)
		}
	}
	for _, g := range charts(c) {
		v.Charts = append(v.Charts, c.draw(g))
	}
	return pageTemplate().Execute(w, v)
}

func partID(i int) string { return fmt.Sprintf("cover%d", i) }

// links names scenarios.
func (c *Coverage) links(by Scenarios) (out []linkView) {
	for _, at := range by.First(mostLinks) {
		s := c.Scenarios[at]
		l := linkView{Name: s.Name, Place: fmt.Sprintf("%s:%d", s.File, s.Line)}
		if c.Index != nil {
			l.At, l.Linked = c.Index(s)
		}
		out = append(out, l)
	}
	return out
}

// signs are prefixes of the labels of parts other than screens.
var signs = map[string]string{
	startBox: "▸ ", export.ToError: "✗ ", export.ToTerminal: "■ ", export.ToPause: "‖ ",
	export.ToCall: "↳ ", export.ToDead: "? ",
}

// draw draws a map.
func (c *Coverage) draw(g *chart) chartView {
	v := chartView{Flow: g.flow, Width: g.width, Height: g.height}
	if len(g.boxes) > mostBoxes {
		v.Large = words.Count(len(g.boxes), "screen and stop")
		return v
	}
	link := func(part int) (title, to string) {
		if part < 0 {
			return "", ""
		}
		p := &c.Parts[part]
		return fmt.Sprintf("%s: %s, %s", p.Name, p.State, words.Count(p.By.Len(), "scenario")), "#" + partID(part)
	}
	for i := range g.edges {
		e := &g.edges[i]
		one := edgeView{Path: path(e), State: e.state, Back: e.to.column <= e.from.column}
		one.Title, one.Link = link(e.part)
		v.Edges = append(v.Edges, one)
	}
	const fits, fitsRow = 24, 30 // characters that fit into a box and a row
	for _, b := range g.boxes {
		one := boxView{
			Kind: b.kind, Label: words.Cut(signs[b.kind]+b.label, fits), State: b.state, X: b.x, Y: b.y,
			Width: b.width(), Height: b.size(),
		}
		if one.Title, one.Link = link(b.part); one.Title == "" {
			one.Title = fmt.Sprintf("%s: %s", b.label, b.state)
		}
		for i, r := range b.rows {
			at := boxView{
				Kind: "button", Label: words.Cut(r.label, fitsRow), State: c.Parts[r.part].State,
				X: b.x, Y: b.y + headSize + i*rowSize, Width: boxWidth, Height: rowSize,
			}
			at.Title, at.Link = link(r.part)
			one.Rows = append(one.Rows, at)
		}
		v.Boxes = append(v.Boxes, one)
	}
	return v
}

// path returns the SVG path of an edge. An edge that leads back also leaves to the
// right.
func path(e *edge) string {
	x, y := e.from.x+e.from.width(), e.from.y+headSize/2
	if e.row >= 0 {
		y = e.from.y + headSize + e.row*rowSize + rowSize/2
	}
	tx, ty := e.to.x, e.to.y+headSize/2
	bend := columnGap * 2 / 3
	if tx <= x {
		bend = columnGap
	}
	return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x, y, x+bend, y, tx-bend, ty, tx-2, ty)
}
