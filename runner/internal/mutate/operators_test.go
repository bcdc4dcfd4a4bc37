package mutate_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/mutate"
)

// A mutant changes one thing: the way of one hop, its status, a cookie, or one
// property of one body.
func TestAMutantDiffersInOneThing(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing here runs at the same time as anything else")
	}
	t.Parallel()
	flows := suite(t, start).Recordings
	for _, f := range flows {
		before, err := f.Files()
		require.NoError(t, err)
		for _, m := range mutate.Mutants([]*recordings.Flow{f}, mutate.Choice{}) {
			changed, err := m.Recording()
			require.NoError(t, err, m.ID)
			assert.Len(t, aspects(t, f, changed, m), 1, m.ID)
			assert.NotEmpty(t, m.Change, m.ID)
			assert.Equal(t, strings.TrimSuffix(f.Name+"/"+m.Hop+"/"+m.Operator+"/"+m.Property, "/"), m.ID, "where it is")
		}
		after, err := f.Files()
		require.NoError(t, err)
		assert.Equal(t, before, after, "the original of %s is as it was", f.Name)
	}
}

// aspects lists what differs between two recordings.
func aspects(t *testing.T, a, b *recordings.Flow, m *mutate.Mutant) []string {
	t.Helper()
	out := map[string]bool{}
	at := map[string]*recordings.Hop{}
	for _, h := range b.Hops {
		at[h.Name] = h
	}
	for _, h := range a.Hops {
		x := at[h.Name]
		same := names(h.From) == names(x.From) && (h.To == nil) == (x.To == nil) && (h.To == nil || h.To.Name == x.To.Name)
		out["way "+h.Name] = !same || m.Group == mutate.Ways && !reflect.DeepEqual(h.Response, x.Response)
		if m.Group == mutate.Ways {
			continue
		}
		out["status "+h.Name] = h.Response.Status != x.Response.Status
		out["cookies "+h.Name] = !reflect.DeepEqual(h.Response.Cookies, x.Response.Cookies)
		for _, pair := range [][2]*recordings.Body{
			{h.Response.JSON, x.Response.JSON}, {h.Response.Detailed, x.Response.Detailed}, {h.Response.HTML, x.Response.HTML},
		} {
			if pair[0] != pair[1] && !out["body "+pair[0].File] {
				out["body "+pair[0].File] = true
				onlyAt(t, pair[0].Text, pair[1].Text, m)
			}
		}
	}
	out["codes"] = a.ReusableCodes != b.ReusableCodes
	out["tokens"] = a.EarlierToken != b.EarlierToken
	maps.DeleteFunc(out, func(_ string, differs bool) bool { return !differs })
	return slices.Sorted(maps.Keys(out))
}

// onlyAt checks that two bodies are equal except for a property.
func onlyAt(t *testing.T, a, b []byte, m *mutate.Mutant) {
	t.Helper()
	path, _, inPage := strings.Cut(m.Property, " ")
	if path == "page" { // the body is one
		onePlace(t, string(a), string(b), m)
		return
	}
	if inPage {
		onePlace(t, gjson.GetBytes(a, path).String(), gjson.GetBytes(b, path).String(), m)
	}
	for _, list := range []string{"form.components.fields", "screen.properties.formFieldsList.value"} {
		if strings.HasPrefix(path, list) { // entries move where one goes
			path = list
		}
	}
	want, err := sjson.SetRawBytes(slices.Clone(b), path, []byte(gjson.GetBytes(a, path).Raw))
	require.NoError(t, err)
	original, restored := string(a), string(want)
	assert.JSONEq(t, original, restored, path)
	var x, y any
	require.NoError(t, json.Unmarshal(a, &x))
	require.NoError(t, json.Unmarshal(b, &y))
	assert.NotEqual(t, x, y, path)
}

// onePlace holds that two pages differ in one element, or in one text, or in the order of elements.
func onePlace(t *testing.T, a, b string, m *mutate.Mutant) {
	t.Helper()
	if m.Operator == "order" {
		tags := func(page string) []string { return slices.Sorted(strings.SplitSeq(page, "<")) }
		assert.NotEqual(t, a, b)
		assert.Len(t, b, len(a))
		assert.ElementsMatch(t, strings.Fields(strings.Join(tags(a), " ")), strings.Fields(strings.Join(tags(b), " ")), m.ID)
		return
	}
	begin := 0
	for begin < min(len(a), len(b)) && a[begin] == b[begin] {
		begin++
	}
	end := 0
	for end < min(len(a), len(b))-begin && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	assert.NotEqual(t, a, b)
	was := a[begin : len(a)-end]
	assert.LessOrEqual(t, strings.Count(was, "<"), 2, "an element has two tags: %s", was)
}

