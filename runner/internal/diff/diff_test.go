package diff_test

import (
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"flowtest/recordings"
	"flowtest/runner/internal/diff"
	"flowtest/steps/davinci"
)

// dirs are the folders of all shipped recordings.
func dirs(tb testing.TB) []string {
	tb.Helper()
	entries, err := fs.ReadDir(recordings.Shipped(), ".")
	require.NoError(tb, err)
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	require.NotEmpty(tb, out)
	return out
}

func TestUnchanged(t *testing.T) {
	for _, dir := range dirs(t) {
		for name, change := range map[string]func(testing.TB, *folder){
			"with other names of its hops": func(testing.TB, *folder) {},
			"with its hops in another order": func(_ testing.TB, f *folder) {
				text := string(f.files[path.Join(dir, yaml)].Data)
				head, rest, _ := strings.Cut(text, "hops:\n")
				hops := strings.Split("\n"+strings.TrimRight(rest, "\n"), "\n  - name: ")[1:]
				slices.Reverse(hops)
				if dir == "mfa" { // the order in which equal polls are answered is a fact
					slices.Reverse(hops)
				}
				f.files[path.Join(dir, yaml)].Data = []byte(head + "hops:\n  - name: " + strings.Join(hops, "\n  - name: ") + "\n")
			},
			"with its keys in another order": func(tb testing.TB, f *folder) {
				tb.Helper()
				for name, file := range f.files {
					if path.Ext(name) == ".json" {
						var all any
						require.NoError(tb, json.Unmarshal(file.Data, &all))
						sorted, err := json.Marshal(all)
						require.NoError(tb, err)
						file.Data = sorted
					}
				}
			},
		} {
			t.Run(dir+" "+name, func(t *testing.T) {
				f := shipped(t, dir)
				change(t, f)
				after := f.load(t)
				for _, h := range after.Hops {
					h.Name = "x." + h.Name
				}
				d := diff.Compare(shipped(t, dir).load(t), after, diff.Options{})
				assert.Empty(t, lines(d))
				assert.Empty(t, d.Notes)
				assert.Equal(t, diff.None, d.Worst())
			})
		}
	}
}

func TestMoreOrFewerEqualPollsAreNoDifference(t *testing.T) {
	const poll = "  - name: push-still-pending\n    from: push-form\n    request: {eventType: polling, formData: {poll: continue}}\n    response: {status: 200, json: push-pending.json}\n"
	after := shipped(t, "mfa").edit(t, edit{yaml, poll, poll + "\n" + strings.Replace(poll, "push-still-pending", "push-again", 1)})
	fewer := shipped(t, "mfa").edit(t, edit{yaml, poll, ""})
	assert.Empty(t, lines(diff.Compare(shipped(t, "mfa").load(t), after.load(t), diff.Options{})))
	assert.Empty(t, lines(diff.Compare(fewer.load(t), after.load(t), diff.Options{})))
}

func TestAScreenThatWasRebuiltIsStillThatScreen(t *testing.T) {
	id := edit{"device-form.json", `"id": "ip0pybhbz2"`, `"id": "zzzzzzzzzz"`}
	node := `: cosmetic node-changed: node: "ip0pybhbz2" is now "zzzzzzzzzz"`
	for name, c := range map[string]struct {
		edits []edit
		want  []string
	}{
		"with another name": {
			[]edit{id, {"device-form.json", `"nodeTitle": "Device Form"`, `"nodeTitle": "X"`}, {"device-form.json", `"name": "Device Form"`, `"name": "X"`}},
			[]string{`Device Form: breaking screen-renamed: name of the screen: "Device Form" is now "X" (features name it)`, "Device Form" + node},
		},
		"after another button": {
			[]edit{id, {yaml, "user.acceptedTerms: true\n        riskSignals: \"*\"\n    response: {status: 200, json: device-form.json}", "user.acceptedTerms: true\n        riskSignals: \"*\"\n        more: \"*\"\n    response: {status: 200, json: device-form.json}"}},
			[]string{`Preferences Form: breaking form-data-changed: hop device-form (submit) now also needs more`, "Device Form" + node},
		},
		"and all the others too": {
			[]edit{
				id,
				{"account-form.json", `"id": "trrci2cs1p"`, `"id": "a"`},
				{"preferences-form.json", `"id": "ijpn54uzp6"`, `"id": "b"`},
			},
			[]string{
				`Account Form: cosmetic node-changed: node: "trrci2cs1p" is now "a"`,
				`Preferences Form: cosmetic node-changed: node: "ijpn54uzp6" is now "b"`,
				"Device Form" + node,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := diff.Compare(shipped(t, "forms").load(t), shipped(t, "forms").edit(t, c.edits...).load(t), diff.Options{})
			assert.Equal(t, c.want, lines(d))
		})
	}
}

