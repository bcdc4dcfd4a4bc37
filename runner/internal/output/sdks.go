package output

import (
	"fmt"
	"io"
	"strings"

	"flowtest/steps/conformance"
	"flowtest/steps/words"
)

// sdkJSON is a flow of the table of SDKs.
type sdkJSON struct {
	Flow string        `json:"flow"`
	Hops int           `json:"hops"`
	SDKs []sdkCellJSON `json:"sdks"`
}

type sdkCellJSON struct {
	SDK      string          `json:"sdk"`
	Standing string          `json:"standing"`
	Reasons  []sdkReasonJSON `json:"reasons,omitempty"`
}

type sdkReasonJSON struct {
	Requirement string `json:"requirement"`
	Journey     string `json:"journey"`
	Hop         int    `json:"hop"`
	Times       int    `json:"times"`
	Path        string `json:"path"`
	Found       string `json:"found"`
	Wanted      string `json:"wanted"`
}

func sdksJSON(rows []conformance.SDKRow) []sdkJSON {
	var out []sdkJSON
	for _, row := range rows {
		r := sdkJSON{Flow: row.Flow, Hops: row.Hops}
		for _, c := range row.Cells {
			cell := sdkCellJSON{SDK: c.SDK.String(), Standing: c.Result.Standing()}
			for i := range c.Reasons {
				x := &c.Reasons[i]
				cell.Reasons = append(cell.Reasons, sdkReasonJSON{
					x.Requirement.ID, x.Journey, x.Hop, x.Times, x.Path, x.Found, x.Wanted,
				})
			}
			r.SDKs = append(r.SDKs, cell)
		}
		out = append(out, r)
	}
	return out
}

// SDKsText writes for a terminal which SDK can carry which flow, and why not.
func SDKsText(w io.Writer, rows []conformance.SDKRow) error {
	if len(rows) == 0 {
		return nil
	}
	var b strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&b, "flow %q, %s\n", row.Flow, words.Count(row.Hops, "hop"))
		for _, c := range row.Cells {
			fmt.Fprintf(&b, "  %-8s %s\n", c.SDK, c.Result.Standing())
			for i := range c.Reasons {
				x := &c.Reasons[i]
				fmt.Fprintf(&b, "           %s: %s is %s, want %s\n           (%q, hop %d)\n", x.Requirement.ID, x.Path,
					x.Found, x.Wanted, x.Journey, x.Hop)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sdksMarkdown writes the same as a table, and the reasons below it.
func sdksMarkdown(b *strings.Builder, rows []conformance.SDKRow) {
	if len(rows) == 0 {
		return
	}
	head := []any{"flow"}
	for _, s := range conformance.SDKs() {
		head = append(head, s)
	}
	b.WriteString("\n## SDKs\n\n")
	tableRow(b, head...)
	b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	var reasons strings.Builder
	for _, row := range rows {
		cells := []any{cell(row.Flow)}
		for _, c := range row.Cells {
			cells = append(cells, c.Result.Standing())
			for i := range c.Reasons {
				x := &c.Reasons[i]
				fmt.Fprintf(&reasons, "- %s, %s: `%s`: `%s` is %s, want %s (\"%s\", hop %d)\n", cell(row.Flow), c.SDK,
					x.Requirement.ID, x.Path, cell(x.Found), cell(x.Wanted), cell(x.Journey), x.Hop)
			}
		}
		tableRow(b, cells...)
	}
	b.WriteString("\n" + reasons.String())
}