func names(hops []*recordings.Hop) string {
	var out []string
	for _, h := range hops {
		out = append(out, h.Name)
	}
	return strings.Join(out, " ")
}

// Every operator has a mutant that differs in one thing, that survives a journey without an assertion,
// and that one sentence notices. A journey itself notices that a way is lost, by the miss, and a link
// to another host; what an app checks of the state is in the catalogue.
func TestEveryOperatorIsNoticedByASentence(t *testing.T) {
	t.Parallel()
	const (
		field  = "form.components.fields."
		wrong  = "    When I fill in \"username\" with \"${user.username}\"\n    And I fill in \"password\" with \"wrong\"\n    And I press \"SIGNON\"\n"
		right  = "    When I fill in \"username\" with \"${user.username}\"\n    And I fill in \"password\" with \"${user.password}\"\n    And I press \"SIGNON\"\n"
		signOn = "sign-on/sign-on-form/"

		exchanged = "    And I exchange the code for tokens\n    And I exchange the code a second time\n"

		account = "    When I submit the form with:\n      | user.username | ${user.username} |\n      | user.email | ${user.email} |\n" +
			"      | user.temporaryPassword | ${user.password} |\n      | user.password | ${user.newPassword} |\n"
	)
	rows := map[string]struct {
		id, steps, then string

		plain, with mutate.Verdict // without the sentence and with it; survived and step if empty
		catalogue   bool
	}{
		"way-elsewhere":       {"sign-on/registration-form/way-elsewhere/to trouble", "    When I press \"REGISTER\"\n", `the flow pauses at "Registration Form"`, "", "", false},
		"let-in":              {"sign-on/wrong-password/let-in/to completed", wrong, `the flow does not complete`, "", "", false},
		"screen-skipped":      {"sign-on/trouble/screen-skipped/to reset-form", "    When I press \"TROUBLE\"\n", `the form offers "FORGOT_PASSWORD"`, "", "", false},
		"error-instead":       {"sign-on/completed/error-instead/to wrong-password", right, `the flow completes`, "", "", false},
		"button-gone":         {signOn + "button-gone/" + field + "3", "", `the form offers "REGISTER"`, "", "", false},
		"button-renamed":      {signOn + "button-renamed/" + field + "3.key", "", `the form offers "REGISTER"`, "", "", false},
		"button-kind":         {signOn + "button-kind/" + field + "2.type", "", `"form.components.fields.2.type" is "SUBMIT_BUTTON"`, "", "", false},
		"button-doubled":      {signOn + "button-doubled/" + field + "4", "", `"form.components.fields" has 5 items`, "", "", false},
		"field-gone":          {signOn + "field-gone/" + field + "0", "", `the field "username" has the label "Username"`, "", "", false},
		"field-renamed":       {signOn + "field-renamed/" + field + "0.key", "", `the field "username" has the label "Username"`, "", "", false},
		"field-type":          {signOn + "field-type/" + field + "0.type", "", `"form.components.fields.0.type" is "TEXT"`, "", "", false},
		"prefill":             {signOn + "prefill/formData.value.username", "", `the field "username" has the value ""`, "", "", false},
		"required":            {"forms/account-form/required/" + field + "3.required", "", `the field "user.email" is required`, "", "", false},
		"content":             {"forms/account-form/content/" + field + "0.content", "", `"form.components.fields.0.content" contains "terms"`, "", "", false},
		"option-gone":         {"forms/preferences-form/option-gone/" + field + "2.options.1", account, `"form.components.fields.2.options" has 2 items`, "", "", false},
		"order":               {signOn + "order/form.components.fields", "", `"form.components.fields.0.key" is "username"`, "", "", false},
		"label":               {signOn + "label/" + field + "3.label", "", `"form.components.fields.3.label" is "No account? Register now!"`, "", "", false},
		"form-name":           {signOn + "form-name/form.name", "", `the flow pauses at "Sign On Form"`, "", "", false},
		"description":         {signOn + "description/form.description", "", `"form.description" is "Prompt for username and password"`, "", "", false},
		"message":             {"sign-on/wrong-password/message/message", wrong, `the flow reports "Invalid username and/or password"`, "", "", false},
		"error-tells":         {"sign-on/wrong-password/error-tells/message", wrong, `the flow reports "Invalid username and/or password"`, "", "", false},
		"error-code":          {"sign-on/wrong-password/error-code/code", wrong, `the flow reports an error with code "Invalid username and/or password"`, "", "", false},
		"status":              {"sign-on/wrong-password/status/status", wrong, `the response status is 400`, "", "", false},
		"property-gone":       {signOn + "property-gone/flowId", "", `"flowId" is present`, "", "", false},
		"token-not-refreshed": {signOn + "token-not-refreshed/interactionToken", "    When I start the flow again\n", `"interactionToken" has changed`, "", "", false},
		"code-gone":           {"sign-on/completed/code-gone/authorizeResponse.code", right, `"authorizeResponse.code" is a string`, "", "", false},
		"end-status":          {"sign-on/completed/end-status/status", right, `the flow completes`, "", "", false},
		"cookie-gone":         {"sign-on/completed/cookie-gone/cookie ST", right, `the cookie "ST" is set`, "", "", false},
		"cookie-weaker":       {"sign-on/completed/cookie-weaker/cookie ST", right, "the cookie \"ST\" has:\n      | Secure | true |", "", "", false},
		"code-reusable":       {"sign-on/completed/code-reusable/authorizeResponse.code", right + exchanged, `the code is refused with "invalid_grant"`, "", "", false},
		"way-lost":            {"sign-on/registration-form/way-lost", "", "the flow does not complete\n    When I press \"REGISTER\"", mutate.NotCovered, mutate.ByMiss, false},
		"next-host":           {signOn + "next-host/_links.next.href", "", "the flow does not complete", mutate.ByStep, mutate.ByStep, false},
		"state-wrong":         {"sign-on/completed/state-wrong/authorizeResponse.state", right, "the flow completes", mutate.Survived, mutate.ByCatalogue, true},
		"cookie-readable":     {"sign-on/completed/cookie-readable/cookie ST", right, "the cookie \"ST\" has:\n      | HttpOnly | true |", "", "", false},
		"password-shown":      {signOn + "password-shown/" + field + "1.type", "", `"form.components.fields.1.type" is "PASSWORD"`, "", "", false},
	}
	for name, test := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			of, _, _ := strings.Cut(test.id, "/")
			choice := mutate.Choice{Flow: of, Operators: []string{name}}
			start := strings.ReplaceAll(start, "sign-on", of)
			s := suite(t, start+test.steps)
			got := verdict(t, s, choice, test.id)
			assert.Equal(t, cmp.Or(test.plain, mutate.Survived), got.Verdict, "without an assertion")
			changed, err := got.Recording()
			require.NoError(t, err)
			original := s.Recordings[slices.IndexFunc(s.Recordings, func(f *recordings.Flow) bool { return f.Name == of })]
			assert.Len(t, aspects(t, original, changed, got.Mutant), 1)

			s = suite(t, start+test.steps+"    Then "+test.then+"\n")
			if test.catalogue {
				s.Conformance = runner.FailBroken
			}
			got = verdict(t, s, choice, test.id)
			assert.Equal(t, cmp.Or(test.with, mutate.ByStep), got.Verdict, "with %s", test.then)
		})
	}
	all := slices.Concat(slices.Collect(maps.Values(mutate.Operators()))...)
	assert.ElementsMatch(t, all, slices.Collect(maps.Keys(rows)), "each operator has a row")
}

// The documentation has each group with its reason and its operators.
func TestTheDocumentationHasEveryOperator(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../.github/docs/mutation.md")
	require.NoError(t, err)
	for group, operators := range mutate.Operators() {
		row := regexp.MustCompile(`(?m)^\| ` + group + ` \| (.{10,}) \| (.*) \|$`).FindStringSubmatch(string(text))
		require.NotNil(t, row, "%s has no reason", group)
		assert.Equal(t, "`"+strings.Join(operators, "`, `")+"`", row[2], group)
	}
}

// verdict tries one mutant of a choice.
func verdict(t *testing.T, s *runner.Suite, c mutate.Choice, id string) *mutate.Result {
	t.Helper()
	result, err := mutate.Try(t.Context(), s, c, id)
	require.NoError(t, err)
	return &result
}