func TestAnotherScreenInTheSamePlaceIsNotThatScreen(t *testing.T) {
	other := `{"id":"n2","capabilityName":"customHTMLTemplate","_links":{"next":{"href":"{{authPath}}"}},
		"form":{"name":"Pay","components":{"fields":[{"type":"TEXT","key":"iban"},{"type":"SUBMIT_BUTTON","key":"PAY"}]}}}`
	after := shipped(t, "sign-on").edit(t, withoutReset...).edit(t,
		edit{"pay.json", "", other},
		edit{yaml, "  - name: back-to-sign-on", "  - name: pay\n    from: trouble\n    request: {action: FORGOT_PASSWORD}\n    response: {status: 200, json: pay.json}\n\n  - name: back-to-sign-on"})
	assert.Equal(t, []string{
		`Trouble Signing On Form: breaking hop-leads-elsewhere: hop reset-form (FORGOT_PASSWORD): the flow showed screen "Reset Password Form", and now it shows screen "Pay"`,
		`Reset Password Form: breaking screen-gone: the screen is gone: FORGOT_PASSWORD on "Trouble Signing On Form" led to it`,
		`Pay: additive screen-added: the screen was added: FORGOT_PASSWORD on "Trouble Signing On Form" leads to it`,
	}, lines(diff.Compare(shipped(t, "sign-on").load(t), after.load(t), diff.Options{})))
}

func TestVariablesDifferInNothing(t *testing.T) {
	const was = `"region": "NA"`
	for name, c := range map[string]struct {
		before, after string
		want          int
	}{
		"a variable and a value":               {`{{minted.a}}`, "x1", 0},
		"a value and a variable":               {"x1", `{{code}}`, 0},
		"two variables":                        {`{{state}}`, `{{code}}`, 0},
		"a variable within a text":             {`id-{{code}}-end`, "id-4711-end", 0},
		"the same around more variables":       {`{{authPath}}/{{envID}}/x`, `{{authPath}}/4711/x`, 0},
		"another text around a variable":       {`id-{{code}}-end`, "no-4711-end", 1},
		"another text between two variables":   {`{{authPath}}/a/{{envID}}`, `{{authPath}}/b/{{envID}}`, 1},
		"a text too short for what is around":  {`aa{{code}}aa`, "aaa", 1},
		"another text around each of them":     {`a-{{code}}`, `b-{{code}}`, 1},
		"two texts":                            {"a", "b", 1},
		"several variables and not their text": {`{{code}}/x/{{state}}/y`, "1/y/2/y", 1},
		"several variables and their text":     {`{{code}}/x/{{state}}/y`, "1/x/2/y", 0},
	} {
		t.Run(name, func(t *testing.T) {
			load := func(value string) *recordings.Flow {
				return shipped(t, "forms").edit(t, edit{"device-form.json", was, `"region": "` + value + `"`}).load(t)
			}
			assert.Len(t, lines(diff.Compare(load(c.before), load(c.after), diff.Options{})), c.want)
			assert.Len(t, lines(diff.Compare(load(c.after), load(c.before), diff.Options{})), c.want, "the other way round")
		})
	}
}

func TestEveryPropertyOfTheTableIsMissedWhenItIsGone(t *testing.T) {
	for _, p := range davinci.Properties() {
		for _, in := range []edit{{"sign-on", "", form}, {"sign-on", "", "completed.json"}} {
			f := shipped(t, in.file)
			name := path.Join(in.file, in.new)
			// Without its name or its form it is another screen, or none; that is reported otherwise.
			if !gjson.GetBytes(f.files[name].Data, p.Path).Exists() || strings.HasPrefix(p.Path, "form") ||
				slices.Contains([]string{"authorizeResponse", "capabilityName"}, p.Path) {
				continue
			}
			t.Run(p.Path+" of "+in.new, func(t *testing.T) {
				text, err := sjson.DeleteBytes(f.files[name].Data, p.Path)
				require.NoError(t, err)
				f.files[name] = &fstest.MapFile{Data: text}
				d := diff.Compare(shipped(t, in.file).load(t), f.load(t), diff.Options{})
				want := []diff.Kind{diff.PropertyGone}
				if d.Changes() != nil && in.new == form { // the detailed shape still has it
					assert.Equal(t, "json", d.Changes()[0].Shape)
				}
				var got []diff.Kind
				for _, c := range d.Changes() {
					got = append(got, c.Kind)
				}
				assert.Equal(t, want, got)
				assert.Equal(t, diff.Breaking, d.Worst())
			})
		}
	}
}

