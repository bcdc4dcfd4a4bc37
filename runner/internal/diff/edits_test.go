package diff_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/diff"
)

// An example is one way to edit a shipped recording, and the one line that it
// must give: "SCREEN: CLASS KIND: SENTENCE".
type example struct {
	flow  string
	base  []edit // made to both sides
	edits []edit
	want  string
	back  string // the line of the edit undone, "" where its mirror is enough
}

func one(flow, file, from, to, want, back string) example {
	return example{flow, nil, []edit{{file, from, to}}, want, back}
}

const (
	yaml = "recording.yaml"
	form = "sign-on-form.json"
	page = "sign-on-form.detailed.json"
	html = "sign-on-form.html"
)

func examples() map[string]example {
	all := map[string]example{}
	for _, m := range []map[string]example{
		screenExamples, fieldExamples, buttonExamples, optionExamples, propertyExamples, detailedExamples,
		hopExamples, answerExamples, cookieExamples,
	} {
		maps.Copy(all, m)
	}
	return all
}

// Each edit gives its one line, and undone it is its mirror.
func TestEachEditGivesItsOneLine(t *testing.T) {
	t.Parallel()
	for name, e := range examples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := shipped(t, e.flow).edit(t, e.base...).load(t), shipped(t, e.flow).edit(t, e.base...).edit(t, e.edits...).load(t)
			forth, undone := diff.Compare(before, after, diff.Options{}), diff.Compare(after, before, diff.Options{})
			assert.Equal(t, []string{e.want}, lines(forth))
			line := lines(undone)
			require.Len(t, line, 1, "the edit undone: %v", line)
			if e.back != "" {
				assert.Equal(t, e.back, line[0])
			}
			there, back := told(forth), told(undone)
			require.Len(t, back, len(there))
			for i := range there {
				if there[i].Class == diff.NotRecorded {
					assert.Equal(t, mirror(back[i].Kind), strings.Replace(string(there[i].Kind), "-not-recorded", "-gone", 1))
					continue
				}
				assert.Equal(t, mirror(there[i].Kind), string(back[i].Kind))
				assert.Equal(t, there[i].Before, back[i].After)
				assert.Equal(t, there[i].After, back[i].Before)
			}
		})
	}
}

// told are the changes of a difference, and what was not recorded again.
func told(d *diff.Difference) []diff.Change { return append(d.Changes(), d.NotRecorded...) }

func mirror(k diff.Kind) string {
	if kind, ok := strings.CutSuffix(string(k), "-added"); ok {
		return kind + "-gone"
	}
	if kind, ok := strings.CutSuffix(string(k), "-gone"); ok {
		return kind + "-added"
	}
	return string(k)
}

// withoutReset takes the screen "reset-form" out of the recording "sign-on".
var withoutReset = []edit{
	{"reset-form.json", "", "-"},
	{"reset-form.detailed.json", "", "-"},
	{"reset-form.html", "", "-"},
	{yaml, "  - name: reset-form\n    from: trouble\n    request: {action: FORGOT_PASSWORD}\n    response: {status: 200, json: reset-form.json, detailed: reset-form.detailed.json}\n", ""},
	{yaml, "trouble, reset-form]", "trouble]"},
}

var screenExamples = map[string]example{
	"a screen gone": {
		"sign-on", nil, withoutReset,
		`not-recorded screen-not-recorded: screen "Reset Password Form": FORGOT_PASSWORD on "Trouble Signing On Form" led to it (and 1 hop there)`,
		`Reset Password Form: additive screen-added: the screen was added: FORGOT_PASSWORD on "Trouble Signing On Form" leads to it`,
	},
	"a screen renamed, and its node's title with it": {
		"forms", nil,
		[]edit{
			{"device-form.json", `"nodeTitle": "Device Form"`, `"nodeTitle": "Factor Form"`},
			{"device-form.json", `"name": "Device Form"`, `"name": "Factor Form"`},
		},
		`Device Form: breaking screen-renamed: name of the screen: "Device Form" is now "Factor Form" (features name it)`, "",
	},
	"a node rebuilt": one("forms", "device-form.json", `"id": "ip0pybhbz2"`, `"id": "zzzzzzzzzz"`,
		`Device Form: cosmetic node-changed: node: "ip0pybhbz2" is now "zzzzzzzzzz"`, ""),
	"another capability under the same id": one("forms", "device-form.json", `"capabilityName": "customForm"`, `"capabilityName": "showForm"`,
		`Device Form: breaking capability-changed: capability: "customForm" is now "showForm"`, ""),
	"another policy": one("forms", yaml, "policy: d194f82f5dd1307acdd6cc060b187ff9", "policy: aaaabbbbccccdddd1111222233334444",
		`: cosmetic policy-changed: flow policy id: "d194f82f5dd1307acdd6cc060b187ff9" is now "aaaabbbbccccdddd1111222233334444"`, ""),
}
