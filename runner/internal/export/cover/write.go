package cover

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"flowtest/steps/words"
)

// Text writes the totals for a person, and the buttons and outcomes that no journey
// reached.
func (c *Coverage) Text(w io.Writer) error {
	c.Finish()
	var b strings.Builder
	fmt.Fprintf(&b, "coverage of %s by %s\n", c.of.called(), words.Count(c.Journeys, "journey"))
	totals := c.Totals()
	for _, kind := range c.kinds {
		t := totals[kind]
		fmt.Fprintf(&b, "  %-8s %5.1f %%  %s\n", kind, t.Percent(), t)
	}
	fmt.Fprintf(&b, "  %s\n", c.matched())
	for _, p := range c.missing() {
		fmt.Fprintf(&b, "never %s: %s\n", p.verb(), shown(p.Name))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// shown returns a name on one line, shortened: a label may be a whole page.
func shown(name string) string { return strings.Join(strings.Fields(words.Cut(name, 500)), " ") }

// String returns the number of parts by state.
func (t Total) String() string {
	parts := []string{fmt.Sprintf("%d observed", t.Observed)}
	for _, one := range []struct {
		n     int
		state State
	}{{t.Implied, Implied}, {t.Possible, Possible}, {t.Never, Never}} {
		if one.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", one.n, one.state))
		}
	}
	return fmt.Sprintf("%s of %d", strings.Join(parts, ", "), t.All)
}

// matched says how many answers were found in the export, and how.
func (c *Coverage) matched() string {
	text := words.Count(c.ByID, "answer") + " matched by the id of the node"
	if c.ByName > 0 {
		text += fmt.Sprintf(", %d by the name of the screen", c.ByName)
	}
	if c.Unknown > 0 {
		text += fmt.Sprintf(", %d not in %s", c.Unknown, c.of.called())
	}
	return text
}

// verb returns "pressed" for a button, and "reached" for another part.
func (p *Part) verb() string {
	if p.Kind == "buttons" {
		return "pressed"
	}
	return "reached"
}

// missing returns the buttons and outcomes that no journey reached.
func (c *Coverage) missing() (out []Part) {
	for _, p := range c.Parts {
		if (p.Kind == "buttons" || p.Kind == "outcomes") && p.State == Never {
			out = append(out, p)
		}
	}
	return out
}

// Markdown writes the same as a table.
func (c *Coverage) Markdown(w io.Writer) error {
	c.Finish()
	var b strings.Builder
	b.WriteString("| coverage | covered | observed | implied | possible | never | all " +
		"|\n|---|---|---|---|---|---|---|\n")
	totals := c.Totals()
	for _, kind := range c.kinds {
		t := totals[kind]
		fmt.Fprintf(&b, "| %s | %.1f %% | %d | %d | %d | %d | %d |\n",
			kind, t.Percent(), t.Observed, t.Implied, t.Possible, t.Never, t.All)
	}
	fmt.Fprintf(&b, "\n%s.\n", c.matched())
	escape := strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "<", "&lt;",
		"@", "&#64;")
	missing := c.missing()
	for _, list := range []struct{ kind, head string }{
		{"buttons", "Never pressed"}, {"outcomes", "Never reached"},
	} {
		head := "\n" + list.head + ":\n\n"
		for _, p := range missing {
			if p.Kind == list.kind {
				fmt.Fprintf(&b, "%s- %s\n", head, escape.Replace(shown(p.Name)))
				head = ""
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// JSON writes every part with its state.
func (c *Coverage) JSON(w io.Writer) error {
	c.Finish()
	type total struct {
		Percent  float64 `json:"percent"`
		All      int     `json:"all"`
		Observed int     `json:"observed"`
		Implied  int     `json:"implied"`
		Possible int     `json:"possible"`
		Never    int     `json:"never"`
	}
	totals := map[string]total{}
	for kind, t := range c.Totals() {
		totals[kind] = total{t.Percent(), t.All, t.Observed, t.Implied, t.Possible, t.Never}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Of        string           `json:"of"` // "export" or "recording"
		Journeys  int              `json:"journeys"`
		ByID      int              `json:"answersById"`
		ByName    int              `json:"answersByName"`
		Unknown   int              `json:"answersNotInExport"`
		Totals    map[string]total `json:"totals"`
		Parts     []Part           `json:"parts"`
		Scenarios []Scenario       `json:"scenarios,omitempty"` // that parts name by their place here
	}{
		strings.TrimPrefix(c.of.called(), "the "), c.Journeys, c.ByID, c.ByName, c.Unknown, totals, c.Parts,
		c.Scenarios,
	})
}
