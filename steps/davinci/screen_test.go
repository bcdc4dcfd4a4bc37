package davinci_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/steps/davinci"
)

// screen reads a screen with the entries.
func screen(t *testing.T, entries string) *davinci.Screen {
	t.Helper()
	a := davinci.Reader{}.Read(http.StatusOK, nil, []byte(`{`+nextLink+`,"form":{"components":{"fields":[`+entries+`]}}}`))
	require.NotNil(t, a.Screen())
	return a.Screen()
}

func TestWhatCanBePressed(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]struct{ button, submits bool }{
		`"type":"SUBMIT_BUTTON"`:                      {true, true},
		`"type":"SUBMIT_BUTTON","inputType":"ACTION"`: {true, true}, // to the web SDK, which goes by the type
		`"type":"FLOW_LINK"`:                          {true, false},
		`"type":"BUTTON"`:                             {true, false},
		`"type":"ICON_BUTTON"`:                        {true, false},
		`"type":"HYPERLINK"`:                          {true, false},
		`"type":"ICON","inputType":"ACTION"`:          {true, false},
		`"type":"SOCIAL_LOGIN_BUTTON"`:                {false, false}, // it leads to an identity provider
		`"type":"ICON"`:                               {false, false},
		`"type":"TEXT"`:                               {false, false},
	} {
		f := screen(t, `{`+entry+`,"key":"K"}`).Field("K")
		assert.Equal(t, want.button, f.IsButton(), entry)
		assert.Equal(t, want.submits, f.Submits(), entry)
		assert.False(t, want.button && f.Fills(), entry)
	}
}

func TestALabelIsWhatAPersonReads(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]string{
		"Sign On":                        "Sign On",
		"Don&#39;t have an account?":     "Don't have an account?",
		"<b>Sign</b>\u00a0up&nbsp; now ": "Sign up now",
		"one<br>two<p>three</p>four":     "one two three four",
		"Cafe\u0301":                     "Caf\u00e9",
		"a < b & c":                      "a < b & c",
		"":                               "",
	} {
		assert.Equal(t, want, davinci.Read(label), label)
	}
	b, _ := screen(t, `{"type":"FLOW_LINK","key":"K","label":"<b>Caf\u00e9</b> &amp; more"}`).Button("Cafe\u0301 & more")
	require.NotNil(t, b)
	assert.Equal(t, "K", b.Key)
}
