package recordings_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// alice signs on in the tables below.
func alice(name string) (string, bool) {
	value, ok := map[string]string{
		"username": "alice", "password": "right horse", "empty": "", "number": "42", "x.y": "dotted",
	}[name]
	return value, ok
}

func nobody(string) (string, bool) { return "", false }

func TestRequestMatches(t *testing.T) {
	type sent = davinci.Sent
	for name, row := range map[string]struct {
		request string
		sent    sent
		differs []string // none where it matches
	}{
		"the button": {"{action: GO}", sent{Action: "GO"}, nil},
		"another button": {
			"{action: GO}",
			sent{Action: "STOP"},
			[]string{`action is "STOP", recorded is "GO"`},
		},
		"no button": {
			"{action: GO}",
			sent{},
			[]string{`action is "", recorded is "GO"`},
		},
		"a button where none is recorded": {
			"{eventType: polling}",
			sent{EventType: "polling", Action: "GO"},
			[]string{`action is "GO", recorded is ""`},
		},
		"any eventType where none is recorded": {"{action: GO}", sent{Action: "GO", EventType: "action"}, nil},
		"the eventType":                        {"{action: GO, eventType: submit}", sent{Action: "GO", EventType: "submit"}, nil},
		"another eventType": {
			"{action: GO, eventType: submit}",
			sent{Action: "GO", EventType: "action"},
			[]string{`eventType is "action", recorded is "submit"`},
		},
		"no eventType": {
			"{action: GO, eventType: submit}",
			sent{Action: "GO"},
			[]string{`eventType is "", recorded is "submit"`},
		},

		"formData that is not looked at":       {"{action: GO}", sent{Action: "GO", FormData: object(`{"a":"b"}`)}, nil},
		"formData that does not exist":         {"{formData: {}}", sent{}, nil},
		"formData that is empty":               {"{formData: {}}", sent{FormData: object(`{}`)}, nil},
		"formData that has nothing in it":      {"{formData: {}}", sent{FormData: object(`{"a":"","b":[],"c":{},"d":false,"e":null}`)}, nil},
		"formData that is a text":              {"{formData: {}}", sent{FormData: object(`"typed"`)}, []string{" was sent, and is not recorded"}},
		"a key more where nothing is recorded": {"{formData: {}}", sent{FormData: object(`{"a":"b"}`)}, []string{"a was sent, and is not recorded"}},
		"a key more that was left empty":       {"{formData: {a: b}}", sent{FormData: object(`{"a":"b","c":"","d":[],"e":{ },"f":false,"g":null}`)}, nil},
		"keys more that were filled in":        {"{formData: {a: b}}", sent{FormData: object(`{"a":"b","c":"x","d":0,"e":[""]}`)}, []string{"c was sent, and is not recorded", "d was sent, and is not recorded", "e was sent, and is not recorded"}},
		"everything at once": {
			"{action: GO, eventType: submit, formData: {a: b, c: \"*\", d: e}}",
			sent{Action: "STOP", EventType: "action", FormData: object(`{"a":"x","f":true,"d":"e"}`)},
			[]string{
				`action is "STOP", recorded is "GO"`, `eventType is "action", recorded is "submit"`,
				`a has another value, recorded is "b"`, "c was not sent, recorded is any value", "f was sent, and is not recorded",
			},
		},

		"the text":                         {"{formData: {a: b}}", sent{FormData: object(`{"a":"b"}`)}, nil},
		"the text in escapes":              {`{formData: {a: "é\"\n"}}`, sent{FormData: object(`{"\u0061":"\u00e9\"\n"}`)}, nil},
		"another text":                     {"{formData: {a: b}}", sent{FormData: object(`{"a":"B"}`)}, []string{`a has another value, recorded is "b"`}},
		"a text with a space around":       {"{formData: {a: b}}", sent{FormData: object(`{"a":" b"}`)}, []string{`a has another value, recorded is "b"`}},
		"a text that was not sent":         {"{formData: {a: b}}", sent{FormData: object(`{}`)}, []string{`a was not sent, recorded is "b"`}},
		"a text that was left empty":       {"{formData: {a: b}}", sent{FormData: object(`{"a":""}`)}, []string{`a has another value, recorded is "b"`}},
		"a number in the place of a text":  {`{formData: {a: "1"}}`, sent{FormData: object(`{"a":1}`)}, []string{`a has another value, recorded is "1"`}},
		"a boolean in the place of a text": {`{formData: {a: "true"}}`, sent{FormData: object(`{"a":true}`)}, []string{`a has another value, recorded is "true"`}},
		"the empty text":                   {`{formData: {a: ""}}`, sent{FormData: object(`{"a":""}`)}, nil},
		"the empty text that is absent":    {`{formData: {a: ""}}`, sent{FormData: object(`{}`)}, nil},
		"the empty text without formData":  {`{formData: {a: ""}}`, sent{}, nil},
		"a value where none is recorded":   {`{formData: {a: ""}}`, sent{FormData: object(`{"a":"b"}`)}, []string{`a has another value, recorded is ""`}},
		"a dotted key is one key":          {"{formData: {user.name: b}}", sent{FormData: object(`{"user.name":"b"}`)}, nil},
		"a nested key is another": {
			"{formData: {user.name: b}}",
			sent{FormData: object(`{"user":{"name":"b"}}`)},
			[]string{`user.name was not sent, recorded is "b"`, "user was sent, and is not recorded"},
		},
		"the first of two equal keys": {"{formData: {a: b}}", sent{FormData: object(`{"a":"b","a":"c"}`)}, nil},

		"any continue token":     {`{continueToken: "*"}`, sent{ContinueToken: "x"}, nil},
		"the user's token":       {`{continueToken: "${user.password}"}`, sent{ContinueToken: "right horse"}, nil},
		"another token":          {`{continueToken: "${user.password}"}`, sent{ContinueToken: "x"}, []string{"continueToken has another value, recorded is ${user.password}"}},
		"a wrong token":          {`{continueToken: "${user.wrongPassword}"}`, sent{ContinueToken: "x"}, nil},
		"a wrong token, right":   {`{continueToken: "${user.wrongPassword}"}`, sent{ContinueToken: "right horse"}, []string{"continueToken has another value, recorded is another value than ${user.password}"}},
		"no token":               {`{continueToken: "*"}`, sent{}, []string{"recorded is that a client comes back from an identity provider"}},
		"a token without reason": {"{formData: {}}", sent{ContinueToken: "x"}, []string{"recorded is not a return from an identity provider"}},

		"the platform":                      {"{platform: ios}", sent{Platform: "ios"}, nil},
		"another platform":                  {"{platform: ios}", sent{Platform: "android"}, []string{`platform is "android", recorded is "ios"`}},
		"any platform":                      {"{action: GO}", sent{Action: "GO", Platform: "android"}, nil},
		"the language":                      {"{language: fr}", sent{AcceptLanguage: "fr"}, nil},
		"the language of a region":          {"{language: fr}", sent{AcceptLanguage: "fr-CA,en;q=0.8"}, nil},
		"the language and region":           {"{language: fr-ca}", sent{AcceptLanguage: "de;q=0.5, fr-CA"}, nil},
		"another region":                    {"{language: fr-CA}", sent{AcceptLanguage: "fr-FR"}, []string{`Accept-Language is "fr-FR", recorded is "fr-CA"`}},
		"a language that begins alike":      {"{language: fr}", sent{AcceptLanguage: "fro"}, []string{`Accept-Language is "fro", recorded is "fr"`}},
		"a language that is less preferred": {"{language: fr}", sent{AcceptLanguage: "en, fr;q=0.8"}, []string{`Accept-Language is "en, fr;q=0.8", recorded is "fr"`}},
		"no language":                       {"{language: fr}", sent{}, []string{`Accept-Language is "", recorded is "fr"`}},

		"any text":             {`{formData: {a: "*"}}`, sent{FormData: object(`{"a":"b"}`)}, nil},
		"any number":           {`{formData: {a: "*"}}`, sent{FormData: object(`{"a":0}`)}, nil},
		"any object":           {`{formData: {a: "*"}}`, sent{FormData: object(`{"a":{"b":""}}`)}, nil},
		"any value, empty":     {`{formData: {a: "*"}}`, sent{FormData: object(`{"a":""}`)}, []string{"a has another value, recorded is any value"}},
		"any value, unticked":  {`{formData: {a: "*"}}`, sent{FormData: object(`{"a":false}`)}, []string{"a has another value, recorded is any value"}},
		"any value, not there": {`{formData: {a: "*"}}`, sent{FormData: object(`{}`)}, []string{"a was not sent, recorded is any value"}},

		"the user's attribute":              {`{formData: {a: "${user.username}"}}`, sent{FormData: object(`{"a":"alice"}`)}, nil},
		"the user's number":                 {`{formData: {a: "${user.number}"}}`, sent{FormData: object(`{"a":42}`)}, nil},
		"the user's dotted attribute":       {`{formData: {a: "${user.x.y}"}}`, sent{FormData: object(`{"a":"dotted"}`)}, nil},
		"the user's empty attribute":        {`{formData: {a: "${user.empty}"}}`, sent{FormData: object(`{"a":""}`)}, nil},
		"another than the user's attribute": {`{formData: {a: "${user.username}"}}`, sent{FormData: object(`{"a":"bob"}`)}, []string{"a has another value, recorded is ${user.username}"}},
		"the user's attribute, not there":   {`{formData: {a: "${user.username}"}}`, sent{FormData: object(`{}`)}, []string{"a was not sent, recorded is ${user.username}"}},
		"an attribute that the user has not": {
			`{formData: {a: "${user.shoeSize}"}}`,
			sent{FormData: object(`{"a":""}`)},
			[]string{"a has another value, recorded is ${user.shoeSize}"},
		},
		"a wrong attribute":             {`{formData: {a: "${user.wrongPassword}"}}`, sent{FormData: object(`{"a":"wrong horse"}`)}, nil},
		"a wrong attribute, left empty": {`{formData: {a: "${user.wrongPassword}"}}`, sent{FormData: object(`{"a":""}`)}, nil},
		"a wrong attribute, not there":  {`{formData: {a: "${user.wrongPassword}"}}`, sent{FormData: object(`{}`)}, nil},
		"a wrong attribute that is right": {
			`{formData: {a: "${user.wrongPassword}"}}`,
			sent{FormData: object(`{"a":"right horse"}`)},
			[]string{"a has another value, recorded is another value than ${user.password}"},
		},
		"an attribute whose name begins with wrong": {
			`{formData: {a: "${user.wrongness}"}}`,
			sent{FormData: object(`{"a":"b"}`)},
			[]string{"a has another value, recorded is ${user.wrongness}"},
		},

		"true":                       {"{formData: {a: true}}", sent{FormData: object(`{"a":true}`)}, nil},
		"true as a text":             {"{formData: {a: true}}", sent{FormData: object(`{"a":"true"}`)}, []string{"a has another value, recorded is true"}},
		"true, not sent":             {"{formData: {a: true}}", sent{FormData: object(`{}`)}, []string{"a was not sent, recorded is true"}},
		"false":                      {"{formData: {a: false}}", sent{FormData: object(`{"a":false}`)}, nil},
		"false, not sent":            {"{formData: {a: false}}", sent{FormData: object(`{}`)}, nil},
		"false, and it is true":      {"{formData: {a: false}}", sent{FormData: object(`{"a":true}`)}, []string{"a has another value, recorded is false"}},
		"null":                       {"{formData: {a: null}}", sent{FormData: object(`{"a":null}`)}, nil},
		"a number":                   {"{formData: {a: 5}}", sent{FormData: object(`{"a":5}`)}, nil},
		"a number written otherwise": {"{formData: {a: 5}}", sent{FormData: object(`{"a":5.0}`)}, nil},
		"a number as a text":         {"{formData: {a: 5}}", sent{FormData: object(`{"a":"5"}`)}, []string{"a has another value, recorded is 5"}},
		"zero is a value":            {"{formData: {a: 0}}", sent{FormData: object(`{}`)}, []string{"a was not sent, recorded is 0"}},
		"a list":                     {"{formData: {a: [x, y]}}", sent{FormData: object(`{"a":[ "x", "y" ]}`)}, nil},
		"a list in another order":    {"{formData: {a: [x, y]}}", sent{FormData: object(`{"a":["y","x"]}`)}, []string{`a has another value, recorded is ["x","y"]`}},
		"a list that is too short":   {"{formData: {a: [x, y]}}", sent{FormData: object(`{"a":["x"]}`)}, []string{`a has another value, recorded is ["x","y"]`}},
		"an empty list, not sent":    {"{formData: {a: []}}", sent{FormData: object(`{}`)}, nil},
		"a map in another order":     {"{formData: {a: {x: 1, y: {z: [w]}}}}", sent{FormData: object(`{"a":{"y":{"z":["w"]},"x":1}}`)}, nil},
		"a map with a key more":      {"{formData: {a: {x: 1}}}", sent{FormData: object(`{"a":{"x":1,"y":""}}`)}, []string{`a has another value, recorded is {"x":1}`}},
		"an empty map, not sent":     {"{formData: {a: {}}}", sent{FormData: object(`{}`)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, row.request)
			assert.Equal(t, row.differs, r.Differs(&row.sent, alice))
			assert.Equal(t, len(row.differs) == 0, r.Matches(&row.sent, alice))
		})
	}
}