func TestAShapeThatOneRecordingLacksIsNotedAndNoChange(t *testing.T) {
	after := shipped(t, "sign-on").edit(t,
		edit{yaml, "json: trouble.json, detailed: trouble.detailed.json", "json: trouble.json"},
		edit{"trouble.detailed.json", "", "-"}, edit{"trouble.html", "", "-"})
	d := diff.Compare(shipped(t, "sign-on").load(t), after.load(t), diff.Options{})
	assert.Empty(t, d.Changes())
	assert.Equal(t, []string{`the detailed shape, which only the earlier recording has, of screen "Trouble Signing On Form"`}, d.Notes)
}

func TestCompareAll(t *testing.T) {
	load := func(dir string) *recordings.Flow { return shipped(t, dir).load(t) }
	got := diff.CompareAll([]*recordings.Flow{load("forms"), load("mfa")}, []*recordings.Flow{load("mfa"), load("session")}, diff.Options{})
	require.Len(t, got, 3)
	assert.Equal(t, []string{": breaking flow-gone: the flow is gone"}, lines(got[0]))
	assert.Empty(t, lines(got[1]))
	assert.Equal(t, []string{": additive flow-added: the flow was added"}, lines(got[2]))
	assert.Equal(t, diff.Breaking, diff.Worst(got))
}

func TestVerdicts(t *testing.T) {
	judge := func(results map[string]string) func(*recordings.Flow) map[*recordings.Hop][]diff.Verdict {
		return func(f *recordings.Flow) map[*recordings.Hop][]diff.Verdict {
			for _, h := range f.Hops {
				if h.Name == "wrong-password" {
					return map[*recordings.Hop][]diff.Verdict{h: {
						{Requirement: "MODEL-code-KIND", Result: results[f.Description]}, {Requirement: "MODEL-code-KIND", Result: "passed"},
					}}
				}
			}
			return nil
		}
	}
	const at = onForm
	for name, c := range map[string]struct{ before, after, want string }{
		"broken now":          {"passed", "failed", at + `breaking verdict-changed: requirement MODEL-code-KIND at hop ` + hopWrong + `: it was passed and is now failed`},
		"in doubt now":        {"passed", "review", at + `cosmetic verdict-changed: requirement MODEL-code-KIND at hop ` + hopWrong + `: it was passed and is now review`},
		"holds again":         {"failed", "passed", at + `additive verdict-changed: requirement MODEL-code-KIND at hop ` + hopWrong + `: it was failed and is now passed`},
		"as before":           {"failed", "failed", ""},
		"no longer exercised": {"passed", "not exercised", ""},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := shipped(t, "sign-on").load(t), shipped(t, "sign-on").load(t)
			before.Description, after.Description = "before", "after"
			d := diff.Compare(before, after, diff.Options{Judge: judge(map[string]string{"before": c.before, "after": c.after})})
			want := []string{c.want}
			if c.want == "" {
				want = []string{}
			}
			assert.Equal(t, want, lines(d))
		})
	}
}

func TestParseClass(t *testing.T) {
	for _, c := range []diff.Class{diff.Cosmetic, diff.Additive, diff.Breaking} {
		got, err := diff.ParseClass(c.String())
		require.NoError(t, err)
		assert.Equal(t, c, got)
	}
	_, err := diff.ParseClass("none")
	require.EqualError(t, err, `class "none" is unknown, want breaking, additive or cosmetic`)
	assert.Less(t, diff.Cosmetic, diff.Additive)
	assert.Less(t, diff.Additive, diff.Breaking)
}

// Of a name that is in one object twice the last value counts, as every reader has it.
func TestTheLastOfTwoNamesIsCompared(t *testing.T) {
	t.Parallel()
	before := shipped(t, "sign-on").edit(t, edit{form, `"capabilityName":`, `"note": "one", "capabilityName":`})
	for name, row := range map[string]struct{ notes, want string }{
		"the first differs": {`"note": "two", "note": "one", "capabilityName":`, ""},
		"the last differs":  {`"note": "one", "note": "two", "capabilityName":`, `note`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := shipped(t, "sign-on").edit(t, edit{form, `"capabilityName":`, row.notes})
			got := lines(diff.Compare(before.load(t), after.load(t), diff.Options{}))
			if row.want == "" {
				assert.Empty(t, got)
				return
			}
			require.Len(t, got, 1)
			assert.Contains(t, got[0], row.want)
		})
	}
}
