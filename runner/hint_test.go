package runner_test

import (
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
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
				"\"there\" in flowtest.yaml, and at the environment variables that override it; flowtest doctor --target there checks the set-up of the environment"
			if row.astray {
				assert.Contains(t, failed.Error, want)
				assert.NotContains(t, failed.Error, "response_mode", "no query")
			} else {
				assert.NotContains(t, failed.Error, "nothing is there")
			}
		})
	}
}

// secured is a server with TLS with an unknown certificate.
func secured(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// One who names the wrong scheme, or no CA, gets a hint what to change; the flow is not
// to blame, and no requirement counts against it.
func TestTLSThatIsNotSetUpBlamesTheSettings(t *testing.T) {
	saying := func(status int, body string) func(*testing.T) string {
		return func(t *testing.T) string {
			t.Helper()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			}))
			t.Cleanup(s.Close)
			return s.URL
		}
	}
	const trust = "certificate signed by unknown authority; if the tenant's certificate is signed by a private CA, " +
		"name its PEM file under ca in flowtest.yaml or in FLOWTEST_CA"
	for name, row := range map[string]struct {
		base        func(t *testing.T) string
		environment bool
		want        string
	}{
		"a certificate of a private CA": {func(t *testing.T) string { t.Helper(); return secured(t).URL }, true, trust},
		"plain text to a port with TLS": {
			func(t *testing.T) string { t.Helper(); return strings.Replace(secured(t).URL, "https:", "http:", 1) },
			true, ` expects TLS, and the request was plain HTTP: it answered 400, "Client sent an HTTP request to an HTTPS server."; ` +
				`write https:// in baseUrl of the target "there" in flowtest.yaml`,
		},
		"a page that says so at length": {
			saying(400, "<html>\r\n<title>400 The plain HTTP request was sent to HTTPS port</title>\n"+strings.Repeat("x", 90_000)), true,
			`it answered 400, "<html> <title>400 The plain HTTP request was sent to HTTPS port</title> xxxxxxxx…"; write`,
		},
		"a flow that speaks of https":         {saying(400, `{"code":"INVALID","message":"want https"}`), false, "want https"},
		"a page that is about something else": {saying(400, "<title>Bad</title>"+strings.Repeat("x", 9000)), false, `notJSON`},
		"another status":                      {saying(500, "https"), true, `the flow failed with "`},
	} {
		t.Run(name, func(t *testing.T) {
			run, out := ran(t, runner.Suite{Features: scenarios(passes), Target: liveAt(t, row.base(t)), Rate: 10_000})
			s := out.scenarios[0]
			require.Equal(t, report.Failed, s.Status)
			assert.Contains(t, s.FailedStep().Error, row.want)
			assert.Equal(t, row.environment, s.Environment, s.FailedStep().Error)
			if row.environment {
				assert.Equal(t, 1, run.Environment)
			}
		})
	}
}

func TestAnErrorSaysThatNoCASignedTheCertificate(t *testing.T) {
	s, other := secured(t), x509.NewCertPool()
	there := liveAt(t, s.URL)
	there.Live.CA = other
	_, out := ran(t, runner.Suite{Features: scenarios(passes), Target: there, Rate: 10_000})
	assert.Contains(t, out.scenarios[0].FailedStep().Error, "unknown authority; it is not signed by any CA in the "+
		"file set by ca (flowtest.yaml) or FLOWTEST_CA")

	there.Live.CA, there.Live.Issuer = nil, s.URL+"/as"
	_, err := (&runner.Suite{Features: scenarios(passes), Target: there}).Run(t.Context())
	_, environment := errors.AsType[*runner.EnvironmentError](err)
	assert.True(t, environment, "%T", err)
	assert.ErrorContains(t, err, "name its PEM file under ca in flowtest.yaml or in FLOWTEST_CA")
}