func TestRequestMatchesTheQuery(t *testing.T) {
	for name, row := range map[string]struct {
		request string
		query   string
		differs []string
	}{
		"no query is recorded":   {"{path: /as/authorize}", "prompt=none", nil},
		"the parameter":          {"{path: /as/authorize, query: {prompt: none}}", "a=b&prompt=none", nil},
		"the parameter is empty": {`{path: /as/authorize, query: {prompt: ""}}`, "", nil},
		"another value":          {"{path: /as/authorize, query: {prompt: none}}", "prompt=login", []string{`parameter prompt is not "none"`}},
		"no parameter":           {"{path: /as/authorize, query: {prompt: none}}", "", []string{`parameter prompt is not "none"`}},
		"two, in their order":    {"{path: /as/authorize, query: {prompt: none, max_age: \"0\"}}", "", []string{`parameter max_age is not "0"`, `parameter prompt is not "none"`}},
	} {
		t.Run(name, func(t *testing.T) {
			query, err := url.ParseQuery(row.query)
			require.NoError(t, err)
			r, sent := startRequest(t, row.request), &davinci.Sent{Query: query}
			assert.Equal(t, row.differs, r.Differs(sent, nobody))
			assert.Equal(t, len(row.differs) == 0, r.Matches(sent, nobody))
		})
	}
}

