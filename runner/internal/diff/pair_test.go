package diff_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/diff"
)

// helped is "sign-on" with a hop that leaves two screens and is refused.
var helped = []edit{{
	yaml, "  - name: back-to-sign-on",
	"  - name: helped\n    from: [trouble, reset-form]\n    request: {action: HELP}\n    response: {status: 400, json: helped.json}\n\n  - name: back-to-sign-on",
}, {"helped.json", "", `{"capabilityName": "help", "code": "busy", "message": "Busy"}`}}

func TestWhatIsTheSameInBothRecordings(t *testing.T) {
	again := edit{"account-form.json", `"id": "trrci2cs1p"`, `"id": "zzzzzzzzzz"`}
	node := `Account Form: cosmetic node-changed: node: "trrci2cs1p" is now "zzzzzzzzzz"`
	name := []edit{
		{"account-form.json", `"nodeTitle": "Account Form"`, `"nodeTitle": "X"`}, {"account-form.json", `"name": "Account Form"`, `"name": "X"`},
	}
	named := `Account Form: breaking screen-renamed: name of the screen: "Account Form" is now "X" (features name it)`
	label := []edit{{"account-form.json", `"key": "terms-link"`, `"key": "terms"`}}
	key := `Account Form: cosmetic field-renamed: key of text "terms": "terms-link" is now "terms"`
	// In the place of the only screen is another, which leads to it.
	moved := []edit{
		{"choose-error.json", `"id": "i8pdi5rv5x"`, `"id": "zzzzzzzzzz"`},
		{"hello.json", "", `{"id": "hello", "capabilityName": "customForm", "_links": {"next": {"href": "{{authPath}}"}},
			"form": {"name": "Hello", "components": {"fields": [{"type": "SUBMIT_BUTTON", "key": "GO"}]}}}`},
		{
			yaml, "  - name: choose-error\n    request: {method: GET, path: /as/authorize}\n",
			"  - name: hello\n    request: {method: GET, path: /as/authorize}\n    response: {status: 200, json: hello.json}\n\n" +
				"  - name: choose-error\n    from: hello\n    request: {action: GO}\n",
		},
	}
	lead := `start: breaking hop-leads-elsewhere: hop choose-error (the start): the flow showed screen "Choose an Error", and now it shows screen "Hello"`
	chosen := `Choose an Error: cosmetic node-changed: node: "i8pdi5rv5x" is now "zzzzzzzzzz"`
	hello := `Hello: additive screen-added: the screen was added: the start of the flow leads to it`
	join := func(lists ...[]edit) (all []edit) {
		for _, l := range lists {
			all = append(all, l...)
		}
		return all
	}
	for sentence, c := range map[string]struct {
		flow        string
		base, edits []edit
		want        []string
	}{
		"a screen by its place, though node, name and a key are others": {
			"forms", nil, join([]edit{again}, name, label), []string{named, key, node},
		},
		"the first screen by being the first, though node, name and a key are others": {
			"errors", nil,
			[]edit{
				{"choose-error.json", `"id": "i8pdi5rv5x"`, `"id": "zzzzzzzzzz"`},
				{"choose-error.json", `"name": "Choose an Error"`, `"name": "X"`},
				{"choose-error.json", `"key": "CUSTOM_ERROR"`, `"key": "ANY_ERROR"`},
			},
			[]string{
				`Choose an Error: breaking button-renamed: button CUSTOM_ERROR ("Show a custom error message") now has the key ANY_ERROR`,
				`Choose an Error: breaking screen-renamed: name of the screen: "Choose an Error" is now "X" (features name it)`,
				chosen,
			},
		},
		"a screen by its name, though node, place and a key are others": {
			"errors", nil, join(moved, []edit{{"choose-error.json", `"key": "CUSTOM_ERROR"`, `"key": "ANY_ERROR"`}}),
			[]string{lead, `Choose an Error: breaking button-renamed: button CUSTOM_ERROR ("Show a custom error message") now has the key ANY_ERROR`, chosen, hello},
		},
		"a screen by its fields, though node, place and name are others": {
			"errors", nil, join(moved, []edit{{"choose-error.json", `"name": "Choose an Error"`, `"name": "X"`}}),
			[]string{lead, `Choose an Error: breaking screen-renamed: name of the screen: "Choose an Error" is now "X" (features name it)`, chosen, hello},
		},
		"no field by nothing but its place": {
			"forms", nil,
			[]edit{
				{"account-form.json", "\"key\": \"user.email\",\n          \"label\": \"Email\"", "\"key\": \"mail\",\n          \"label\": \"Mail\""},
				{"account-form.json", `"user.email": ""`, `"mail": ""`},
				{"account-form.json", `"fields": [`, `"fields": [{"type": "TEXT", "key": "nick", "label": "Nickname"},`},
			},
			[]string{
				`Account Form: breaking field-gone: field "user.email" is gone`,
				`Account Form: breaking field-added: required field "mail" was added: who does not fill it in is refused`,
				`Account Form: additive field-added: field "nick" was added`,
			},
		},
		"a field by its label and type, wherever it stands": {
			"forms", nil,
			[]edit{
				{"account-form.json", "\"key\": \"user.email\",", "\"key\": \"mail\","},
				{"account-form.json", `"user.email": ""`, `"mail": ""`},
				{"account-form.json", `"fields": [`, `"fields": [{"type": "TEXT", "key": "nick", "label": "Nickname"},`},
			},
			[]string{
				`Account Form: breaking field-renamed: field "user.email" was renamed to "mail"`,
				`Account Form: additive field-added: field "nick" was added`,
			},
		},
		"no button by nothing but its place": {
			"forms", nil,
			[]edit{{"preferences-form.json", "\"key\": \"BACK\",\n          \"label\": \"Back\"", "\"key\": \"HELP\",\n          \"label\": \"Help\""}},
			[]string{
				`Preferences Form: breaking button-gone: link BACK ("Back") is gone`,
				`Preferences Form: additive button-added: link HELP ("Help") was added`,
			},
		},
		"a button by its label, though it is a link by now": {
			"forms", nil,
			[]edit{{"preferences-form.json", "\"type\": \"FLOW_LINK\",\n          \"key\": \"BACK\"", "\"type\": \"FLOW_BUTTON\",\n          \"key\": \"RETURN\""}},
			[]string{
				`Preferences Form: breaking button-renamed: link BACK ("Back") now has the key RETURN`,
				`Preferences Form: breaking type-changed: type of button RETURN: FLOW_LINK is now FLOW_BUTTON`,
			},
		},
		"no hop of a button among several that are all others": {
			"sign-on", nil,
			[]edit{
				{yaml, `{username: "${user.username}", password: "${user.wrongPassword}"}`, `{username: bob, password: one}`},
				{yaml, `{username: "${user.wrongUsername}", password: "*"}`, `{username: carol, password: two}`},
				{wrong, `"code": " Invalid username and/or password"`, `"code": "a"`},
				{yaml, "{status: 400, json: wrong-password.json}", "{status: 500, json: wrong-password.json}"},
				{"unknown-user.json", `"code": "`, `"code": "b`},
				{yaml, "{status: 400, json: unknown-user.json}", "{status: 500, json: unknown-user.json}"},
			},
			[]string{
				onForm + `breaking hop-gone: hop wrong-password (SIGNON with password ${user.wrongPassword}, username ${user.username}) is gone: the flow refused the request with status 400 and code "Invalid username and/or password", and no such request gets this answer now`,
				onForm + `breaking hop-gone: hop unknown-user (SIGNON with password "*", username ${user.wrongUsername}) is gone: the flow refused the request with status 400 and code "Invalid username and/or password", and no such request gets this answer now`,
				onForm + `additive hop-added: hop wrong-password (SIGNON with password "one", username "bob") was added: the flow ends in failure with status 500 and code "a"`,
				onForm + `additive hop-added: hop unknown-user (SIGNON with password "two", username "carol") was added: the flow ends in failure with status 500 and code "b Invalid username and/or password"`,
			},
		},
		"the one hop of a button, though all of it is other": {
			"sign-on", helped,
			[]edit{{yaml, "request: {action: HELP}\n    response: {status: 400,", "request: {action: HELP, formData: {a: b}}\n    response: {status: 500,"}},
			[]string{
				`Trouble Signing On Form: breaking outcome-changed: hop helped (HELP): the flow refused the request with status 400 and code "busy", and now it ends in failure with status 500 and code "busy"`,
				`Reset Password Form: breaking outcome-changed: hop helped (HELP): the flow refused the request with status 400 and code "busy", and now it ends in failure with status 500 and code "busy"`,
			},
		},
		"a hop that leaves two screens, of which the answer is said once": {
			"sign-on", helped,
			[]edit{{"helped.json", `"message": "Busy"`, `"message": "Later"`}},
			[]string{`Trouble Signing On Form: breaking error-message-changed: error message of hop helped (HELP): "Busy" is now "Later"`},
		},
		"an answer that was recorded in the other shape": {
			"sign-on", nil,
			[]edit{{yaml, "json: wrong-password.json", "detailed: wrong-password.json"}, {wrong, `"errorCategory": "Unexpected"`, `"errorCategory": "Expected"`}},
			[]string{onForm + `cosmetic property-changed: property errorCategory of hop ` + hopWrong + `: "Unexpected" is now "Expected"`},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			before, after := shipped(t, c.flow).edit(t, c.base...).load(t), shipped(t, c.flow).edit(t, c.base...).edit(t, c.edits...).load(t)
			assert.Equal(t, c.want, lines(diff.Compare(before, after, diff.Options{})))
		})
	}
}

func TestWhatIsNestedTooDeepIsComparedAsAWhole(t *testing.T) {
	deep := func(leaf string) edit {
		return edit{form, `"success": true`, `"success": true, "deep": ` + strings.Repeat(`{"a":`, 500) + leaf + strings.Repeat(`}`, 500)}
	}
	d := diff.Compare(shipped(t, "sign-on").edit(t, deep("1")).load(t), shipped(t, "sign-on").edit(t, deep("2")).load(t), diff.Options{})
	require.Len(t, d.Changes(), 1)
	assert.Equal(t, diff.PropertyChanged, d.Changes()[0].Kind)
	assert.Less(t, strings.Count(d.Changes()[0].Path, ".a"), 100)
}
