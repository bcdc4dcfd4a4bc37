package cover_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/cover"
)

func shop(tb testing.TB) *export.File {
	tb.Helper()
	b, err := os.ReadFile("../testdata/shop.json")
	require.NoError(tb, err)
	f, err := export.Parse(b)
	require.NoError(tb, err)
	return f
}

// steps make a journey of node ids and the buttons that were pressed for them.
func steps(pairs ...string) (out []export.Step) {
	screens := map[string]string{"signform": "Shop Sign On", "home": "Welcome", "codeform": "Enter Code", "regform": "Registration"}
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, export.Step{Node: pairs[i], Screen: screens[pairs[i]], Action: pairs[i+1]})
	}
	return out
}

// states lists the parts of a kind that are not never, by node, button and target.
func states(c *cover.Coverage, kind string) (out []string) {
	for _, p := range c.Parts {
		if p.Kind == kind && p.State != cover.Never {
			text := p.Node
			if p.Button != "" {
				text += " " + p.Button
			}
			if p.To != "" {
				text += " " + p.To
			}
			out = append(out, text+": "+p.State.String())
		}
	}
	slices.Sort(out)
	return out
}

func TestCoverage(t *testing.T) {
	t.Parallel()
	c := cover.New(shop(t))
	c.Add(steps("signform", "", "wrong", "SIGNON", "home", "SIGNON", "mend", ""), cover.Scenario{})
	c.Finish()
	assert.Equal(t, []string{"home: observed", "signform: observed"}, states(c, "screens"))
	assert.Equal(t, []string{"home: observed", "signform SIGNON: observed"}, states(c, "buttons"))
	assert.Equal(t, []string{"home done: implied", "signform SIGNON home: observed", "signform SIGNON wrong: observed"}, states(c, "outcomes"))
	assert.Equal(t, []string{
		"checkpw: implied", "done: implied", "gohome: implied", "home: observed", "homestart: implied", "lookup: implied",
		"mcall: implied", "mend: observed", "msession: implied", "pwstatus: implied", "signform: observed", "signwhich: implied",
		"vars: implied", "wrong: observed",
	}, states(c, "nodes"), "the way into the subflow and out of it is implied too")
	assert.Contains(t, states(c, "hops"), "lookup wrong: possible", "either look-up or password may have been wrong")
	assert.Contains(t, states(c, "hops"), "lookup checkpw: implied")
	totals := c.Totals()
	assert.Equal(t, cover.Total{All: 7, Observed: 2, Never: 5}, totals["screens"])
	assert.Equal(t, 4, c.ByID)
}

// A screen whose node has another id is found by its name; what the export does not have is
// counted.
func TestCoverageByName(t *testing.T) {
	t.Parallel()
	c := cover.New(shop(t))
	c.Add([]export.Step{{Node: "copied", Screen: "Shop Sign On"}, {Node: "strange", Screen: "Another"}, {Node: "home", Screen: "Welcome"}}, cover.Scenario{})
	c.Finish()
	assert.Equal(t, []int{1, 1, 1}, []int{c.ByID, c.ByName, c.Unknown})
	assert.Equal(t, []string{"home: observed", "signform: observed"}, states(c, "screens"))
	assert.Empty(t, states(c, "buttons"), "what was pressed at a strange screen is not known")
}

func TestDemand(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"button=80", "buttons", "buttons=x", "buttons=-1", "buttons=101", "buttons=80%"} {
		_, err := cover.ParseDemand(wrong)
		require.EqualError(t, err, "\""+wrong+"\" is not a demand, want screens, buttons, outcomes, nodes or hops with a percentage, as in buttons=80,outcomes=60")
	}
	d, err := cover.ParseDemand(" buttons=80, screens=0 ")
	require.NoError(t, err)
	c := cover.New(shop(t))
	c.Finish()
	assert.Equal(t, []string{"0.0 % of the buttons are covered, want 80 %"}, c.Lacks(d))
}

func TestWriters(t *testing.T) {
	t.Parallel()
	c := cover.New(shop(t))
	c.Add(steps("signform", ""), cover.Scenario{})
	c.Finish()
	var text, md, js bytes.Buffer
	require.NoError(t, c.Text(&text))
	require.NoError(t, c.Markdown(&md))
	require.NoError(t, c.JSON(&js))
	assert.Contains(t, text.String(), "coverage of the export by 1 journey\n  screens   14.3 %  1 observed, 6 never of 7\n")
	assert.Contains(t, text.String(), "never reached: Shop Sign On – Sign On → error Wrong username or password\n")
	assert.Contains(t, md.String(), "| screens | 14.3 % | 1 | 0 | 0 | 6 | 7 |\n")
	assert.True(t, json.Valid(js.Bytes()))
}

// Two screens, or two errors, with the same name are separate parts: else one part would be
// listed as observed and as never reached.
func TestPartsOfOneName(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../testdata/devices.json")
	require.NoError(t, err)
	f, err := export.Parse(bytes.ReplaceAll(b, []byte("New device"), []byte("Which device")))
	require.NoError(t, err)
	c := cover.New(f)
	c.Add([]export.Step{{Node: "pick", Screen: "Which device"}}, cover.Scenario{})
	var text bytes.Buffer
	require.NoError(t, c.Text(&text))
	assert.Contains(t, text.String(), "never reached: Which device – no button → screen Phone\n", "there is one")
	assert.Contains(t, text.String(), "never reached: Which device – no button → terminal returnSuccessResponseRedirect (add)\n")
	names := map[string]bool{}
	for _, p := range c.Parts {
		if p.Kind == "screens" {
			names[p.Name] = true
		}
	}
	assert.Equal(t, map[string]bool{"Which device (pick)": true, "Which device (add)": true, "Phone": true}, names)
}
