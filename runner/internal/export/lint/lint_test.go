package lint_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/lint"
	"flowtest/steps/conformance"
)

type object = map[string]any

// A shop is the export that the tests of package export share, for edits.
type shop struct {
	Flows []object `json:"flows"`
}

func newShop(tb testing.TB) *shop {
	tb.Helper()
	b, err := os.ReadFile("../testdata/shop.json")
	require.NoError(tb, err)
	s := &shop{}
	require.NoError(tb, json.Unmarshal(b, s))
	return s
}

func (s *shop) elements(flow int) object {
	graph, _ := s.Flows[flow]["graphData"].(object)
	elements, _ := graph["elements"].(object)
	return elements
}

// node returns the data of a node or an edge.
func (s *shop) node(id string) object {
	for flow := range s.Flows {
		for _, kind := range []string{"nodes", "edges"} {
			list, _ := s.elements(flow)[kind].([]any)
			for _, v := range list {
				n, _ := v.(object)
				if data, _ := n["data"].(object); data["id"] == id {
					return data
				}
			}
		}
	}
	panic("there is no node " + id)
}

// set changes a property of a node.
func (s *shop) set(id, property string, value any) {
	p, _ := s.node(id)["properties"].(object)
	p[property] = object{"value": value}
}

// html changes the HTML of a screen.
func (s *shop) html(id, was, is string) {
	p, _ := s.node(id)["properties"].(object)
	v, _ := p["customHTML"].(object)
	text, _ := v["value"].(string)
	quoted := strings.NewReplacer(`"`, `\"`).Replace // it is slate
	if !strings.Contains(text, quoted(was)) {
		panic("the HTML of " + id + " has no " + was)
	}
	v["value"] = strings.ReplaceAll(text, quoted(was), quoted(is))
}

// cut removes what leads from a node to its EVAL nodes.
func (s *shop) cut(from, branch string) {
	for flow := range s.Flows {
		list, _ := s.elements(flow)["edges"].([]any)
		s.elements(flow)["edges"] = slices.DeleteFunc(list, func(v any) bool {
			e, _ := v.(object)
			data, _ := e["data"].(object)
			return data["source"] == from && (branch == "" || data["multiValueSourceId"] == branch)
		})
	}
}

// add adds a node, and a way to it.
func (s *shop) add(flow int, from, id, capability string, properties object) {
	e := s.elements(flow)
	nodes, _ := e["nodes"].([]any)
	edges, _ := e["edges"].([]any)
	e["nodes"] = append(nodes,
		object{"data": object{"id": id, "nodeType": "CONNECTION", "capabilityName": capability, "properties": properties}},
		object{"data": object{"id": id + "eval", "nodeType": "EVAL"}})
	e["edges"] = append(edges, object{"data": object{"id": id + "1", "source": from, "target": id + "eval"}},
		object{"data": object{"id": id + "2", "source": id + "eval", "target": id}})
}

func (s *shop) check(tb testing.TB, sdks ...conformance.SDK) []lint.Finding {
	tb.Helper()
	b, err := json.Marshal(s)
	require.NoError(tb, err)
	f, err := export.Parse(b)
	require.NoError(tb, err)
	return lint.Check(f, sdks)
}

func lines(found []lint.Finding) (out []string) {
	for _, f := range found {
		out = append(out, strings.TrimSpace(f.Rule.ID+" "+f.Node)+": "+f.Text)
	}
	return out
}

