package target_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const scrubbed = `scrub:
  allow:
    form.components.fields.*.content: ^[a-z]+$
    theme: ""
  secrets: ["${API_KEY}", plain-secret]
`

func TestWhatARecordingMayHold(t *testing.T) {
	f, err := load(scrubbed, map[string]string{"API_KEY": "from-the-environment"})
	require.NoError(t, err)
	require.Len(t, f.Allow, 2)
	content := f.Allow["form.components.fields.*.content"]
	assert.True(t, content.MatchString("abc"))
	assert.False(t, content.MatchString("ABC"))
	assert.Nil(t, f.Allow["theme"], "an empty expression lets everything pass")
	to, err := f.Choose("")
	require.NoError(t, err)
	require.Len(t, to.Secrets, 2)
	assert.Equal(t, "from-the-environment", to.Secrets[0].Reveal())
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v %v %+v", f, f, f, to, to), "from-the-environment")
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v %v %+v", f, f, f, to, to), "plain-secret")
}

func TestMistakesInScrub(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"an unknown key": {
			"scrub: {alow: {}}\n",
			`flowtest.yaml:1:9: scrub has the unknown key "alow", want one of allow, secrets: did you mean "allow"?`,
		},
		"no regular expression": {
			"scrub: {allow: {theme: \"(\"}}\n",
			`flowtest.yaml:1:24: scrub.allow.theme is "(", want a regular expression`,
		},
		"a reference where an expression is wanted": {
			"scrub: {allow: {theme: \"${X}\"}}\n",
			`flowtest.yaml:1:24: scrub.allow.theme has a reference, want a regular expression: write $${ for a plain ${`,
		},
		"secrets that are no list": {
			"scrub: {secrets: x}\n", `flowtest.yaml:1:18: scrub.secrets is text, want a list: put it in square brackets`,
		},
		"a secret that is not set": {
			"scrub: {secrets: [\"${NOT_SET}\"]}\n",
			`flowtest.yaml:1:19: scrub.secrets[0] names the variable NOT_SET, which is not set, want a value: set NOT_SET`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(row.text, nil)
			require.EqualError(t, err, row.want)
		})
	}
}
