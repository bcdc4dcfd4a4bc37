package export_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	whole := string(shop(t))
	for name, row := range map[string]struct{ data, want string }{
		"nothing": {" \n", "the file is empty, want the JSON export of a flow"},
		"a text": {"flow\n", "the file is not JSON: invalid character 'l' in literal false (expecting " +
			"'a'), at byte 2 in line 1"},
		"a cut-off file": {whole[:9000], "the file ends in the middle of its JSON, after 9000 bytes: it was cut off"},
		"a list":         {"[]", "the file holds a JSON array, want an object: the export of a flow"},
		"a number":       {"12", "the file holds a JSON number, want an object: the export of a flow"},
		"another JSON": {
			`{"flows": [{"name": "x"}]}`,
			`the file is JSON and no flow export: it has neither graphData nor flows nor clonedNodes; "Download Flow JSON" in DaVinci writes one`,
		},
		"too deep": {strings.Repeat("[", 20000), "the file is not JSON: invalid character '[' exceeded max " +
			"depth, at byte 10001 in line 1"},
		"too much": {strings.Repeat(" ", export.MaxSize+1), "the file has 64 MiB, want a flow export of at most " +
			"64 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := export.Parse([]byte(row.data))
			assert.EqualError(t, err, row.want)
		})
	}
}

func TestParseShapes(t *testing.T) {
	t.Parallel()
	s := &sketch{}
	s.screen("a", button("X"))
	one := s.json()
	graph := one["graphData"]
	for name, row := range map[string]struct {
		give              any
		shape, flow, with string
	}{
		"a flow":    {one, export.Single, "sketch", "f"},
		"two flows": {object{"flows": []any{one, one}}, export.Multi, "sketch", "f"},
		"a version": {
			object{"graphData": graph, "version": 3, "flow": object{"id": "v", "name": "of the API"}},
			export.API, "of the API", "v",
		},
		"copied nodes": {object{"clonedNodes": s.nodes, "clonedEdges": s.edges}, export.Snippet, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := json.Marshal(row.give)
			require.NoError(t, err)
			f, err := export.Parse(append([]byte("\xef\xbb\xbf"), b...)) // with a byte order mark
			require.NoError(t, err)
			assert.Equal(t, row.shape, f.Shape)
			assert.Equal(t, row.flow, f.Flows[0].Name)
			assert.Equal(t, row.with, f.Flows[0].ID)
			require.Len(t, f.Flows[0].Screens, 1)
			assert.Equal(t, "Screen a", f.Flows[0].Screens[0].Name)
		})
	}
}

// The forms of a file are an object or a list, beside the flow or the flows.
func TestParseForms(t *testing.T) {
	t.Parallel()
	s := &sketch{}
	s.node("a", "customForm", "form", "id-1")
	form := object{"id": "id-1", "name": "My Form", "components": object{"fields": []any{
		object{"type": "TEXT", "key": "color", "label": slate("Color")},
		object{
			"type":  "SUBMIT_BUTTON",
			"label": `[{"children":[{"type":"i18n","defaultTranslation":"Send","children":[{"text":""}]}]}]`,
		},
		object{"type": "SOMETHING_BUTTON", "key": "new"},
	}}}
	for name, forms := range map[string]any{"an object": object{"id-1": form}, "a list": []any{form}} {
		flow := s.json()
		flow["forms"] = forms
		for _, give := range []any{flow, object{"flows": []any{flow}}, object{
			"flows": []any{s.json()},
			"forms": forms,
		}} {
			screen := parse(t, give).Flows[0].Screens[0]
			assert.Equal(t, "My Form", screen.Name, name)
			assert.Equal(t, "color", screen.Fields[0].Key)
			assert.Equal(t, "Color", screen.Fields[0].Label)
			require.Len(t, screen.Buttons, 2)
			assert.Equal(t, "submit", screen.Buttons[0].Key, "the key that the service gives it")
			assert.Empty(t, screen.Buttons[0].Label)
			assert.Equal(t, "Send", screen.Buttons[0].Shown)
			assert.Equal(t, "SOMETHING_BUTTON", screen.Buttons[1].Kind, "the protocol says that it is a button")
		}
	}
	assert.True(t, s.read(t).Screens[0].FormMissing)
}

func TestParseNotes(t *testing.T) {
	t.Parallel()
	s := &sketch{}
	s.screen("a", "").screen("a", "").screen("", "")
	s.nodes = append(s.nodes, object{"data": object{"id": "b", "nodeType": "GATE"}})
	s.screen("deep", strings.Repeat("<b>", 2000)+button("X"))
	f := parse(t, s.json())
	assert.Equal(t, []string{
		`flow "sketch": two nodes have the id "a"; only the first is read`,
		`flow "sketch": node 3 has no id and is skipped`,
		`flow "sketch": node "b" is of the unknown type "GATE"`,
		`flow "sketch": the HTML of node "deep" is not read, so its buttons are missing: html: open stack of elements exceeds 512 nodes`,
	}, f.Notes)
}

