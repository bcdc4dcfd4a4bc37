package cover

import (
	"cmp"
	"slices"

	"flowtest/runner/internal/export"
)

// A begin is a place where a flow goes on without a button: its start, or a node after
// the subflow that it calls.
type begin struct {
	flow, from, to, leads, label string
}

// A chart is the map of one flow: a box for each screen and each stop, in columns by their
// distance from the start.
type chart struct {
	flow          string
	boxes         []*box
	edges         []edge
	width, height int
	byID          map[string]*box
}

// A box is a screen with its buttons, or another stop of the flow.
type box struct {
	kind, label string
	part        int // of a screen, -1 of other boxes
	state       State
	rows        []row
	at          map[string]int // the rows by the keys of their buttons
	column      int            // -1 until it is known
	x, y        int
	order       float64
	out         []*box
}

// A row is a button on a box.
type row struct {
	label string
	part  int
}

// An edge leads from a box, or from a button on it, to another.
type edge struct {
	from, to *box
	row      int // -1 if it leaves the box itself
	part     int // -1 of a start, and after a subflow
	state    State
}

// The sizes of a map in pixels.
const (
	boxWidth  = 220
	startSize = 90 // the width of the start
	headSize  = 34
	rowSize   = 24
	boxGap    = 18
	columnGap = 80
	margin    = 16
)

// mostBoxes limits the boxes of a map: a person cannot read a larger one.
const mostBoxes = 600

const startBox = "start"

func (b *box) size() int { return headSize + rowSize*len(b.rows) }

func (b *box) width() int {
	if b.column == 0 {
		return startSize
	}
	return boxWidth
}

// charts makes a map of each flow that has a screen.
func charts(c *Coverage) (out []*chart) {
	c.Finish()
	of := map[string]*chart{}
	for i := range c.Parts {
		p := &c.Parts[i]
		g := of[p.Flow]
		if g == nil {
			g = &chart{flow: p.Flow, byID: map[string]*box{}}
			g.box("", startBox, "start")
			of[p.Flow], out = g, append(out, g)
		}
		g.add(i, p)
	}
	for _, b := range c.of.begins() {
		if g := of[b.flow]; g != nil {
			g.begin(b)
		}
	}
	out = slices.DeleteFunc(out, func(g *chart) bool { return len(g.boxes) < 2 })
	for _, g := range out {
		g.settle(c)
		if len(g.boxes) <= mostBoxes {
			g.layout()
		}
	}
	return out
}

// box returns the box of a node, and creates it if needed.
func (g *chart) box(id, kind, label string) *box {
	b := g.byID[id]
	if b == nil {
		b = &box{kind: kind, label: label, part: -1, column: -1, at: map[string]int{}}
		g.byID[id], g.boxes = b, append(g.boxes, b)
	}
	return b
}

// add adds a part. A screen must be added before its buttons, and these before their
// outcomes.
func (g *chart) add(i int, p *Part) {
	switch p.Kind {
	case "screens":
		b := g.box(p.Node, export.ToScreen, p.label)
		b.part = i
	case "buttons":
		b := g.byID[p.Node]
		if _, again := b.at[p.Button]; !again {
			b.at[p.Button] = len(b.rows)
		}
		b.rows = append(b.rows, row{p.label, i})
	case "outcomes":
		from := g.byID[p.Node]
		at, has := from.at[p.Button]
		if !has {
			at = -1
		}
		g.edges = append(g.edges, edge{from, g.box(p.To, p.leads, p.label), at, i, p.State})
	}
}

// begin draws the edge from a place where the flow goes on without a button.
func (g *chart) begin(b begin) {
	from := g.byID[b.from]
	if from == nil {
		return // nothing on the map leads to the subflow
	}
	g.edges = append(g.edges, edge{from, g.box(b.to, b.leads, b.label), -1, -1, Never})
}

// settle sets the states of boxes and edges that do not have a part.
func (g *chart) settle(c *Coverage) {
	ids := map[*box]string{}
	for id, b := range g.byID {
		ids[b] = id
	}
	for _, b := range g.boxes {
		if b.part >= 0 {
			b.state = c.Parts[b.part].State
		} else if m := c.marks[key{"nodes", g.flow, ids[b], "", ""}]; m != nil {
			b.state = m.state
		}
	}
	g.boxes[0].state = Never
	if c.Journeys > 0 {
		g.boxes[0].state = Observed
	}
	for i := range g.edges {
		e := &g.edges[i]
		if e.part >= 0 { // a recording knows no nodes
			e.to.state = max(e.to.state, e.state)
		}
	}
	for i := range g.edges {
		if e := &g.edges[i]; e.part < 0 {
			e.state = min(e.to.state, e.from.state)
		}
		e := &g.edges[i]
		e.from.out = append(e.from.out, e.to)
	}
}

// layout sets the position of every box.
func (g *chart) layout() {
	columns := g.columns()
	for i, column := range columns {
		y := margin
		for _, b := range column {
			b.y = y
			if b.x = margin; i > 0 {
				b.x += startSize + columnGap + (i-1)*(boxWidth+columnGap)
			}
			y += b.size() + boxGap
		}
		g.height = max(g.height, y-boxGap+margin)
	}
	g.width = 2*margin + startSize + (len(columns)-1)*(boxWidth+columnGap)
	for _, column := range columns { // in the middle of the map
		used := -boxGap
		for _, b := range column {
			used += b.size() + boxGap
		}
		for _, b := range column {
			b.y += (g.height - 2*margin - used) / 2
		}
	}
}

// columns sorts the boxes by their distance from the start, and each column so that few
// edges cross. A box to which nothing leads is in the first column.
func (g *chart) columns() [][]*box {
	last := reach(g.boxes[0], 0)
	for _, root := range g.boxes {
		if root.column < 0 && root.kind == export.ToScreen {
			last = max(last, reach(root, 1))
		}
	}
	columns := make([][]*box, last+1)
	for _, b := range g.boxes {
		columns[b.column] = append(columns[b.column], b)
	}
	for range 4 {
		for i, column := range columns {
			if i > 0 {
				order(columns[i-1], column)
			}
		}
	}
	return columns
}

// reach sets the column of a box and of all boxes to which it leads, and returns the last
// column.
func reach(root *box, column int) (last int) {
	root.column = column
	for queue := []*box{root}; len(queue) > 0; queue = queue[1:] {
		b := queue[0]
		last = max(last, b.column)
		for _, next := range b.out {
			if next.column < 0 {
				next.column = b.column + 1
				queue = append(queue, next)
			}
		}
	}
	return last
}

// order sorts a column by the origins of the edges into it.
func order(before, column []*box) {
	sum, n := map[*box]float64{}, map[*box]float64{}
	for at, b := range before {
		for i, to := range b.out {
			sum[to] += float64(at) + float64(i)/float64(len(b.out)+1)
			n[to]++
		}
	}
	for at, b := range column {
		b.order = float64(at) * float64(len(before)) / float64(len(column))
		if n[b] > 0 {
			b.order = sum[b] / n[b]
		}
	}
	slices.SortStableFunc(column, func(a, b *box) int { return cmp.Compare(a.order, b.order) })
}
