package cli_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/diff"
	"flowtest/runner/internal/export"
	exportedit "flowtest/runner/internal/export/edit"
	"flowtest/runner/internal/export/scaffold"
	"flowtest/runner/internal/export/synth"
	"flowtest/runner/internal/target"
	"flowtest/steps/davinci"
)

type object = map[string]any

func shopExport(tb testing.TB) object {
	tb.Helper()
	b, err := os.ReadFile("../export/testdata/shop.json")
	require.NoError(tb, err)
	var v object
	require.NoError(tb, json.Unmarshal(b, &v))
	return v
}

func parsedExport(tb testing.TB, v object) *export.File {
	tb.Helper()
	b, err := json.Marshal(v)
	require.NoError(tb, err)
	f, err := export.Parse(b)
	require.NoError(tb, err)
	return f
}

// within walks down an export.
func within(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(object)
			v = m[p]
		case int:
			list, _ := v.([]any)
			v = list[p]
		}
	}
	return v
}

func elements(v object, flow int, kind string) []any {
	list, _ := within(v, "flows", flow, "graphData", "elements", kind).([]any)
	return list
}

func setElements(v object, flow int, kind string, list []any) {
	m, _ := within(v, "flows", flow, "graphData", "elements").(object)
	m[kind] = list
}

func nodeData(v any) object { m, _ := within(v, "data").(object); return m }

func node(v object, id string) object {
	for flow := range 2 {
		for _, n := range elements(v, flow, "nodes") {
			if nodeData(n)["id"] == id {
				return nodeData(n)
			}
		}
	}
	panic("there is no node " + id)
}

func put(v object, id, property string, value any) {
	p, _ := node(v, id)["properties"].(object)
	p[property] = object{"value": value}
}