func TestButtons(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ html, want string }{
		"a submit " +
			"element": {
			`<button data-skcomponent="skbutton" type="Submit" data-skbuttonvalue="GO">Go</button>`,
			"SUBMIT_BUTTON GO Go",
		},
		"a value that means": {
			`<button data-skcomponent="skbutton" data-skbuttonvalue="NEXT">Go</button>`,
			"SUBMIT_BUTTON NEXT Go",
		},
		"neither": {`<button data-skcomponent="skbutton" data-skbuttontype="form-submit" data-skbuttonvalue="RESET">Go</button>`, "FLOW_BUTTON RESET Go"},
		"any element": {
			`<a data-skcomponent="skbutton" data-skbuttonvalue="A"> B <i>C</i>  D </a>`,
			"FLOW_BUTTON A B C D",
		},
		"an input": {
			`<input data-skcomponent="skbutton" data-skbuttonvalue="A" value="Press">`,
			"FLOW_BUTTON A Press",
		},
		"a label of a property": {
			`<button data-skcomponent="skbutton" data-skbuttonvalue="{{ key }}">{{words}} {{other}}</button>`,
			"FLOW_BUTTON K W {{other}}",
		},
		"a comment": {`<!-- ` + button("X") + ` -->`, ""},
		"under an if": {`{{#if a}}<a data-skcomponent="skbutton" data-skbuttonvalue="V">W</a>{{/if}}` +
			button("Y"), "FLOW_BUTTON V W if\nFLOW_BUTTON Y Y"},
		"without a value": {`<button data-skcomponent="skbutton">Go</button>`, "FLOW_BUTTON  Go dynamic"},
		"a value of the flow": {
			`<button data-skcomponent="skbutton" data-skbuttonvalue="{{local.n.payload.output.x}}">Go</button>`,
			"FLOW_BUTTON {{local.n.payload.output.x}} Go dynamic",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, html := range []string{row.html, slate(row.html)} {
				s := &sketch{}
				s.screen("a", html, "key", "K", "words", slate("W"))
				var got []string
				for _, b := range s.read(t).Screens[0].Buttons {
					text := b.Kind + " " + b.Key + " " + b.Label
					if b.Conditional {
						text += " if"
					}
					if b.Dynamic {
						text += " dynamic"
					}
					got = append(got, text)
				}
				assert.Equal(t, row.want, strings.Join(got, "\n"))
			}
		})
	}
}

func TestFieldsOfHTML(t *testing.T) {
	t.Parallel()
	s := &sketch{}
	s.screen("a",
		`<div data-skcomponent="skrisk"></div><p data-skcomponent="skerror"></p><a data-skcomponent="skIDP">Shop ID</a>`,
		"formFieldsList", []object{
			{"propertyName": "pin", "displayName": "PIN", "hashedVisibility": true},
			{"propertyName": "buttonValue"},
			{"propertyName": "name"},
		})
	screen := s.read(t).Screens[0]
	var got []string
	for _, f := range screen.Fields {
		got = append(got, f.Type+" "+f.Key+" "+f.Label)
	}
	assert.Equal(t, []string{
		"PASSWORD pin PIN", "TEXT name ", "SOCIAL_LOGIN_BUTTON  Shop ID",
		"PROTECT protectsdk ",
	}, got)
	assert.Equal(t, map[string]int{"skrisk": 1, "skerror": 1, "skIDP": 1}, screen.Components)
}

