package steps_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
)

const (
	optIn   = `{"type":"SINGLE_CHECKBOX","key":"optIn","label":"News"}`
	terms   = `{"type":"CHECKBOX","key":"terms","options":[{"label":"I agree","value":"yes"}]}`
	colours = `{"type":"COMBOBOX","key":"colours","options":[{"label":"Red","value":"r"},{"label":"Green, dark","value":"g"},{"label":"Blue","value":"b"}]}`
	size    = `{"type":"DROPDOWN","key":"size","options":[{"label":"Small","value":"s"},{"label":"Large","value":"l"}]}`
	plain   = `{"type":"RADIO","key":"plain","options":["One","Two, three"]}`
	several = `{"type":"CHECKBOX","key":"several","options":["One","Two, three",4]}`
	phone   = `{"type":"PHONE_NUMBER","key":"phone"}`
)

// filled plays sentences on a screen with these fields and returns what its button posts.
func filled(t *testing.T, sentences ...string) string {
	t.Helper()
	before := []string{given, starts}
	p := play(t, answering(says(200, form(username, optIn, terms, colours, size, plain, several, phone, signOn)), says(200, done)),
		append(append(before, sentences...), signsOn)...)
	require.NoError(t, p.err, p.failed)
	posted := gjson.GetBytes(p.world.Journey.Last().Exchange.Body, "parameters.data.formData").Raw
	return posted
}

func TestSentencesThatSayWhatAPersonDoes(t *testing.T) {
	for name, row := range map[string]struct {
		sentences []string
		path      string
		want      string
	}{
		"check a checkbox":               {[]string{`When I check "optIn"`}, "optIn", "true"},
		"uncheck it":                     {[]string{`When I check "optIn"`, `When I uncheck "optIn"`}, "optIn", "false"},
		"check one with a single option": {[]string{`When I check "terms"`}, "terms", `["yes"]`},
		"uncheck one with options":       {[]string{`When I check "terms"`, `When I uncheck "terms"`}, "terms", `[]`},
		"choose by label":                {[]string{`When I choose "Large" in "size"`}, "size", `"l"`},
		"choose by value":                {[]string{`When I choose "s" in "size"`}, "size", `"s"`},
		"choose several":                 {[]string{`When I choose "Blue" in "colours"`, `When I choose "Green, dark" in "colours"`, `When I choose "b" in "colours"`}, "colours", `["b","g"]`},
		"choose a plain text":            {[]string{`When I choose "Two, three" in "plain"`}, "plain", `"Two, three"`},
		"fill in a plain text":           {[]string{`When I fill in "plain" with "One"`}, "plain", `"One"`},
		"choose several plain texts":     {[]string{`When I choose "One" in "several"`, `When I choose "4" in "several"`}, "several", `["One","4"]`},
		"fill in several plain texts":    {[]string{`When I fill in "several" with "Two, three, One"`}, "several", `["Two, three","One"]`},
		"a phone number":                 {[]string{`When I fill in "phone" with "+41 79 123 45 67"`}, "phone", `{"countryCode":"CH","phoneNumber":"791234567"}`},
		"a text block":                   {[]string{"When I fill in \"username\" with the text:\n\"\"\"\nsay \"hi\" \\ ${user.username}\n\"\"\""}, "username", `"say \"hi\" \\ alice"`},
		"a quote in quotes":              {[]string{`When I fill in "username" with "say \"hi\" \\"`}, "username", `"say \"hi\" \\"`},
		"a table without a first row":    {[]string{"When I fill in:\n| username | bob |\n| size | Small |"}, "username", `"bob"`},
		"a table with a remark":          {[]string{"When I fill in:\n| NOTE | Value | key |\n| why | bob | username |"}, "username", `"bob"`},
		"any keyword":                    {[]string{`Then I check "optIn"`}, "optIn", "true"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, row.want, gjson.Get(filled(t, row.sentences...), row.path).Raw)
		})
	}
	p := play(t, answering(says(200, form(username, signOn))), `When the flow "sign-on"`, `Then I start the flow`, `Given the form offers "SIGNON"`)
	assert.NoError(t, p.err, "keywords are interchangeable")
}

func TestWhatCheckAndChooseRefuse(t *testing.T) {
	screen := answering(says(200, form(username, optIn, colours, size)))
	checkAll(t, map[string]sentence{
		"no checkbox":     {answers: screen, sentence: `When I check "username"`, want: `flow: check "username": the TEXT "Username" is not a checkbox: fill it in`},
		"several options": {answers: screen, sentence: `When I check "colours"`, want: `flow: check "colours": the COMBOBOX has 3 options, so it does not say which of them: choose one, "r" ("Red"), "g" ("Green, dark"), "b" ("Blue")`},
		"no checkbox with options": {
			answers: screen, sentence: `When I check "size"`,
			want: `flow: check "size": the DROPDOWN is not a checkbox: choose one of its options, "s" ("Small"), "l" ("Large")`,
		},
		"no field": {
			answers: screen, sentence: `When I uncheck "optOut"`,
			want: `flow: uncheck "optOut": the screen "Sign On Form" has no such field, it has username ("Username"), optIn ("News"), colours, size`,
		},
		"no options": {answers: screen, sentence: `When I choose "x" in "username"`, want: `flow: choose in "username": the TEXT "Username" has no options to choose from`},
		"no such option": {
			answers: screen, sentence: `When I choose "Medium" in "size"`,
			want: `flow: choose in "size": the DROPDOWN has no such option, it has "s" ("Small"), "l" ("Large")`,
		},
		"no time": {answers: screen, sentence: `When I wait "soon"`, want: `"soon" is not a time, want one such as 500ms, 3s or 1m`},
	})
}

func TestWaitingTakesTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		p := play(t, answering(says(200, form(username, signOn))), given, starts, `When I wait "3s"`)
		require.NoError(t, p.err)
		assert.Equal(t, 3*time.Second, time.Since(begin))
	})
}
