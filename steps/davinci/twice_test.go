package davinci_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// Browsers, Jackson and encoding/json take the last value of a name that is in one object
// twice.
func TestANameThatIsThereTwiceHasItsLastValue(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 100 {
		many.WriteString(`"k` + strconv.Itoa(i) + `":{},`)
	}
	for body, want := range map[string]string{
		`{"v":1,"v":2}`:         "2",
		`{"v":2}`:               "2",
		`{"v":1, "\u0076" : 2}`: "2",
		`{"v":{"v":1},"w":[{"v":1}],"v":{"x":2}}`:           `{"x":2}`,
		`{"v":{"a":1,"b":[1,2],"a":"x,\"}"},"w":1}`:         `{"b":[1,2],"a":"x,\"}"}`,
		`{"v":[ {"a":1,"a":{"b":1,"b":2}} , 3 , "\\" ]}`:    `[{"a":{"b":2}},3,"\\"]`,
		`{"v":[],"w":{"v":1},"v":{}}`:                       `{}`,
		`{` + many.String() + `"v":1,"k7":1,"v":-1.5e+3}`:   `-1.5e+3`,
		`{"w":{` + many.String() + `"v":1},"v":1,"v":null}`: `null`,
	} {
		a := davinci.Reader{}.Read(http.StatusOK, nil, []byte(body))
		assert.Equal(t, want, a.Property("v").Raw, body)
		assert.Equal(t, want, a.Get("v").Raw, body)
	}
}

func TestEveryValueOfANameThatIsThereTwiceIsASecret(t *testing.T) {
	t.Parallel()
	const body = `{"interactionToken":"first","interactionToken":"second","authorizeResponse":{"code":"c1","code":"c2"},` +
		`"authorizeResponse":{"code":"c3"},"id":"x"}`
	want := []string{"first", "second", "c1", "c2", "c3"}
	assert.Equal(t, want, davinci.Reader{}.Read(http.StatusOK, nil, []byte(body)).Secrets())
	assert.Equal(t, want, davinci.Reader{}.Read(http.StatusOK, nil, []byte(body[:len(body)-3])).Secrets(), "it breaks off")
	assert.Equal(t, want, davinci.Reader{}.Read(http.StatusOK, nil, []byte("<p>"+body)).Secrets(), "it is in a page")
}

// What is read is what encoding/json reads.
func FuzzTwice(f *testing.F) {
	for _, body := range []string{
		`{"a":1,"a":2}`, `{"a":{"b":[1,{"c":"\"","c":"\\"}]},"\u0061":"x"}`, `{"":0,"":[[],{}]}`, `{"a":"\ud800","b":1e9}`, `{ "a" : [ ] , "a" : { } }`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		a := davinci.Reader{}.Read(http.StatusOK, nil, []byte(body))
		var want map[string]any
		if !a.IsObject() || json.Unmarshal([]byte(body), &want) != nil {
			return
		}
		for name, value := range want {
			if strings.ContainsRune(name, '\ufffd') { // encoding/json puts it in the place of what is no UTF-8
				return
			}
			text, err := json.Marshal(value)
			require.NoError(t, err)
			if p := a.Property(name); !strings.Contains(string(text), `\ufffd`) && p.Exists() {
				assert.JSONEq(t, string(text), p.Raw)
			}
		}
	})
}

func TestOfANameThatWasSentTwiceTheLastCounts(t *testing.T) {
	t.Parallel()
	sent := davinci.ReadSent(gjson.Parse(`{"id":"a","id":"b","parameters":{"eventType":"x"},"parameters":{"eventType":"submit",` +
		`"data":{"actionKey":"A","actionKey":"B","formData":{"k":1,"k":2}}}}`))
	assert.Equal(t, []string{"b", "submit", "B", `{"k":2}`}, []string{sent.NodeID, sent.EventType, sent.Action, sent.FormData.Raw})
}
