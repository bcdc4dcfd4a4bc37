package export_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/steps/davinci"
)

// A sketch is an export in the making, in the shape of those that DaVinci writes.
type sketch struct{ nodes, edges []any }

type object = map[string]any

// node adds a capability. Properties are pairs of a name and a value.
func (s *sketch) node(id, capability string, properties ...any) *sketch {
	p := object{}
	for i := 0; i+1 < len(properties); i += 2 {
		p[fmt.Sprint(properties[i])] = object{"value": properties[i+1]}
	}
	s.nodes = append(s.nodes, object{"data": object{
		"id": id, "nodeType": "CONNECTION", "connectorId": "functionsConnector",
		"capabilityName": capability, "properties": p,
	}})
	return s
}

// screen adds a screen with HTML.
func (s *sketch) screen(id, html string, properties ...any) *sketch {
	return s.node(id, "customHTMLTemplate", append([]any{"customHTML", html, "nodeTitle", "Screen " + id},
		properties...)...)
}

// way leads from a capability over an EVAL to others. "id!" is the way that is taken when
// the first one fails, "id@branch" that of a branch.
func (s *sketch) way(from string, to ...string) *sketch {
	for _, id := range to {
		id, branch, _ := strings.Cut(id, "@")
		id, fails := strings.CutSuffix(id, "!")
		eval := from + ">" + id + branch
		data := object{"id": eval, "nodeType": "EVAL"}
		if fails {
			data["properties"] = object{id: object{"value": "anyTriggersFalse"}}
		}
		s.nodes = append(s.nodes, object{"data": data})
		in := object{"id": eval + "1", "source": from, "target": eval}
		if branch != "" {
			in["multiValueSourceId"] = branch
		}
		s.edges = append(s.edges, object{"data": in},
			object{"data": object{"id": eval + "2", "source": eval, "target": id}})
	}
	return s
}

// compare adds a comparison of the button of a screen with values, whose branches have
// their names.
func (s *sketch) compare(id, screen string, values ...string) *sketch {
	var list []object
	for _, v := range values {
		list = append(list, object{"id": v, "value": slate(v)})
	}
	return s.node(id, "AEqualsMultipleB", "leftValueA", slate("{{local."+screen+".payload.output.buttonValue}}"),
		"rightValueMultiple", list)
}

// slate is a text as the console keeps it.
func slate(text string) string {
	return `[{"children":[{"text":""},{"text":` + davinci.Quote(text) + `}]}]`
}

func (s *sketch) json() object {
	return object{
		"name": "sketch", "flowId": "f", "graphData": object{"elements": object{"nodes": s.nodes, "edges": s.edges}},
	}
}

func (s *sketch) read(t *testing.T) *export.Flow {
	t.Helper()
	return parse(t, s.json()).Flows[0]
}

func parse(t *testing.T, v any) *export.File {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	f, err := export.Parse(b)
	require.NoError(t, err)
	return f
}

// button is the HTML of a button.
func button(value string) string {
	return `<button data-skcomponent="skbutton" data-skbuttontype="next-event" data-skbuttonvalue="` + value +
		`">` + value + `</button>`
}

// shop reads the export that the tests share.
func shop(tb testing.TB) []byte {
	tb.Helper()
	b, err := os.ReadFile("testdata/shop.json")
	require.NoError(tb, err)
	return b
}

// decisions writes how each button of a screen is decided, and where it leads.
func decisions(s *export.Screen) string {
	var out []string
	for _, b := range s.Buttons {
		parts := []string{b.Key, b.Decided}
		for _, o := range b.Outcomes {
			parts = append(parts, o.String())
		}
		for _, o := range b.Possible {
			parts = append(parts, "?"+o.String())
		}
		out = append(out, strings.Join(parts, " "))
	}
	return strings.Join(out, "\n")
}
