package conformance

import (
	"cmp"
	"maps"
	"slices"
)

// An SDKTable says of each flow whether the journeys that were seen can be
// carried by each SDK. The zero value is empty. It is used by one goroutine at
// a time, and grows with the flows and with what is wrong with them, not with
// the journeys.
type SDKTable struct {
	rows map[string]*SDKRow
}

// An SDKRow is a flow, with a cell for each SDK in the order of [SDKs].
type SDKRow struct {
	Flow  string
	Hops  int // how many were seen
	Cells []SDKCell
}

// An SDKCell says how an SDK stands to a flow.
type SDKCell struct {
	SDK      SDK
	Standing Standing

	// Reasons are why it is not simply carried, the gravest first.
	Reasons []SDKReason
}

// An SDKReason is a finding of the second catalogue, where it was first made.
type SDKReason struct {
	Finding

	Journey string // in which it was first made
	Times   int    // at how many hops it was made
}

// Add notes what the verdicts of the second catalogue on one hop say of the
// flow. The journey's name is told with the reasons.
func (t *SDKTable) Add(flow, journey string, v *Verdicts) {
	if t.rows == nil {
		t.rows = map[string]*SDKRow{}
	}
	row := t.rows[flow]
	if row == nil {
		row = &SDKRow{Flow: flow, Cells: make([]SDKCell, len(SDKs()))}
		for i, s := range SDKs() {
			row.Cells[i].SDK = s
		}
		t.rows[flow] = row
	}
	row.Hops++
	for i := range row.Cells {
		row.Cells[i].Standing = max(row.Cells[i].Standing, v.Standing(row.Cells[i].SDK))
	}
	for i := range v.Findings {
		f := &v.Findings[i]
		if s := f.Requirement.SDK; s != 0 {
			row.Cells[s-Web].add(f, journey)
		}
	}
}

// add notes a finding, or counts it where it was made before.
func (c *SDKCell) add(f *Finding, journey string) {
	for i := range c.Reasons {
		r := &c.Reasons[i]
		if r.Requirement == f.Requirement && r.Result == f.Result && r.Path == f.Path && r.Found == f.Found {
			r.Times++
			return
		}
	}
	c.Reasons = append(c.Reasons, SDKReason{Finding: *f, Journey: journey, Times: 1})
}

// Rows returns the table, sorted by flow. It is a copy.
func (t *SDKTable) Rows() []SDKRow {
	out := make([]SDKRow, 0, len(t.rows))
	for _, name := range slices.Sorted(maps.Keys(t.rows)) {
		row := *t.rows[name]
		row.Cells = slices.Clone(row.Cells)
		for i := range row.Cells {
			c := &row.Cells[i]
			c.Reasons = slices.Clone(c.Reasons)
			slices.SortStableFunc(c.Reasons, func(a, b SDKReason) int {
				return cmp.Or(cmp.Compare(b.Result, a.Result), cmp.Compare(a.Requirement.place, b.Requirement.place),
					cmp.Compare(a.Journey, b.Journey), cmp.Compare(a.Hop, b.Hop))
			})
		}
		out = append(out, row)
	}
	return out
}