// Every rule finds a flow that breaks it, and nothing in the flow before the edit.
func TestRules(t *testing.T) {
	t.Parallel()
	sdks := conformance.SDKs()
	before := lines(newShop(t).check(t, sdks...))
	tried := map[string]bool{}
	for _, line := range before { // what the flow itself breaks
		id, _, _ := strings.Cut(line, " ")
		tried[strings.TrimSuffix(id, ":")] = true
	}
	for name, row := range map[string]struct {
		edit func(s *shop)
		want []string
	}{
		"a branch that is not connected": {
			func(s *shop) { s.cut("signwhich", "brregister") },
			[]string{
				`EXPORT-BUTTON-DEAD signform: the button "No account? Register" (REGISTER) leads nowhere: the branch of its value is not connected`,
				`EXPORT-BRANCH-OPEN signwhich: the value "REGISTER" has no way`,
			},
		},
		"a value that no branch names": {
			func(s *shop) { s.html("codeform", "RESEND", "AGAIN") },
			[]string{
				`EXPORT-BUTTON-DEAD codeform: the button "Send again" (AGAIN) leads nowhere: no comparison names its value, and none has a way for other values`,
				`EXPORT-VALUE-UNKNOWN codewhich: no button of the screen "Enter Code" has the value "RESEND", it has VERIFY, AGAIN`,
			},
		},
		"a value twice": {
			func(s *shop) {
				s.html("help", "BACK", `BACK">x</a><a data-skcomponent="skbutton" data-skbuttonvalue="BACK`)
			},
			[]string{`EXPORT-BUTTON-TWICE help: 2 buttons have the value "BACK": no client can tell them apart`},
		},
		"a label that names no property": {
			func(s *shop) { s.html("help", ">Back<", ">{{back}}<") },
			[]string{`EXPORT-LABEL-VARIABLE help: a person reads the button "BACK" as "{{back}}"`},
		},
		"a field that does not exist": {
			func(s *shop) {
				s.set("lookup", "userIdentifierForFindUser", "{{local.signform.payload.output.userName}}")
			},
			[]string{
				`EXPORT-FIELD-UNREAD signform: nothing reads the field "username"`,
				`EXPORT-FIELD-UNKNOWN lookup: its property "userIdentifierForFindUser" reads the field "userName" of the screen "Shop Sign On", which has no such field`,
			},
		},
		"a form that is not in the file": {
			func(s *shop) { s.set("prefs", "form", "another") },
			[]string{`EXPORT-FORM-MISSING prefs: its form is not in the file, so its fields and buttons are not known`},
		},
		"an error before any screen": {
			func(s *shop) { s.add(0, "msession", "early", "customErrorMessage", object{}) },
			[]string{`EXPORT-ERROR-FIRST early: the error "customErrorMessage" comes before any screen`},
		},
		"an error with which a subflow begins": {
			func(s *shop) { s.add(1, "vars", "early", "customErrorMessage", object{}) },
			[]string{`EXPORT-ERROR-FIRST mcall: the error "customErrorMessage" of the subflow "Shop screens" comes before any screen`},
		},
		"a teleport to nowhere": {
			func(s *shop) { s.set("gohome2", "nodeInstanceId", "gone") },
			[]string{`EXPORT-TELEPORT-LOST gohome2: the goToNode does not go to a startNode of the flow`},
		},
		"a node that does not exist": {
			func(s *shop) { s.set("checkpw", "identifier", "{{local.gone.payload.output.id}}") },
			[]string{`EXPORT-REFERENCE-LOST checkpw: what its property "identifier" reads of the node "gone" is nothing: the node is not there`},
		},
		"a backend node without a way for its failure": {
			func(s *shop) { s.node("vars")["capabilityClass"] = "backend" },
			[]string{`EXPORT-FALSE-MISSING vars: saveValue has no way for its failure`},
		},
		"an outcome without a way": {
			func(s *shop) {
				s.node("pwstatus")["outcomes"] = []object{{"id": "stok", "label": "OK"}, {"id": "other", "label": "Locked"}}
			},
			[]string{`EXPORT-OUTCOME-OPEN pwstatus: the outcome "Locked" has no way`},
		},
		"a trigger of another kind": {
			func(s *shop) { s.Flows[0]["trigger"] = object{"type": "SCHEDULE"} },
			[]string{
				`EXPORT-FLOW-TRIGGER: the settings say that it is a PingOne flow, and its trigger is SCHEDULE`,
				`EXPORT-FLOW-TRIGGER mend: returnSuccessResponseRedirect ends a PingOne flow, and this is none`,
				`EXPORT-FLOW-TRIGGER mfail: returnErrorResponseRedirect ends a PingOne flow, and this is none`,
			},
		},
		"an end for the widget": {
			func(s *shop) { s.node("mend")["capabilityName"] = "returnSuccessResponseWidget" },
			[]string{`EXPORT-FLOW-END mend: returnSuccessResponseWidget is not an end of a PingOne flow`},
		},
		"a subflow that is a PingOne flow": {
			func(s *shop) { s.Flows[1]["trigger"] = object{"type": "AUTHENTICATION"} },
			[]string{`EXPORT-SUBFLOW-PINGONE mcall: the subflow "Shop screens" is itself a PingOne flow`},
		},
		"a cycle of subflows": {
			func(s *shop) {
				s.add(1, "help", "again", "startUiSubFlow", object{"subFlowId": object{"value": object{"label": "Shop"}}})
			},
			[]string{
				`EXPORT-SUBFLOW-CYCLE mcall: the subflow "Shop screens" calls this flow again`,
				`EXPORT-SUBFLOW-PINGONE again: the subflow "Shop" is itself a PingOne flow`,
				`EXPORT-SUBFLOW-CYCLE again: the subflow "Shop" calls this flow again`,
			},
		},
		"a version that is fixed": {
			func(s *shop) { s.set("mcall", "subFlowVersionId", 4) },
			[]string{`EXPORT-SUBFLOW-PINNED mcall: the subflow "Shop screens" is called at a fixed version`},
		},
		"a message without a form": {
			func(s *shop) { s.node("help")["capabilityName"] = "customHtmlMessage" },
			[]string{`EXPORT-SDK-MESSAGE help: customHtmlMessage has no JSON form`},
		},
		"polling and an identity provider with a picture": {
			func(s *shop) {
				s.html("help", "</button>", `</button><p data-skcomponent="skpolling"></p><a data-skcomponent="skIDP">Shop ID<img></a>`)
			},
			[]string{
				`EXPORT-SDK-COMPONENT help: skpolling has no JSON form`,
				`EXPORT-SDK-COMPONENT help: the identity provider "Shop ID" has a picture`,
			},
		},
		"polling that the editor of the console inserted": {
			func(s *shop) {
				s.html("help", "</button>", `</button>[[[skcomponent###c2tjb21wb25lbnQgInNrcG9sbGluZyIgIGNsYXNzPSIiIHBvbGxJbnRlcnZhbD0iMTAi###e30=]]]`)
			},
			[]string{`EXPORT-SDK-COMPONENT help: skpolling has no JSON form`},
		},
		"two submit buttons": {
			func(s *shop) {
				s.html("help", "</button>", `</button><a type="submit" data-skcomponent="skbutton" data-skbuttonvalue="A">A</a><a data-skcomponent="skbutton" data-skbuttonvalue="Next">B</a>`)
			},
			[]string{`EXPORT-SDK-SUBMIT help: the button "B" (Next) is another submit button`},
		},
		"a page of the first factor": {
			func(s *shop) { s.add(1, "help", "first", "loginFirstFactor", object{}) },
			[]string{`EXPORT-SDK-FIRST-FACTOR first: the flow asks for the first factor with a page of its own`},
		},
		"a field that an SDK leaves out": {
			func(s *shop) {
				forms, _ := s.Flows[1]["forms"].(object)
				form, _ := forms["11111111-2222-4333-8444-555555555555"].(object)
				components, _ := form["components"].(object)
				list, _ := components["fields"].([]any)
				components["fields"] = append(list, object{"type": "IMAGE", "key": "picture"})
			},
			[]string{
				"EXPORT-SDK-LIMIT prefs: " + conformance.Android.String() + `: SDK-ANDROID-FIELD-TYPE: form.components.fields.6.type is IMAGE "picture", want a type that the SDK knows: it leaves the field out without an error`,
			},
		},
		"a screen that no SDK leaves": {
			func(s *shop) { s.html("help", `data-skcomponent="skbutton"`, "") },
			[]string{
				"EXPORT-SDK-SCREEN help: " + conformance.Android.String() + `: SDK-ANDROID-WAY-ON: form.components.fields is no button, want a button or another way on: the person is stuck`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			row.edit(s)
			var got []string
			for _, line := range lines(s.check(t, sdks...)) {
				if !slices.Contains(before, line) {
					got = append(got, line)
					id, _, _ := strings.Cut(line, " ")
					tried[strings.TrimSuffix(id, ":")] = true
				}
			}
			for _, want := range row.want {
				assert.Contains(t, got, want)
			}
		})
	}
	for _, r := range lint.Rules() {
		assert.True(t, tried[r.ID], "no edit here breaks %s", r.ID)
	}
}

func TestRulesAreWellFormed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range lint.Rules() {
		assert.Regexp(t, `^EXPORT(-[A-Z0-9]+)+$`, r.ID)
		assert.False(t, seen[r.ID])
		seen[r.ID] = true
		assert.Regexp(t, `^[A-Z].*\.$`, r.Sentence)
		assert.NotEmpty(t, r.Source)
		assert.Regexp(t, `^[a-z].*[^.]$`, r.Fix)
		assert.Contains(t, []lint.Level{lint.Error, lint.Warning}, r.Level)
		assert.Equal(t, strings.HasPrefix(r.ID, "EXPORT-SDK-"), r.SDK)
	}
}