func TestCompareOfExports(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		edit func(v object)
		want []string
	}{
		"nothing": {func(object) {}, nil},
		"positions, colors and notes": {func(v object) {
			for _, n := range elements(v, 1, "nodes") {
				m, _ := n.(object)
				m["position"] = object{"x": 1, "y": 2}
			}
			put(v, "lookup", "backgroundColor", "#fff")
			nodeData(elements(v, 0, "nodes")[0])["properties"] = object{}
		}, nil},
		"another button": {func(v object) {
			p, _ := within(node(v, "help"), "properties", "customHTML").(object)
			text, _ := p["value"].(string)
			p["value"] = strings.ReplaceAll(text, "BACK", "HOME")
		}, []string{
			`help: breaking the button "BACK" is gone`, `help: additive the button "HOME" is new`,
			`help: cosmetic the HTML of the page changed`,
		}},
		"another message": {
			func(v object) { put(v, "badcode", "errorMessage", "No") },
			[]string{`badcode: breaking it reports "No", it reported "Wrong code"`},
		},
		"another title of a screen": {
			func(v object) { put(v, "home", "nodeTitle", "Hello") },
			[]string{`home: breaking the screen has the name "Hello", it was "Welcome"`},
		},
		"another title of a node": {
			func(v object) { put(v, "lookup", "nodeTitle", "Look") },
			[]string{`lookup: cosmetic its title is "Look", it was "Find the user"`},
		},
		"another action": {
			func(v object) { put(v, "lookup", "matchAttributes", []any{"email"}) },
			[]string{`lookup: additive its "matchAttributes" is ["email"], it was ["username"]`},
		},
		"another value that is compared": {
			func(v object) { put(v, "rightcode", "rightValueB", "4712") },
			[]string{`rightcode: breaking it compares otherwise: its "rightValueB" is "4712", it was "4711"`},
		},
		"a node that is gone": {func(v object) {
			setElements(v, 1, "nodes", slices.DeleteFunc(elements(v, 1, "nodes"), func(n any) bool { return nodeData(n)["id"] == "badcode" }))
		}, []string{
			`badcode: breaking the node is gone`,
			`codeform: breaking the button "VERIFY" no longer leads to error "Wrong code"`,
			`rightcode: breaking it no longer leads to "Wrong code"`,
		}},
		"another condition": {func(v object) {
			for _, n := range elements(v, 1, "nodes") {
				if p, _ := nodeData(n)["properties"].(object); nodeData(n)["nodeType"] == "EVAL" && p["badcode"] != nil {
					p["badcode"] = object{"value": "always"}
				}
			}
		}, []string{`rightcode: breaking it leads to "Wrong code" under the condition always, it was anyTriggersFalse`}},
		"another field of a form": {func(v object) {
			fields, _ := within(v, "flows", 1, "forms", "11111111-2222-4333-8444-555555555555", "components", "fields").([]any)
			m, _ := fields[2].(object)
			m["type"] = "DROPDOWN"
		}, []string{`prefs: breaking the field "color" is DROPDOWN, it was RADIO`}},
		"a flow that is gone": {func(v object) {
			list, _ := v["flows"].([]any)
			v["flows"] = list[:1]
		}, []string{`: breaking the flow is gone`}},
		"another trigger": {func(v object) {
			m, _ := within(v, "flows", 0).(object)
			m["trigger"] = object{"type": "SCHEDULE"}
		}, []string{`: breaking the flow is started otherwise: its trigger is "SCHEDULE", it was "AUTHENTICATION"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := shopExport(t)
			row.edit(v)
			var got []string
			for _, d := range exportedit.Compare(parsedExport(t, shopExport(t)), parsedExport(t, v)).Differences {
				for _, l := range d.Locations {
					for _, c := range l.Changes {
						got = append(got, l.Node+": "+c.Class.String()+" "+c.Text)
					}
				}
			}
			slices.Sort(got)
			slices.Sort(row.want)
			assert.Equal(t, row.want, got)
		})
	}
}

// An editRun is what each scenario of the shop went through, and how it ended.
type editRun struct {
	journeys []exportedit.Journey
	answers  map[diff.Place]string
}

func playShop(tb testing.TB, text string, f *recordings.Flow) editRun {
	tb.Helper()
	file, err := target.Load(fstest.MapFS{"flowtest.yaml": {Data: []byte("target: replay\ntargets:\n  replay:\n    type: replay\n" +
		"    users:\n      alice: {username: alice, password: Secret-123, email: a@example.com, code: \"4711\"}\n")}},
		"flowtest.yaml", func(string) (string, bool) { return "", false })
	require.NoError(tb, err)
	to, err := file.Choose("replay")
	require.NoError(tb, err)
	out := editRun{answers: map[diff.Place]string{}}
	s := &runner.Suite{
		Features: []runner.Source{{FS: fstest.MapFS{"shop.feature": {Data: []byte(text)}}, Path: "shop.feature"}},
		Target:   to, Recordings: []*recordings.Flow{f}, Conformance: runner.OffBroken,
		Env: func(string) (string, bool) { return "", false },
	}
	s.Record = func(r runner.Recorded) {
		place := diff.Place{File: r.Scenario.File, Line: r.Scenario.Line, Scenario: r.Scenario.Name}
		j := exportedit.Journey{Place: place}
		for _, h := range r.Hops {
			step := export.Step{Node: h.NodeID(), Action: h.Action}
			text := fmt.Sprint(h.Status, h.Outcome, h.NodeID(), h.Message())
			if h.Outcome == davinci.Paused {
				step.Screen = h.Screen().Name
				text += h.Get("form").Raw
			}
			j.Steps = append(j.Steps, step)
			out.answers[place] += text + "\n"
		}
		out.journeys = append(out.journeys, j)
	}
	_, err = s.Run(tb.Context())
	require.NoError(tb, err)
	return out
}

// For each edit of one node of the flow, the scenarios that a full run would see change are
// among those that are named.
func TestAffectedByMutation(t *testing.T) {
	withoutRace(t, itSuits)
	t.Parallel()
	before := parsedExport(t, shopExport(t))
	made, err := synth.Make(before, "shop")
	require.NoError(t, err)
	text := scaffold.Write(made.Flow, nil).Text
	was := playShop(t, text, made.Flow)
	tried, mutants, changed, named := 0, 0, 0, 0
	const step = 3 // a third of the edits: all of them hold, and take longer
	try := func(what string, change func(v object)) {
		if tried++; tried%step != 0 {
			return
		}
		v := shopExport(t)
		change(v)
		after := parsedExport(t, v)
		now, err := synth.Make(after, "shop")
		if err != nil {
			return // nothing can run
		}
		mutants++
		is := playShop(t, text, now.Flow)
		affected := exportedit.Compare(before, after).Touch(was.journeys)
		named += len(affected)
		for place, answers := range was.answers {
			if is.answers[place] != answers {
				changed++
				assert.Contains(t, affected, place, what)
			}
		}
	}
	for flow := range 2 {
		for i, n := range elements(shopExport(t), flow, "nodes") {
			id, _ := nodeData(n)["id"].(string)
			try("without "+id, func(v object) {
				setElements(v, flow, "nodes", slices.Delete(elements(v, flow, "nodes"), i, i+1))
			})
			properties, _ := nodeData(n)["properties"].(object)
			for _, name := range slices.Sorted(maps.Keys(properties)) {
				value, ok := within(properties[name], "value").(string)
				if !ok || name == "customCSS" {
					continue
				}
				try(name+" of "+id, func(v object) {
					p, _ := within(nodeData(elements(v, flow, "nodes")[i]), "properties", name).(object)
					p["value"] = strings.NewReplacer("SIGNON", "SEND", "anyTriggersFalse", "allTriggersTrue", "type=\\\"submit", "type=\\\"x").
						Replace(value) + map[bool]string{true: "", false: "x"}[strings.HasPrefix(value, "[")]
				})
			}
		}
		for i := range elements(shopExport(t), flow, "edges") {
			try(fmt.Sprint("without edge ", i), func(v object) {
				setElements(v, flow, "edges", slices.Delete(elements(v, flow, "edges"), i, i+1))
			})
		}
	}
	assert.Greater(t, mutants, 50)
	assert.Greater(t, changed, 100)
	assert.Less(t, named, mutants*len(was.journeys)*3/4, "not simply all of them")
}
