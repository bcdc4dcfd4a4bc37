package target_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatIsNoYAML(t *testing.T) {
	deep := strings.Repeat("[", 51)
	tests := map[string]struct{ text, want string }{
		"a quote that is left open": {
			"features: 'b\n",
			"flowtest.yaml:1:11: the file is not YAML, could not find end character of single-quoted text",
		},
		"a bracket that is left open": {
			"targets: {a: b\n",
			"flowtest.yaml:1:10: the file is not YAML, could not find flow mapping end token '}'",
		},
		"a reference that is left open in braces": {
			"targets: {a: ${B, c: d}\n",
			"flowtest.yaml:1:15: the file is not YAML, ',' or '}' must be specified",
		},
		"a text with a colon": {
			"features: a: b\n",
			"flowtest.yaml:1:11: the file is not YAML, mapping value is not allowed in this context",
		},
		"a secret that begins like a block": {
			"features: |hunter2\n",
			"flowtest.yaml:1:11: the file is not YAML, invalid header option",
		},
		"indented with tabs": {
			"targets:\n\ta: b\n",
			`flowtest.yaml:2:1: the file is not YAML, found character '\t' that cannot start any token`,
		},
		"Latin-1": {
			"features: ok\nrecordings: caf\xe9\n",
			"flowtest.yaml:2:16: the file holds a byte that is not UTF-8, want text: save it as UTF-8",
		},
		"a binary": {
			"\x7fELF\x02\x01",
			"flowtest.yaml:1:1: the file holds the character U+007F, want text: remove it",
		},
		"a NUL": {
			"features: a\x00b\n",
			"flowtest.yaml:1:12: the file holds the character U+0000, want text: remove it",
		},
		"a line end of its own kind": {
			"features: a\rrecordings: b\r",
			"flowtest.yaml:1:12: the file holds the character U+000D, want text: remove it",
		},
		"a character that stands for a brace": {
			"features: $\uFDD0X\uFDD1\n",
			"flowtest.yaml:1:12: the file holds the character U+FDD0, want text: remove it",
		},
		"too many brackets": {
			"features:\n  " + deep + "\n",
			"flowtest.yaml:2:53: the file opens 51 brackets, want less nesting",
		},
		"too deep in lists": {
			"features:\n" + strings.Repeat("- ", 101) + "a\n",
			"flowtest.yaml:2:1: the file is indented by 202, want less nesting",
		},
		"lists that hold nothing": {
			strings.Repeat("- ", 101) + "\n",
			"flowtest.yaml:1:1: the file is indented by 202, want less nesting",
		},
		"a second document": {
			"features: a\n---\nfeatures: b\n",
			"flowtest.yaml:2:1: the file has a second document, want one: remove what follows the first",
		},
		"a second document after the end of the first": {
			"features: a\n...\nfeatures: b\n",
			"flowtest.yaml:3:1: the file has a second document, want one: remove what follows the first",
		},
		"a directive": {
			"%YAML 1.2\n---\nfeatures: a\n",
			"flowtest.yaml:1:1: the file has a directive, want none: remove it",
		},
		"an anchor": {
			"features: &dir a\n",
			"flowtest.yaml:1:11: features is an anchor, an alias or a tag, want text: " +
				"write the value out, in quotes where it begins with &, * or !",
		},
		"an alias": {
			"features: *dir\n",
			"flowtest.yaml:1:11: features is an anchor, an alias or a tag, want text: " +
				"write the value out, in quotes where it begins with &, * or !",
		},
		"a tag, or a secret that looks like one": {
			"features: !hunter2\n",
			"flowtest.yaml:1:11: features is an anchor, an alias or a tag, want text: " +
				"write the value out, in quotes where it begins with &, * or !",
		},
		"an anchor at a mapping": {
			"targets: &all\n  a: {type: replay}\n",
			"flowtest.yaml:1:10: targets is an anchor, an alias or a tag, want a mapping: " +
				"write the value out, in quotes where it begins with &, * or !",
		},
		"an anchor at a key": {
			"&a features: b\n",
			"flowtest.yaml:1:1: the file has a key that is an anchor, an alias or a tag, want text: " +
				"write the value out, in quotes where it begins with &, * or !",
		},
		"a merge key": {
			"<<: {features: b}\n",
			"flowtest.yaml:1:1: the file has a merge key <<, want none: write the keys out",
		},
		"a key that begins with a question mark": {
			"? features\n: b\n",
			"flowtest.yaml:1:1: the file has a key that begins with ?, want only the key",
		},
		"a key that is a number": {
			"1: b\n",
			"flowtest.yaml:1:1: the file has a key that is a number, want text: put it in quotes",
		},
		"an empty key": {
			"targets: {'': {type: replay}}\n",
			"flowtest.yaml:1:11: targets has an empty key, want a name",
		},
		"a tab in a text, which the parser would drop": {
			"features: a\tb\n",
			"flowtest.yaml:1:11: features has a tab in it, want quotes around it",
		},
		"a tab in a key": {
			"fea\ttures: a\n",
			"flowtest.yaml:1:1: the file has a key with a tab in it, want a space or quotes around the key",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(tc.text, nil)
			assert.Equal(t, []string{tc.want}, mistakes(t, err))
		})
	}
}