// Where no user is known, no hop that asks for a user's attribute is meant,
// as the configuration of the replay says.
func TestRequestWithoutAUser(t *testing.T) {
	for name, inner := range map[string]string{
		"the attribute":       `{formData: {a: "${user.password}"}}`,
		"the wrong attribute": `{formData: {a: "${user.wrongPassword}"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			sent := &davinci.Sent{FormData: object(`{"a":"b"}`)}
			assert.False(t, request(t, inner).Matches(sent, nobody))
			assert.NotEmpty(t, request(t, inner).Differs(sent, nobody))
		})
	}
}

// TestDiffersHidesWhatWasTyped puts a canary under every key and in every
// JSON type, against every rule.
func TestDiffersHidesWhatWasTyped(t *testing.T) {
	const canary = "c4n4ry"
	attr := func(name string) (string, bool) { return "secret-" + canary, name == "password" }
	rules := []string{`x`, `""`, `"*"`, `"${user.password}"`, `"${user.wrongPassword}"`, `"${user.none}"`, "true", "[x]", "{x: y}", "5"}
	values := []string{
		`"c4n4ry"`, `["c4n4ry"]`, `{"x":"c4n4ry"}`, `{"c4n4ry":1}`, `"secret-c4n4ry"`, `{"c4n4ry":`, `[["c4n4ry"`,
	}
	for _, rule := range rules {
		r := request(t, "{action: GO, eventType: submit, formData: {a: "+rule+"}}")
		for _, value := range values {
			for _, formData := range []string{`{"a":` + value + `}`, `{"b":` + value + `}`, value} {
				differs := r.Differs(&davinci.Sent{FormData: gjson.Parse(formData)}, attr)
				if strings.HasPrefix(value, `{"c4n4ry"`) && formData == value {
					continue // there the canary is a key, and keys are named
				}
				assert.NotContains(t, strings.Join(differs, "\n"), canary, "rule %s, formData %s", rule, formData)
			}
		}
	}
}

func TestRequestBefore(t *testing.T) {
	for name, row := range map[string]struct{ first, second string }{
		"the text before any value":           {`{formData: {a: x}}`, `{formData: {a: "*"}}`},
		"the attribute before another value":  {`{formData: {a: "${user.x}"}}`, `{formData: {a: "${user.wrongX}"}}`},
		"two texts before one":                {`{formData: {a: x, b: y}}`, `{formData: {a: x, b: "*"}}`},
		"one text before many of any value":   {`{formData: {a: x}}`, `{formData: {a: "*", b: "*", c: "*"}}`},
		"any value before what is not looked": {`{formData: {a: "*"}}`, `{action: GO}`},
		"an eventType before none":            {`{action: GO, eventType: submit}`, `{action: GO}`},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := request(t, row.first), request(t, row.second)
			assert.True(t, first.Before(second))
			assert.False(t, second.Before(first))
			assert.False(t, first.Before(first)) //nolint:gocritic // nothing comes before itself
		})
	}

	t.Run("a query before none", func(t *testing.T) {
		first, second := startRequest(t, "{path: /as/authorize, query: {prompt: none}}"), startRequest(t, "{path: /as/authorize}")
		assert.True(t, first.Before(second))
		assert.False(t, second.Before(first))
	})
	t.Run("neither of two that say as much", func(t *testing.T) {
		first, second := request(t, `{formData: {a: x}}`), request(t, `{formData: {b: "${user.x}"}}`)
		assert.False(t, first.Before(second))
		assert.False(t, second.Before(first))
	})
}

func TestRequestKey(t *testing.T) {
	for name, row := range map[string]struct {
		a, b string
		same bool
	}{
		"the same":                       {"{action: GO}", "{action: GO}", true},
		"a method that is meant anyway":  {"{action: GO, method: post}", "{action: GO}", true},
		"fields in another order":        {"{formData: {a: x, b: [1, 2]}}", "{formData: {b: [1, 2], a: x}}", true},
		"another action":                 {"{action: GO}", "{action: STOP}", false},
		"another eventType":              {"{action: GO}", "{action: GO, eventType: submit}", false},
		"formData that is not looked at": {"{action: GO}", "{action: GO, formData: {}}", false},
		"another value":                  {"{formData: {a: x}}", "{formData: {a: y}}", false},
		"a number and a text":            {"{formData: {a: 1}}", `{formData: {a: "1"}}`, false},
		"a list in another order":        {"{formData: {a: [1, 2]}}", "{formData: {a: [2, 1]}}", false},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, row.same, request(t, row.a).Key() == request(t, row.b).Key())
		})
	}
}

// A start may be the one of the user who signs on: its parameter is that
// attribute, and no other person's value.
func TestAStartMayNameTheUser(t *testing.T) {
	r := startRequest(t, `{path: /as/authorize, query: {login_hint: "${user.username}", prompt: login}}`)
	assert.True(t, r.NamesUser())
	assert.True(t, r.Matches(&davinci.Sent{Query: url.Values{"login_hint": {"alice"}, "prompt": {"login"}}}, alice))
	bob := &davinci.Sent{Query: url.Values{"login_hint": {"bob"}, "prompt": {"login"}}}
	assert.False(t, r.Matches(bob, alice))
	assert.Equal(t, []string{`parameter login_hint is not "${user.username}"`}, r.Differs(bob, alice))
	assert.False(t, r.Matches(bob, nobody))
	assert.Equal(t, map[string]string{"login_hint": "alice", "prompt": "login"}, r.Parameters(alice))
	assert.Equal(t, map[string]string{"prompt": "login"}, r.Parameters(nobody))

	_, err := recordings.NewRequest(recordings.Request{Query: map[string]string{"a": "${user.wrongUsername}"}}, nil)
	require.EqualError(t, err, `query "a" is "${user.wrongUsername}", want ${user.ATTRIBUTE} or the value itself`)
	_, err = recordings.NewRequest(recordings.Request{Query: map[string]string{"a": "${username}"}}, nil)
	assert.Error(t, err)
}