func TestDecided(t *testing.T) {
	t.Parallel()
	two := button("A") + button("B")
	start := func() *sketch {
		s := &sketch{}
		s.node("start", "saveValue").way("start", "s").node("x", "createSuccessResponse").node("y",
			"createErrorResponse")
		return s.screen("s", two)
	}
	pressed := slate("{{local.s.payload.output.buttonValue}}")
	for name, row := range map[string]struct {
		give *sketch
		want string
	}{
		"a comparer of several": {
			start().way("s", "c").compare("c", "s", "A").way("c", "x@A", "y@-1"),
			"A matched terminal x\nB otherwise terminal y",
		},
		"a comparer of several without a way for the rest": {
			start().way("s", "c").compare("c", "s", "A").way("c", "x@A"),
			"A matched terminal x\nB otherwise",
		},
		"a comparer of one": {
			start().way("s", "c").node("c", "AEqualsB", "leftValueA", pressed, "rightValueB", "A").way("c", "x", "y!"),
			"A matched terminal x\nB otherwise terminal y",
		},
		"a comparer of one, the other way round": {
			start().way("s", "c").node("c", "AEqualsB", "leftValueA", "A", "rightValueB", pressed).way("c", "x", "y!"),
			"A matched terminal x\nB otherwise terminal y",
		},
		"a comparer that is unequal": {
			start().way("s", "c").node("c", "ANotEqualsB", "leftValueA", pressed, "rightValueB", "A").way("c", "x",
				"y!"),
			"A matched terminal y\nB otherwise terminal x",
		},
		"two comparers one after the other": {
			start().way("s", "c").node("c", "AEqualsB", "leftValueA", pressed, "rightValueB", "A").way("c", "x", "d!").
				node("d", "AEqualsB", "leftValueA", pressed, "rightValueB", "B").way("d", "y"),
			"A matched terminal x\nB matched terminal y",
		},
		"nothing reads it": {
			start().way("s", "x"),
			"A shared terminal x\nB shared terminal x",
		},
		"code reads it": {
			start().way("s", "c").node("c", "customFunction", "variableInputList",
				[]object{{"value": pressed}}).way("c", "x", "y!"),
			"A unresolved ?terminal x ?terminal y\nB unresolved ?terminal x ?terminal y",
		},
		"a comparer of more than the value": {
			start().way("s", "c").node("c", "AEqualsB", "leftValueA",
				slate("x{{local.s.payload.output.buttonValue}}"), "rightValueB", "A").way("c", "x", "y!"),
			"A unresolved ?terminal x ?terminal y\nB unresolved ?terminal x ?terminal y",
		},
		"a failing screen": {
			start().way("s", "x", "y!"),
			"A shared terminal x\nB shared terminal x",
		},
		"an end that fails": {
			start().way("s", "x").way("x", "y!"),
			"A shared terminal x terminal y\nB shared terminal x terminal y",
		},
		"a node after which there is nothing": {
			start().way("s", "n").node("n", "saveValue"),
			"A shared dead n\nB shared dead n",
		},
		"a teleport": {
			start().way("s", "go").node("go", "goToNode", "nodeInstanceId", "at").node("at", "startNode").way("at",
				"x"),
			"A shared terminal x\nB shared terminal x",
		},
		"a teleport that returns": {
			start().way("s", "go").node("go", "goToNode", "nodeInstanceId", "at").way("go", "y").
				node("at", "startNode").way("at", "back").node("back", "returnBackToCallingNode"),
			"A shared terminal y\nB shared terminal y",
		},
		"a teleport to nowhere": {
			start().way("s", "go").node("go", "goToNode", "nodeInstanceId", "gone"),
			"A shared dead go\nB shared dead go",
		},
		"a teleport loop": {
			start().way("s", "go").node("go", "goToNode", "nodeInstanceId", "at").node("at", "startNode").way("at",
				"go"),
			"A shared\nB shared",
		},
		"a subflow": {
			start().way("s", "sub").node("sub", "startUiSubFlow", "subFlowId", object{
				"value": "1",
				"label": "l",
			}).way("sub", "x"),
			"A shared call sub\nB shared call sub",
		},
		"a subflow without screens": {
			start().way("s", "sub").node("sub", "startSubFlow").way("sub", "x"),
			"A shared terminal x\nB shared terminal x",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, row.want, decisions(row.give.read(t).Screens[0]))
		})
	}
}

// The path to an outcome is one with the fewest failures.
func TestPathHasTheFewestFailures(t *testing.T) {
	t.Parallel()
	s := &sketch{}
	s.screen("s", button("A")).way("s", "one").node("one", "userLookup").way("one", "x!", "two").
		node("two", "userLookup").way("two", "three").node("three", "userLookup").way("three", "x").
		node("x", "createSuccessResponse")
	o := s.read(t).Screens[0].Buttons[0].Outcomes[0]
	var ids []string
	for _, w := range o.Path {
		ids = append(ids, w.From.ID+">"+w.To.ID)
	}
	assert.Equal(t, []string{"s>one", "one>two", "two>three", "three>x"}, ids)
}

// Ten thousand nodes in a ring end as any other flow.
func TestParseOfARing(t *testing.T) {
	t.Parallel()
	ring := &sketch{}
	const size = 10_000
	for i := range size {
		id := strconv.Itoa(i)
		ring.node(id, "goToNode", "nodeInstanceId", id+"s").node(id+"s", "startNode").way(id+"s",
			strconv.Itoa((i+1)%size))
	}
	ring.screen("first", button("A")+button("B")).way("first", "0")
	assert.Equal(t, "A shared\nB shared", decisions(ring.read(t).Screens[0]))
}