func TestTextsArriveAsTheyAreWritten(t *testing.T) {
	tests := map[string]struct{ yaml, want string }{
		"a hash inside":             {`p@ss#1`, `p@ss#1`},
		"a comment after a tab":     {"a\t# comment", `a`},
		"a quoted tab":              {"\"a\tb\"", "a\tb"},
		"a backslash":               {`a\b`, `a\b`},
		"quotes inside":             {`it's`, `it's`},
		"an escape":                 {`"\u00e9"`, `é`},
		"more than ASCII":           {`Zoë 日本`, `Zoë 日本`},
		"a date":                    {`2024-01-31`, `2024-01-31`},
		"yes":                       {`yes`, `yes`},
		"a dollar":                  {`a$b$`, `a$b$`},
		"two dollars":               {`$$a`, `$$a`},
		"an escaped reference":      {`$${V}`, `${V}`},
		"three dollars":             {`$$${V}`, `$${V}`},
		"a reference":               {`${V}`, `value`},
		"a reference inside":        {`a-${V}-${W}b`, `a-value-{}b`},
		"a reference in quotes":     {`"${V}"`, `value`},
		"the same twice":            {`${V}${V}`, `valuevalue`},
		"an empty text":             {`''`, ``},
		"a value is not read again": {`${D}`, `${V}`},
		"a comment with reference":  {`a # ${NOT_READ}`, `a`},
	}
	env := map[string]string{"V": "value", "W": "{}", "D": "${V}"}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := choose(t, "targets:\n  r:\n    type: replay\n    users:\n      a:\n        x: "+tc.yaml+"\n", "", env)
			if assert.NoError(t, err) {
				assert.Equal(t, map[string]string{"x": tc.want}, attributes(got.Users["a"]))
			}
		})
	}
}

func TestReferencesAreReadInsideBracesAndBrackets(t *testing.T) {
	const text = `targets:
  staging:
    type: live
    region: EU
    environmentId: ${E}
    clientId: app
    scopes: [${S}, openid]
    users: {jo: {username: ${U}, password: pre-${P}-post, literal: $${U}, email: jo@example.com}}
`
	got, err := choose(t, text, "", map[string]string{"E": environmentID, "S": "profile", "U": "jo.doe", "P": "}{"})
	if assert.NoError(t, err) {
		assert.Equal(t, []string{"profile", "openid"}, got.Live.Scopes)
		assert.Equal(t, map[string]string{
			"username": "jo.doe", "password": "pre-}{-post", "literal": "${U}", "email": "jo@example.com",
		}, attributes(got.Users["jo"]))
	}

	_, err = choose(t, text, "", map[string]string{"E": environmentID, "S": "profile", "U": "jo.doe"})
	assert.Equal(t, []string{"flowtest.yaml:8:44: targets.staging.users.jo.password names the variable P, " +
		"which is not set, want a value: set P"}, mistakes(t, err))
}
