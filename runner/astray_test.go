package runner_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner"
	"flowtest/runner/report"
)

func TestAnAuthorizeEndpointThatIsNotThereBlamesTheAddress(t *testing.T) {
	for name, row := range map[string]struct {
		body    string
		status  int
		text    string
		astray  bool
		pressed bool
	}{
		"a page of some other server":     {"<h1>Not Found</h1>", 404, passes, true, false},
		"what PingOne says of no such":    {`{"code":"NOT_FOUND","message":"The requested resource was not found."}`, 404, passes, true, false},
		"a body without any code":         {`{"message":"no"}`, 404, passes, true, false},
		"another status":                  {`{"code":"ACCESS_FAILED","message":"no"}`, 403, passes, false, false},
		"a 404 that is wanted":            {`{"message":"no"}`, 404, "Given the flow \"sign-on\"\nWhen I start the flow\nThen the response status is 404", false, false},
		"a 404 further on in the journey": {`{"message":"no"}`, 404, passes + "\nWhen I press \"SIGNON\"\nThen the flow pauses at \"Sign On Form\"", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if row.pressed && r.Method == http.MethodGet {
					_, _ = w.Write([]byte(`{"id":"n","interactionId":"i","form":{"name":"Sign On Form","components":{"fields":[` +
						`{"type":"SUBMIT_BUTTON","key":"SIGNON","label":"Go"}]}},"_links":{"next":{"href":"http://` + r.Host + `/next"}}}`))
					return
				}
				w.WriteHeader(row.status)
				_, _ = w.Write([]byte(row.body))
			}))
			defer s.Close()
			_, out := ran(t, runner.Suite{
				Features: scenarios(row.text), Target: liveAt(t, s.URL), Rate: 10_000, Conformance: runner.OffBroken,
			})
			got := out.scenarios[0]
			failed := got.FailedStep()
			if row.text != passes && !row.pressed {
				assert.Equal(t, report.Passed, got.Status, out.verdicts())
				return
			}
			require.NotNil(t, failed)
			want := "\nnothing is there: GET " + s.URL + "/as/authorize was answered with 404; look at baseUrl of the target " +
				"\"there\" in flowtest.yaml, and at the variables that stand above it"
			if row.astray {
				assert.Contains(t, failed.Error, want)
				assert.NotContains(t, failed.Error, "response_mode", "no query")
			} else {
				assert.NotContains(t, failed.Error, "nothing is there")
			}
		})
	}
}
